"""The shape of derivatives: cotangents with the structure of their values, and the table of rules.

A cotangent is a number for a number, a flat list for an Array, and a list of cotangents for a list or tuple; None
stands for zero anywhere.
"""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Any

from eigen.ir.array import Array, is_sequence, size_of
from eigen.ir.ops.broadcast import as_array, broadcast_shape, stretch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Partial = Callable[[Any, Any], float] | Callable[[Any, Any, Any], float] | Callable[[Any, Any, Any, Any], float]

Cotangent = Any

PULLBACKS: dict[str, Any] = {}
"""Name of operation -> `(args, attrs, result, cotangent) -> cotangents of the args`."""


def pullback(*names: str) -> Callable[[Any], Any]:
    """Enter a rule under these names."""

    def register(rule: Any) -> Any:
        for name in names:
            PULLBACKS[name] = rule
        return rule

    return register


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


def reduce_to(value: Any, shape: tuple[int, ...], flat: Sequence[float]) -> Cotangent:
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
            found.append(reduce_to(value, shape, [_scaled(g, partial, row, y) for g, row, y in rows]))
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


def numbered(value: Any) -> Array:
    array = as_array(value)
    return Array(array.shape, tuple(range(array.size)), "i")


def like_items(value: Any, cotangents: list[Cotangent]) -> Cotangent:
    if not isinstance(value, Array):
        return cotangents
    return [x for item, part in zip(value.rows(), cotangents, strict=True) for x in flatten(item, part)]


class Free:
    """Fuel for the derivative's own arithmetic, which is bounded by the forward pass that paid already."""

    def charge(self, amount: int) -> None:
        """Nothing to take."""


FREE = Free()
