"""How many elements a run-time vector has, where operations on vectors of known length tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.values import Array, is_list, is_tuple
from eigen.lang.regions import Dyn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.lang.values import Value

_ELEMENTWISE = {
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "maximum", "minimum", "where", "clip", "abs", "neg",
    "pos", "sign", "sqrt", "exp", "log", "sin", "cos", "tan", "arctan2", "sinh", "cosh", "tanh", "square",
}  # fmt: skip
_KEEP = {
    "to_list", "to_tuple", "tolist", "asarray", "astype", "copy", "reversed", "flip", "sort", "sorted", "cumsum",
}  # fmt: skip


def known_length(op: str, args: Sequence[Value]) -> int | None:
    """The number of elements of an operation's result; None when it is no vector or cannot be known."""
    if op == "array":
        return len(args) if args else None
    if op == "concatenate":
        return _joined(args[0])
    if op in _KEEP:
        return _vector_length(args[0])
    if op not in _ELEMENTWISE or not any(_is_array(value) for value in args):
        return None
    lengths: set[int | None] = set()
    for value in args:
        if not _is_scalar(value):
            lengths.add(_vector_length(value) if _is_array(value) else None)
    return lengths.pop() if len(lengths) == 1 else None


def _joined(parts: Value) -> int | None:
    if not is_list(parts) and not is_tuple(parts):
        return None
    total = 0
    for part in parts:
        length = _vector_length(part)
        if length is None:
            return None
        total += length
    return total


def _is_array(value: Value) -> bool:
    return isinstance(value, Array) or (isinstance(value, Dyn) and value.type == "array")


def _is_scalar(value: Value) -> bool:
    if isinstance(value, Dyn):
        return value.type in {"float", "int", "bool", "complex"}
    return isinstance(value, (int, float, complex))


def _vector_length(value: Value) -> int | None:
    """The length of a vector; None for matrices, and for run-time values of unknown length."""
    if isinstance(value, Dyn):
        return value.length if value.type in {"array", "list", "tuple"} else None
    if isinstance(value, Array):
        return value.size if value.ndim == 1 else None
    if is_list(value) or is_tuple(value):
        return len(value) if not any(is_list(item) or is_tuple(item) or _is_array(item) for item in value) else None
    return None
