"""The quantum Fourier transform and its inverse: QFT finds the period, inverse QFT reads a phase back."""

import math

from eigen_lang import (
    QubitRegister,
    cp,
    h,
    hybrid_program,
    inverse,
    measure_all,
    p,
    quantum_circuit,
    swap,
)


@quantum_circuit
def qft(q):
    n = len(q)
    for target in reversed(range(n)):
        h(q[target])
        for control in reversed(range(target)):
            cp(math.pi / 2 ** (target - control), q[control], q[target])
    for i in range(n // 2):
        swap(q[i], q[n - 1 - i])


@hybrid_program(shots=512, seed=5)
def main(n: int = 4, number: int = 11):
    q = QubitRegister(n)
    for i in range(n):
        h(q[i])
        p(2 * math.pi * number * 2**i / 2**n, q[i])
    inverse(qft)(q)
    return measure_all(q)
