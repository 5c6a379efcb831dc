"""The classical baseline of a regression: ordinary least squares, in plain arithmetic, the same on every host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.ordered import ordered_sum

if TYPE_CHECKING:
    from collections.abc import Sequence

_RIDGE = 1e-9


def linear_predictions(
    train: Sequence[Sequence[float]], targets: Sequence[float], test: Sequence[Sequence[float]]
) -> list[float]:
    """What a straight-line fit with intercept to (train, targets) predicts for the test rows."""
    rows = [[1.0, *row] for row in train]
    size = len(rows[0])
    table = [
        [ordered_sum(row[a] * row[b] for row in rows) + (_RIDGE if a == b else 0.0) for b in range(size)]
        + [ordered_sum(row[a] * y for row, y in zip(rows, targets, strict=True))]
        for a in range(size)
    ]
    weights = _solve(table)
    return [weights[0] + ordered_sum(w * x for w, x in zip(weights[1:], row, strict=True)) for row in test]


def _solve(table: list[list[float]]) -> list[float]:
    """Gauss-Jordan elimination with partial pivoting of an augmented matrix."""
    size = len(table)
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(table[row][column]))
        table[column], table[pivot] = table[pivot], table[column]
        for row in range(size):
            if row != column and table[row][column]:
                factor = table[row][column] / table[column][column]
                table[row] = [a - factor * b for a, b in zip(table[row], table[column], strict=True)]
    return [table[row][size] / table[row][row] for row in range(size)]
