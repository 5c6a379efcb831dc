"""Derivatives of compute operations: for each, how a cotangent of the result becomes cotangents of the arguments.

A cotangent has the structure of its value: a number for a number, a flat list for an Array, a list of cotangents
for a list or tuple; None stands for zero anywhere.
"""

from __future__ import annotations

from math import nan, pi
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.ir.array import Array, is_sequence, size_of
from eigen.ir.ops.arrays import dot
from eigen.ir.ops.broadcast import as_array, broadcast_shape, stretch
from eigen.ir.ops.containers import items_of
from eigen.ir.ops.shaping import axis_of, strides
from eigen.ir.ops.table import apply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Partial = Callable[[Any, Any], float] | Callable[[Any, Any, Any], float] | Callable[[Any, Any, Any, Any], float]

Cotangent = Any

PULLBACKS: dict[str, Any] = {}
"""Name of operation -> `(args, attrs, result, cotangent) -> cotangents of the args`."""

CONSTANT = frozenset(
    [
        "len",
        "shape",
        "size",
        "ndim",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "is_none",
        "in",
        "not_in",
        "not",
        "round",
        "floor",
        "ceil",
        "trunc",
        "sign",
        "isnan",
        "isinf",
        "isfinite",
        "logical_not",
        "logical_and",
        "logical_or",
        "math.floor",
        "math.ceil",
        "math.trunc",
        "math.isnan",
        "math.isinf",
        "math.isfinite",
        "array_equal",
        "allclose",
        "argmin",
        "argmax",
        "argsort",
        "accuracy",
        "str",
        "repr",
        "format",
        "concat_str",
        "int",
        "bool",
        "zeros",
        "ones",
        "full",
    ]
)
"""Operations whose result does not vary with small changes of a real argument."""


def pullback(*names: str) -> Callable[[Any], Any]:
    """Enter a rule under these names."""

    def register(rule: Any) -> Any:
        for name in names:
            PULLBACKS[name] = rule
        return rule

    return register


# ---- structure ---------------------------------------------------------------------------------------------


