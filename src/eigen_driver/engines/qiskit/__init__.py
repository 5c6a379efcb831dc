"""Qiskit: the simulators of Aer, the snapshots of IBM's machines, and the machines themselves."""
