"""Parametrised circuits: hardware-efficient ansätze, QAOA, unitary coupled cluster."""

from __future__ import annotations

import math
from itertools import combinations
from random import Random

from bench.sim.circuit import Circuit, Writer

HEA_LAYERS = 5
QAOA_LAYERS = 4


def hea(num_qubits: int) -> Circuit:
    """RY and RZ on every qubit, then CX along the line; five layers and last rotations. A parameter per rotation."""
    return _layers(num_qubits, ("RY", "RZ"), Random(f"hea {num_qubits}"))


def ry_hea(num_qubits: int) -> Circuit:
    """The same with RY alone: every amplitude is real."""
    return _layers(num_qubits, ("RY",), Random(f"ry-hea {num_qubits}"))


def _layers(num_qubits: int, rotations: tuple[str, ...], random: Random) -> Circuit:
    writer = Writer(num_qubits)
    for layer in range(HEA_LAYERS + 1):
        for name in rotations:
            for qubit in range(num_qubits):
                writer.turn(name, qubit, slot=writer.parameter(random.uniform(0, 2 * math.pi)))
        if layer < HEA_LAYERS:
            for qubit in range(num_qubits - 1):
                writer.add("CX", qubit, qubit + 1)
    return writer.done()


def qaoa(num_qubits: int) -> Circuit:
    """MaxCut of a random graph in which every vertex has three edges; four layers, two parameters each."""
    random, writer = Random(f"qaoa {num_qubits}"), Writer(num_qubits)
    edges = cubic_graph(num_qubits, random)
    for qubit in range(num_qubits):
        writer.add("H", qubit)
    for _ in range(QAOA_LAYERS):
        gamma = writer.parameter(random.uniform(0, math.pi))
        beta = writer.parameter(random.uniform(0, math.pi))
        for edge in edges:
            writer.turn("RZZ", *edge, slot=gamma)
        for qubit in range(num_qubits):
            writer.turn("RX", qubit, slot=beta, scale=2.0)
    return writer.done()


def cubic_graph(num_vertices: int, random: Random) -> list[tuple[int, int]]:
    """The edges of a random 3-regular graph, by pairing half-edges until no loop or double edge is left."""
    if num_vertices < 4 or num_vertices % 2:
        raise ValueError(f"there is no 3-regular graph of `{num_vertices}` vertices")
    while True:
        halves = [vertex for vertex in range(num_vertices) for _ in range(3)]
        random.shuffle(halves)
        edges = {(min(pair), max(pair)) for pair in zip(halves[::2], halves[1::2], strict=True)}
        if len(edges) == 3 * num_vertices // 2 and all(a != b for a, b in edges):
            return sorted(edges)


def uccsd(num_qubits: int) -> Circuit:
    """Singles and doubles of unitary coupled cluster at half filling, one Trotter step, Jordan-Wigner.

    Qubits alternate between the two spins; excitations conserve spin; one parameter each, shared by the two (singles)
    or eight (doubles) Pauli rotations of its generator. After Romero et al., Quantum Sci. Technol. 4, 014008 (2019).
    """
    random, writer = Random(f"uccsd {num_qubits}"), Writer(num_qubits)
    occupied, virtual = range(num_qubits // 2), range(num_qubits // 2, num_qubits)
    for qubit in occupied:
        writer.add("X", qubit)
    for i in occupied:
        for a in virtual:
            if i % 2 == a % 2:
                _rotations(writer, (i, a), _SINGLE, random.uniform(-0.3, 0.3))
    for i, j in combinations(occupied, 2):
        for a, b in combinations(virtual, 2):
            if sorted((i % 2, j % 2)) == sorted((a % 2, b % 2)):
                _rotations(writer, (i, j, a, b), _DOUBLE, random.uniform(-0.3, 0.3))
    return writer.done()


_SINGLE = (("XY", 1.0), ("YX", -1.0))
_DOUBLE = tuple(
    (letters, sign / 4)
    for letters, sign in (
        ("XXXY", 1.0), ("XXYX", 1.0), ("XYYY", 1.0), ("YXYY", 1.0),
        ("XYXX", -1.0), ("YXXX", -1.0), ("YYXY", -1.0), ("YYYX", -1.0),
    )
)  # fmt: skip


def _rotations(writer: Writer, modes: tuple[int, ...], terms: tuple[tuple[str, float], ...], angle: float) -> None:
    """exp of one anti-Hermitian excitation: Pauli rotations with Z between the modes of each pair."""
    slot = writer.parameter(angle)
    between = [q for low, high in zip(modes[::2], modes[1::2], strict=True) for q in range(low + 1, high)]
    for letters, scale in terms:
        on = dict(zip(modes, letters, strict=True)) | dict.fromkeys(between, "Z")
        qubits = tuple(sorted(on))
        writer.turn("PAULI_ROT", *qubits, slot=slot, scale=scale, pauli="".join(on[q] for q in qubits))
