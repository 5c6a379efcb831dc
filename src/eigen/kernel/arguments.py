"""Values that a caller gives to the open parameters of a program: checked, in the program's order. Pure."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError, suggest
from eigen.ir.array import Array, is_sequence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.types import Json


def arguments_of(parameters: Sequence[tuple[str, int]], values: Mapping[str, Json]) -> tuple[float | Array, ...]:
    """One argument for each parameter: a float, or an array of floats.

    Raises EIGEN_REQUEST_INVALID for an unknown or missing name, another length, and what is no finite number.
    """
    names = [name for name, _ in parameters]
    for name in values:
        if name not in names:
            hint = (
                suggest(name, names) or f"its open parameters are {', '.join(f'`{item}`' for item in names) or 'none'}"
            )
            raise _invalid(name, f"the session has no open parameter `{_shown(name)}`", hint)
    arguments: list[float | Array] = []
    for name, length in parameters:
        if name not in values:
            raise _invalid(name, f"the open parameter `{name}` has no value")
        value = values[name]
        if not length:
            arguments.append(_number(name, value))
        elif not is_sequence(value) or len(value) != length:
            found = f"{len(value)} numbers" if is_sequence(value) else f"`{_shown(value)}`"
            raise _invalid(name, f"the open parameter `{name}` takes a list of {length} numbers, not {found}")
        else:
            arguments.append(Array.vector([_number(name, item) for item in value]))
    return tuple(arguments)


def _number(name: str, value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        if isfinite(number):
            return number
    raise _invalid(name, f"the open parameter `{name}` takes finite numbers, not `{_shown(value)}`")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else type(value).__name__ if is_sequence(value) else repr(value)
    return ascii(text[:40])[1:-1]


def _invalid(name: str, message: str, hint: str = "") -> EigenError:
    return EigenError("EIGEN_REQUEST_INVALID", message, hint=hint, where=f"values.{_shown(name)}")
