"""Gradient descent: Adam (Kingma and Ba, ICLR 2015) and SGD with momentum, whole or in mini-batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen import _core
from eigen.kernel.optimizers.batching import batches_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.kernel.optimizers.search import Point, Search

Step = "Callable[[int, list[float]], list[float]]"


def adam(search: Search, initial: Point) -> tuple[bool, str]:
    """Adam with bias-corrected moments."""
    settings = search.settings
    rate, epsilon = settings.option("learning_rate"), settings.option("epsilon")
    beta1, beta2 = settings.option("beta1"), settings.option("beta2")
    first, second = [0.0] * len(initial), [0.0] * len(initial)
    decay1 = decay2 = 1.0

    def step(slope: list[float]) -> list[float]:
        nonlocal decay1, decay2
        decay1, decay2 = decay1 * beta1, decay2 * beta2
        moves: list[float] = []
        for place, g in enumerate(slope):
            first[place] = beta1 * first[place] + (1.0 - beta1) * g
            second[place] = beta2 * second[place] + (1.0 - beta2) * g * g
            scale = _core.math.sqrt(second[place] / (1.0 - decay2)) + epsilon
            moves.append(rate * (first[place] / (1.0 - decay1)) / scale)
        return moves

    return _descend(search, initial, step)


def sgd(search: Search, initial: Point) -> tuple[bool, str]:
    """Steepest descent with heavy-ball momentum."""
    rate, momentum = search.settings.option("learning_rate"), search.settings.option("momentum")
    velocity = [0.0] * len(initial)

    def step(slope: list[float]) -> list[float]:
        for place, g in enumerate(slope):
            velocity[place] = momentum * velocity[place] + rate * g
        return velocity

    return _descend(search, initial, step)


def _descend(search: Search, initial: Point, step: Callable[[list[float]], list[float]]) -> tuple[bool, str]:
    """Go down until every component of the gradient is below the tolerance, or all iterations are done.

    An iteration is one step; with mini-batches the value reported is that of its batch, and the result is the
    last point over all samples.
    """
    settings = search.settings
    point = initial
    for batch in batches_of(settings):
        value, slope = search.gradient(point, batch)
        search.finish_iteration(value)
        if settings.tolerance is not None and batch is None and max(map(abs, slope)) < settings.tolerance:
            return True, f"the gradient fell below {settings.tolerance}"
        point = search.clip([x - move for x, move in zip(point, step(slope), strict=True)])
    if settings.batches is not None:
        search.best = None
    search.value(point)
    if settings.tolerance is not None and settings.batches is None:
        return False, f"the gradient did not fall below {settings.tolerance} in {settings.max_iter} iterations"
    return True, "all iterations done"
