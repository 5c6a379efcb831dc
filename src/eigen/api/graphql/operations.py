"""The roots of the graph: queries, mutations and the subscription, each one call of `Service`."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, cast

import strawberry
from strawberry.types import Info

from eigen.api.graphql.context import SURFACE, Context, asked
from eigen.api.graphql.jobs import First, Job, JobPage, Submitted, page_size, position
from eigen.api.graphql.scalars import JSON, Long
from eigen.api.graphql.types import (
    Calibration,
    Compiled,
    Device,
    Evaluation,
    Event,
    Optimized,
    Reservation,
    Session,
    Validation,
    Verification,
)
from eigen.api.rest.bodies import shaped
from eigen.api.rest.sessions import SessionBody
from eigen.api.rest.submissions import EntryBody, ProgramBody, entries_of, job_of
from eigen.api.validation import validate
from eigen.errors import EigenError
from eigen.types import JobQuery, JobState, ResumeLimits

if TYPE_CHECKING:
    from eigen.jobspec import Submission


@strawberry.input(description="A file as base64.")
class FileInput:
    path: str
    base64: str


@strawberry.input(description="A job.yaml as JSON, with its program's text and its data sets.")
class JobInput:
    job: JSON
    program: str | None = None
    filename: str = ""
    files: list[FileInput] = strawberry.field(default_factory=list[FileInput])


@strawberry.input(description="A job of a batch, with an idempotency key of its own where it has one.")
class EntryInput(JobInput):
    idempotency_key: str | None = None
    reservation_id: strawberry.ID | None = None


@strawberry.type
class Query:
    @strawberry.field(
        description="Jobs, newest first, `first` of those older than `after`; of a `workflow`, the jobs of its steps."
    )
    async def jobs(
        self,
        info: Info[Context, None],
        states: list[JobState] | None = None,
        name: str | None = None,
        first: First = 50,
        after: str | None = None,
        workflow: str | None = None,
    ) -> JobPage | None:
        """See `Service.list`."""
        service, caller = asked(info)
        wanted = tuple(states or ())
        query = JobQuery(states=wanted, name=name, limit=page_size(first), before=after, workflow=workflow)
        found = await service.list(caller, query)
        last = found[-1].job_id if len(found) == first else None
        return JobPage(nodes=[Job.of(view) for view in found], end_cursor=last)

    @strawberry.field(description="One job.")
    async def job(self, info: Info[Context, None], id: strawberry.ID) -> Job | None:
        """See `Service.get`."""
        service, caller = asked(info)
        return Job.of(await service.get(caller, id))

    @strawberry.field(description="Every check of a job that has ended.")
    async def verification(self, info: Info[Context, None], id: strawberry.ID) -> Verification | None:
        """See `Service.verify`."""
        service, caller = asked(info)
        return Verification.of(await service.verify(caller, id))

    @strawberry.field(description="Every device, with its queue.")
    async def devices(self, info: Info[Context, None]) -> list[Device] | None:
        """See `Service.devices`."""
        service, caller = asked(info)
        return [Device.of(device) for device in await service.devices(caller)]

    @strawberry.field(description="One device.")
    async def device(self, info: Info[Context, None], id: strawberry.ID) -> Device | None:
        """See `Service.device`."""
        service, caller = asked(info)
        return Device.of(await service.device(caller, id))


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Store a job; it survives any crash once this answers.")
    async def submit_job(
        self,
        info: Info[Context, None],
        input: JobInput,
        idempotency_key: str | None = None,
        reservation_id: strawberry.ID | None = None,
    ) -> Submitted | None:
        """See `Service.submit`."""
        service, caller = asked(info)
        job = await _job(input)
        view = await service.submit(
            caller, job, idempotency_key=idempotency_key, reservation_id=reservation_id or "", surface=SURFACE
        )
        return Submitted(job=Job.of(view), warnings=list(job.warnings))

    @strawberry.mutation(
        description="Store jobs, all of them or none; `details.jobs` of an error has each by its place."
    )
    async def submit_jobs(
        self, info: Info[Context, None], inputs: list[EntryInput], idempotency_key: str | None = None
    ) -> list[Submitted] | None:
        """See `Service.submit_all`."""
        service, caller = asked(info)
        entries = await entries_of([shaped(EntryBody, _entry(entry)) for entry in inputs])
        views = await service.submit_all(caller, entries, idempotency_key=idempotency_key, surface=SURFACE)
        return [Submitted(job=Job.of(v), warnings=list(e.job.warnings)) for v, e in zip(views, entries, strict=True)]

    @strawberry.mutation(description="Ask a job to stop.")
    async def cancel_job(self, info: Info[Context, None], id: strawberry.ID) -> Job | None:
        """See `Service.cancel`."""
        service, caller = asked(info)
        return Job.of(await service.cancel(caller, id, surface=SURFACE))

    @strawberry.mutation(
        description="Decide about work of which nobody knows what became: `again` submits it again, `give_up` ends it."
    )
    async def decide_job(
        self, info: Info[Context, None], id: strawberry.ID, decision: str, key: str = ""
    ) -> Job | None:
        """See `Service.decide`."""
        service, caller = asked(info)
        return Job.of(await service.decide(caller, id, decision, key=key, surface=SURFACE))

    @strawberry.mutation(description="Store a new job that does a finished one again.")
    async def replay_job(
        self, info: Info[Context, None], id: strawberry.ID, idempotency_key: str | None = None
    ) -> Job | None:
        """See `Service.replay`."""
        service, caller = asked(info)
        return Job.of(await service.replay(caller, id, idempotency_key=idempotency_key, surface=SURFACE))

    @strawberry.mutation(description="Store a new job that goes on where one stopped; null keeps a limit, 0 lifts it.")
    async def resume_job(
        self,
        info: Info[Context, None],
        id: strawberry.ID,
        max_shots: Long | None = None,
        max_seconds: float | None = None,
        queue_seconds: float | None = None,
        execution_seconds: float | None = None,
        max_cost: float | None = None,
        idempotency_key: str | None = None,
    ) -> Job | None:
        """See `Service.resume`."""
        service, caller = asked(info)
        limits = ResumeLimits(max_shots, max_seconds, queue_seconds, execution_seconds, max_cost)
        return Job.of(await service.resume(caller, id, limits, idempotency_key=idempotency_key, surface=SURFACE))

    @strawberry.mutation(description="Hold a device for the caller's tenant.")
    async def reserve_device(
        self, info: Info[Context, None], device_id: strawberry.ID, ttl_seconds: int, purpose: str = ""
    ) -> Reservation | None:
        """See `Service.reserve`."""
        service, caller = asked(info)
        return Reservation.of(await service.reserve(caller, device_id, ttl_seconds, purpose, surface=SURFACE))

    @strawberry.mutation(description="End a reservation before its time.")
    async def release_reservation(self, info: Info[Context, None], reservation_id: strawberry.ID) -> bool | None:
        """See `Service.release`."""
        service, caller = asked(info)
        await service.release(caller, reservation_id, surface=SURFACE)
        return True

    @strawberry.mutation(description="Measure a device.")
    async def calibrate_device(self, info: Info[Context, None], device_id: strawberry.ID) -> Calibration | None:
        """See `Service.calibrate`."""
        service, caller = asked(info)
        changed = await service.calibrate(caller, device_id, surface=SURFACE)
        return Calibration(device_id=device_id, changed=dict(changed))

    @strawberry.mutation(description="Compile a job's program; nothing is kept.")
    async def compile(self, info: Info[Context, None], input: JobInput) -> Compiled | None:
        """See `Service.compile`."""
        service, caller = asked(info)
        return Compiled.of(await service.compile(caller, await _job(input)))

    @strawberry.mutation(description="What a job would take on each device, or on `targets`; nothing is run or kept.")
    async def estimate(
        self, info: Info[Context, None], input: JobInput, targets: list[str] | None = None
    ) -> JSON | None:
        """See `Service.estimate`."""
        service, caller = asked(info)
        return dict(await service.estimate(caller, await _job(input), targets or []))

    @strawberry.mutation(description="Simplify a circuit in AQO and lower it to a device.")
    async def optimize(
        self, info: Info[Context, None], circuit: JSON, level: int = 2, target: str = ""
    ) -> Optimized | None:
        """See `Service.optimize`."""
        service, caller = asked(info)
        data = json.dumps(circuit, separators=(",", ":"), ensure_ascii=False).encode()
        return Optimized.of(await service.optimize(caller, data, level=level, target=target))

    @strawberry.mutation(description="Whether a job's program compiles.")
    async def validate(self, info: Info[Context, None], input: JobInput) -> Validation | None:
        """See `validate`."""
        service, caller = asked(info)
        return Validation.of(await validate(service, caller, await _job(input)))

    @strawberry.mutation(description="Compile, place and lower a program whose `parameters` (name: length) stay open.")
    async def open_session(self, info: Info[Context, None], input: JobInput, parameters: JSON) -> Session | None:
        """See `Service.open_session`."""
        service, caller = asked(info)
        body = shaped(SessionBody, {**_body(input), "parameters": parameters})
        session = await service.open_session(caller, await job_of(body), body.parameters, surface=SURFACE)
        return Session.of(session)

    @strawberry.mutation(description="Run a session's program at `values` (name: number or array of numbers).")
    async def evaluate(
        self,
        info: Info[Context, None],
        session_id: strawberry.ID,
        values: JSON,
        index: Long | None = None,
        gradient: bool = False,
    ) -> Evaluation | None:
        """See `Service.evaluate`."""
        service, caller = asked(info)
        if not isinstance(values, dict):
            raise EigenError("EIGEN_REQUEST_INVALID", "`values` is an object of numbers by name", where="values")
        given = cast("dict[str, Any]", values)
        at = None if index is None else position(index)
        return Evaluation.of(await service.evaluate(caller, session_id, given, index=at, gradient=gradient))

    @strawberry.mutation(description="Forget a session; one that is not there is no error.")
    async def close_session(self, info: Info[Context, None], session_id: strawberry.ID) -> bool | None:
        """See `Service.close_session`."""
        service, caller = asked(info)
        await service.close_session(caller, session_id)
        return True


@strawberry.type
class Subscription:
    @strawberry.subscription(description="The job's events after a number, as they happen, to the one that ends it.")
    async def job_updates(
        self, info: Info[Context, None], id: strawberry.ID, after: Long = 0
    ) -> AsyncGenerator[Event, None]:
        """See `Service.watch`."""
        service, caller = asked(info)
        events = service.watch(caller, id, position(after))
        try:
            async for event in events:
                yield Event.of(event)
        finally:
            await events.aclose()


def _body(given: JobInput) -> dict[str, Any]:
    files = {entry.path: entry.base64 for entry in given.files}
    return {"job": given.job, "program": given.program, "filename": given.filename, "files": files}


def _entry(given: EntryInput) -> dict[str, Any]:
    return {**_body(given), "idempotency_key": given.idempotency_key, "reservation_id": given.reservation_id or ""}


async def _job(given: JobInput) -> Submission:
    """The job of an input, checked as a body of REST is."""
    return await job_of(shaped(ProgramBody, _body(given)))
