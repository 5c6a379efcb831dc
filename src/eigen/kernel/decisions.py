"""What a person decides about work of which nobody knows what became: `again`, or `give_up`. Pure.

The event log is where decisions are kept: who decided what, about which submission.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.kernel.events import Decided
from eigen.qfs.store import AWAITING_DECISION
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eigen.qfs.store import JobRow
    from eigen.types import JobEvent, Json

AGAIN, GIVE_UP = "again", "give_up"
DECISIONS = (AGAIN, GIVE_UP)
MADE = "decided"
"""The stage of the event that tells of a decision."""


def check(decision: str) -> None:
    """EIGEN_REQUEST_INVALID for what is no decision."""
    if decision not in DECISIONS:
        message = f"a decision is `again` or `give_up`, not `{decision[:40]}`"
        raise EigenError("EIGEN_REQUEST_INVALID", message, where="decision")


def awaits(row: JobRow) -> bool:
    """Whether the job waits for a decision."""
    return row.state is JobState.QUEUED and row.stage == AWAITING_DECISION


def refusal(row: JobRow) -> EigenError:
    """Why there is nothing to decide about a job."""
    if row.state.is_terminal:
        return EigenError("EIGEN_JOB_FINISHED", f"job `{row.job_id}` has ended with {row.state.value}")
    message = f"job `{row.job_id}` is {row.state.value}, and waits for nobody's decision"
    return EigenError("EIGEN_JOB_NOT_UNDECIDED", message, where=row.job_id)


def asked(events: Iterable[JobEvent]) -> dict[str, Any]:
    """What the last question of a job's log is about."""
    found: dict[str, Any] = {}
    for event in events:
        if event.stage == AWAITING_DECISION:
            found = dict(event.data)
    return found


def decided(at: float, decision: str, by: str, about: Mapping[str, Json]) -> Decided:
    """The event of a decision."""
    return Decided(at, decision, by, str(about.get("key", "")))


def decisions(events: Iterable[JobEvent]) -> dict[str, dict[str, Any]]:
    """The decisions in a job's log by the key of the submission that each is about."""
    return {event.data["key"]: {**event.data, "at": event.timestamp} for event in events if event.stage == MADE}
