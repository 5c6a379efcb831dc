"""Reductions of arrays, whole or along one axis, each taken left to right: `array_sum`, `mean`, `var`, `argmin`, …"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.ir.array import Array, kind_of, promote, size_of
from eigen.ir.ops.arithmetic import multiply_scalars
from eigen.ir.ops.broadcast import as_array, checked
from eigen.ir.ops.shaping import axis_of
from eigen.ir.ops.table import Args, Attrs, linear, op

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def fibres(array: Array, axis: int) -> list[Sequence[Any]]:
    """The runs of elements along an axis, in row-major order of the remaining axes."""
    inner, length = size_of(array.shape[axis + 1 :]), array.shape[axis]
    block = inner * length
    return [
        array.data[start + place : start + block : inner] if length else ()
        for start in range(0, size_of(array.shape[:axis]) * block or 0, block or 1)
        for place in range(inner)
    ]


def reduce(value: Any, axis: int | None, function: Callable[[Sequence[Any]], Any], kind: str | None = None) -> Any:
    """A reduction of all elements (axis None) or along one axis."""
    array = as_array(value)
    if axis is None:
        return function(array.data)
    axis = axis_of(axis, array.ndim)
    shape = array.shape[:axis] + array.shape[axis + 1 :]
    if not shape:
        return function(array.data)
    data = tuple(function(run) for run in fibres(array, axis))
    found = kind or (promote({kind_of(item) for item in data}) if data else array.kind)
    return Array(shape, checked(tuple(Array.vector(data, found).data), found), found)


def total(items: Sequence[Any]) -> Any:
    """The sum, left to right, without compensation."""
    result: Any = 0
    for item in items:
        result = result + item
    return result


def mean_of(items: Sequence[Any]) -> Any:
    """The mean; ValueError for none."""
    if not items:
        raise ValueError("the mean of no numbers")
    found = total(items)
    return (
        complex(found.real / len(items), found.imag / len(items)) if isinstance(found, complex) else found / len(items)
    )


def _sum(items: Sequence[Any]) -> Any:
    found = total(items)
    return 0.0 if not items else found


def _product(items: Sequence[Any]) -> Any:
    result: Any = 1
    for item in items:
        result = multiply_scalars(result, item)
    return result


def _variance(items: Sequence[Any], ddof: int) -> float:
    centre = mean_of(items)
    if len(items) <= ddof:
        raise ValueError("too few numbers for a variance")
    result = 0.0
    for item in items:
        gap = item - centre
        result += gap.real * gap.real + gap.imag * gap.imag
    return result / (len(items) - ddof)


def _extreme(items: Sequence[Any], *, largest: bool) -> Any:
    return items[_place(items, largest=largest)]


def _place(items: Sequence[Any], *, largest: bool) -> int:
    if not items:
        raise ValueError("the extreme of no numbers")
    best = 0
    for place, item in enumerate(items):
        if item != item:
            return place
        if item > items[best] if largest else item < items[best]:
            best = place
    return best


def _median(items: Sequence[Any]) -> float:
    if not items:
        raise ValueError("the median of no numbers")
    ordered, middle = sorted(items), len(items) // 2
    return float(ordered[middle]) if len(items) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _enter(
    name: str,
    function: Callable[[Sequence[Any]], Any],
    help: str,
    *,
    kind: str | None = None,
    derivative: bool = False,
    types: str = "any",
) -> None:
    op(name, 1, types=types, cost=linear, attrs=("axis",), derivative=derivative, help=help)(
        lambda args, attrs: reduce(args[0], attrs.get("axis"), function, kind)
    )


_enter("array_sum", _sum, "`np.sum(a, axis)`", derivative=True)
_enter("prod", _product, "`np.prod(a, axis)`")
_enter("mean", mean_of, "`np.mean(a, axis)`", derivative=True)
_enter("median", _median, "`np.median(a, axis)`", kind="f")
_enter("array_min", lambda items: _extreme(items, largest=False), "`np.min(a, axis)`", derivative=True)
_enter("array_max", lambda items: _extreme(items, largest=True), "`np.max(a, axis)`", derivative=True)
_enter("argmin", lambda items: _place(items, largest=False), "`np.argmin(a, axis)`", kind="i")
_enter("argmax", lambda items: _place(items, largest=True), "`np.argmax(a, axis)`", kind="i")
_enter("array_any", any, "`np.any(a, axis)`", kind="b")
_enter("array_all", all, "`np.all(a, axis)`", kind="b")


@op("var", 1, types="any", cost=linear, attrs=("axis", "ddof"), help="`np.var(a, axis, ddof)`")
def var(args: Args, attrs: Attrs) -> Any:
    return reduce(args[0], attrs.get("axis"), lambda items: _variance(items, attrs.get("ddof", 0)), "f")


@op("std", 1, types="any", cost=linear, attrs=("axis", "ddof"), help="`np.std(a, axis, ddof)`")
def std(args: Args, attrs: Attrs) -> Any:
    return reduce(
        args[0], attrs.get("axis"), lambda items: _core.math.sqrt(_variance(items, attrs.get("ddof", 0))), "f"
    )


def _running(name: str, step: Callable[[Any, Any], Any], help: str) -> None:
    def apply(args: Args, attrs: Attrs) -> Array:
        array = as_array(args[0])
        if attrs.get("axis") is not None and array.ndim > 1:
            raise ValueError(f"`{name}` takes a vector, or goes through all numbers")
        data: list[Any] = []
        for item in array.data:
            data.append(item if not data else step(data[-1], item))
        kind = "i" if array.kind == "b" else array.kind
        return Array((array.size,), checked(Array.vector(data, kind).data, kind), kind)

    op(name, 1, types="array", cost=linear, attrs=("axis",), help=help)(apply)


_running("cumsum", lambda a, b: a + b, "running sums")
_running("cumprod", multiply_scalars, "running products")


@op("diff", 1, types="array", cost=linear, derivative=True, help="differences of neighbours of a vector")
def diff(args: Args, attrs: Attrs) -> Array:
    array = as_array(args[0])
    if array.ndim != 1:
        raise ValueError("`diff` takes a vector")
    data = [b - a for a, b in zip(array.data, array.data[1:], strict=False)]
    return Array.vector(data, "i" if array.kind == "b" else array.kind)
