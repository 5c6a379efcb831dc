"""When a call is made again, and after how long: pure, so that the blocking and the asyncio transport share it."""

from __future__ import annotations

from dataclasses import dataclass

from eigen.errors import Status


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with full jitter, bounded by a total time.

    The wait before attempt k+1 is a random part of `initial_seconds * 2**k`, at most `longest_seconds` (Brooker,
    "Exponential Backoff and Jitter", 2015), and never less than the server asks for. No attempt begins once
    `total_seconds` have passed since the first; as long as the server has never answered at all, it is
    `first_contact_seconds`, so that a wrong address is told soon.
    """

    total_seconds: float = 60.0
    first_contact_seconds: float = 5.0
    initial_seconds: float = 0.05
    longest_seconds: float = 2.0

    def wait_seconds(
        self,
        status: Status,
        *,
        attempt: int,
        elapsed: float,
        jitter: float,
        answered: bool,
        retry_after: float | None = None,
    ) -> float | None:
        """How long to wait after `attempt` (from 0) failed with `status`; None: do not try again.

        A server that cannot be reached is asked again, and one that is full when it says after how many seconds
        (`retry_after`). `elapsed` seconds have passed since the first attempt; `jitter` is random in [0, 1).
        """
        full = status is Status.RESOURCE_EXHAUSTED and retry_after is not None
        if status is not Status.UNAVAILABLE and not full:
            return None
        backoff = min(self.initial_seconds * 2 ** min(attempt, 30), self.longest_seconds)
        wait = max(retry_after or 0.0, backoff * jitter)
        bound = self.total_seconds if answered else min(self.first_contact_seconds, self.total_seconds)
        return wait if elapsed + wait <= bound else None
