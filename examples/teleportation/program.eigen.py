"""Teleportation with feed-forward: the state RY(theta)|0> travels from qubit 0 to qubit 2.

Bit 2 of the result is the teleported qubit; it reads 1 with probability sin^2(theta / 2).
"""

from eigen_lang import ClassicalRegister, QubitRegister, cx, h, hybrid_program, measure, ry, x, z


@hybrid_program(shots=4000, seed=3)
def main(theta: float = 1.2):
    q = QubitRegister(3)
    c = ClassicalRegister(3)
    ry(theta, q[0])
    h(q[1])
    cx(q[1], q[2])
    cx(q[0], q[1])
    h(q[0])
    first = measure(q[0], c[0])
    second = measure(q[1], c[1])
    if second:
        x(q[2])
    if first:
        z(q[2])
    teleported = measure(q[2], c[2])
    return {"teleported": teleported, "bell_bits": [first, second]}
