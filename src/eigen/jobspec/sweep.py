"""`Sweep`: the parameters that one job goes through, and its points in order. Pure.

Mappings have no order: parameters are taken in the order of their names, of a grid the last one varies fastest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types import Json

WHOLE = 2**53
ON_THE_GRID = 1e-9
"""How far beyond a step `stop` may lie and still be reached, in steps: 0.1 has no exact binary form."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Parameters by name, each a list of values or a range `{start, stop, num}` or `{start, stop, step}`.

    `grid` takes every combination, `zip` the first values together, then the second ones, and so on.
    """

    parameters: Mapping[str, Json]
    mode: str = "grid"

    @property
    def names(self) -> tuple[str, ...]:
        """The swept parameters, in the order of the points."""
        return tuple(sorted(self.parameters))

    @property
    def points(self) -> int:
        """How many points there are."""
        lengths = [length_of(self.parameters[name]) for name in self.names]
        return math.prod(lengths) if self.mode == "grid" else min(lengths)

    def axes(self) -> dict[str, list[Json]]:
        """The values of each parameter, one for each of its steps."""
        return {name: values_of(self.parameters[name]) for name in self.names}

    def columns(self) -> dict[str, list[Json]]:
        """The values of each parameter, one for each point."""
        axes = self.axes()
        if self.mode == "zip":
            return axes
        found: dict[str, list[Json]] = {}
        before, after = 1, self.points
        for name, values in axes.items():
            after //= len(values)
            found[name] = [value for value in values for _ in range(after)] * before
            before *= len(values)
        return found


def length_of(written: Json) -> int:
    """How many values a list or a range has."""
    if is_array(written):
        return len(written)
    if "num" in written:
        return int(written["num"])
    start, stop, step = written["start"], written["stop"], written["step"]
    if is_whole(start) and is_whole(stop) and is_whole(step):
        return max((stop - start) // step + 1, 0)
    steps = (stop - start) / step
    return 0 if steps < -ON_THE_GRID else math.floor(min(steps + ON_THE_GRID, float(WHOLE))) + 1


def values_of(written: Json) -> list[Json]:
    """The values of a list or a range, in order.

    `{start, stop, num}` gives real numbers with both ends among them; `{start, stop, step}` ends where a step lands on
    `stop` or before, in whole numbers when all three are.
    """
    if is_array(written):
        return list(written)
    start, stop, length = written["start"], written["stop"], length_of(written)
    if "step" in written:
        step = written["step"]
        whole = is_whole(start) and is_whole(stop) and is_whole(step)
        return [start + step * k if whole else float(start) + float(step) * k for k in range(length)]
    first, last = float(start), float(stop)
    between = [first + (last - first) * k / (length - 1) for k in range(length - 1)]
    return [*between, last if length > 1 else first]


def is_real(written: Json) -> bool:
    """Whether the values are real numbers, or arrays of them: no text, and not all of them whole."""
    if is_array(written):
        numbers: list[Any] = [number for item in written for number in (item if is_array(item) else (item,))]
        return any(isinstance(number, float) for number in numbers) and all(map(is_number, numbers))
    return "num" in written or not all(is_whole(written[key]) for key in ("start", "stop", "step"))


def shape_of(written: Json) -> int:
    """The length of the arrays that are swept; 0 for numbers."""
    return len(written[0]) if is_array(written) and is_array(written[0]) else 0


def is_array(value: Any) -> TypeGuard[list[Any]]:
    """Whether it is a list."""
    return isinstance(value, list)


def is_number(value: Any) -> bool:
    """Whether it is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """Whether it is an integer; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)
