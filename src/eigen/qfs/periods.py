"""The calendar's hours, days and months, in UTC: what quotas of a period are counted in. No clock is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

PERIODS = ("hour", "day", "month")


@dataclass(frozen=True, slots=True)
class Period:
    """From `began` on, up to but not including `ends`."""

    began: datetime
    ends: datetime

    @property
    def before(self) -> datetime:
        """A moment of the period before this one."""
        return self.began - timedelta(seconds=1)


def period_of(name: str, at: datetime) -> Period:
    """The hour, day or month of a moment."""
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if name == "hour":
        return Period(hour, hour + timedelta(hours=1))
    day = hour.replace(hour=0)
    if name == "day":
        return Period(day, day + timedelta(days=1))
    month = day.replace(day=1)
    return Period(month, (month + timedelta(days=31)).replace(day=1))


def written(at: datetime) -> str:
    """A moment of UTC in RFC 3339, to the second."""
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"
