"""Reading and rearranging arrays: subscripts, reshape, transpose, stack, sort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.array import Array, is_sequence, promote, size_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def axis_of(axis: Any, rank: int) -> int:
    """A non-negative axis. Raises TypeError and ValueError."""
    if not isinstance(axis, int):
        raise TypeError(f"an axis must be an integer, not `{type(axis).__name__}`")
    if not -rank <= axis < rank:
        raise ValueError(f"axis {axis} is out of range for an array of {rank} axes")
    return axis % rank


def strides(shape: Sequence[int]) -> list[int]:
    """Row-major strides in elements."""
    result: list[int] = []
    step = 1
    for extent in reversed(shape):
        result.append(step)
        step *= extent
    return result[::-1]


def pick(array: Array, key: Any) -> Any:
    """`array[key]` for an integer, a tuple of integers, or an array or list of indices or of truth values."""
    if isinstance(key, bool):
        raise TypeError("an index must be an integer, not `bool`")
    if isinstance(key, int):
        return subscript(array, [key])
    if isinstance(key, tuple):
        return subscript(array, list(key))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(key, Array) or is_sequence(key):
        return gather(array, key if isinstance(key, Array) else Array.of(list(key), "i" if not key else None))
    raise TypeError(f"an array index cannot be a `{type(key).__name__}`")


def subscript(array: Array, axes: Sequence[Any]) -> Any:
    """Basic indexing: each entry is an integer, a slice or None (a new axis); axes left out are taken whole."""
    used = sum(1 for entry in axes if entry is not None)
    if used > array.ndim:
        raise IndexError(f"{used} indices for an array of {array.ndim} axes")
    steps = strides(array.shape)
    shape: list[int] = []
    places = [0]
    axis = 0
    for entry in [*axes, *[slice(None)] * (array.ndim - used)]:
        if entry is None:
            shape.append(1)
            continue
        extent, step = array.shape[axis], steps[axis]
        if isinstance(entry, slice):
            chosen = range(*entry.indices(extent))
            shape.append(len(chosen))
            places = [place + number * step for place in places for number in chosen]
        else:
            if not isinstance(entry, int) or isinstance(entry, bool):
                raise TypeError(f"an index must be an integer, not `{type(entry).__name__}`")
            if not -extent <= entry < extent:
                raise IndexError(f"index {entry} is out of range for an axis of {extent}")
            places = [place + (entry % extent) * step for place in places]
        axis += 1
    data = tuple(array.data[place] for place in places)
    return Array(tuple(shape), data, array.kind) if shape else data[0]


def gather(array: Array, where: Array) -> Array:
    """Rows of the first axis by an array of indices, or elements by a mask of the leading axes' shape."""
    if where.kind == "b":
        if where.shape != array.shape[: where.ndim]:
            raise IndexError(f"a mask of shape {where.shape} does not fit an array of shape {array.shape}")
        numbers = [number for number, chosen in enumerate(where.data) if chosen]
        shape, block = (len(numbers),), size_of(array.shape[where.ndim :])
        rest = array.shape[where.ndim :]
    elif where.kind == "i":
        extent = array.shape[0]
        for number in where.data:
            if not -extent <= number < extent:
                raise IndexError(f"index {number} is out of range for an axis of {extent}")
        numbers = [number % extent for number in where.data]
        shape, block, rest = where.shape, size_of(array.shape[1:]), array.shape[1:]
    else:
        raise TypeError("an array can be indexed by integers or truth values only")
    from eigen.ir.ops.limits import check_shape

    check_shape((*shape, *rest))
    data = tuple(item for number in numbers for item in array.data[number * block : (number + 1) * block])
    return Array((*shape, *rest), data, array.kind)


def transpose(array: Array, order: Sequence[int]) -> Array:
    """The array with its axes in another order."""
    steps = strides(array.shape)
    places = [0]
    for axis in order:
        places = [place + number * steps[axis] for place in places for number in range(array.shape[axis])]
    return Array(tuple(array.shape[axis] for axis in order), tuple(array.data[place] for place in places), array.kind)


def concatenate(arrays: Sequence[Array], axis: int) -> Array:
    """Arrays joined along an axis they have."""
    if not arrays:
        raise ValueError("nothing to concatenate")
    rank = arrays[0].ndim
    axis = axis_of(axis, rank)
    outside = {(array.shape[:axis], array.shape[axis + 1 :]) for array in arrays}
    if any(array.ndim != rank for array in arrays) or len(outside) != 1:
        raise ValueError(f"shapes {' and '.join(str(array.shape) for array in arrays)} cannot be joined")
    kind = promote(array.kind for array in arrays)
    total = sum(array.shape[axis] for array in arrays)
    converted = [array.astype(kind) for array in arrays]
    blocks = [size_of(array.shape[axis:]) for array in arrays]
    data = tuple(
        item
        for number in range(size_of(arrays[0].shape[:axis]))
        for array, block in zip(converted, blocks, strict=True)
        for item in array.data[number * block : (number + 1) * block]
    )
    return Array((*arrays[0].shape[:axis], total, *arrays[0].shape[axis + 1 :]), data, kind)


def reshape(array: Array, shape: Sequence[Any]) -> Array:
    """The same numbers in another shape; one extent may be -1."""
    extents = [int(extent) for extent in shape]
    if extents.count(-1) == 1:
        known = size_of(extent for extent in extents if extent != -1)
        if known == 0 or array.size % known:
            raise ValueError(f"cannot reshape {array.shape} into {tuple(extents)}")
        extents[extents.index(-1)] = array.size // known
    if any(extent < 0 for extent in extents) or size_of(extents) != array.size:
        raise ValueError(f"cannot reshape {array.shape} into {tuple(extents)}")
    return Array(tuple(extents), array.data, array.kind)
