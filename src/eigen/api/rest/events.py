"""The events of a job: as they happen (server-sent events), or those so far as a JSON page.

The stream follows the HTML standard, section 9.2: `id:` is the event's number, a reader that comes back with
`Last-Event-ID` misses nothing, comments keep silent connections alive, and 204 tells it that nothing more will come.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from eigen.api.event_page import event_page
from eigen.api.rest import forms
from eigen.api.rest.door import Asking, Door, Serving, door_of, known_query
from eigen.api.rest.jobs import JobId
from eigen.api.rest.openapi import says
from eigen.api.rest.problems import invalid, problem
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from eigen.types import JobEvent

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], dependencies=[Depends(known_query)])
STREAM = "text/event-stream"
MAX_PAGE = 1000
MAX_SEQ = 2**63 - 1
_STREAM_SCHEMA = {
    "schema": {
        "type": "object",
        "description": "one message of the stream: a job's event, or with `event: problem` what ended the stream",
        "properties": {
            "id": {"type": "string", "description": "the event's number"},
            "event": {"enum": ["message", "problem"]},
            "data": {"type": "string", "description": "an Event as JSON; a Problem after `event: problem`"},
        },
        "required": ["data"],
    }
}


@router.get(
    "/{job_id}/events",
    operation_id="StreamJobUpdates",
    response_model=forms.EventPage,
    responses=says(204, 400, 401, 403, 404, 416, 429, content={STREAM: _STREAM_SCHEMA}),
)
async def events(
    request: Request,
    job_id: JobId,
    asking: Asking,
    service: Serving,
    after: Annotated[int | None, Query(ge=0, le=MAX_SEQ, description="only events after this number")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="events on a JSON page")] = MAX_PAGE,
    last: Annotated[
        str | None, Header(alias="Last-Event-ID", description="as `after`, from a reader that comes back; it wins")
    ] = None,
    accept: Annotated[str, Header(description="`application/json` asks for the page instead of the stream")] = "",
) -> Response:
    """The job's events, as they happen until the one that ends it; with `Accept: application/json` those so far."""
    cursor = _cursor(last, after)
    if "application/json" in accept and STREAM not in accept:
        page = await event_page(service, asking, job_id, after=cursor, limit=limit)
        query = urlencode({"after": page.position, "limit": limit})
        following = None if page.position is None else f"/v1/jobs/{job_id}/events?{query}"
        return JSONResponse(forms.EventPage(events=[forms.event(event) for event in page.events], next=following))
    view = await service.get(asking, job_id)
    if cursor == view.event_seq and view.state.is_terminal:
        return Response(status_code=204)
    found = service.watch(asking, job_id, cursor)
    first: list[JobEvent] = []
    if cursor != view.event_seq:  # there is one to send, or the cursor is refused while the answer can still say so
        async for event in found:
            first.append(event)
            break
    deadline: float | None = getattr(request.state, "deadline", None)
    return StreamingResponse(_stream(door_of(request), found, first, deadline), media_type=STREAM)


def _cursor(last: str | None, after: int | None) -> int:
    if last is None or not last:
        return after or 0
    if not last.isascii() or not last.isdigit() or len(last) > 18:
        raise invalid(f"`{last[:40]}` is no number of an event", where="last-event-id")
    return int(last)


async def _stream(
    door: Door, found: AsyncGenerator[JobEvent], first: list[JobEvent], deadline: float | None
) -> AsyncGenerator[bytes]:
    """The events as text, with a comment when there was none for a while; ends early when the server is stopping."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.ensure_future(door.draining.wait())
    coming: asyncio.Future[JobEvent] | None = None
    try:
        yield b"retry: 1000\n\n"
        for event in first:
            yield _text(event)
        while True:
            coming = coming or asyncio.ensure_future(anext(found))
            wait = door.settings.heartbeat_seconds
            if deadline is not None:
                wait = min(wait, max(deadline - loop.time(), 0))
            await asyncio.wait((coming, stopping), timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                yield _text(coming.result())
                coming = None
            elif stopping.done():
                return
            elif deadline is not None and loop.time() >= deadline:
                yield _problem(EigenError("EIGEN_DEADLINE_EXCEEDED", "the job did not end before the deadline"))
                return
            else:
                yield b": heartbeat\n\n"
    except StopAsyncIteration:
        return
    except EigenError as error:
        yield _problem(error)
    finally:
        stopping.cancel()
        if coming is not None:
            coming.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration, EigenError):
                await coming
        await found.aclose()


def _text(event: JobEvent) -> bytes:
    return _message(forms.event(event), head=f"id: {event.seq}\n")


def _problem(error: EigenError) -> bytes:
    return _message(problem(error), head="event: problem\n")


def _message(value: Any, *, head: str) -> bytes:
    return f"{head}data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()
