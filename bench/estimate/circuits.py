"""Circuits whose success is measured: some with one right outcome, some with many."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from bench.sim.families import algorithms, ansatz
from bench.sim.native import native
from eigen.ir import CircuitBuilder

if TYPE_CHECKING:
    from eigen.ir import Circuit

SEEDS = {"fitted": 11, "held out": 12}


@dataclass(frozen=True, slots=True)
class Case:
    """A circuit with measurements, and whether it has one right outcome."""

    name: str
    circuit: Circuit
    one_outcome: bool


def cases(which: str) -> list[Case]:
    """The circuits of one set; the drawn ones differ between the sets."""
    dice = Random(SEEDS[which])
    found = [Case(f"mirror-{n}x{layers}", _mirror(dice, n, layers), True) for n in (3, 5, 7) for layers in (1, 3, 6)]
    found += [Case(f"hidden-{n}", _hidden(dice, n), True) for n in (3, 5, 7)]
    found += [Case(f"fourier-{n}", _fourier(dice, n), True) for n in (3, 5, 6)]
    found += [Case(f"adder-{n}", native(algorithms.adder(n)).measure_all(), True) for n in (4, 6)]
    found += [Case(f"ghz-{n}", native(algorithms.ghz(n)).measure_all(), False) for n in (3, 5, 7)]
    found += [Case(f"hea-{n}", native(ansatz.hea(n)).measure_all(), False) for n in (4, 6)]
    return found + [Case(f"layers-{n}", _layers(dice, n, 3).measure_all(), False) for n in (4, 6)]


def _layers(dice: Random, width: int, count: int) -> Circuit:
    builder = CircuitBuilder(width)
    for layer in range(count):
        for qubit in range(width):
            builder.gate("U", [qubit], [dice.uniform(0, math.pi), dice.uniform(0, 6), dice.uniform(0, 6)])
        for qubit in range(layer % 2, width - 1, 2):
            builder.gate("CX", [qubit, qubit + 1])
    return builder.build()


def _mirror(dice: Random, width: int, count: int) -> Circuit:
    """Layers, bit flips at some places, and the layers undone behind a barrier (Proctor et al., Nat. Phys. 18, 75)."""
    half = _layers(dice, width, count)
    builder = CircuitBuilder(width)
    builder.append(half, list(range(width)))
    builder.barrier(list(range(width)))
    builder.append(half.inverse(), list(range(width)))
    for qubit in range(width):
        if dice.random() < 0.5:
            builder.gate("X", [qubit])
    return builder.build().measure_all()


def _hidden(dice: Random, width: int) -> Circuit:
    """Bernstein and Vazirani's hidden string, with ones at most places."""
    builder = CircuitBuilder(width)
    last = width - 1
    builder.gate("X", [last])
    for qubit in range(width):
        builder.gate("H", [qubit])
    for qubit in range(last):
        if dice.random() < 0.8:
            builder.gate("CX", [qubit, last])
    for qubit in range(width):
        builder.gate("H", [qubit])
    return builder.build().measure_all()


def _fourier(dice: Random, width: int) -> Circuit:
    """A number written into phases, and the Fourier transform undone."""
    number = dice.randrange(1 << width)
    builder = CircuitBuilder(width)
    for qubit in range(width):
        builder.gate("H", [qubit])
        builder.gate("P", [qubit], [2 * math.pi * number / (1 << (width - qubit))])
    for qubit in range(width):
        for other in range(qubit):
            builder.gate("CP", [other, qubit], [-math.pi / (1 << (qubit - other))])
        builder.gate("H", [qubit])
    return builder.build().measure_all()
