"""A clock that moves when it is told to, or when somebody sleeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class FakeClock:
    """Time as a number in the hands of the test."""

    at: float = 1_700_000_000.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.at += seconds
