"""The state history: legal moves, numbers without gaps, one terminal event, and the row as the last event left it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from eigen.kernel.clock import seconds_of
from eigen.kernel.digests import history_digest
from eigen.kernel.jobs import MOVES
from eigen.types import Check, JobState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.kernel.verification.evidence import Evidence
    from eigen.types import JobEvent


def check_history(evidence: Evidence) -> Check:
    """The events of the job, by themselves, against its row and against its receipt."""
    row, events = evidence.row, evidence.events
    faults = _order(row.job_id, events)
    if events:
        last = events[-1]
        seen = (last.state, last.seq, last.stage, last.message, last.timestamp)
        if seen != (row.state, row.event_seq, row.stage, row.message, row.updated_at):
            faults.append("the job does not stand where its last event left it")
    receipt = evidence.receipt
    claimed = None if receipt is None else receipt.get("events")
    detail = f"{len(events)} events without a gap, every move legal, one end"
    if claimed is not None:
        if claimed != dict(zip(("count", "sha256"), history_digest(events), strict=True)):
            faults.append("the events are not those of the receipt")
        detail += "; they are those of the receipt"
    return Check.of("history", faults, detail)


def _order(job_id: str, events: Sequence[JobEvent]) -> list[str]:
    if not events:
        return ["there are no events"]
    faults: list[str] = []
    if [event.seq for event in events] != list(range(1, len(events) + 1)):
        faults.append("the numbers of the events have gaps")
    if any(event.job_id != job_id for event in events):
        faults.append("there are events of another job")
    if events[0].state is not JobState.PENDING:
        faults.append(f"the first event is {events[0].state.value}")
    for before, after in pairwise(events):
        if before.state is not after.state and after.state not in MOVES[before.state]:
            faults.append(f"event {after.seq} moves from {before.state.value} to {after.state.value}")
        elif before.state.is_terminal:
            faults.append(f"event {after.seq} follows the end")
    if not events[-1].state.is_terminal:
        faults.append("the last event is no end")
    if not all(_is_moment(event.timestamp) for event in events):
        faults.append("an event has no time")
    return faults


def _is_moment(text: str) -> bool:
    try:
        seconds_of(text)
    except ValueError:
        return False
    return True
