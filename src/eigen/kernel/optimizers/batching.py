"""Which samples each step of a stochastic method sees: all of them, or shuffled mini-batches epoch by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen import _core

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eigen.kernel.optimizers.search import Batch, Settings

_SHUFFLE_STREAM = 1 << 32


def batches_of(settings: Settings) -> Iterator[Batch | None]:
    """One batch for each step: None (everything) `max_iter` times, or all mini-batches of every epoch.

    Epoch k is shuffled by the generator of stream 2^32 + k, so that it does not depend on what came before.
    """
    plan = settings.batches
    if plan is None:
        for _ in range(settings.max_iter):
            yield None
        return
    for epoch in range(plan.epochs):
        order = _core.Philox(settings.seed, _SHUFFLE_STREAM + epoch).permutation(plan.count)
        for start in range(0, plan.count, plan.size):
            yield tuple(order[start : start + plan.size])