def accumulate(a: Cotangent, b: Cotangent) -> Cotangent:
    """The sum of two cotangents of one value."""
    if a is None or b is None:
        return b if a is None else a
    if isinstance(a, list):
        return [accumulate(x, y) for x, y in zip(a, b, strict=True)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return a + b


def flatten(value: Any, cotangent: Cotangent) -> list[float]:
    """The cotangent of a number, array or nested list as one flat list, zeros filled in."""
    if isinstance(value, Array):
        return [0.0] * value.size if cotangent is None else [item or 0.0 for item in cotangent]
    if is_sequence(value):
        parts: Sequence[Any] = [None] * len(value) if cotangent is None else cotangent
        return [x for item, part in zip(value, parts, strict=True) for x in flatten(item, part)]
    return [0.0 if cotangent is None else float(cotangent)]


def restore(value: Any, flat: Sequence[float]) -> Cotangent:
    """A flat list of derivatives in the structure of a value."""
    rest = iter(flat)

    def build(item: Any) -> Cotangent:
        if isinstance(item, Array):
            return [next(rest) for _ in range(item.size)]
        if is_sequence(item):
            return [build(inner) for inner in item]
        return next(rest)

    return build(value)


def numbers(value: Any) -> Sequence[Any]:
    """All numbers of a value, in order."""
    return as_array(value).data


def _reduce_to(value: Any, shape: tuple[int, ...], flat: Sequence[float]) -> Cotangent:
    """Sum a broadcast cotangent back to the shape of the value it was stretched from."""
    own = as_array(value).shape
    if own == shape:
        return restore(value, flat)
    places = stretch(Array(own, tuple(range(size_of(own))), "i"), shape)
    total = [0.0] * size_of(own)
    for place, item in zip(places, flat, strict=True):
        total[place] += item
    return restore(value, total)


def elementwise_pullback(*partials: Partial | None) -> Any:
    """The rule of an elementwise operation from its partial derivatives `d/dx_k (x…, result)`; None is zero."""

    def rule(args: Sequence[Any], attrs: Mapping[str, Any], result: Any, cotangent: Cotangent) -> list[Cotangent]:
        arrays = [as_array(value) for value in args]
        shape = broadcast_shape([array.shape for array in arrays])
        columns = [stretch(array, shape) for array in arrays]
        outcome, flow = numbers(result), flatten(result, cotangent)
        found: list[Cotangent] = []
        for value, partial in zip(args, partials, strict=True):
            if partial is None:
                found.append(None)
                continue
            rows = zip(flow, zip(*columns, strict=True), outcome, strict=True)
            found.append(_reduce_to(value, shape, [_scaled(g, partial, row, y) for g, row, y in rows]))
        return found

    return rule


def _scaled(flow: float, partial: Partial, row: tuple[Any, ...], result: Any) -> float:
    if not flow:
        return 0.0
    slope: Any = partial
    try:
        return flow * slope(*row, result)
    except ZeroDivisionError:
        return nan  # no derivative here; whoever asked for the gradient refuses it


# ---- arithmetic and elementary functions -------------------------------------------------------------------


def _enter(names: str, *partials: Partial | None) -> None:
    pullback(*names.split())(elementwise_pullback(*partials))


def _log_of(x: float) -> float:
    return _core.math.log(x) if x > 0 else 0.0


def _power(x: float, exponent: float) -> float:
    return apply("pow", [Array.vector([x]), float(exponent)], {}, _FREE).data[0]


class _Free:
    """Fuel for the derivative's own arithmetic, which is bounded by the forward pass that paid already."""

    def charge(self, amount: int) -> None:
        """Nothing to take."""


_FREE = _Free()
_m = _core.math

_enter("sub", lambda a, b, y: 1.0, lambda a, b, y: -1.0)
_enter("truediv", lambda a, b, y: 1.0 / b, lambda a, b, y: -a / (b * b))
_enter(
    "pow math.pow",
    lambda a, b, y: b * _power(a, b - 1.0) if b else 0.0,
    lambda a, b, y: y * _log_of(a),
)
_enter("neg", lambda a, y: -1.0)
_enter("pos", lambda a, y: 1.0)
_enter("abs math.fabs", lambda a, y: 1.0 if a > 0 else -1.0 if a < 0 else 0.0)
_enter("square", lambda a, y: 2.0 * a)
_enter("sin math.sin", lambda a, y: _m.cos(a))
_enter("cos math.cos", lambda a, y: -_m.sin(a))
_enter("tan math.tan", lambda a, y: 1.0 + y * y)
_enter("asin arcsin math.asin", lambda a, y: 1.0 / _m.sqrt(1.0 - a * a))
_enter("acos arccos math.acos", lambda a, y: -1.0 / _m.sqrt(1.0 - a * a))
_enter("atan arctan math.atan", lambda a, y: 1.0 / (1.0 + a * a))
_enter("sinh math.sinh", lambda a, y: _m.cosh(a))
_enter("cosh math.cosh", lambda a, y: _m.sinh(a))
_enter("tanh math.tanh", lambda a, y: 1.0 - y * y)
_enter("asinh arcsinh math.asinh", lambda a, y: 1.0 / _m.sqrt(a * a + 1.0))
_enter("acosh arccosh math.acosh", lambda a, y: 1.0 / _m.sqrt(a * a - 1.0))
_enter("atanh arctanh math.atanh", lambda a, y: 1.0 / (1.0 - a * a))
_enter("exp math.exp", lambda a, y: y)
_enter("expm1 math.expm1", lambda a, y: y + 1.0)
_enter("log math.log", lambda a, y: 1.0 / a)
_enter("log1p math.log1p", lambda a, y: 1.0 / (1.0 + a))
_enter("log2 math.log2", lambda a, y: 1.0 / (a * _m.log(2.0)))
_enter("log10 math.log10", lambda a, y: 1.0 / (a * _m.log(10.0)))
_enter("sqrt math.sqrt", lambda a, y: 0.5 / y)
_enter("cbrt math.cbrt", lambda a, y: 1.0 / (3.0 * y * y))
_enter("erf math.erf", lambda a, y: 2.0 / _m.sqrt(pi) * _m.exp(-a * a))
_enter("atan2 arctan2 math.atan2", lambda a, b, y: b / (a * a + b * b), lambda a, b, y: -a / (a * a + b * b))
_enter("hypot math.hypot", lambda a, b, y: a / y, lambda a, b, y: b / y)
_enter("deg2rad math.radians", lambda a, y: pi / 180.0)
_enter("rad2deg math.degrees", lambda a, y: 180.0 / pi)
_enter("minimum", lambda a, b, y: float(a <= b), lambda a, b, y: float(a > b))
_enter("maximum", lambda a, b, y: float(a >= b), lambda a, b, y: float(a < b))
_enter("where", None, lambda c, a, b, y: float(bool(c)), lambda c, a, b, y: float(not c))


@pullback("add")
def _add(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    if is_sequence(args[0]) and is_sequence(args[1]):
        return cotangent[: len(args[0])], cotangent[len(args[0]) :]
    return _sum_rule(args, attrs, result, cotangent)


_sum_rule = elementwise_pullback(lambda a, b, y: 1.0, lambda a, b, y: 1.0)
_product_rule = elementwise_pullback(lambda a, b, y: b, lambda a, b, y: a)


@pullback("mul")
def _mul(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    for place, other in ((0, 1), (1, 0)):
        if is_sequence(args[place]) and isinstance(args[other], int):
            length = len(args[place])
            total: Cotangent = None
            for start in range(0, len(cotangent), length or 1):
                total = accumulate(total, list(cotangent[start : start + length]))
            return (total, None) if place == 0 else (None, total)
    return _product_rule(args, attrs, result, cotangent)


@pullback("clip")
def _clip(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    value, low, high = args
    bounded = [value, float("-inf") if low is None else low, float("inf") if high is None else high]
    found = _clip_rule(bounded, attrs, result, cotangent)
    return found[0], None if low is None else found[1], None if high is None else found[2]


_clip_rule = elementwise_pullback(
    lambda a, low, high, y: float(low <= a <= high),
    lambda a, low, high, y: float(a < low),
    lambda a, low, high, y: float(a > high),
)


# ---- containers --------------------------------------------------------------------------------------------


@pullback("list", "tuple")
def _list(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    return cotangent


@pullback("array")
def _array(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    return restore(list(args), flatten(result, cotangent))


@pullback("select")
def _select(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    from eigen.ir.ops.arithmetic import truth

    return (None, cotangent, None) if truth(args[0]) else (None, None, cotangent)


def _through_places(args: Sequence[Any], result: Any, cotangent: Cotangent, places: Any) -> Cotangent:
    """The cotangent of an array of which `result` picks the elements at `places` (an Array or one number)."""
    total = [0.0] * as_array(args[0]).size
    flow = flatten(result, cotangent)
    for place, item in zip(places.data if isinstance(places, Array) else (places,), flow, strict=True):
        total[place] += item
    return restore(args[0], total)


def _numbered(value: Any) -> Array:
    array = as_array(value)
    return Array(array.shape, tuple(range(array.size)), "i")


def _rearranging(*names: str) -> None:
    """Operations that only move elements of their first argument: apply them to the numbers of the places."""

    def rule_for(name: str) -> Any:
        def rule(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
            places = apply(name, [_numbered(args[0]), *args[1:]], attrs, _FREE)
            return (_through_places(args, result, cotangent, places), *[None] * (len(args) - 1))

        return rule

    for name in names:
        PULLBACKS[name] = rule_for(name)


_rearranging("reshape", "ravel", "transpose", "flip", "subscript")


@pullback("index", "slice", "reversed")
def _index(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    container, *rest = args
    name = "reversed" if not rest else "index" if len(rest) == 1 else "slice"
    if isinstance(container, Array):
        if name == "reversed":
            length = size_of(container.shape[1:])
            parts = [flatten(item, part) for item, part in zip(result, cotangent, strict=True)]
            return ([x for part in reversed(parts) for x in (part or [0.0] * length)],)
        places = apply(name, [_numbered(container), *rest], attrs, _FREE)
        return (_through_places(args, result, cotangent, places), *[None] * len(rest))
    chosen: Any = apply(name, [list(range(len(container))), *rest], attrs, _FREE)
    total: list[Cotangent] = [None] * len(container)
    pairs = [(chosen, cotangent)] if name == "index" else list(zip(chosen, cotangent, strict=True))
    for place, part in pairs:
        total[place] = part
    return (total, *[None] * len(rest))


@pullback("to_list", "to_tuple", "tolist")
def _to_list(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    return (restore(args[0], flatten(result, cotangent)),)


@pullback("asarray", "float")
def _asarray(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    return (restore(args[0], flatten(result, cotangent)),)


@pullback("copy")
def _copy(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    return (cotangent,)


@pullback("concatenate", "stack")
def _concatenate(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    parts = items_of(args[0])
    axis = attrs.get("axis", 0)
    joined = axis_of(axis, result.ndim)
    flow = flatten(result, cotangent)
    shape: tuple[int, ...] = result.shape
    block = strides(shape)[joined]
    found: list[Cotangent] = []
    start: int = 0
    for part in parts:
        array = as_array(part)
        length = 1 if array.ndim < result.ndim else array.shape[joined]
        run = block * length
        own = [
            flow[(outer * shape[joined] + start) * block + place]
            for outer in range(size_of(shape[:joined]))
            for place in range(run)
        ]
        found.append(restore(part, own))
        start += length
    return (_like_items(args[0], found),)


def _like_items(value: Any, cotangents: list[Cotangent]) -> Cotangent:
    if not isinstance(value, Array):
        return cotangents
    return [x for item, part in zip(value.rows(), cotangents, strict=True) for x in flatten(item, part)]


# ---- reductions and products -------------------------------------------------------------------------------


@pullback("sum")
def _sum(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    items = items_of(args[0])
    shape = as_array(result).shape
    flow = flatten(result, cotangent)
    found = _like_items(args[0], [_reduce_to(item, shape, flow) for item in items])
    return (found,) if len(args) == 1 else (found, _reduce_to(args[1], shape, flow))


def _reduction(weights: Callable[[Sequence[float], float], Sequence[float]]) -> Any:
    """The rule of a reduction along an axis; `weights(run, result)` are its derivatives with respect to a run."""

    def rule(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
        from eigen.ir.ops.reductions import fibres

        array = as_array(args[0])
        axis = attrs.get("axis")
        flow, outcome = flatten(result, cotangent), numbers(result)
        if axis is None:
            array = Array((array.size,), array.data, array.kind)
            axis = 0
        axis = axis_of(axis, array.ndim)
        total = [0.0] * array.size
        runs, places = fibres(array, axis), fibres(_numbered(array), axis)
        for g, y, run, own in zip(flow, outcome, runs, places, strict=True):
            for place, weight in zip(own, weights(run, y), strict=True):
                total[place] += g * weight
        return (restore(args[0], total),)

    return rule


def _one_hot(run: Sequence[float], result: float) -> list[float]:
    first = next(place for place, item in enumerate(run) if item == result)
    return [1.0 if place == first else 0.0 for place in range(len(run))]


PULLBACKS["array_sum"] = _reduction(lambda run, y: [1.0] * len(run))
PULLBACKS["mean"] = _reduction(lambda run, y: [1.0 / len(run)] * len(run))
PULLBACKS["array_min"] = PULLBACKS["array_max"] = _reduction(_one_hot)


@pullback("min", "max")
def _extreme(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    items = items_of(args[0]) if len(args) == 1 else list(args)
    first = next(place for place, item in enumerate(items) if item == result)
    flow: list[Cotangent] = [cotangent if place == first else None for place in range(len(items))]
    return (_like_items(args[0], flow),) if len(args) == 1 else flow


@pullback("norm")
def _norm(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    flat = numbers(args[0])
    return (restore(args[0], [cotangent * x / result if result else 0.0 for x in flat]),)


@pullback("mse")
def _mse(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    a, b = numbers(args[0]), numbers(args[1])
    slope = [2.0 * cotangent * (x - y) / len(a) for x, y in zip(a, b, strict=True)]
    return restore(args[0], slope), restore(args[1], [-item for item in slope])


@pullback("diff")
def _diff(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    total = [0.0] * (result.size + 1)
    for place, item in enumerate(flatten(result, cotangent)):
        total[place] -= item
        total[place + 1] += item
    return (restore(args[0], total),)


@pullback("outer")
def _outer(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    a, b = (Array.vector(numbers(value)) for value in args)
    return _products(args, _as_matrix(a.data, a.size, 1), _as_matrix(b.data, 1, b.size), flatten(result, cotangent))


@pullback("matmul", "dot")
def _matmul(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    a, b = as_array(args[0], "f"), as_array(args[1], "f")
    if not a.ndim or not b.ndim:
        return _product_rule(args, attrs, result, cotangent)
    left = _as_matrix(a.data, 1 if a.ndim == 1 else a.shape[0], a.shape[-1])
    right = _as_matrix(b.data, b.shape[0], 1 if b.ndim == 1 else b.shape[1])
    return _products(args, left, right, flatten(result, cotangent))


Matrix = list[list[float]]


def _as_matrix(data: Sequence[float], rows: int, columns: int) -> Matrix:
    return [list(data[row * columns : (row + 1) * columns]) for row in range(rows)]


def _products(args: Sequence[Any], a: Matrix, b: Matrix, flow: Sequence[float]) -> Sequence[Cotangent]:
    """Cotangents of the factors of C = A B: dA = dC B^T and dB = A^T dC."""
    width = len(b[0]) if b else 0
    slope = _as_matrix(flow, len(a), width)
    left = [dot(slope[i], b[k], "f") for i in range(len(a)) for k in range(len(b))]
    across = [[row[j] for row in slope] for j in range(width)]
    right = [dot([row[k] for row in a], across[j], "f") for k in range(len(b)) for j in range(width)]
    return restore(args[0], left), restore(args[1], right)
