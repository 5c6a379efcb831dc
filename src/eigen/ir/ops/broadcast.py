"""Elementwise application with NumPy's broadcasting rules, over plain numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.array import Array, convert, is_sequence, kind_of, promote, size_of
from eigen.ir.ops.limits import check_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.ir.ops.table import Args, Attrs

    Scalar = Callable[[Any], Any] | Callable[[Any, Any], Any] | Callable[[Any, Any, Any], Any]


def as_array(value: Any, kind: str | None = None) -> Array:
    """An array from an array, nested lists or a number (shape ())."""
    if isinstance(value, Array):
        return value if kind is None else value.astype(kind)
    check_shape((len(value),) if is_sequence(value) else ())
    return Array.of(value, kind)


def as_operand(value: Any) -> Any:
    """A list or tuple as an array; everything else as it is."""
    return as_array(value) if is_sequence(value) else value


def scalar_or_array(array: Array) -> Any:
    """An array of no axes as its number."""
    return array.data[0] if array.ndim == 0 else array


def broadcast_shape(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The common shape; ValueError when the shapes do not fit."""
    rank = max(map(len, shapes))
    result: list[int] = []
    for axis in range(-rank, 0):
        extents = {shape[axis] for shape in shapes if len(shape) >= -axis} - {1}
        if len(extents) > 1:
            raise ValueError(f"shapes {' and '.join(map(str, shapes))} do not broadcast")
        result.append(extents.pop() if extents else 1)
    check_shape(result)
    return tuple(result)


def stretch(array: Array, shape: tuple[int, ...]) -> Sequence[Any]:
    """The elements of an array repeated to a broadcast shape, row-major."""
    if array.shape == shape:
        return array.data
    if array.size == 1:
        return array.data * size_of(shape)
    padded = (1,) * (len(shape) - array.ndim) + array.shape
    data = list(array.data)
    for axis in range(len(shape) - 1, -1, -1):
        if padded[axis] != shape[axis]:
            block = size_of(shape[axis + 1 :])
            count = len(data) // block if block else 0
            data = [item for start in range(count) for item in data[start * block : (start + 1) * block] * shape[axis]]
    return data


def elementwise(function: Scalar, args: Args, *, kind: str | None = None) -> Any:
    """A function over numbers and arrays; the result is a number when all arguments are.

    `kind` fixes the kind of the result array; else it is the smallest that holds every element.
    """
    call: Any = function
    if not any(isinstance(value, Array) for value in args):
        return call(*args)
    arrays = [as_array(value) for value in args]
    shape = broadcast_shape([array.shape for array in arrays])
    data: tuple[Any, ...] = tuple(map(call, *(stretch(array, shape) for array in arrays)))
    found = kind or (promote({kind_of(item) for item in data}) if data else promote(array.kind for array in arrays))
    return Array(shape, checked(data if _uniform(data, found) else convert(data, found), found), found)


def checked(data: tuple[Any, ...], kind: str) -> tuple[Any, ...]:
    """The elements, refused when they are integers beyond 64 bits."""
    if kind == "i" and data and not (min(data) >= -(1 << 63) and max(data) < 1 << 63):
        raise OverflowError("an integer of an array goes beyond 64 bits")
    return data


_TYPES = {"b": bool, "i": int, "f": float, "c": complex}


def _uniform(data: Sequence[Any], kind: str) -> bool:
    wanted = _TYPES[kind]
    return all(type(item) is wanted for item in data)


def broadcast_cost(args: Args, attrs: Attrs) -> int:
    """One step and one for each element of the broadcast result."""
    size = 1
    for value in args:
        size = max(size, value.size if isinstance(value, Array) else len(value) if is_sequence(value) else 1)
    arrays = [value.shape for value in args if isinstance(value, Array) and value.size]
    return 1 + max(size, size_of(broadcast_shape(arrays)) if len(arrays) > 1 else 1)
