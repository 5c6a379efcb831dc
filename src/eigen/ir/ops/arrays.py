"""Making and rearranging arrays, by NumPy's names and conventions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.array import KINDS, MAX_RANK, Array, is_sequence, promote, size_of
from eigen.ir.ops import shaping
from eigen.ir.ops.broadcast import as_array, checked, scalar_or_array
from eigen.ir.ops.containers import integer, items_of
from eigen.ir.ops.limits import check_shape
from eigen.ir.ops.table import Args, Attrs, deep, linear, op, sorting
from eigen.ir.values import is_number

if TYPE_CHECKING:
    from collections.abc import Sequence


def shape_of(value: Any) -> tuple[int, ...]:
    """A shape from an integer or a sequence of integers. Raises TypeError, ValueError and EIGEN_LIMIT_EXCEEDED."""
    extents = value.data if isinstance(value, Array) else value if is_sequence(value) else (value,)
    shape = tuple(integer(extent, "an extent") for extent in extents)
    if len(shape) > MAX_RANK or any(extent < 0 for extent in shape):
        raise ValueError(f"`{shape}` is not the shape of an array")
    check_shape(shape)
    return shape


def _kind(attrs: Attrs, default: str | None) -> str | None:
    kind = attrs.get("kind", default)
    if kind is not None and (kind not in KINDS or len(kind) != 1):
        raise ValueError(f"unknown kind of array `{kind}`")
    return kind


def _shape_cost(args: Args, attrs: Attrs) -> int:
    return 1 + size_of(shape_of(args[0]))


# ---- making ------------------------------------------------------------------------------------------------


@op(
    "array",
    (0, None),
    types="array",
    cost=deep,
    attrs=("kind",),
    derivative=True,
    help="an array whose rows are the arguments",
)
def array(args: Args, attrs: Attrs) -> Array:
    made = Array.of(list(args), _kind(attrs, None))
    return Array(made.shape, checked(made.data, made.kind), made.kind)


@op(
    "asarray",
    1,
    types="array",
    cost=deep,
    attrs=("kind",),
    derivative=True,
    help="an array from nested lists or an array",
)
def asarray(args: Args, attrs: Attrs) -> Any:
    value = args[0]
    if not (is_number(value) or is_sequence(value) or isinstance(value, Array)):
        value = items_of(value)
    made = as_array(value, _kind(attrs, None))
    return scalar_or_array(Array(made.shape, checked(made.data, made.kind), made.kind))


@op("astype", 1, types="array", cost=linear, attrs=("kind",), help="an array in another kind")
def astype(args: Args, attrs: Attrs) -> Any:
    return scalar_or_array(as_array(args[0]).astype(_kind(attrs, "f") or "f"))


ZERO: dict[str, Any] = {"f": 0.0, "i": 0, "b": False, "c": 0j}
_ONE: dict[str, Any] = {"f": 1.0, "i": 1, "b": True, "c": 1 + 0j}


def _filled(shape: tuple[int, ...], value: Any, kind: str) -> Array:
    return Array(shape, (value,) * size_of(shape), kind)


@op("zeros", 1, types="array", cost=_shape_cost, attrs=("kind",), help="zeros of a shape")
def zeros(args: Args, attrs: Attrs) -> Array:
    kind = _kind(attrs, "f") or "f"
    return _filled(shape_of(args[0]), ZERO[kind], kind)


@op("ones", 1, types="array", cost=_shape_cost, attrs=("kind",), help="ones of a shape")
def ones(args: Args, attrs: Attrs) -> Array:
    kind = _kind(attrs, "f") or "f"
    return _filled(shape_of(args[0]), _ONE[kind], kind)


@op("full", 2, types="array", cost=_shape_cost, attrs=("kind",), help="one number repeated: (shape, value)")
def full(args: Args, attrs: Attrs) -> Array:
    number = Array.of(args[1], _kind(attrs, None))
    if number.ndim:
        raise TypeError("`full` takes one number")
    return _filled(shape_of(args[0]), number.data[0], number.kind)


@op("arange", (1, 3), types="array", cost=lambda args, _: 1 + _arange_size(args), help="evenly stepped numbers")
def arange(args: Args, attrs: Attrs) -> Array:
    start, _, step = _arange_bounds(args)
    size = _arange_size(args)
    kind = promote("f" if isinstance(value, float) else "i" for value in args)
    return Array.vector([start + number * step for number in range(size)], kind)


def _arange_bounds(args: Args) -> tuple[Any, Any, Any]:
    if not all(isinstance(value, (int, float)) for value in args):
        raise TypeError("`arange` takes real numbers")
    if len(args) == 1:
        return 0, args[0], 1
    return args[0], args[1], args[2] if len(args) > 2 else 1


def _arange_size(args: Args) -> int:
    from math import ceil

    start, stop, step = _arange_bounds(args)
    if step == 0:
        raise ZeroDivisionError("the step of `arange` is zero")
    size = max(0, ceil((stop - start) / step))
    check_shape((size,))
    return size


@op(
    "linspace",
    (2, 3),
    types="array",
    cost=lambda args, _: 1 + (args[2] if len(args) > 2 and isinstance(args[2], int) else 50),
    attrs=("endpoint",),
    help="evenly spaced numbers: (start, stop, count)",
)
def linspace(args: Args, attrs: Attrs) -> Array:
    start, stop = float(args[0]), float(args[1])
    count = integer(args[2], "the number of points") if len(args) > 2 else 50
    if count < 0:
        raise ValueError("the number of points cannot be negative")
    check_shape((count,))
    endpoint = attrs.get("endpoint", True)
    gaps = count - 1 if endpoint else count
    step = (stop - start) / gaps if gaps > 0 else 0.0
    values = [start + number * step for number in range(count)]
    if endpoint and count > 1:
        values[-1] = stop
    return Array.vector(values)


@op(
    "eye",
    (1, 2),
    types="array",
    cost=lambda args, _: 1 + size_of(shape_of((args[0], args[-1]))),
    help="the identity matrix",
)
def eye(args: Args, attrs: Attrs) -> Array:
    rows, columns = shape_of((args[0], args[-1]))
    return Array((rows, columns), tuple(float(row == column) for row in range(rows) for column in range(columns)))


@op(
    "diag",
    1,
    types="array",
    cost=lambda args, _: 1 + as_array(args[0]).size ** 2,
    help="a diagonal matrix, or the diagonal of one",
)
def diag(args: Args, attrs: Attrs) -> Array:
    value = as_array(args[0])
    if value.ndim == 2:
        rows, columns = value.shape
        return Array.vector([value.data[place * columns + place] for place in range(min(rows, columns))], value.kind)
    if value.ndim != 1:
        raise ValueError("`diag` takes a vector or a matrix")
    check_shape((value.size, value.size))
    zero = ZERO[value.kind]
    data = tuple(item if row == column else zero for row, item in enumerate(value.data) for column in range(value.size))
    return Array((value.size, value.size), data, value.kind)


# ---- rearranging -------------------------------------------------------------------------------------------


@op(
    "subscript",
    (1, None),
    types="any",
    cost=linear,
    attrs=("axes",),
    derivative=True,
    help="`a[i, j:k, None]`: `axes` has `i` (one argument), `s` (three: start, stop, step) or `n` (a new axis)",
)
def subscript(args: Args, attrs: Attrs) -> Any:
    return shaping.subscript(as_array(args[0]), axis_entries(args[1:], attrs["axes"]))


def axis_entries(bounds: Sequence[Any], axes: str) -> list[Any]:
    """The entries of a subscript from its arguments. Raises ValueError when they do not fit `axes`."""
    if set(axes) - set("isn") or axes.count("i") + 3 * axes.count("s") != len(bounds):
        raise ValueError(f"the arguments of a subscript do not fit its axes `{axes}`")
    rest = iter(bounds)
    return [slice(next(rest), next(rest), next(rest)) if a == "s" else next(rest) if a == "i" else None for a in axes]


@op("shape", 1, types="tuple", help="the extents of an array")
def shape(args: Args, attrs: Attrs) -> tuple[int, ...]:
    return as_array(args[0]).shape


@op("size", 1, types="int", help="the number of elements of an array")
def size(args: Args, attrs: Attrs) -> int:
    return as_array(args[0]).size


@op("ndim", 1, types="int", help="the number of axes of an array")
def ndim(args: Args, attrs: Attrs) -> int:
    return as_array(args[0]).ndim


@op("reshape", 2, types="array", cost=linear, derivative=True, help="the same numbers in another shape: (a, shape)")
def reshape(args: Args, attrs: Attrs) -> Array:
    extents = args[1].data if isinstance(args[1], Array) else args[1] if is_sequence(args[1]) else (args[1],)
    return shaping.reshape(as_array(args[0]), [integer(extent, "an extent") for extent in extents])


@op("ravel", 1, types="array", cost=linear, derivative=True, help="all numbers in one row")
def ravel(args: Args, attrs: Attrs) -> Array:
    value = as_array(args[0])
    return Array((value.size,), value.data, value.kind)


@op("transpose", (1, 2), types="array", cost=linear, derivative=True, help="the axes reversed, or in a given order")
def transpose(args: Args, attrs: Attrs) -> Array:
    value = as_array(args[0])
    order = transposed_axes(value.ndim, args)
    return shaping.transpose(value, order)


def transposed_axes(rank: int, args: Args) -> list[int]:
    """The order of axes that `transpose` was asked for. Raises ValueError when it is no permutation."""
    if len(args) < 2 or args[1] is None:
        return list(range(rank))[::-1]
    order = [shaping.axis_of(axis, rank) for axis in args[1]]
    if sorted(order) != list(range(rank)):
        raise ValueError("the axes of a transpose must be a permutation")
    return order


@op("concatenate", 1, types="array", cost=deep, attrs=("axis",), derivative=True, help="arrays joined along an axis")
def concatenate(args: Args, attrs: Attrs) -> Array:
    return shaping.concatenate([as_array(item) for item in items_of(args[0])], attrs.get("axis", 0))


@op("stack", 1, types="array", cost=deep, attrs=("axis",), derivative=True, help="arrays joined along a new axis")
def stack(args: Args, attrs: Attrs) -> Array:
    arrays = [as_array(item) for item in items_of(args[0])]
    if not arrays or any(item.shape != arrays[0].shape for item in arrays):
        raise ValueError("`stack` takes arrays of one shape")
    axis = shaping.axis_of(attrs.get("axis", 0), arrays[0].ndim + 1)
    lifted = [Array((*item.shape[:axis], 1, *item.shape[axis:]), item.data, item.kind) for item in arrays]
    return shaping.concatenate(lifted, axis)


@op("flip", 1, types="array", cost=linear, derivative=True, help="the first axis backwards")
def flip(args: Args, attrs: Attrs) -> Any:
    return shaping.subscript(as_array(args[0]), [slice(None, None, -1)])


@op("roll", 2, types="array", cost=linear, help="a vector rolled: (a, shift)")
def roll(args: Args, attrs: Attrs) -> Array:
    value, shift = as_array(args[0]), integer(args[1], "a shift")
    cut = -shift % value.size if value.size else 0
    return Array(value.shape, value.data[cut:] + value.data[:cut], value.kind)


@op(
    "repeat",
    2,
    types="array",
    cost=lambda args, _: 1 + as_array(args[0]).size * max(1, integer(args[1], "a count")),
    help="each number repeated: (a, count)",
)
def repeat(args: Args, attrs: Attrs) -> Array:
    value, count = as_array(args[0]), integer(args[1], "a count")
    check_shape((value.size, max(count, 0)))
    return Array.vector([item for item in value.data for _ in range(count)], value.kind)


@op(
    "tile",
    2,
    types="array",
    cost=lambda args, _: 1 + as_array(args[0]).size * max(1, integer(args[1], "a count")),
    help="a vector repeated: (a, count)",
)
def tile(args: Args, attrs: Attrs) -> Array:
    value, count = as_array(args[0]), max(0, integer(args[1], "a count"))
    if value.ndim > 1:
        raise ValueError("`tile` takes a vector")
    check_shape((value.size, count))
    return Array((value.size * count,), value.data * count, value.kind)


@op("sort", 1, types="array", cost=sorting, help="a sorted vector")
def sort(args: Args, attrs: Attrs) -> Array:
    value = _vector(args[0], "sort")
    return Array(value.shape, tuple(sorted(value.data, key=_nan_last)), value.kind)


@op("argsort", 1, types="array", cost=sorting, help="the places that sort a vector (stable)")
def argsort(args: Args, attrs: Attrs) -> Array:
    value = _vector(args[0], "argsort")
    return Array.vector(sorted(range(value.size), key=lambda place: _nan_last(value.data[place])), "i")


def _nan_last(value: Any) -> tuple[bool, Any]:
    return (value != value, 0 if value != value else value)


@op("unique", 1, types="array", cost=sorting, help="the distinct numbers, sorted")
def unique(args: Args, attrs: Attrs) -> Array:
    value = as_array(args[0])
    return Array.vector(sorted(set(value.data), key=_nan_last), value.kind)


def _vector(value: Any, name: str) -> Array:
    found = as_array(value)
    if found.ndim != 1 or found.kind == "c":
        raise ValueError(f"`{name}` takes a vector of real numbers")
    return found


@op(
    "meshgrid",
    2,
    types="list",
    cost=lambda args, _: 1 + 2 * as_array(args[0]).size * as_array(args[1]).size,
    help="coordinate matrices of two vectors",
)
def meshgrid(args: Args, attrs: Attrs) -> list[Array]:
    x, y = as_array(args[0]), as_array(args[1])
    shape = (y.size, x.size)
    check_shape(shape)
    return [
        Array(shape, x.data * y.size, x.kind),
        Array(shape, tuple(item for item in y.data for _ in range(x.size)), y.kind),
    ]
