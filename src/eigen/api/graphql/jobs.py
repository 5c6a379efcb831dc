"""`Job` in the graph: what a job is, and on demand what it left."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from eigen import types as house
from eigen.api.event_page import event_page
from eigen.api.graphql.context import Context, asked
from eigen.api.graphql.scalars import JSON, Long
from eigen.api.graphql.types import Artifact, Event, EventPage, Failure, Results
from eigen.errors import EigenError
from eigen.types import JobState

MAX_PAGE = 1_000
MAX_POSITION = 2**63 - 1
First = Annotated[int, strawberry.argument(description=f"how many, 1 to {MAX_PAGE:,}")]


@strawberry.type(description="A job; what it left is asked for only where it is selected.")
class Job:
    job_id: strawberry.ID
    name: str
    state: JobState
    stage: str
    progress: float
    message: str
    target: str
    device_id: str
    priority: int
    created_at: str
    updated_at: str
    event_seq: Long
    attempts: int
    reservation_id: str
    resumed_from: str
    replay_of: str
    steps: int
    workflow: str
    step: str
    item: int | None
    error: Failure | None

    @strawberry.field(description="Its results; EIGEN_JOB_NOT_FINISHED while it runs.")
    async def results(self, info: Info[Context, None]) -> Results | None:
        """See `Service.results`."""
        service, caller = asked(info)
        return Results.of(await service.results(caller, self.job_id))

    @strawberry.field(description="Its events so far, `first` of those after a number.")
    async def events(self, info: Info[Context, None], after: Long = 0, first: First = 100) -> EventPage | None:
        """See `event_page`."""
        service, caller = asked(info)
        page = await event_page(service, caller, self.job_id, after=position(after), limit=page_size(first))
        return EventPage(nodes=[Event.of(event) for event in page.events], position=page.position)

    @strawberry.field(description="The last `first` lines of its log, oldest first.")
    async def logs(self, info: Info[Context, None], first: First = 100) -> list[JSON] | None:
        """See `Service.logs`."""
        service, caller = asked(info)
        lines = await service.logs(caller, self.job_id)
        return [dict(line) for line in lines[-page_size(first) :]]

    @strawberry.field(description="The files it keeps.")
    async def artifacts(self, info: Info[Context, None]) -> list[Artifact] | None:
        """See `Service.artifacts`."""
        service, caller = asked(info)
        return [Artifact.of(artifact) for artifact in await service.artifacts(caller, self.job_id)]

    @strawberry.field(description="The text of one file, when it is UTF-8; other bytes come by REST or gRPC.")
    async def artifact(self, info: Info[Context, None], path: str) -> str | None:
        """See `Service.artifact`."""
        service, caller = asked(info)
        data = await service.artifact(caller, self.job_id, path)
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            message = f"`{path[:80]}` is no text; `GET /v1/jobs/ID/artifacts/PATH` gives its bytes"
            raise EigenError("EIGEN_NOT_AVAILABLE", message) from error

    @strawberry.field(description="Why it is where it is: placement, reasons, rivals, moves.")
    async def rationale(self, info: Info[Context, None]) -> JSON | None:
        """See `Service.explain`."""
        service, caller = asked(info)
        return dict(await service.explain(caller, self.job_id))

    @staticmethod
    def of(view: house.JobView) -> Job:
        """A job."""
        return Job(
            job_id=strawberry.ID(view.job_id),
            name=view.name,
            state=view.state,
            stage=view.stage,
            progress=view.progress,
            message=view.message,
            target=view.target,
            device_id=view.device_id,
            priority=view.priority,
            created_at=view.created_at,
            updated_at=view.updated_at,
            event_seq=view.event_seq,
            attempts=view.attempts,
            reservation_id=view.reservation_id,
            resumed_from=view.resumed_from,
            replay_of=view.replay_of,
            steps=view.steps,
            workflow=view.workflow,
            step=view.step,
            item=None if view.item < 0 else view.item,
            error=Failure.of(view.error) if view.error else None,
        )


@strawberry.type(description="Jobs, newest first; `endCursor` is the `after` of the next page, null on the last one.")
class JobPage:
    nodes: list[Job]
    end_cursor: str | None


@strawberry.type(description="A job that was just stored; `warnings` say what its document holds without effect.")
class Submitted:
    job: Job
    warnings: list[str]


def page_size(first: int) -> int:
    """A checked page size; EIGEN_REQUEST_INVALID."""
    if not 1 <= first <= MAX_PAGE:
        raise EigenError("EIGEN_REQUEST_INVALID", f"`first` lies between 1 and {MAX_PAGE:,}, not `{first}`")
    return first


def position(number: int) -> int:
    """A checked place in a sequence; EIGEN_REQUEST_INVALID."""
    if not 0 <= number <= MAX_POSITION:
        raise EigenError("EIGEN_REQUEST_INVALID", f"a place in a sequence lies between 0 and 2^63 - 1, not `{number}`")
    return number
