"""The built-in data sets: their geometry without noise, their reproducibility, their identity."""

from __future__ import annotations

import math

import pytest

from eigen.lang.library.arguments import ArgumentError
from eigen.lang.library.samples import BUILT_IN, built_in_dataset


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_same_seed_gives_the_same_rows(name: str) -> None:
    first, again, other = (built_in_dataset(name, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first.digest != other.digest
    assert set(first.labels) == {0.0, 1.0}


def test_moons_without_noise_lie_on_two_half_circles() -> None:
    for (x, y), label in zip(*unpacked("moons"), strict=True):
        centre = (1.0, 0.5) if label else (0.0, 0.0)
        assert math.hypot(x - centre[0], y - centre[1]) == pytest.approx(1)
        assert (y <= 0.5 + 1e-12) if label else (y >= -1e-12)


def test_circles_without_noise_have_two_radii() -> None:
    for row, label in zip(*unpacked("circles"), strict=True):
        assert math.hypot(*row) == pytest.approx(0.5 if label else 1.0)


def test_xor_and_blobs_are_labelled_by_their_corners() -> None:
    for (x, y), label in zip(*unpacked("xor"), strict=True):
        assert label == (x * y < 0)
    for (x, y), label in zip(*unpacked("blobs"), strict=True):
        assert x == y == (1 if label else -1)


def test_parity_has_every_string_once() -> None:
    data = built_in_dataset("parity", n_features=5)
    assert len(set(data.features)) == 32
    assert all(sum(row) % 2 == label for row, label in zip(data.features, data.labels, strict=True))


def test_noise_spreads_by_its_standard_deviation() -> None:
    data = built_in_dataset("blobs", n_samples=4000, noise=0.5)
    gaps = [x - (1 if label else -1) for row, label in zip(data.features, data.labels, strict=True) for x in row]
    spread = math.sqrt(sum(g * g for g in gaps) / len(gaps))
    assert abs(spread - 0.5) < 6 * 0.5 / math.sqrt(2 * len(gaps))  # 6 sigma: false alarm 2e-9


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": "moon"},
        {"name": "moons", "noise": -1},
        {"name": "moons", "n_samples": 1},
        {"name": "parity", "noise": 0.1},
        {"name": "xor", "n_features": 3},
        {"name": "moons", "seed": -1},
        {"name": 3},
    ],
)
def test_refusals(arguments: dict[str, object]) -> None:
    with pytest.raises(ArgumentError):
        built_in_dataset(**arguments)


def unpacked(name: str) -> tuple[tuple[tuple[float, ...], ...], tuple[float, ...]]:
    data = built_in_dataset(name, n_samples=41, noise=0.0)
    return data.features, data.labels
