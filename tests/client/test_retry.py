"""When a call is made again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.client import RetryPolicy
from eigen.client.attempts import Attempts, FailedError
from eigen.errors import EigenError, Status

POLICY = RetryPolicy(total_seconds=10, first_contact_seconds=2, initial_seconds=0.1, longest_seconds=1)
GONE, FULL = Status.UNAVAILABLE, Status.RESOURCE_EXHAUSTED


def wait(status: Status, **changes: object) -> float | None:
    asked = {"attempt": 0, "elapsed": 0.0, "jitter": 0.5, "answered": True, **changes}
    return POLICY.wait_seconds(status, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", Status)
def test_only_what_may_pass_is_tried_again(status: Status) -> None:
    assert (wait(status) is not None) == (status is GONE)
    assert (wait(status, retry_after=1.0) is not None) == (status in {GONE, FULL})


def test_the_server_may_ask_for_patience() -> None:
    assert wait(FULL, retry_after=3.0) == 3
    assert wait(FULL, retry_after=3.0, elapsed=8.0) is None


def test_what_must_not_be_done_twice_is_repeated_only_when_the_server_says_so() -> None:
    gone = EigenError("EIGEN_SERVER_UNREACHABLE", "gone")
    once = Attempts(POLICY, now=0.0, timeout=60.0, repeatable=False)
    with pytest.raises(EigenError) as caught:
        once.wait_seconds(FailedError(gone), now=0.0, jitter=0.5, answered=True)
    assert caught.value is gone
    assert once.wait_seconds(FailedError(gone, 1.0), now=0.0, jitter=0.5, answered=True) == 1.0


def test_a_call_ends_with_its_own_time_out() -> None:
    attempts = Attempts(POLICY, now=100.0, timeout=2.0, repeatable=True)
    gone = FailedError(EigenError("EIGEN_SERVER_UNREACHABLE", "gone"))
    assert attempts.remaining(101.5) == 0.5
    assert attempts.wait_seconds(gone, now=101.0, jitter=0.5, answered=True) == pytest.approx(0.05)
    with pytest.raises(EigenError):
        attempts.wait_seconds(gone, now=101.99, jitter=0.9, answered=True)


def test_success_begins_the_count_anew() -> None:
    attempts = Attempts(POLICY, now=0.0, timeout=1000.0, repeatable=True)
    gone = FailedError(EigenError("EIGEN_SERVER_UNREACHABLE", "gone"))
    attempts.wait_seconds(gone, now=9.0, jitter=0.0, answered=True)
    attempts.succeeded(50.0)
    assert attempts.wait_seconds(gone, now=51.0, jitter=1.0, answered=True) == 0.1


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
