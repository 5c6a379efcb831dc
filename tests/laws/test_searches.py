"""Laws of the searches of the core: bounds hold, checkpoints change nothing, the best point is what is reported."""

from __future__ import annotations

from math import cos, sin
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from eigen import _core
from eigen.ir.loops import NATIVE, search

if TYPE_CHECKING:
    from collections.abc import Sequence

numbers = st.floats(-4, 4, allow_nan=False)


def objective(point: Sequence[float]) -> float:
    return sum((k + 1) * cos(x - 0.3 * k) for k, x in enumerate(point)) + 0.1 * point[0] * point[-1]


def slope(point: Sequence[float]) -> list[float]:
    found = [-(k + 1) * sin(x - 0.3 * k) for k, x in enumerate(point)]
    found[0] += 0.1 * point[-1]
    found[-1] += 0.1 * point[0]
    return found


def answer(running: _core.Search) -> list[list[float]]:
    question = running.question()
    assert question is not None
    wants, points, _ = question
    running.tell(list(map(objective, points)), list(map(slope, points)) if wants == "gradient" else [])
    return points


@st.composite
def searches(draw: st.DrawFn) -> tuple[dict[str, Any], int]:
    """The arguments of a search within bounds, and when it is interrupted."""
    method = draw(st.sampled_from(sorted(NATIVE - {"rotosolve"})))
    initial = draw(st.lists(numbers, min_size=1, max_size=4))
    lows = draw(st.lists(numbers, min_size=len(initial), max_size=len(initial)))
    widths = draw(st.lists(st.floats(1e-3, 5), min_size=len(initial), max_size=len(initial)))
    open_end = st.sampled_from([None, 0.0])
    bounds = [(low, None if draw(open_end) is None else low + width) for low, width in zip(lows, widths, strict=True)]
    assume(all(high is None or low < high for low, high in bounds))
    seed = draw(st.integers(0, 2**64 - 1))
    arguments = {"method": method, "initial": initial, "bounds": bounds, "seed": seed, "max_iter": 25}
    return arguments, draw(st.integers(0, 30))


@settings(max_examples=150)
@given(searches())
def test_bounds_hold_and_a_checkpoint_changes_nothing(case: tuple[dict[str, Any], int]) -> None:
    arguments, interruption = case
    running, questions, values = search(**arguments), 0, []
    other = search(**arguments)
    while running.question() is not None:
        if questions == interruption:
            other = _core.Search.resume(other.checkpoint())
        points = answer(running)
        assert answer(other) == points
        values += map(objective, points)
        for point in points:
            rows = zip(point, arguments["bounds"], strict=True)
            assert all(low <= x and (high is None or x <= high) for x, (low, high) in rows)
        questions += 1
    assert other.outcome() == running.outcome()
    assert other.checkpoint() == running.checkpoint()
    found = running.outcome()
    assert found is not None
    assert found[1] == min(values) == objective(found[0])
    assert running.evaluations == len(values)


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_no_text_is_taken_for_a_checkpoint(text: bytes | str) -> None:
    given = text.decode("latin-1") if isinstance(text, bytes) else text
    with pytest.raises(_core.CoreError) as caught:
        _core.Search.resume(given)
    assert caught.value.code == "EIGEN_SIM_ARGUMENTS"
