"""Which objectives an engine can minimise by itself: one expectation value of all parameters, times a factor, plus a
constant.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir.program import Node, Region


@dataclass(frozen=True, slots=True)
class LinearEnergy:
    """The objective `scale <observable> + offset`, where `node` is the exact `expectation` stage of the parameters."""

    node: Node
    scale: float
    offset: float


def linear_energy(region: Region, captures: Sequence[Any]) -> LinearEnergy | None:
    """The objective of a region `(params, *captures) -> (value,)`, if it is of that form."""
    values: list[tuple[float, float] | None] = [None, *(_constant(value) for value in captures)]
    stage: Node | None = None
    for node in region.nodes:
        if node.op == "expectation":
            if stage is not None or node.args != (0,) or node.attrs.get("shots") is not None:
                return None
            stage = node
            values.append((1.0, 0.0))
        elif node.op == "const":
            values.append(_constant(node.attrs["value"]))
        else:
            values.append(_combined(node.op, [values[index] for index in node.args]))
    result = values[region.results[0]]
    if stage is None or result is None or not all(map(isfinite, result)) or result[0] == 0:
        return None
    return LinearEnergy(stage, *result)


def _constant(value: Any) -> tuple[float, float] | None:
    """A number as (factor of the expectation value, constant)."""
    return (0.0, float(value)) if type(value) in {int, float} and abs(value) < 1e300 else None


def _combined(op: str, args: Sequence[tuple[float, float] | None]) -> tuple[float, float] | None:
    if len(args) == 1 and (only := args[0]) is not None and op in {"neg", "pos", "float"}:
        return (-only[0], -only[1]) if op == "neg" else only
    if len(args) != 2 or (left := args[0]) is None or (right := args[1]) is None:
        return None
    if op == "add":
        return left[0] + right[0], left[1] + right[1]
    if op == "sub":
        return left[0] - right[0], left[1] - right[1]
    if op == "mul" and 0 in (left[0], right[0]):
        factor, other = (left[1], right) if left[0] == 0 else (right[1], left)
        return factor * other[0], factor * other[1]
    if op == "truediv" and right[0] == 0 and right[1] != 0:
        return left[0] / right[1], left[1] / right[1]
    return None
