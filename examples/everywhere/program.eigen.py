"""A GHZ state of qubits 0, 1 and 3 beside a flipped qubit 2: its counts and an energy. Only Clifford gates, so that
every engine of circuits can run it."""

from eigen_lang import (
    ExpectationValue,
    QubitRegister,
    cx,
    h,
    hybrid_program,
    pauli,
    quantum_circuit,
    run,
    x,
)


@quantum_circuit
def state():
    q = QubitRegister(4)
    h(q[0])
    cx(q[0], q[1])
    x(q[2])
    cx(q[1], q[3])


@hybrid_program(shots=2000, seed=11)
def main():
    energy = pauli("Z0 Z1") + 0.5 * pauli("X0 X1 X3") - 0.25 * pauli("Z2") + 0.3 * pauli("Z0")
    sampled = run(state(), shots=2000)
    return {"counts": sampled.counts, "energy": ExpectationValue(state(), energy, shots=2000)}
