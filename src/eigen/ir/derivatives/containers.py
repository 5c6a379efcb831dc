"""Derivatives of containers and of rearrangements of arrays: they only say where each element went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.array import Array, size_of
from eigen.ir.derivatives.structure import (
    FREE,
    PULLBACKS,
    Cotangent,
    flatten,
    like_items,
    numbered,
    pullback,
    restore,
)
from eigen.ir.ops.broadcast import as_array
from eigen.ir.ops.containers import items_of
from eigen.ir.ops.shaping import axis_of, strides
from eigen.ir.ops.table import apply

if TYPE_CHECKING:
    from collections.abc import Sequence


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


def _rearranging(*names: str) -> None:
    """Operations that only move elements of their first argument: apply them to the numbers of the places."""

    def rule_for(name: str) -> Any:
        def rule(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
            places = apply(name, [numbered(args[0]), *args[1:]], attrs, FREE)
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
        places = apply(name, [numbered(container), *rest], attrs, FREE)
        return (_through_places(args, result, cotangent, places), *[None] * len(rest))
    chosen: Any = apply(name, [list(range(len(container))), *rest], attrs, FREE)
    total: list[Cotangent] = [None] * len(container)
    pairs = [(chosen, cotangent)] if name == "index" else list(zip(chosen, cotangent, strict=True))
    for place, part in pairs:
        total[place] = part
    return (total, *[None] * len(rest))


@pullback("chain")
def _chain(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    rest = iter(cotangent)
    parts: list[Cotangent] = []
    for part in items_of(args[0]):
        own: list[Cotangent] = [next(rest) for _ in items_of(part)]
        parts.append(like_items(part, own))
    return (like_items(args[0], parts),)


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
    return (like_items(args[0], found),)
