"""QuTiP: its solvers, and the processors of qutip-qip that run circuits as pulses."""
