"""When a call is made again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.client import RetryPolicy
from eigen.errors import ERRORS, EigenError, Status

POLICY = RetryPolicy(total_seconds=10, first_contact_seconds=2, initial_seconds=0.1, longest_seconds=1)
GONE = EigenError("EIGEN_SERVER_UNREACHABLE", "gone")
FULL = EigenError("EIGEN_LIMIT_EXCEEDED", "full", details={"retry_after_seconds": 3})


def wait(error: EigenError, **changes: object) -> float | None:
    asked = {"attempt": 0, "elapsed": 0.0, "jitter": 0.5, "answered": True, **changes}
    return POLICY.wait_seconds(error, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_only_what_may_pass_is_tried_again(code: str) -> None:
    again = wait(EigenError(code, "x")) is not None
    assert again == (ERRORS[code].status is Status.UNAVAILABLE)


def test_the_server_may_ask_for_patience() -> None:
    assert wait(FULL) == 3
    assert wait(FULL, elapsed=8.0) is None
    assert wait(EigenError("EIGEN_JOB_NOT_FINISHED", "x", details={"retry_after_seconds": 1})) is None


def test_waits_grow_and_are_bounded() -> None:
    longest = [wait(GONE, attempt=attempt, jitter=1.0) for attempt in range(6)]
    assert longest == [0.1, 0.2, 0.4, 0.8, 1, 1]


def test_a_server_that_never_answered_is_given_up_sooner() -> None:
    assert wait(GONE, elapsed=3.0) is not None
    assert wait(GONE, elapsed=3.0, answered=False) is None


@given(st.integers(0, 10_000), st.floats(0, 20), st.floats(0, 1, exclude_max=True), st.booleans())
def test_no_attempt_begins_after_the_end(attempt: int, elapsed: float, jitter: float, answered: bool) -> None:
    seconds = wait(GONE, attempt=attempt, elapsed=elapsed, jitter=jitter, answered=answered)
    assert seconds is None or 0 <= seconds <= 1
    assert seconds is None or elapsed + seconds <= (10 if answered else 2)
