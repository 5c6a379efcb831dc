"""Two-qubit gates as one rotation about a product of axes, with gates on single qubits around it.

This is the form that a cut takes apart; gates without it (`SWAP`, `CCX`) are decomposed before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.ir.circuit import Affine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.ir.circuit import CircuitBuilder, Instruction

    Angle = float | Affine

WORST_GAMMA = 3.0
WIRE_GAMMA = 4.0

# Gates that turn Z into an axis: those before and those after a rotation about Z.
_FRAMES: dict[str, tuple[tuple[tuple[str, float | None], ...], tuple[tuple[str, float | None], ...]]] = {
    "Z": ((), ()),
    "X": ((("H", None),), (("H", None),)),
    "Y": ((("Sdg", None), ("H", None)), (("H", None), ("S", None))),
    "H": ((("RY", -math.pi / 4),), (("RY", math.pi / 4),)),
}
_REFLECTIONS = {"CX": "X", "CY": "Y", "CZ": "Z", "CH": "H"}
_CONTROLLED = {"CRX": "X", "CRY": "Y", "CRZ": "Z"}
_ROTATIONS = {"RXX": "XX", "RYY": "YY", "RZZ": "ZZ", "RZX": "ZX"}

NAMES = (*_REFLECTIONS, *_CONTROLLED, *_ROTATIONS, "CP")
"""Gates of the table that have this form; so has `PAULI_ROT` with two letters."""


@dataclass(frozen=True, slots=True)
class Pair:
    """`exp(-i angle/2 A B)` with axis A on the first qubit and B on the second; `turns` are angles about each alone."""

    axes: str
    angle: Angle
    turns: tuple[Angle, Angle] = (0.0, 0.0)

    def enter(self, builder: CircuitBuilder, side: int, qubit: int) -> None:
        """Appends what takes the axis of one side to Z."""
        _append(builder, _FRAMES[self.axes[side]][0], qubit)

    def leave(self, builder: CircuitBuilder, side: int, qubit: int) -> None:
        """Appends the turn of one side about Z, and what takes Z back to its axis."""
        builder.gate("RZ", [qubit], [self.turns[side]])
        _append(builder, _FRAMES[self.axes[side]][1], qubit)


def _append(builder: CircuitBuilder, gates: Sequence[tuple[str, float | None]], qubit: int) -> None:
    for name, angle in gates:
        builder.gate(name, [qubit], None if angle is None else [angle])


def pair_of(instruction: Instruction, letters: str = "") -> Pair | None:
    """The form of an instruction, up to a phase; None when it has none, or modifiers. `letters` of a PAULI_ROT."""
    if instruction.num_controls or instruction.inverse or instruction.power != 1.0:
        return None
    name, params = instruction.name, instruction.params
    if name in _REFLECTIONS:
        return Pair("Z" + _REFLECTIONS[name], -math.pi / 2, (math.pi / 2, math.pi / 2))
    if name in _CONTROLLED:
        return Pair("Z" + _CONTROLLED[name], params[0] * -0.5, (0.0, params[0] * 0.5))
    if name == "CP":
        return Pair("ZZ", params[0] * -0.5, (params[0] * 0.5, params[0] * 0.5))
    if name in _ROTATIONS:
        return Pair(_ROTATIONS[name], params[0])
    if name == "PAULI_ROT" and len(letters) == 2:
        return Pair(letters, params[0])
    return None


def number(angle: Angle, values: Mapping[str, float]) -> float:
    """An angle at given values of the parameters."""
    return angle.value(values) if isinstance(angle, Affine) else angle


def gamma(angle: Angle) -> float:
    """`1 + 2 |sin angle|` (Mitarai and Fujii, New J. Phys. 23, 023021); 3, the most there is, for an open parameter."""
    if isinstance(angle, Affine):
        if not angle.is_constant:
            return WORST_GAMMA
        angle = angle.constant
    return 1.0 + 2.0 * abs(math.sin(angle))
