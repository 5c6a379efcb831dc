"""Checks of argument values that the pure parts of the library share; a complaint is an `ArgumentError`."""

from __future__ import annotations

from math import isfinite
from typing import Any, TypeGuard

from eigen.errors import suggest
from eigen.ir.values import Array, is_list, is_tuple


class ArgumentError(Exception):
    """An argument has a value that the library cannot use; becomes a diagnostic at the call."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def integer(value: Any, name: str, *, low: int = 0, high: int = 1_000_000) -> int:
    """`value` as an int within [low, high]; ArgumentError names the argument."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ArgumentError(f"`{name}` must be an integer, not `{show(value)}`")
    if not low <= value <= high:
        raise ArgumentError(f"`{name}` must lie between {low} and {high}, not `{show(value)}`")
    return value


def number(value: Any, name: str) -> float:
    """`value` as a finite float; ArgumentError names the argument."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ArgumentError(f"`{name}` must be a number, not `{show(value)}`")
    try:
        result = float(value)
    except OverflowError:
        raise ArgumentError(f"`{name}` is too large for a float") from None
    if not isfinite(result):
        raise ArgumentError(f"`{name}` must be finite, not `{result}`")
    return result


def choice(value: Any, name: str, allowed: tuple[str, ...]) -> str:
    """`value` when it is one of the allowed words, whatever its case; ArgumentError with a did-you-mean."""
    if isinstance(value, str) and value.lower() in allowed:
        return value.lower()
    listed = ", ".join(f"`{word}`" for word in allowed)
    hint = suggest(value.lower(), allowed) if isinstance(value, str) else ""
    raise ArgumentError(f"`{name}` must be one of {listed}, not `{show(value)}`", hint)


def flag(value: Any, name: str) -> bool:
    """`value` when it is a bool."""
    if not isinstance(value, bool):
        raise ArgumentError(f"`{name}` must be True or False, not `{show(value)}`")
    return value


def sequence(value: Any, name: str) -> list[Any]:
    """`value` as a list: from a list, a tuple, a range or an array (its rows)."""
    if isinstance(value, Array):
        if value.ndim == 0:
            raise ArgumentError(f"`{name}` must be a sequence, not a single number")
        return value.rows()
    if is_list(value) or is_tuple(value) or isinstance(value, range):
        return list(value)
    raise ArgumentError(f"`{name}` must be a sequence, not `{show(value)}`")


def numbers(value: Any, name: str, *, length: int | None = None) -> list[float]:
    """`value` as a list of floats, of the given length when there is one."""
    result = [number(item, f"{name}[{index}]") for index, item in enumerate(sequence(value, name))]
    if length is not None and len(result) != length:
        raise ArgumentError(f"`{name}` must have {length} elements, not {len(result)}")
    return result


def square_matrix(value: Any, name: str) -> list[list[float]]:
    """`value` as a square matrix of floats (row-major)."""
    rows = [numbers(row, f"{name}[{index}]") for index, row in enumerate(sequence(value, name))]
    if any(len(row) != len(rows) for row in rows):
        raise ArgumentError(f"`{name}` must be a square matrix")
    return rows


def couplings(value: Any, name: str, size: int | None = None) -> dict[tuple[int, int], float]:
    """The couplings {(i, j): value} with i < j of a symmetric, or one-sided triangular, matrix with a zero diagonal.

    Each pair counts once. A diagonal entry or two different values for one pair is an ArgumentError.
    """
    rows = square_matrix(value, name)
    if size is not None and len(rows) != size:
        raise ArgumentError(f"`{name}` must be a {size}x{size} matrix, not {len(rows)}x{len(rows)}")
    found: dict[tuple[int, int], float] = {}
    order = range(len(rows))
    one_sided = not any(rows[i][j] for i in order for j in order if j < i) or not any(
        rows[i][j] for i in order for j in order if i < j
    )
    for i in order:
        if rows[i][i]:
            raise ArgumentError(f"`{name}[{i}][{i}]` must be 0: a site does not couple to itself")
        for j in range(i + 1, len(rows)):
            upper, lower = rows[i][j], rows[j][i]
            if not one_sided and upper != lower:
                raise ArgumentError(
                    f"`{name}` must be symmetric: `{name}[{i}][{j}]` is {upper} but `{name}[{j}][{i}]` is {lower}",
                    f"use `({name} + {name}.T) / 2`, or fill only the upper triangle",
                )
            if upper or lower:
                found[i, j] = upper or lower
    return found


def is_word(value: Any) -> TypeGuard[str]:
    """Whether a value is a non-empty string."""
    return isinstance(value, str) and bool(value)


def show(value: Any) -> str:
    """A value as it appears in a message: short, and never a Python memory address."""
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:37] + "…")
    if value is None or isinstance(value, (bool, float, complex)):
        return repr(value)
    if isinstance(value, int):
        return repr(value) if value.bit_length() < 128 else "a large integer"
    return {"list": "a list", "tuple": "a tuple", "dict": "a dict", "Array": "an array"}.get(
        type(value).__name__, f"a {type(value).__name__}"
    )
