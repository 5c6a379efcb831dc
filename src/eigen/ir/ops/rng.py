"""Random draws: pure functions of the attributes `seed` and `stream`, by the core's Philox generator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.ir.array import Array, size_of
from eigen.ir.ops.arrays import shape_of
from eigen.ir.ops.broadcast import as_array
from eigen.ir.ops.containers import integer, items_of
from eigen.ir.ops.limits import check_items
from eigen.ir.ops.table import Args, Attrs, linear, op

if TYPE_CHECKING:
    from collections.abc import Callable

_ATTRS = ("seed", "stream", "shape")


def _generator(attrs: Attrs) -> Any:
    return _core.Philox(integer(attrs["seed"], "a seed"), integer(attrs.get("stream", 0), "a stream"))


def _cost(args: Args, attrs: Attrs) -> int:
    shape = attrs.get("shape")
    return 4 + 4 * (1 if shape is None else size_of(shape_of(shape)))


def _draw(attrs: Attrs, draw: Callable[[int], list[Any]], kind: str) -> Any:
    if attrs.get("shape") is None:
        return draw(1)[0]
    shape = shape_of(attrs["shape"])
    return Array(shape, tuple(draw(size_of(shape))), kind)


def _real(args: Args, place: int, default: float) -> float:
    value = args[place] if len(args) > place else default
    if not isinstance(value, (int, float)):
        raise TypeError("the parameters of a distribution are real numbers")
    return float(value)


@op("random_uniform", (0, 2), types="any", cost=_cost, attrs=_ATTRS, help="uniform in [low, high): (low, high)")
def random_uniform(args: Args, attrs: Attrs) -> Any:
    low, high = _real(args, 0, 0.0), _real(args, 1, 1.0)
    generator = _generator(attrs)
    return _draw(attrs, lambda n: [low + (high - low) * item for item in generator.uniform(n)], "f")


@op("random_normal", (0, 2), types="any", cost=_cost, attrs=_ATTRS, help="normal: (mean, standard deviation)")
def random_normal(args: Args, attrs: Attrs) -> Any:
    centre, scale = _real(args, 0, 0.0), _real(args, 1, 1.0)
    if scale < 0:
        raise ValueError("a standard deviation cannot be negative")
    generator = _generator(attrs)
    return _draw(attrs, lambda n: [centre + scale * item for item in generator.normal(n)], "f")


@op("random_integers", (1, 2), types="any", cost=_cost, attrs=_ATTRS, help="integers in [low, high): (low, high)")
def random_integers(args: Args, attrs: Attrs) -> Any:
    bounds = [integer(value, "a bound") for value in args]
    low, high = (0, bounds[0]) if len(bounds) == 1 else bounds
    if not -(1 << 63) <= low < high <= (1 << 63) - 1:
        raise ValueError(f"there is no integer in [{low}, {high}) of 64 bits")
    generator = _generator(attrs)
    return _draw(attrs, lambda n: generator.integers(low, high, n), "i")


@op(
    "random_permutation",
    1,
    types="any",
    cost=linear,
    attrs=("seed", "stream"),
    help="a permutation of n or of the items",
)
def random_permutation(args: Args, attrs: Attrs) -> Any:
    value = args[0]
    count = value if isinstance(value, int) else len(items_of(value))
    if count < 0:
        raise ValueError("a permutation of a negative number")
    check_items(count)
    order: list[int] = _generator(attrs).permutation(count)
    if isinstance(value, int):
        return Array.vector(order, "i")
    if isinstance(value, Array):
        from eigen.ir.ops.shaping import gather

        return gather(value, Array.vector(order, "i"))
    found = items_of(value)
    return [found[place] for place in order]


@op(
    "random_choice",
    (1, 2),
    types="any",
    cost=_cost,
    attrs=(*_ATTRS, "replace"),
    help="items chosen from n or a sequence: (items, probabilities)",
)
def random_choice(args: Args, attrs: Attrs) -> Any:
    value = args[0]
    pool = as_array(list(range(value)) if isinstance(value, int) and 0 < value <= 100_000 else value)
    if pool.ndim != 1 or not pool.size:
        raise ValueError("`choice` takes a positive number or a vector")
    count = 1 if attrs.get("shape") is None else size_of(shape_of(attrs["shape"]))
    generator = _generator(attrs)
    if len(args) > 1 and args[1] is not None:
        places = _weighted(generator.uniform(count), as_array(args[1], "f"), pool.size)
    elif attrs.get("replace", True):
        places = generator.integers(0, pool.size, count)
    elif count > pool.size:
        raise ValueError("more items than there are, without replacement")
    else:
        places = generator.permutation(pool.size)[:count]
    return _draw(attrs, lambda _: [pool.data[place] for place in places], pool.kind)


def _weighted(draws: list[float], weights: Array, size: int) -> list[int]:
    from bisect import bisect_right
    from itertools import accumulate

    if weights.shape != (size,) or any(not item >= 0 for item in weights.data):
        raise ValueError("`choice` needs one probability for each item")
    edges = list(accumulate(weights.data))
    if abs(edges[-1] - 1.0) > 1e-8:
        raise ValueError("the probabilities of `choice` must sum to 1")
    return [min(bisect_right(edges, draw * edges[-1]), size - 1) for draw in draws]
