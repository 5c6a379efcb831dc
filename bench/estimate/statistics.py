"""Rank correlation and quantiles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """The correlation of ranks, ties at their mean rank."""
    return _pearson(_ranks(first), _ranks(second))


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which that share lies, between neighbours by line."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def _ranks(values: Sequence[float]) -> list[float]:
    return [
        sum(other < value for other in values) + (sum(other == value for other in values) - 1) / 2 for value in values
    ]


def _pearson(first: Sequence[float], second: Sequence[float]) -> float:
    count = len(first)
    means = math.fsum(first) / count, math.fsum(second) / count
    pairs = [(a - means[0], b - means[1]) for a, b in zip(first, second, strict=True)]
    product = math.fsum(a * b for a, b in pairs)
    spread = math.sqrt(math.fsum(a * a for a, _ in pairs) * math.fsum(b * b for _, b in pairs))
    return product / spread if spread else float("nan")
