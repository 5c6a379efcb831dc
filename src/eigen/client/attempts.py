"""The attempts of one call or stream: what `RetryPolicy` says, with the time that has passed. Reads no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eigen.client.retry import RetryPolicy
    from eigen.errors import EigenError

MIN_SECONDS = 0.001


class FailedError(Exception):
    """An attempt that failed, for the loop that makes the next one; never seen outside the transports.

    `retry_after` is when the server says that asking again makes sense, in seconds from now; None: it does not say.
    """

    def __init__(self, error: EigenError, retry_after: float | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.retry_after = retry_after


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

    def wait_seconds(self, failed: FailedError, *, now: float, jitter: float, answered: bool) -> float:
        """How long to wait before the next attempt after this one; raises its error when there is to be none.

        A call that must not be made twice is repeated only where the server itself says when to.
        """
        error, after = failed.error, failed.retry_after
        wait = self._policy.wait_seconds(
            error.status,
            attempt=self._attempt,
            elapsed=now - self._began,
            jitter=jitter,
            answered=answered,
            retry_after=after,
        )
        if wait is None or now + wait >= self._end or not (self._repeatable or after is not None):
            raise error from None
        self._attempt += 1
        return wait

    def succeeded(self, now: float) -> None:
        """Something came: what breaks from here on is another failure, not the same one going on."""
        self._attempt = 0
        self._began = now
