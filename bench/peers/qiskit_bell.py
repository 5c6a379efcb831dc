"""The Bell program in Qiskit with Aer."""

from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator

circuit = QuantumCircuit(2)
circuit.h(0)
circuit.cx(0, 1)
circuit.measure_all()
print(AerSimulator(seed_simulator=7).run(circuit, shots=1024).result().get_counts())
