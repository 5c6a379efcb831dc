"""Targets that share shots: how they are written, what is refused, and how shots divide."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.errors import EigenError
from eigen.jobspec.parts import TARGET
from eigen.jobspec.shares import MOST_DEVICES, Share, divided, shares_of, split_text


def test_devices_with_and_without_weights() -> None:
    found = shares_of("split( sim:mps , ion:trap.2*30,sim:statevector )")
    assert found == (Share("sim:mps"), Share("ion:trap.2", 30), Share("sim:statevector"))
    assert shares_of(split_text(found)) == found
    assert shares_of("sim:auto") == shares_of("auto") == ()


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("split()", "does not share shots among 2 to 8 devices"),
        ("split(sim:mps)", "does not share"),
        ("split(sim:mps, auto)", "does not share"),
        ("split(sim:mps; sim:sparse)", "does not share"),
        ("split(sim:mps*0, sim:sparse)", "does not share"),
        ("split(sim:mps*-1, sim:sparse)", "does not share"),
        ("split(sim:mps*1.5, sim:sparse)", "does not share"),
        ("split(sim:mps, sim:sparse", "does not share"),
        ("split(split(sim:mps, sim:sparse), sim:tn)", "does not share"),
        (f"split({', '.join(f'sim:d{k}' for k in range(MOST_DEVICES + 1))})", "does not share"),
        ("split(sim:mps, sim:mps)", "with `sim:mps` twice"),
        ("split(sim:mps*1001, sim:sparse)", "is above 1000"),
        ("split(" + "a" * 10_000, "does not share"),
    ],
)
def test_what_is_not_one_is_refused(target: str, says: str) -> None:
    with pytest.raises(EigenError) as caught:
        shares_of(target)
    assert caught.value.code == "EIGEN_JOBSPEC_INVALID"
    assert caught.value.where == "target"
    assert says in caught.value.message
    assert len(caught.value.message) < 300


def test_the_shape_of_targets_takes_them() -> None:
    assert re.fullmatch(TARGET.pattern, "split(sim:mps, sim:sparse*3)")
    assert not re.fullmatch(TARGET.pattern, "split(sim:mps)")


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=8), st.integers(0, 10_000_000))
def test_shots_divide_to_the_last_one(weights: list[int], shots: int) -> None:
    """Each share is its exact part, rounded up or down, and they add up."""
    parts = divided([Share(f"d:{index}", weight) for index, weight in enumerate(weights)], shots)
    assert sum(parts) == shots
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - shots * weight) < sum(weights)
