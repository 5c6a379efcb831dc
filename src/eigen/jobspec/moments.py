"""The shape of a deadline: seconds from the submission on, or a moment as RFC 3339 writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from eigen.jobspec.shapes import show_value

if TYPE_CHECKING:
    from eigen.jobspec.complaints import Complaints, Path
    from eigen.types import Json

PATTERN = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)"
LONGEST = 31_536_000.0
LAST = 253_402_214_400.0
"""The last day of the year 9999."""

_MOMENT = re.compile(PATTERN, re.ASCII)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A number of seconds above 0, up to a year, or a date and time with its offset from UTC."""

    def check(self, value: Json, path: Path, complaints: Complaints) -> Json:
        """See `Shape.check`."""
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= LONGEST:
            return float(value)
        if isinstance(value, str) and (moment_of(value) is not None or 0 < _number(value) <= LONGEST):
            return value if moment_of(value) is not None else _number(value)
        hint = "for example `2030-01-31T18:00:00Z`, or `3600`"
        message = (
            f"expected seconds from now, up to {LONGEST:,.0f}, or a moment with its offset, found {show_value(value)}"
        )
        complaints.add(path, message, hint=hint)
        return value

    def schema(self) -> dict[str, Json]:
        """See `Shape.schema`."""
        seconds: dict[str, Json] = {"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST}
        return {"anyOf": [seconds, {"type": "string", "pattern": f"^{PATTERN}$"}]}


def moment_of(text: str) -> float | None:
    """The Unix time of a moment in RFC 3339; None for what is none.

    >>> moment_of("1970-01-02T01:00:00+01:00")
    86400.0
    """
    if _MOMENT.fullmatch(text) is None:
        return None
    try:
        found = datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None
    return found if 0 <= found < LAST else None


def _number(text: str) -> float:
    """The number that a command line says, 0 for what is none."""
    try:
        return float(text) if len(text) < 20 else 0.0
    except ValueError:
        return 0.0
