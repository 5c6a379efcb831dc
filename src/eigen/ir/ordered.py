"""Sums of floats whose bits do not depend on the Python version: the built-in `sum` compensates since 3.12."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def ordered_sum(values: Iterable[float]) -> float:
    """The sum from left to right, rounded after each addition; 0.0 of nothing.

    >>> ordered_sum([1.0, 1e100, 1.0, -1e100])
    0.0
    """
    return reduce(add, values, 0.0)
