"""Options of work and keys of driver configuration: known ones are taken, every other is refused by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError, suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from eigen.types import Json


def refuse_unknown(options: Mapping[str, Json], known: Collection[str], *, where: str) -> None:
    """Raise EIGEN_DEVICE_OPTION naming the first option that is not in `known`."""
    for name in options:
        if name not in known:
            listed = ", ".join(f"`{option}`" for option in sorted(known))
            hint = suggest(name, sorted(known)) or (f"its options are {listed}" if known else "it has no options")
            raise EigenError("EIGEN_DEVICE_OPTION", f"`{where}` has no option `{name}`", hint=hint, where=where)


def whole_number(options: Mapping[str, Json], name: str, default: int, *, low: int, high: int, where: str) -> int:
    """A whole-number option within `low … high`; EIGEN_DEVICE_OPTION otherwise."""
    value = options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        message = f"option `{name}` of `{where}` is a whole number from {low} to {high}, not `{value!r}`"
        raise EigenError("EIGEN_DEVICE_OPTION", message, where=where)
    return value
