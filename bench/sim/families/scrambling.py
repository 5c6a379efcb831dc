"""Circuits without structure to find: random grids and quantum volume."""

from __future__ import annotations

import cmath
import math
from random import Random

from bench.sim.circuit import Circuit, Matrix, Writer

GRID_DEPTH = 20
ACTIVE = "ABCDCDAB"


def grid(num_qubits: int) -> Circuit:
    """Cycles of a random root gate on every qubit and fSim(π/2, π/6) on a quarter of a grid's edges; depth 20.

    The roots of X, Y and W = (X + Y)/√2, never the same twice in a row on a qubit, and the order of the four patterns
    are those of Arute et al., Nature 574, 505 (2019).
    """
    random, writer = Random(f"grid {num_qubits}"), Writer(num_qubits)
    rows = max(r for r in range(1, math.isqrt(num_qubits) + 1) if num_qubits % r == 0)
    patterns = _patterns(rows, num_qubits // rows)
    last = [-1] * num_qubits
    for cycle in range(GRID_DEPTH):
        for qubit in range(num_qubits):
            last[qubit] = random.choice([root for root in range(3) if root != last[qubit]])
            writer.unitary(_ROOTS[last[qubit]], qubit)
        for edge in patterns[ACTIVE[cycle % len(ACTIVE)]]:
            writer.add("FSIM", *edge, params=(math.pi / 2, math.pi / 6))
    return writer.done()


def _patterns(rows: int, columns: int) -> dict[str, list[tuple[int, int]]]:
    """The edges of the grid in four sets, vertical A and B, horizontal C and D, each staggered by row or column."""
    found: dict[str, list[tuple[int, int]]] = {letter: [] for letter in "ABCD"}
    for row in range(rows):
        for column in range(columns):
            qubit, odd = row * columns + column, (row + column) % 2
            if row + 1 < rows:
                found["AB"[odd]].append((qubit, qubit + columns))
            if column + 1 < columns:
                found["CD"[odd]].append((qubit, qubit + 1))
    return found


def _root(phase: complex) -> Matrix:
    """The square root of cos φ X + sin φ Y, with `phase` e^{iφ}."""
    half = math.sqrt(0.5)
    return (half, -1j * half * phase.conjugate(), -1j * half * phase, half)


_ROOTS = (_root(1 + 0j), _root(1j), _root(cmath.exp(0.25j * math.pi)))


def quantum_volume(num_qubits: int) -> Circuit:
    """As many layers as qubits, each a random pairing and a Haar-random SU(4) on each pair.

    Cross et al., Phys. Rev. A 100, 032328 (2019).
    """
    random, writer = Random(f"quantum-volume {num_qubits}"), Writer(num_qubits)
    for _ in range(num_qubits):
        order = random.sample(range(num_qubits), num_qubits)
        for pair in zip(order[::2], order[1::2], strict=False):
            writer.unitary(haar(4, random), *pair)
    return writer.done()


def haar(size: int, random: Random) -> Matrix:
    """A Haar-random unitary: Gram-Schmidt of Gaussian rows (Mezzadri, Notices AMS 54, 592 (2007))."""
    rows: list[list[complex]] = []
    while len(rows) < size:
        row = [complex(random.gauss(0, 1), random.gauss(0, 1)) for _ in range(size)]
        for _ in range(2):  # the second round removes what rounding left
            for other in rows:
                overlap = sum(b.conjugate() * a for a, b in zip(row, other, strict=True))
                row = [a - overlap * b for a, b in zip(row, other, strict=True)]
        norm = math.sqrt(sum(abs(a) ** 2 for a in row))
        rows.append([a / norm for a in row])
    return tuple(entry for row in rows for entry in row)
