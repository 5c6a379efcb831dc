"""Repeat until success: an ancilla is tried until it reads 0, inside the circuit, in every shot anew."""

from eigen_lang import ClassicalRegister, QubitRegister, cx, h, hybrid_program, measure, reset, ry


@hybrid_program(shots=3000, seed=12)
def main():
    q = QubitRegister(2)
    c = ClassicalRegister(1)
    h(q[0])
    measure(q[0], c[0])
    while c[0]:
        reset(q[0])
        h(q[0])
        measure(q[0], c[0])
    ry(0.8, q[0])
    cx(q[0], q[1])
    return {"failed": c[0], "result": measure(q[1])}
