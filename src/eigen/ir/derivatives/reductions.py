"""Derivatives of reductions and of products of vectors and matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.array import Array
from eigen.ir.derivatives.elementary import product_rule
from eigen.ir.derivatives.structure import (
    PULLBACKS,
    Cotangent,
    flatten,
    like_items,
    numbered,
    numbers,
    pullback,
    reduce_to,
    restore,
)
from eigen.ir.ops.broadcast import as_array
from eigen.ir.ops.containers import items_of
from eigen.ir.ops.products import dot
from eigen.ir.ops.shaping import axis_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@pullback("sum")
def _sum(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    items = items_of(args[0])
    shape = as_array(result).shape
    flow = flatten(result, cotangent)
    found = like_items(args[0], [reduce_to(item, shape, flow) for item in items])
    return (found,) if len(args) == 1 else (found, reduce_to(args[1], shape, flow))


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
        runs, places = fibres(array, axis), fibres(numbered(array), axis)
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
    return (like_items(args[0], flow),) if len(args) == 1 else flow


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
        return product_rule(args, attrs, result, cotangent)
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
