"""The tests of counts and values: they find what is wrong, and are wrong about what is right as rarely as said."""

from __future__ import annotations

import random
from math import exp, inf, lgamma, log

import pytest

from eigen.kernel.statistics import FALSE_ALARM, alike, fits, tail, widest_error


def drawn(probabilities: list[float], shots: int, seed: int) -> dict[int, int]:
    counts: dict[int, int] = {}
    for index in random.Random(seed).choices(range(len(probabilities)), probabilities, k=shots):
        counts[index] = counts.get(index, 0) + 1
    return counts


def named(counts: dict[int, int], width: int = 3) -> dict[str, int]:
    return {f"{index:0{width}b}": count for index, count in counts.items()}


def test_the_bound_is_above_the_exact_tail_of_a_coin() -> None:
    shots, share = 40, 0.3

    def mass(hits: int) -> float:
        ways = lgamma(shots + 1) - lgamma(hits + 1) - lgamma(shots - hits + 1)
        return exp(ways + hits * log(share) + (shots - hits) * log(1 - share))

    found = {hits: fits({1: hits, 0: shots - hits}, (1 - share, share)) for hits in range(shots + 1)}
    for hits, tested in found.items():
        exact = sum(mass(other) for other, each in found.items() if each.statistic >= tested.statistic - 1e-12)
        assert tested.p_value >= exact - 1e-12, hits


def test_no_false_alarm_where_the_counts_are_right() -> None:
    weights = [0.5, 0.25, 0.125, 0.1, 0.02, 0.004, 0.001, 0.0]
    least = min(fits(drawn(weights, 500, seed), weights).p_value for seed in range(2000))
    assert least > 1e-5
    pairs = range(0, 2000, 2)
    assert min(alike(named(drawn(weights, 500, s)), named(drawn(weights, 400, s + 1))).p_value for s in pairs) > 1e-5


@pytest.mark.parametrize("shots", [1000, 100_000])
def test_other_counts_are_found(shots: int) -> None:
    right, wrong = [0.5, 0.0, 0.0, 0.5], [0.35, 0.15, 0.15, 0.35]
    assert fits(drawn(wrong, shots, 1), right).p_value < FALSE_ALARM
    assert alike(named(drawn(wrong, shots, 1)), named(drawn(right, shots, 2))).p_value < FALSE_ALARM


def test_an_outcome_that_cannot_be_is_found_at_once() -> None:
    assert fits({0: 999, 1: 1}, (1.0, 0.0)).p_value == 0.0
    assert fits({0: 1000}, (1.0, 0.0)).p_value == 1.0


def test_the_tail_is_a_probability_that_falls() -> None:
    values = [tail(step / 4, 5) for step in range(400)]
    assert all(0.0 <= value <= 1.0 for value in values)
    assert values == sorted(values, reverse=True)
    assert tail(inf, 1) == 0.0
    assert tail(3.0, 1) == 1.0


def test_equal_counts_are_alike_whatever_their_width() -> None:
    wide = {f"{index:040b}": 1 for index in range(3000)}
    assert alike(wide, wide).p_value == 1.0
    other = {f"{index:040b}": 1 for index in range(10**6, 10**6 + 3000)}
    assert alike(wide, other).p_value > FALSE_ALARM  # outcomes seen once each tell nothing
    assert alike({"0" * 40: 3000}, {"1" * 40: 3000}).p_value < FALSE_ALARM


def test_expectations_from_shots_stay_within_the_bound() -> None:
    generator = random.Random(5)
    bound = widest_error(1.0, 400, 1e-3)
    means = (sum(generator.choice((-1, 1)) for _ in range(400)) / 400 for _ in range(500))
    assert max(map(abs, means)) < bound < 0.5
