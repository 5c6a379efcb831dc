"""Counts as a mapping and as arrays."""

from __future__ import annotations

import pickle
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.client import Counts
from eigen.errors import EigenError


@st.composite
def any_counts(draw: st.DrawFn) -> dict[str, int]:
    width = draw(st.integers(1, 70))
    keys = draw(st.sets(st.text("01", min_size=width, max_size=width), min_size=1, max_size=12))
    return {key: draw(st.integers(1, 10_000_000)) for key in keys}


@given(any_counts())
def test_arrays_say_what_the_mapping_says(plain: dict[str, int]) -> None:
    counts = Counts(plain)
    bits, numbers = counts.to_arrays()
    width = len(next(iter(plain)))
    assert (bits.dtype, numbers.dtype, bits.shape) == (np.uint8, np.int64, (len(plain), width))
    assert list(counts) == sorted(plain)
    for row, number, text in zip(bits, numbers, counts, strict=True):
        assert "".join(str(bit) for bit in row[::-1]) == text
        assert number == plain[text]
    assert counts.probabilities() == pytest.approx(numbers / numbers.sum())
    assert counts.shots == sum(plain.values())
    assert counts == plain
    assert pickle.loads(pickle.dumps(counts)) == counts


@given(any_counts(), st.data())
def test_marginals_add_up(plain: dict[str, int], data: st.DataObject) -> None:
    width = len(next(iter(plain)))
    clbits = data.draw(st.lists(st.integers(0, width - 1), min_size=1, max_size=4, unique=True))
    expected: Counter[str] = Counter()
    for text, number in plain.items():
        expected["".join(text[width - 1 - clbit] for clbit in reversed(clbits))] += number
    assert Counts(plain).marginal(clbits) == expected


def test_the_arrays_are_the_callers_own() -> None:
    counts = Counts({"01": 2})
    for array in counts.to_arrays():
        array[:] = 0
    assert counts.to_arrays()[1].tolist() == [2]


def test_nothing_measured() -> None:
    counts = Counts({})
    bits, numbers = counts.to_arrays()
    assert (bits.shape, numbers.shape, counts.probabilities().shape) == ((0, 0), (0,), (0,))
    assert (counts.shots, counts.num_clbits, dict(counts)) == (0, 0, {})


def test_an_outcome_that_never_came_is_not_there() -> None:
    assert dict(Counts({"0": 3, "1": 0})) == {"0": 3}


def test_outcomes_of_different_lengths_have_no_columns() -> None:
    with pytest.raises(EigenError):
        Counts({"0": 1, "11": 1}).to_arrays()
