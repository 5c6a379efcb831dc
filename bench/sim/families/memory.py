"""Memories of the surface code: Clifford circuits with measurements on the way, for engines of frames."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bench.sim.circuit import Circuit, Writer

if TYPE_CHECKING:
    from collections.abc import Iterator

Place = tuple[int, int]
X_ORDER: tuple[Place, ...] = ((1, 1), (-1, 1), (1, -1), (-1, -1))
Z_ORDER: tuple[Place, ...] = ((1, 1), (1, -1), (-1, 1), (-1, -1))


def surface_code(num_qubits: int) -> Circuit:
    """As many rounds as the distance d of the rotated code on 2 d^2 - 1 qubits, then all data qubits are measured.

    MR measures and resets. The orders of the CX keep hook errors across the logical operators: Tomita and Svore,
    Phys. Rev. A 90, 062320 (2014).
    """
    distance = math.isqrt((num_qubits + 1) // 2)
    if 2 * distance**2 - 1 != num_qubits:
        raise ValueError(f"no rotated surface code has `{num_qubits}` qubits")
    writer = Writer(num_qubits)
    data = [(2 * x + 1, 2 * y + 1) for y in range(distance) for x in range(distance)]
    checks = dict(_checks(distance))
    number = {place: index for index, place in enumerate((*data, *checks))}
    for _ in range(distance):
        _hadamards(writer, checks, number)
        for step in range(4):
            for place, is_x in checks.items():
                dx, dy = (X_ORDER if is_x else Z_ORDER)[step]
                partner = number.get((place[0] + dx, place[1] + dy))
                if partner is not None:
                    writer.add("CX", *((number[place], partner) if is_x else (partner, number[place])))
        _hadamards(writer, checks, number)
        for place in checks:
            writer.add("MR", number[place])
    for place in data:
        writer.add("M", number[place])
    return writer.done()


def _checks(distance: int) -> Iterator[tuple[Place, bool]]:
    """The places of the checks, and whether each is of X."""
    for x in range(distance + 1):
        for y in range(distance + 1):
            is_x = x % 2 != y % 2
            if not (x in (0, distance) and is_x) and not (y in (0, distance) and not is_x):
                yield (2 * x, 2 * y), is_x


def _hadamards(writer: Writer, checks: dict[Place, bool], number: dict[Place, int]) -> None:
    for place, is_x in checks.items():
        if is_x:
            writer.add("H", number[place])
