"""The circuits that the choice is judged on: sixty, of twelve kinds, drawn with a seed that is never tuned."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.sim.circuit import Gate, Writer
from bench.sim.families import algorithms, ansatz

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.sim.circuit import Circuit

SEED = 20_251_121
COUNT = 60


@dataclass(frozen=True, slots=True)
class Drawn:
    """A circuit with what is asked of it: shots of all qubits, or the exact value of Pauli terms."""

    name: str
    circuit: Circuit
    shots: int | None
    terms: tuple[tuple[str, float], ...] = ()


def drawn(seed: int = SEED, count: int = COUNT) -> list[Drawn]:
    """The list. Kinds take turns, so that each is drawn equally often."""
    dice = random.Random(seed)
    return [_KINDS[index % len(_KINDS)](dice) for index in range(count)]


def _shots(dice: random.Random) -> int:
    return dice.choice((100, 1024, 10_000, 100_000))


def _local(dice: random.Random, width: int) -> tuple[tuple[str, float], ...]:
    """Products of Z on neighbours and single X, some of them or all along the line."""
    sites = range(width - 1) if dice.random() < 0.5 else sorted(dice.sample(range(width - 1), min(3, width - 1)))
    return tuple(term for q in sites for term in ((f"Z{q} Z{q + 1}", -1.0), (f"X{q}", -0.7)))


def _dense(dice: random.Random) -> Drawn:
    """A layered ansatz, from shots or as an energy."""
    width = dice.randint(6, 23)
    circuit = ansatz.hea(width)
    if dice.random() < 0.5:
        return Drawn(f"hea-{width}", circuit, _shots(dice))
    return Drawn(f"hea-{width}-energy", circuit, None, _local(dice, width))


def _clifford(dice: random.Random) -> Drawn:
    """Random Clifford gates, narrow or wide."""
    width = dice.choice((8, 14, 20, 40, 100, 300))
    writer = Writer(width)
    for _ in range(dice.randint(2, 12) * width):
        if dice.random() < 0.5:
            writer.add(dice.choice(("H", "S", "X", "Z", "SX")), dice.randrange(width))
        else:
            writer.add(dice.choice(("CX", "CZ", "SWAP")), *dice.sample(range(width), 2))
    return Drawn(f"clifford-{width}", writer.done(), _shots(dice))


def _ghz(dice: random.Random) -> Drawn:
    """A GHZ state, turned a little so that it may not be Clifford."""
    width = dice.choice((10, 18, 24, 50, 100))
    writer = Writer(width)
    writer.gates.extend(algorithms.ghz(width).gates)
    turned = dice.random() < 0.5
    if turned:
        writer.add("RX", 0, params=(0.3,))
    return Drawn(f"ghz-{width}{'-turned' if turned else ''}", writer.done(), _shots(dice))


def _adder(dice: random.Random) -> Drawn:
    width = 2 * dice.choice((4, 7, 10, 11, 20, 30)) + 2
    return Drawn(f"adder-{width}", algorithms.adder(width), _shots(dice))


def _uccsd(dice: random.Random) -> Drawn:
    width = dice.choice((8, 12, 16))
    return Drawn(f"uccsd-{width}", ansatz.uccsd(width), None, _local(dice, width))


def _line(dice: random.Random, width: int, steps: int) -> Circuit:
    """Trotter steps of a transverse-field Ising line from a domain wall."""
    writer = Writer(width)
    for qubit in range(width // 2):
        writer.add("X", qubit)
    step = dice.uniform(0.05, 0.2)
    for _ in range(steps):
        for first in (0, 1):
            for qubit in range(first, width - 1, 2):
                writer.add("RZZ", qubit, qubit + 1, params=(2 * step,))
        for qubit in range(width):
            writer.add("RX", qubit, params=(1.4 * step,))
    return writer.done()


def _evolution(dice: random.Random) -> Drawn:
    """A short evolution of a line, narrow or wide: little entanglement."""
    width, steps = dice.choice((12, 18, 22, 40, 60, 80)), dice.randint(2, 8)
    circuit = _line(dice, width, steps)
    if dice.random() < 0.4:
        return Drawn(f"line-{width}x{steps}", circuit, dice.choice((100, 1024)))
    return Drawn(f"line-{width}x{steps}-energy", circuit, None, _local(dice, width))


def _shallow(dice: random.Random) -> Drawn:
    """Few layers on a square grid, local values."""
    side = dice.choice((4, 6, 7))
    width, layers = side * side, dice.randint(1, 3)
    writer = Writer(width)
    for layer in range(layers):
        for qubit in range(width):
            writer.add("RY", qubit, params=(dice.uniform(0, math.pi),))
        for qubit in range(width):
            row, column = divmod(qubit, side)
            down = layer % 2 == 0
            if (row if down else column) % 2 == (layer // 2) % 2 and (row if down else column) + 1 < side:
                writer.add("CZ", qubit, qubit + (side if down else 1))
    return Drawn(f"grid-{side}x{side}-{layers}", writer.done(), None, _local(dice, width))


def _near_clifford(dice: random.Random) -> Drawn:
    """Clifford layers with a few small turns: an expectation value."""
    width, turns = dice.choice((12, 20, 30, 60)), dice.randint(1, 12)
    writer = Writer(width)
    places = {dice.randrange(6 * width) for _ in range(turns)}
    for index in range(6 * width):
        if dice.random() < 0.5:
            writer.add(dice.choice(("H", "S")), dice.randrange(width))
        else:
            writer.add("CX", *dice.sample(range(width), 2))
        if index in places:
            writer.add("RZ", dice.randrange(width), params=(dice.uniform(0.1, 1.0),))
    return Drawn(f"near-clifford-{width}-{turns}", writer.done(), None, _local(dice, width))


def _fourier(dice: random.Random) -> Drawn:
    width = dice.randint(8, 22)
    build = algorithms.qft if dice.random() < 0.5 else algorithms.qft_zero
    return Drawn(f"{build.__name__.replace('_', '-')}-{width}", build(width), _shots(dice))


def _blocks(dice: random.Random) -> Drawn:
    """Small dense circuits side by side that share nothing."""
    size, count = dice.randint(2, 5), dice.choice((3, 5, 12))
    writer = Writer(size * count)
    for block in range(count):
        for gate in ansatz.hea(size).gates:
            moved = tuple(qubit + block * size for qubit in gate.qubits)
            writer.gates.append(Gate(gate.name, moved, gate.params, matrix=gate.matrix, pauli=gate.pauli))
    return Drawn(f"blocks-{count}x{size}", writer.done(), dice.choice((100, 1024, 10_000)))


def _qaoa(dice: random.Random) -> Drawn:
    width = 2 * dice.randint(4, 11)
    return Drawn(f"qaoa-{width}", ansatz.qaoa(width), _shots(dice))


def _oracle(dice: random.Random) -> Drawn:
    """Toffoli gates on a basis state with a few qubits in superposition."""
    width, open_qubits = dice.choice((16, 22, 40, 60)), dice.randint(1, 8)
    writer = Writer(width)
    for qubit in dice.sample(range(width), open_qubits):
        writer.add("H", qubit)
    for _ in range(6 * width):
        a, b, target = dice.sample(range(width), 3)
        writer.add("CX", a, b)
        writer.add("CCX", a, b, target)
    return Drawn(f"oracle-{width}-{open_qubits}", writer.done(), _shots(dice))


_KINDS: tuple[Callable[[random.Random], Drawn], ...] = (
    _dense,
    _clifford,
    _ghz,
    _adder,
    _uccsd,
    _evolution,
    _shallow,
    _near_clifford,
    _fourier,
    _blocks,
    _qaoa,
    _oracle,
)
