"""Time and entropy from outside, as values the kernel is given. Job ids, which sort by time, are made here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U


class Clock(Protocol):
    """What the kernel asks of time. Tests hand in their own."""

    def now(self) -> float:
        """Unix time in seconds, for people and across restarts."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump, the same for every process of this host until it restarts."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Entropy(Protocol):
    """What the kernel asks of chance."""

    def bits(self, count: int) -> int:
        """An unpredictable integer of `count` bits."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The clocks of this host."""

    def now(self) -> float:
        """Unix time in seconds."""
        import time

        return time.time()

    def monotonic(self) -> float:
        """Seconds since this host started."""
        import time

        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        import time

        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class SystemEntropy:
    """The entropy of this host."""

    def bits(self, count: int) -> int:
        """An unpredictable integer of `count` bits."""
        import os

        return int.from_bytes(os.urandom((count + 7) // 8), "big") >> (-count % 8)


def job_id_from(seconds: float, chance: int, *, prefix: str = "job_") -> str:
    """The prefix and 26 characters of base 32: 48 bits of milliseconds, then 80 bits of chance. Sorts by time.

    >>> job_id_from(1.0, 0)
    'job_00000000Z80000000000000000'
    """
    value = (int(seconds * 1000) & (2**48 - 1)) << 80 | chance & (2**80 - 1)
    return prefix + "".join(ALPHABET[value >> shift & 31] for shift in range(125, -5, -5))


def rfc3339(seconds: float) -> str:
    """A Unix time as RFC 3339 text in UTC with microseconds. Reads no clock.

    >>> rfc3339(1_700_000_000.25)
    '2023-11-14T22:13:20.250000Z'
    """
    micros = round(seconds * 1_000_000)
    days, rest = divmod(micros, 86_400_000_000)
    year, month, day = _civil(days)
    total, micro = divmod(rest, 1_000_000)
    return f"{year:04d}-{month:02d}-{day:02d}T{total // 3600:02d}:{total // 60 % 60:02d}:{total % 60:02d}.{micro:06d}Z"


def seconds_of(moment: str) -> float:
    """The Unix time of a text that `rfc3339` wrote.

    >>> seconds_of("2023-11-14T22:13:20.250000Z")
    1700000000.25
    """
    from datetime import datetime

    return datetime.fromisoformat(moment).timestamp()


def _civil(days: int) -> tuple[int, int, int]:
    """Days since 1970-01-01 as a date of the proleptic Gregorian calendar, counting years from March."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1
