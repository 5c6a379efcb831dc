"""The events of a job that are there already, as a page: for callers who do not wait for more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eigen.api.service import Service
    from eigen.types import Caller, JobEvent


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some events; `position` is where the next page begins, None when the job has ended with these."""

    events: tuple[JobEvent, ...]
    position: int | None


async def event_page(service: Service, caller: Caller, job_id: str, *, after: int, limit: int) -> EventPage:
    """At most `limit` events after a number; EIGEN_JOB_NOT_FOUND, EIGEN_STREAM_CURSOR."""
    view = await service.get(caller, job_id)
    if after == view.event_seq:
        return EventPage((), None if view.state.is_terminal else after)
    upto = min(view.event_seq, after + limit)
    found: list[JobEvent] = []
    stream = service.watch(caller, job_id, after)  # a cursor that lies beyond the log is refused by its first step
    try:
        async for event in stream:
            found.append(event)
            if event.seq >= upto:
                break
    finally:
        await stream.aclose()
    ended = not found or found[-1].state.is_terminal
    return EventPage(tuple(found), None if ended else found[-1].seq)
