"""Grover's search: finds the marked bit string among 2^n with about (pi/4) sqrt(2^n) queries."""

import math

from eigen_lang import QubitRegister, h, hybrid_program, mcp, measure_all, quantum_circuit, x


@quantum_circuit
def flip_phase_of(q, marked):
    n = len(q)
    for i in range(n):
        if marked[n - 1 - i] == "0":
            x(q[i])
    mcp(math.pi, *q)
    for i in range(n):
        if marked[n - 1 - i] == "0":
            x(q[i])


@hybrid_program(shots=1000, seed=2)
def main(marked: str = "1011"):
    n = len(marked)
    q = QubitRegister(n)
    for i in range(n):
        h(q[i])
    for _ in range(math.floor(math.pi / 4 * math.sqrt(2**n))):
        flip_phase_of(q, marked)
        for i in range(n):
            h(q[i])
        flip_phase_of(q, "0" * n)
        for i in range(n):
            h(q[i])
    return measure_all(q)
