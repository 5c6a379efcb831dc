"""The built-in data sets: labelled samples from closed formulas and a seeded generator, the same on every host."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen._core import Philox, canonical_json, derive_seed
from eigen._core import math as exact
from eigen.lang.library.ansatz_circuits import free
from eigen.lang.library.arguments import ArgumentError, choice, integer, number
from eigen.types import Dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.lang.library.ansatz_circuits import Charge

_PI = 3.141592653589793
MAX_SAMPLES = 100_000

Rows = list[tuple[list[float], float]]


def make_dataset(name: str, features: Sequence[Sequence[float]], labels: Sequence[float]) -> Dataset:
    """A data set with its identity: the sha256 of its features and labels as canonical JSON."""
    rows = tuple(tuple(float(x) for x in row) for row in features)
    marks = tuple(float(label) for label in labels)
    digest = sha256(canonical_json({"features": [list(row) for row in rows], "labels": list(marks)})).hexdigest()
    return Dataset(name, rows, marks, digest)


def _noisy(points: list[tuple[float, float, float]], noise: float, random: Philox) -> Rows:
    shifts = random.normal(2 * len(points))
    return [
        ([x + noise * shifts[2 * k], y + noise * shifts[2 * k + 1]], label) for k, (x, y, label) in enumerate(points)
    ]


def _moons(count: int, noise: float, random: Philox) -> Rows:
    """Two interleaved half circles of radius 1; label 1 is the lower one, shifted by (1, 0.5)."""
    points: list[tuple[float, float, float]] = []
    for index in range(count):
        half, position = index % 2, index // 2
        angle = _PI * position / max((count + 1 - half) // 2 - 1, 1)
        x, y = exact.cos(angle), exact.sin(angle)
        points.append((1.0 - x, 0.5 - y, 1.0) if half else (x, y, 0.0))
    return _noisy(points, noise, random)


def _circles(count: int, noise: float, random: Philox) -> Rows:
    """Two concentric circles of radius 1 (label 0) and 0.5 (label 1)."""
    points: list[tuple[float, float, float]] = []
    for index in range(count):
        inner, position = index % 2, index // 2
        angle = 2.0 * _PI * position / max((count + 1 - inner) // 2, 1)
        radius = 0.5 if inner else 1.0
        points.append((radius * exact.cos(angle), radius * exact.sin(angle), float(inner)))
    return _noisy(points, noise, random)


def _xor(count: int, noise: float, random: Philox) -> Rows:
    """Four clusters at (+-1, +-1); the label is 1 where the signs differ."""
    corners = [(1.0, 1.0, 0.0), (-1.0, 1.0, 1.0), (-1.0, -1.0, 0.0), (1.0, -1.0, 1.0)]
    return _noisy([corners[index % 4] for index in range(count)], noise, random)


def _blobs(count: int, noise: float, random: Philox) -> Rows:
    """Two Gaussian clusters around (-1, -1), label 0, and (1, 1), label 1."""
    return _noisy([(2.0 * (i % 2) - 1.0, 2.0 * (i % 2) - 1.0, float(i % 2)) for i in range(count)], noise, random)


_FORMULAS: dict[str, tuple[Callable[[int, float, Philox], Rows], float]] = {
    "blobs": (_blobs, 0.4),
    "circles": (_circles, 0.05),
    "moons": (_moons, 0.1),
    "xor": (_xor, 0.25),
}

BUILT_IN = (*sorted(_FORMULAS), "parity")


def _parity(n_features: int) -> Rows:
    """All bit strings of a length; the label is their parity."""
    return [
        ([float(state >> k & 1) for k in range(n_features)], float(state.bit_count() & 1))
        for state in range(1 << n_features)
    ]


def built_in_dataset(
    name: Any, n_samples: Any = None, noise: Any = None, seed: Any = 0, n_features: Any = None, *, charge: Charge = free
) -> Dataset:
    """One of the built-in data sets, in a shuffled order fixed by `seed`.

    `moons circles xor blobs`: `n_samples` points (100) of two features with Gaussian `noise`. `parity`: every
    string of `n_features` (4) bits. Other arguments than these are an ArgumentError.
    """
    key = choice(name, "name", BUILT_IN)
    start = integer(seed, "seed", high=2**63 - 1)
    random = Philox(derive_seed(start, "dataset", key))
    if key == "parity":
        if n_samples is not None or noise is not None:
            raise ArgumentError("`parity` has every bit string once: it takes `n_features` and `seed` only")
        width = 4 if n_features is None else integer(n_features, "n_features", low=1, high=12)
        charge(width << width)
        rows = _parity(width)
    else:
        if n_features is not None:
            raise ArgumentError(f"`{key}` has two features: `n_features` cannot be chosen")
        formula, usual = _FORMULAS[key]
        count = 100 if n_samples is None else integer(n_samples, "n_samples", low=2, high=MAX_SAMPLES)
        charge(8 * count)
        spread = usual if noise is None else number(noise, "noise")
        if spread < 0:
            raise ArgumentError(f"`noise` must not be negative, not `{spread}`")
        rows = formula(count, spread, random)
    shuffled = [rows[index] for index in random.permutation(len(rows))]
    return make_dataset(key, [row for row, _ in shuffled], [label for _, label in shuffled])
