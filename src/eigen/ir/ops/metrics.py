"""Metrics of learning and the classical baseline beside a quantum model: deterministic, total, small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.ir.array import Array
from eigen.ir.ops.broadcast import as_array
from eigen.ir.ops.products import dot, eliminate
from eigen.ir.ops.table import Args, Attrs, linear, op

if TYPE_CHECKING:
    from collections.abc import Sequence

_STEPS = 60
_RIDGE = 1e-3


def _pair(args: Args) -> tuple[Sequence[Any], Sequence[Any]]:
    a, b = as_array(args[0]), as_array(args[1])
    if a.size != b.size or not a.size:
        raise ValueError("a metric needs as many predictions as labels, and at least one")
    return a.data, b.data


@op("accuracy", 2, types="float", cost=linear, help="the share of equal labels: (predicted, true)")
def accuracy(args: Args, attrs: Attrs) -> float:
    predicted, true = _pair(args)
    return sum(a == b for a, b in zip(predicted, true, strict=True)) / len(true)


@op("mse", 2, types="float", cost=linear, derivative=True, help="the mean squared error: (predicted, true)")
def mse(args: Args, attrs: Attrs) -> float:
    predicted, true = _pair(args)
    total = 0.0
    for a, b in zip(predicted, true, strict=True):
        total += (a - b) * (a - b)
    return total / len(true)


@op("r2", 2, types="float", cost=linear, help="the coefficient of determination: (predicted, true)")
def r2(args: Args, attrs: Attrs) -> float:
    predicted, true = _pair(args)
    centre = dot(true, [1.0] * len(true), "f") / len(true)
    residual = spread = 0.0
    for a, b in zip(predicted, true, strict=True):
        residual += (a - b) * (a - b)
        spread += (b - centre) * (b - centre)
    if spread == 0:
        raise ValueError("the coefficient of determination needs labels that differ")
    return 1.0 - residual / spread


def _baseline_cost(args: Args, attrs: Attrs) -> int:
    rows, width = _matrix(args[0])
    return 1 + _STEPS * len(rows) * (width + 2) ** 2


def _matrix(value: Any) -> tuple[list[Sequence[float]], int]:
    found = as_array(value, "f")
    if found.ndim != 2:
        raise ValueError("features are a matrix: one row for each sample")
    width = found.shape[1]
    return [found.data[row * width : (row + 1) * width] for row in range(found.shape[0])], width


@op(
    "logistic_baseline",
    4,
    types="record:baseline",
    cost=_baseline_cost,
    help="logistic regression on the raw features: (X_train, y_train, X_test, y_test)",
)
def logistic_baseline(args: Args, attrs: Attrs) -> Any:
    """Ridge-regularised logistic regression by Newton's method on standardised features, classes one against all.

    Gives record:baseline with `accuracy` on the test rows and `predictions` (the labels).
    """
    from eigen.ir.values import Record

    train, width = _matrix(args[0])
    test, other = _matrix(args[2])
    labels, expected = as_array(args[1]).data, as_array(args[3]).data
    if width != other or len(labels) != len(train) or len(expected) != len(test) or not train or not test:
        raise ValueError("training and test features and labels do not fit each other")
    centre, scale = _standards(train, width)
    inputs = [_standardise(row, centre, scale) for row in train]
    classes = sorted(set(labels))
    fits = [_newton(inputs, [float(label == kind) for label in labels]) for kind in classes]
    predictions = [_classify(_standardise(row, centre, scale), classes, fits) for row in test]
    right = sum(a == b for a, b in zip(predictions, expected, strict=True))
    found = Array.of(predictions)
    return Record("baseline", {"accuracy": right / len(expected), "predictions": found})


def _standards(rows: list[Sequence[float]], width: int) -> tuple[list[float], list[float]]:
    centre: list[float] = []
    scale: list[float] = []
    for column in range(width):
        values = [row[column] for row in rows]
        ones = [1.0] * len(values)
        mean = dot(values, ones, "f") / len(values)
        gaps = [value - mean for value in values]
        spread = _core.math.sqrt(dot(gaps, gaps, "f") / len(values))
        centre.append(mean)
        scale.append(spread or 1.0)
    return centre, scale


def _standardise(row: Sequence[float], centre: list[float], scale: list[float]) -> list[float]:
    return [1.0, *((value - mean) / spread for value, mean, spread in zip(row, centre, scale, strict=True))]


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)) without overflow."""
    if x >= 0:
        return 1.0 / (1.0 + _core.math.exp(-x))
    grown = _core.math.exp(x)
    return grown / (1.0 + grown)


def _newton(rows: list[list[float]], labels: list[float]) -> list[float]:
    size = len(rows[0])
    weights = [0.0] * size
    for _ in range(_STEPS):
        gradient = [_RIDGE * weight for weight in weights]
        hessian = [[_RIDGE * (a == b) for b in range(size)] for a in range(size)]
        for row, label in zip(rows, labels, strict=True):
            chance = sigmoid(dot(weights, row, "f"))
            curve = chance * (1.0 - chance)
            for a in range(size):
                gradient[a] += (chance - label) * row[a]
                for b in range(size):
                    hessian[a][b] += curve * row[a] * row[b]
        step = eliminate([[*line, slope] for line, slope in zip(hessian, gradient, strict=True)])
        longest = max(map(abs, step))
        shrink = min(1.0, 4.0 / longest) if longest else 1.0
        weights = [weight - shrink * change for weight, change in zip(weights, step, strict=True)]
        if longest < 1e-10:
            break
    return weights


def _classify(row: list[float], classes: list[Any], fits: list[list[float]]) -> Any:
    scores = [dot(weights, row, "f") for weights in fits]
    return classes[max(range(len(classes)), key=lambda place: (scores[place], -place))]
