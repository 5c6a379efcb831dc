"""SPSA: a gradient estimate from two evaluations a step, for any number of parameters (Spall, IEEE TAC 37, 1992)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen import _core
from eigen.kernel.optimizers.batching import batches_of

if TYPE_CHECKING:
    from eigen.kernel.optimizers.search import Batch, Point, Search

_CALIBRATION_STREAM = 1
_STEP_STREAM = 2


def spsa(search: Search, initial: Point) -> tuple[bool, str]:
    """Gains a / (A + k)^alpha and perturbations c / k^gamma; directions of ±1 from a counter generator.

    Without `a` the gain is calibrated so that the first step moves a parameter by `first_step` on average.
    With a tolerance it ends when the step of every parameter stays below it.
    """
    settings = search.settings
    point = initial
    stability = settings.options.get("A")
    stability = 0.1 * settings.max_iter if stability is None else float(stability)
    gain = settings.options.get("a")
    gain = _calibrate(search, initial, stability) if gain is None else float(gain)
    directions = _core.Philox(settings.seed, _STEP_STREAM)
    for number, batch in enumerate(batches_of(settings), start=1):
        width = settings.option("c") / _core.math.pow(number, settings.option("gamma"))
        rate = gain / _core.math.pow(stability + number, settings.option("alpha"))
        slope, middle, signs = _estimate(search, point, width, directions, batch)
        previous = point
        point = search.clip([x - rate * slope * sign for x, sign in zip(point, signs, strict=True)])
        search.finish_iteration(middle)
        moved = max(abs(a - b) for a, b in zip(point, previous, strict=True))
        if settings.tolerance is not None and moved < settings.tolerance:
            search.value(point)
            return True, f"every parameter moved by less than {settings.tolerance}"
    if settings.batches is not None:
        search.best = None
    search.value(point)
    return True, "all iterations done"


def _estimate(
    search: Search, point: Point, width: float, directions: _core.Philox, batch: Batch | None
) -> tuple[float, float, list[int]]:
    """The slope along a random direction, the mean of both values, and the direction."""
    signs = [1 if draw else -1 for draw in directions.integers(0, 2, len(point))]
    above = search.clip([x + width * sign for x, sign in zip(point, signs, strict=True)])
    below = search.clip([x - width * sign for x, sign in zip(point, signs, strict=True)])
    high, low = search.value(above, batch), search.value(below, batch)
    return (high - low) / (2.0 * width), (high + low) / 2.0, signs


def _calibrate(search: Search, point: Point, stability: float) -> float:
    settings = search.settings
    directions = _core.Philox(settings.seed, _CALIBRATION_STREAM)
    pairs = int(settings.option("calibration"))
    batch = next(iter(batches_of(settings)), None)
    total = 0.0
    for _ in range(pairs):
        total += abs(_estimate(search, point, settings.option("c"), directions, batch)[0])
    typical = total / pairs
    first = settings.option("first_step")
    if typical < 1e-10:
        typical = 1.0
    return first * _core.math.pow(stability + 1.0, settings.option("alpha")) / typical
