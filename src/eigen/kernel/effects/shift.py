"""Gradients for devices that give none: the parameter-shift rule where it is exact, else central differences.

Shift rule: df/dθ = (f(θ+π/2) - f(θ-π/2)) / 2 for gates exp(-iθG) whose generator G has two eigenvalues one apart
(Mitarai et al., Phys. Rev. A 98, 032309 (2018); Schuld et al., Phys. Rev. A 99, 032331 (2019)), applied to every
occurrence of a parameter and joined by the chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import TYPE_CHECKING

from eigen.ir import Affine, CircuitBuilder
from eigen.ir.ordered import ordered_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from eigen.ir import Circuit, Instruction

ROTATIONS = frozenset({"RX", "RY", "RZ", "RXX", "RYY", "RZZ", "RZX", "PAULI_ROT", "U", "P", "CP", "MCP", "GPHASE"})
PROJECTORS = frozenset({"P", "CP", "MCP"})
"""Gates of `ROTATIONS` whose generator is a projector: the rule holds with any number of controls."""

STEP = 1e-5
"""The step of central differences: near the cube root of the precision, so that the error is about 1e-10."""

SHIFT_RULE, DIFFERENCES = "parameter-shift", "finite-differences"


@dataclass(frozen=True, slots=True)
class ShiftPlan:
    """A circuit with one parameter per occurrence, and how those depend on the original parameters.

    `angles[k]` gives occurrence k as `(constant, ((parameter index, coefficient), …))`.
    """

    circuit: Circuit
    angles: tuple[tuple[float, tuple[tuple[int, float], ...]], ...]

    def occurrences(self, values: Sequence[float]) -> list[float]:
        """The angle of each occurrence at these parameter values."""
        return [
            constant + ordered_sum(values[index] * factor for index, factor in terms) for constant, terms in self.angles
        ]

    def points(self, values: Sequence[float]) -> Iterator[list[float]]:
        """Where `gradient` evaluates, in order: above and below, occurrence by occurrence."""
        angles = self.occurrences(values)
        for position, here in enumerate(angles):
            for angle in (here + pi / 2, here - pi / 2):
                yield [*angles[:position], angle, *angles[position + 1 :]]

    def gradient(self, evaluate: Callable[[Sequence[float]], float], values: Sequence[float]) -> tuple[float, ...]:
        """The gradient with respect to the original parameters, two evaluations per occurrence."""
        slopes = [0.0] * len(values)
        points = self.points(values)
        for _, terms in self.angles:
            upper, lower = evaluate(next(points)), evaluate(next(points))
            for index, factor in terms:
                slopes[index] += factor * (upper - lower) / 2
        return tuple(slopes)


def shift_plan(circuit: Circuit) -> ShiftPlan | None:
    """The plan of the shift rule, or None where a parameter occurs in a gate the rule does not hold for."""
    if not circuit.is_flat or circuit.is_dynamic:
        return None
    order = {name: index for index, name in enumerate(circuit.parameters)}
    angles: list[tuple[float, tuple[tuple[int, float], ...]]] = []
    names: dict[str, str] = {}
    pieces: list[tuple[Instruction, list[float | Affine]]] = []
    for instruction in circuit.instructions():
        params: list[float | Affine] = []
        for value in instruction.params:
            if not isinstance(value, Affine) or value.is_constant:
                params.append(value)
                continue
            if not _has_rule(instruction):
                return None
            name = f"s{len(angles)}"
            names[name] = name
            angles.append((value.constant, tuple((order[key], factor) for key, factor in sorted(value.terms.items()))))
            params.append(Affine.symbol(name))
        pieces.append((instruction, params))
    builder = CircuitBuilder(circuit.num_qubits, circuit.num_clbits, parameters=list(names))
    for instruction, params in pieces:
        _emit(builder, instruction, params)
    return ShiftPlan(builder.build(), tuple(angles))


def central_differences(evaluate: Callable[[Sequence[float]], float], values: Sequence[float]) -> tuple[float, ...]:
    """The gradient by central differences of exact values, two evaluations per parameter."""
    points = difference_points(values)
    return tuple((evaluate(next(points)) - evaluate(next(points))) / (2 * STEP) for _ in values)


def difference_points(values: Sequence[float]) -> Iterator[list[float]]:
    """Where `central_differences` evaluates, in order: above and below, parameter by parameter."""
    for index, here in enumerate(values):
        for value in (here + STEP, here - STEP):
            yield [*values[:index], value, *values[index + 1 :]]


def _has_rule(instruction: Instruction) -> bool:
    if instruction.name not in ROTATIONS or instruction.power != 1.0 or instruction.condition is not None:
        return False
    return instruction.num_controls == 0 or instruction.name in PROJECTORS


def _emit(builder: CircuitBuilder, instruction: Instruction, params: Sequence[float | Affine]) -> None:
    """The instruction again, with other parameters. Only gates: an expectation follows a circuit of gates."""
    if instruction.name == "BARRIER":
        builder.barrier(instruction.qubits)
    elif instruction.name not in {"DELAY", "MEASURE"}:
        builder.gate(
            instruction.name,
            instruction.qubits,
            params,
            num_controls=instruction.num_controls,
            ctrl_state=instruction.ctrl_state,
            inverse=instruction.inverse,
            power=instruction.power,
            condition=instruction.condition,
            matrix=instruction.matrix or None,
            pauli=instruction.pauli or None,
        )
