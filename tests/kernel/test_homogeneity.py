"""The test of homogeneity: exact tails, bins that hold enough, a rate of false alarms as stated, and power."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from eigen.kernel.homogeneity import homogeneity, survival
from eigen.kernel.split import LEVEL


@given(st.floats(1e-3, 5e3), st.integers(1, 3000))
def test_the_tail_is_that_of_scipy(statistic: float, freedom: int) -> None:
    assert survival(statistic, freedom) == pytest.approx(float(stats.chi2.sf(statistic, freedom)), rel=1e-8, abs=1e-290)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["00", "01", "10", "11"]), st.integers(20, 500), min_size=4),
        min_size=2,
        max_size=5,
    )
)
def test_without_rare_outcomes_it_is_the_test_of_the_table(samples: list[dict[str, int]]) -> None:
    keys = sorted(samples[0])
    table = [[sample[key] for key in keys] for sample in samples]
    whole = sum(map(sum, table))
    expected = [[sum(row) * sum(column) / whole for column in zip(*table, strict=True)] for row in table]
    if min(map(min, expected)) < 5:
        return
    found = homogeneity(samples)
    statistic, p_value, freedom, _ = stats.chi2_contingency(table, correction=False)
    assert found.statistic == pytest.approx(statistic, rel=1e-9, abs=1e-9)
    assert found.degrees_of_freedom == freedom
    assert found.p_value == pytest.approx(p_value, rel=1e-7)


@given(
    st.lists(
        st.dictionaries(st.integers(0, 255).map(lambda value: f"{value:08b}"), st.integers(1, 40), max_size=200),
        min_size=2,
        max_size=4,
    )
)
def test_rare_outcomes_share_bins(samples: list[dict[str, int]]) -> None:
    """Every bin is expected five times or more on each device, or there is one bin and no test; no count is lost."""
    found = homogeneity(samples)
    sizes = [size for sample in samples if (size := sum(sample.values()))]
    if found.degrees_of_freedom == 0:
        assert found.p_value == 1.0
        return
    assert found.degrees_of_freedom == (len(sizes) - 1) * (found.bins - 1)
    assert found.bins * 5 <= min(sizes)
    assert 0.0 <= found.p_value <= 1.0


def test_there_is_nothing_to_compare() -> None:
    assert homogeneity([]).p_value == 1.0
    assert homogeneity([{"0": 100}]).p_value == 1.0
    assert homogeneity([{"0": 100}, {}]).p_value == 1.0
    assert homogeneity([{"0": 100}, {"0": 300}]).to_json()["degrees_of_freedom"] == 0


@pytest.mark.parametrize("shape", ["two", "sloping", "flat"])
def test_devices_that_agree_are_refused_as_seldom_as_stated(shape: str) -> None:
    """Of 3,000 pairs, three refusals are expected; 19 or more have a probability below 1e-9."""
    weights = {"two": [1, 1], "sloping": [2.0**-k for k in range(12)], "flat": [1] * 300}[shape]
    draw = random.Random(5)
    outcomes = [f"{index:09b}" for index in range(len(weights))]
    assert stats.binom.sf(18, 3000, LEVEL) < 1e-9
    refused = 0
    for _ in range(3000):
        pair = [Counter(draw.choices(outcomes, weights, k=shots)) for shots in (300, 150)]
        refused += homogeneity(pair).p_value < LEVEL
    assert refused < 19


def test_where_every_outcome_comes_once_a_difference_is_still_seen() -> None:
    """40 qubits, no outcome twice: neighbours share bins, so that a device that never sets the top bit is found."""
    draw = random.Random(3)
    fair = Counter(f"{draw.getrandbits(40):040b}" for _ in range(2000))
    stuck = Counter(f"{draw.getrandbits(39):040b}" for _ in range(2000))
    other = Counter(f"{draw.getrandbits(40):040b}" for _ in range(2000))
    assert homogeneity([fair, stuck]).p_value < 1e-12
    assert homogeneity([fair, other]).p_value > LEVEL
