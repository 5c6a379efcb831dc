"""The attempts of one call or stream: what `RetryPolicy` says, with the time that has passed. Reads no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.client.retry import asked_for

if TYPE_CHECKING:
    from eigen.client.retry import RetryPolicy
    from eigen.errors import EigenError

MIN_SECONDS = 0.001


class Attempts:
    """The attempts of one call: how long each may take, and how long to wait before the next. Times are monotonic."""

    __slots__ = ("_attempt", "_began", "_end", "_policy", "_repeatable")

    def __init__(self, policy: RetryPolicy, *, now: float, timeout: float, repeatable: bool) -> None:
        self._policy = policy
        self._repeatable = repeatable
        self._attempt = 0
        self._began = now
        self._end = now + timeout

    def remaining(self, now: float) -> float:
        """Seconds that the next attempt may take."""
        return max(self._end - now, MIN_SECONDS)

    def wait_seconds(self, error: EigenError, *, now: float, jitter: float, answered: bool) -> float:
        """How long to wait before the next attempt after this error; raises it when there is to be none.

        A call that must not be made twice is repeated only where the server itself says when to.
        """
        wait = self._policy.wait_seconds(
            error, attempt=self._attempt, elapsed=now - self._began, jitter=jitter, answered=answered
        )
        if wait is None or now + wait >= self._end or not (self._repeatable or asked_for(error) is not None):
            raise error
        self._attempt += 1
        return wait

    def succeeded(self, now: float) -> None:
        """Something came: what breaks from here on is another failure, not the same one going on."""
        self._attempt = 0
        self._began = now
