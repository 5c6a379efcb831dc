"""An estimate as JSON: whoever reads it has the estimate that was written, whatever is not known or has no bound."""

from __future__ import annotations

import json
from math import inf, isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.estimate import Estimate
from eigen.estimate.budget import Bound
from eigen.estimate.candidate import Candidate, Cost, Seconds
from eigen.estimate.pieces import Size
from eigen.estimate.success import Success

AMOUNTS = st.floats(0.0, 1e12)
COUNTS = st.integers(0, 10**9).map(float)
TEXTS = st.text(max_size=8)
UNLIMITED = COUNTS | st.just(inf)
NAMES = st.text(min_size=1, max_size=8)
SUCCESSES = st.builds(Success, *[st.floats(0.0, 1.0)] * 6, AMOUNTS)
SIZES = st.builds(Size, NAMES, *[st.integers(0, 99)] * 6, st.none() | AMOUNTS, st.none() | SUCCESSES, TEXTS)
SECONDS = st.builds(Seconds, AMOUNTS, AMOUNTS, AMOUNTS, st.none() | AMOUNTS)
COSTS = st.builds(Cost, AMOUNTS, st.none() | AMOUNTS, TEXTS, TEXTS, TEXTS)
BOUNDS = st.builds(Bound, NAMES, AMOUNTS, AMOUNTS, AMOUNTS | st.just(inf), TEXTS, TEXTS) | st.builds(
    Bound, NAMES, AMOUNTS, st.none(), st.none(), TEXTS, TEXTS
)
ABLE = st.builds(
    Candidate,
    NAMES,
    st.none(),
    st.lists(SIZES, max_size=2).map(tuple),
    st.none() | SECONDS,
    st.none() | COUNTS,
    st.tuples(COUNTS, UNLIMITED),
    st.tuples(COUNTS, UNLIMITED),
    st.none() | COSTS,
    st.none() | SUCCESSES,
    st.booleans(),
    AMOUNTS,
    st.dictionaries(NAMES, TEXTS, max_size=2).map(lambda known: tuple(known.items())),
    st.lists(BOUNDS, max_size=2).map(tuple),
)
CANDIDATES = ABLE | st.builds(Candidate, NAMES, NAMES)
ESTIMATES = st.builds(
    Estimate,
    st.just({"circuits": [], "notes": ["a note"]}),
    st.lists(CANDIDATES, max_size=3).map(tuple),
    st.none() | NAMES,
    TEXTS,
)


@given(ESTIMATES)
def test_what_was_written_is_read(estimate: Estimate) -> None:
    document = json.loads(json.dumps(estimate.to_json(), allow_nan=False))
    again = Estimate.from_json(document)
    assert again == estimate
    assert again.to_json() == estimate.to_json()


@given(BOUNDS)
def test_a_verdict_follows_from_what_was_read(bound: Bound) -> None:
    assert Bound.from_json(bound.to_json()).verdict is bound.verdict
    assert bound.most is None or isfinite(bound.most) or bound.to_json()["most"] is None


@pytest.mark.parametrize("document", [{}, {"candidates": [{}]}, {"candidates": 3}, {"candidates": [{"refused": None}]}])
def test_what_is_no_estimate_is_refused(document: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Estimate.from_json(document)
