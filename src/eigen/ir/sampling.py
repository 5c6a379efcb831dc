"""Expectation values and probabilities from samples: measured circuits, shares of shots, estimates. Pure.

Terms that commute qubit by qubit share a circuit, which measures each qubit in the basis the group needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.ir.circuit import CircuitBuilder
from eigen.ir.ordered import ordered_sum

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eigen.ir import Circuit, Observable


@dataclass(frozen=True, slots=True)
class Group:
    """One measured circuit and the terms it serves: each the classical bits whose parity it is, and a weight."""

    circuit: Circuit
    terms: tuple[tuple[tuple[int, ...], float], ...]

    @property
    def weight(self) -> float:
        """The sum of the absolute weights, which decides the share of shots."""
        return ordered_sum(abs(weight) for _, weight in self.terms)


@dataclass(frozen=True, slots=True)
class Measurement:
    """An observable after a circuit, as circuits to sample. `constant` needs no sample."""

    constant: float
    groups: tuple[Group, ...]


def measurement(circuit: Circuit, observable: Observable) -> Measurement:
    """The circuits to sample for an observable."""
    constant = ordered_sum(weight for label, weight in observable.terms if not label)
    groups: list[Group] = []
    for group in observable.groups():
        bits = {qubit: bit for bit, (qubit, _) in enumerate(group.basis)}
        terms = tuple(
            (tuple(bits[int(factor[1:])] for factor in label.split()), weight) for label, weight in group.terms if label
        )
        if terms:
            groups.append(Group(measured(circuit, group.basis), terms))
    return Measurement(constant, tuple(groups))


def measured(circuit: Circuit, basis: Sequence[tuple[int, str]]) -> Circuit:
    """The circuit with qubit `basis[k][0]` measured into classical bit k in basis `basis[k][1]`."""
    bare = circuit.without_measurements()
    builder = CircuitBuilder(bare.num_qubits, len(basis), parameters=list(bare.parameters))
    builder.append(bare, list(range(bare.num_qubits)))
    for bit, (qubit, axis) in enumerate(basis):
        builder.measure([qubit], [bit], basis=axis)
    return builder.build()


def shares(weights: Sequence[float], shots: int) -> tuple[int, ...]:
    """`shots` split in proportion to the weights by largest remainder, at least one for each.

    >>> shares([1.0, 3.0], 100)
    (25, 75)
    """
    total = ordered_sum(weights)
    exact = [shots * weight / total for weight in weights]
    given = [max(1, int(value)) for value in exact]
    order = sorted(range(len(weights)), key=lambda index: (int(exact[index]) - exact[index], index))
    for index in order[: max(0, shots - sum(given))]:
        given[index] += 1
    return tuple(given)


def estimate(terms: Iterable[tuple[tuple[int, ...], float]], counts: Mapping[str, int]) -> tuple[float, float]:
    """Mean of the weighted sum of parities over the shots, and the variance of that mean."""
    masks = [(sum(1 << bit for bit in bits), weight) for bits, weight in terms]
    shots, total, squares = 0, 0.0, 0.0
    for key, count in sorted(counts.items()):
        outcome = int(key, 2)
        value = ordered_sum(-weight if (outcome & mask).bit_count() & 1 else weight for mask, weight in masks)
        shots += count
        total += count * value
        squares += count * value * value
    mean = total / shots
    return mean, max(squares / shots - mean * mean, 0.0) / shots
