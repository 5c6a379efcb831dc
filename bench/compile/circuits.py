"""Families of circuits that are compiled and not simulated: always the same circuit for a width."""

from __future__ import annotations

import math
from itertools import combinations
from random import Random
from typing import TYPE_CHECKING

from bench.sim.circuit import Circuit, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def bernstein_vazirani(num_qubits: int) -> Circuit:
    """A random hidden string; the last qubit holds |−⟩."""
    random, writer = Random(f"bv {num_qubits}"), Writer(num_qubits)
    last = num_qubits - 1
    writer.add("X", last)
    for qubit in range(num_qubits):
        writer.add("H", qubit)
    for qubit in range(last):
        if random.random() < 0.5:
            writer.add("CX", qubit, last)
    for qubit in range(last):
        writer.add("H", qubit)
    return writer.done()


def w_state(num_qubits: int) -> Circuit:
    """(|10…0⟩ + … + |0…01⟩)/√n by a chain of controlled rotations and CX."""
    writer = Writer(num_qubits)
    writer.add("X", 0)
    for qubit in range(num_qubits - 1):
        half = math.acos(math.sqrt(1.0 / (num_qubits - qubit)))
        writer.add("RY", qubit + 1, params=(half,))
        writer.add("CX", qubit, qubit + 1)
        writer.add("RY", qubit + 1, params=(-half,))
        writer.add("CX", qubit, qubit + 1)
        writer.add("CX", qubit + 1, qubit)
    return writer.done()


def hea_ring(num_qubits: int) -> Circuit:
    """RY and RZ on every qubit, then CX round a ring; five layers."""
    ring = [(qubit, (qubit + 1) % num_qubits) for qubit in range(num_qubits)]
    return _ansatz(num_qubits, 5, lambda _: ring, Random(f"hea-ring {num_qubits}"))


def hea_full(num_qubits: int) -> Circuit:
    """RY and RZ on every qubit, then CX between all pairs; three layers."""
    pairs = list(combinations(range(num_qubits), 2))
    return _ansatz(num_qubits, 3, lambda _: pairs, Random(f"hea-full {num_qubits}"))


def _ansatz(num_qubits: int, depth: int, pairs: Callable[[int], Iterable[tuple[int, int]]], random: Random) -> Circuit:
    writer = Writer(num_qubits)
    for layer in range(depth + 1):
        for name in ("RY", "RZ"):
            for qubit in range(num_qubits):
                writer.add(name, qubit, params=(random.uniform(0, 2 * math.pi),))
        for pair in pairs(layer) if layer < depth else ():
            writer.add("CX", *pair)
    return writer.done()


def layers(num_qubits: int) -> Circuit:
    """RY on every qubit and CX along the line, fifteen times: 30,000 gates at a thousand qubits."""
    writer = Writer(num_qubits)
    for layer in range(15):
        for qubit in range(num_qubits):
            writer.add("RY", qubit, params=(0.01 * qubit + layer,))
        for qubit in range(num_qubits - 1):
            writer.add("CX", qubit, qubit + 1)
    return writer.done()


def pauli_evolution(num_qubits: int) -> Circuit:
    """Rotations about 3n random Pauli products of weight 2 to 4, one Trotter step."""
    random, writer = Random(f"pauli {num_qubits}"), Writer(num_qubits)
    for _ in range(3 * num_qubits):
        qubits = tuple(sorted(random.sample(range(num_qubits), random.randint(2, min(4, num_qubits)))))
        slot = writer.parameter(random.uniform(-1, 1))
        writer.turn("PAULI_ROT", *qubits, slot=slot, pauli="".join(random.choice("XYZ") for _ in qubits))
    return writer.done()


def controlled_increment(num_qubits: int) -> Circuit:
    """x ← x + 1 by X with ever fewer controls, without ancillas, of a uniform superposition of the low half."""
    writer = Writer(num_qubits)
    for qubit in range(num_qubits // 2):
        writer.add("H", qubit)
    for target in reversed(range(1, num_qubits)):
        writer.add("H", target)
        writer.add("MCP", *range(target + 1), params=(math.pi,))
        writer.add("H", target)
    writer.add("X", 0)
    return writer.done()


def clifford(num_qubits: int) -> Circuit:
    """2n layers of a random H, S or nothing on every qubit and CX on a random pairing."""
    random, writer = Random(f"clifford {num_qubits}"), Writer(num_qubits)
    for _ in range(2 * num_qubits):
        for qubit in range(num_qubits):
            if name := random.choice(("H", "S", "")):
                writer.add(name, qubit)
        order = random.sample(range(num_qubits), num_qubits)
        for pair in zip(order[::2], order[1::2], strict=False):
            writer.add("CX", *pair)
    return writer.done()


def sparse(num_qubits: int) -> Circuit:
    """Ten layers of a random rotation on every qubit and CX on n/4 random pairs."""
    random, writer = Random(f"sparse {num_qubits}"), Writer(num_qubits)
    for _ in range(10):
        for qubit in range(num_qubits):
            writer.add(random.choice(("RX", "RY", "RZ")), qubit, params=(random.uniform(0, 2 * math.pi),))
        order = random.sample(range(num_qubits), num_qubits)
        for k in range(max(1, num_qubits // 4)):
            writer.add("CX", order[2 * k], order[2 * k + 1])
    return writer.done()
