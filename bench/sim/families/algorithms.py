"""Textbook algorithms: the Fourier transform, phase estimation, GHZ states, addition, search."""

from __future__ import annotations

import math
from random import Random

from bench.sim.circuit import Circuit, Writer

GROVER_ROUNDS = 10


def qft(num_qubits: int) -> Circuit:
    """The quantum Fourier transform, last swaps included, of a random product state."""
    random, writer = Random(f"qft {num_qubits}"), Writer(num_qubits)
    for qubit in range(num_qubits):
        writer.add("RY", qubit, params=(random.uniform(0, math.pi),))
        writer.add("RZ", qubit, params=(random.uniform(0, 2 * math.pi),))
    _fourier(writer, list(range(num_qubits)))
    return writer.done()


def qft_zero(num_qubits: int) -> Circuit:
    """The quantum Fourier transform of |0…0>, whose result is a product: for engines that look for such things."""
    writer = Writer(num_qubits)
    _fourier(writer, list(range(num_qubits)))
    return writer.done()


def _fourier(writer: Writer, qubits: list[int]) -> None:
    """|x> to Σ_y e^{2πi xy/N} |y> / √N."""
    for j in reversed(range(len(qubits))):
        writer.add("H", qubits[j])
        for k in reversed(range(j)):
            writer.add("CP", qubits[k], qubits[j], params=(math.pi / 2 ** (j - k),))
    for j in range(len(qubits) // 2):
        writer.add("SWAP", qubits[j], qubits[-1 - j])


def qpe(num_qubits: int) -> Circuit:
    """Phase estimation of P(2πθ), θ irrational, on the last qubit, with all others counting."""
    writer, count, theta = Writer(num_qubits), num_qubits - 1, math.sqrt(2) - 1
    writer.add("X", count)
    for qubit in range(count):
        writer.add("H", qubit)
        writer.add("CP", qubit, count, params=(math.remainder(2 * math.pi * theta * 2**qubit, 2 * math.pi),))
    for j in range(count // 2):
        writer.add("SWAP", j, count - 1 - j)
    for j in range(count):
        for k in range(j):
            writer.add("CP", k, j, params=(-math.pi / 2 ** (j - k),))
        writer.add("H", j)
    return writer.done()


def ghz(num_qubits: int) -> Circuit:
    """(|0…0> + |1…1>)/√2 by a chain of CX."""
    writer = Writer(num_qubits)
    writer.add("H", 0)
    for qubit in range(num_qubits - 1):
        writer.add("CX", qubit, qubit + 1)
    return writer.done()


def adder(num_qubits: int) -> Circuit:
    """b ← a + b by ripples of carries, a in uniform superposition and b a random number; for even widths.

    Qubits: carry in, then b and a in turn from the lowest bit, carry out. Cuccaro et al., quant-ph/0410184.
    """
    if num_qubits < 4 or num_qubits % 2:
        raise ValueError(f"the adder needs an even number of qubits from 4, not `{num_qubits}`")
    random, writer = Random(f"adder {num_qubits}"), Writer(num_qubits)
    bits = num_qubits // 2 - 1
    a, b = [2 * k + 2 for k in range(bits)], [2 * k + 1 for k in range(bits)]
    for k in range(bits):
        writer.add("H", a[k])
        if random.random() < 0.5:
            writer.add("X", b[k])
    carries = [0, *a[:-1]]
    for k in range(bits):
        writer.add("CX", a[k], b[k])
        writer.add("CX", a[k], carries[k])
        writer.add("CCX", carries[k], b[k], a[k])
    writer.add("CX", a[-1], num_qubits - 1)
    for k in reversed(range(bits)):
        writer.add("CCX", carries[k], b[k], a[k])
        writer.add("CX", a[k], carries[k])
        writer.add("CX", carries[k], b[k])
    return writer.done()


def grover(num_qubits: int) -> Circuit:
    """Search for one random item: the best number of rounds, at most ten, without ancillas."""
    marked, writer = Random(f"grover {num_qubits}").randrange(2**num_qubits), Writer(num_qubits)
    everyone = range(num_qubits)
    for qubit in everyone:
        writer.add("H", qubit)
    for _ in range(min(GROVER_ROUNDS, int(math.pi / 4 * math.sqrt(2**num_qubits)))):
        _flip(writer, [qubit for qubit in everyone if not marked >> qubit & 1])
        for qubit in everyone:
            writer.add("H", qubit)
        _flip(writer, list(everyone))
        for qubit in everyone:
            writer.add("H", qubit)
    return writer.done()


def _flip(writer: Writer, zeros: list[int]) -> None:
    """-1 on the basis state whose bits are 0 at `zeros` and 1 elsewhere."""
    for qubit in zeros:
        writer.add("X", qubit)
    writer.add("MCP", *range(writer.num_qubits), params=(math.pi,))
    for qubit in zeros:
        writer.add("X", qubit)
