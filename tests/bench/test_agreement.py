"""Fidelity, differences and χ² tell results that agree from those that do not."""

from __future__ import annotations

import numpy as np
import pytest
from bench.sim.agreement import agreement, infidelity, sample_distance
from bench.sim.peers.protocol import Job

RANDOM = np.random.default_rng(20)


def states() -> tuple[np.ndarray, np.ndarray]:
    a = RANDOM.normal(size=64) + 1j * RANDOM.normal(size=64)
    b = RANDOM.normal(size=64) + 1j * RANDOM.normal(size=64)
    return a / np.linalg.norm(a), b / np.linalg.norm(b)


def test_infidelity_knows_no_global_phase() -> None:
    a, b = states()
    assert infidelity(a * np.exp(0.3j), a) == pytest.approx(0, abs=1e-14)
    assert infidelity(a, b) == pytest.approx(1 - abs(np.vdot(a, b)) ** 2)
    with pytest.raises(ValueError, match="shape"):
        infidelity(a[:32], b)


def test_limits_depend_on_precision() -> None:
    a, b = states()
    near = a + 1e-4 * b
    assert not agreement(Job("hea", 6), near, a)["ok"]
    assert agreement(Job("hea", 6, precision="f32"), near, a)["ok"]
    assert not agreement(Job("hea", 6, precision="f32"), b, a)["ok"]


def test_numbers() -> None:
    gradient = Job("hea", 6, "gradient")
    assert agreement(gradient, np.array([1.0, 2.0 + 1e-12]), np.array([1.0, 2.0]))["ok"]
    assert not agreement(gradient, np.array([1.0, 2.1]), np.array([1.0, 2.0]))["ok"]
    with pytest.raises(ValueError, match="shape"):
        agreement(gradient, np.array([1.0]), np.array([1.0, 2.0]))


def test_samples_of_one_distribution_agree_and_others_do_not() -> None:
    a, b, c = RANDOM.integers(0, 50, 20_000), RANDOM.integers(0, 50, 20_000), RANDOM.integers(0, 48, 20_000)
    assert sample_distance(a, b) < 5
    assert sample_distance(c, b) > 5
    outcomes, counts = np.unique(a, return_counts=True)
    assert sample_distance((outcomes, counts), b) == pytest.approx(sample_distance(a, b))
    assert sample_distance(np.zeros(100, int), np.zeros(50, int)) == 0
