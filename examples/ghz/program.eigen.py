"""A GHZ state of `n` qubits: measured, all bits are equal."""

from eigen_lang import QubitRegister, cx, h, hybrid_program, measure_all


@hybrid_program(shots=2000, seed=11)
def main(n: int = 5):
    q = QubitRegister(n)
    h(q[0])
    for i in range(n - 1):
        cx(q[i], q[i + 1])
    return measure_all(q)
