"""How long a job has run so far, over all its attempts: read off its events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.kernel.clock import seconds_of
from eigen.kernel.jobs import LOST
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eigen.qfs.store import JobStore
    from eigen.types import JobEvent


def running_seconds(events: Iterable[JobEvent]) -> float:
    """The seconds from each start of running to its end. Of an attempt whose worker was lost they go to the last event
    that it brought, because nobody saw when it ended; one that is still running counts nothing."""
    total, began, last = 0.0, None, 0.0
    for event in events:
        at = seconds_of(event.timestamp)
        if event.state is JobState.RUNNING:
            began, last = at if began is None else began, at
        elif began is not None:
            total += max(0.0, (last if event.message.startswith(LOST) else at) - began)
            began = None
    return total


def all_events(jobs: JobStore, job_id: str) -> Iterator[JobEvent]:
    """Every event of a job, oldest first."""
    after = 0
    while page := jobs.events(job_id, after):
        yield from page
        after = page[-1].seq
