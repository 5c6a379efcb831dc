"""JobService: submit, look at, watch, cancel, and the files that a job leaves."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from eigen.api.grpc.call import SURFACE
from eigen.api.grpc.envelope import check_inner
from eigen.api.grpc.programs import apart, program_of, submission_of
from eigen.errors import EigenError
from eigen.jobspec.batch import Entry, Refusals
from eigen.kernel.record import described
from eigen.types import JobQuery, ResumeLimits
from eigen.wire.convert import jobs as convert
from eigen.wire.convert.values import to_json
from eigen.wire.limits import MESSAGE_BYTES
from eigen.wire.messages import jobs

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from eigen.api.grpc.call import Call
    from eigen.types import JobEvent, JobState

CHUNK_BYTES = 256 * 1024
RESULTS_BYTES = MESSAGE_BYTES - 64 * 1024
DEFAULT_PAGE = 50
MAX_PAGE = 1000


async def submit(call: Call, request: jobs.SubmitJobRequest) -> jobs.SubmitJobResponse:
    """Store a job; it survives any crash once this has answered."""
    job = await submission_of(call, request)
    view = await call.service.submit(
        call.caller,
        job,
        idempotency_key=call.idempotency_key,
        reservation_id=request.reservation_id,
        surface=SURFACE,
    )
    return jobs.SubmitJobResponse(job_id=view.job_id, status=convert.job_to_wire(view), warnings=job.warnings)


async def submit_all(call: Call, request: jobs.SubmitJobsRequest) -> jobs.SubmitJobsResponse:
    """Store jobs, all of them or none."""
    refusals = Refusals(len(request.jobs))
    entries: list[Entry] = []
    for index, asked in enumerate(request.jobs):
        with refusals.of(index):
            check_inner(asked.envelope)
            key = asked.envelope.idempotency_key or None
            entries.append(Entry(await submission_of(call, asked), key, asked.reservation_id))
    refusals.raise_if_any()
    key = call.idempotency_key
    views = await call.service.submit_all(call.caller, entries, idempotency_key=key, surface=SURFACE)
    stored = [
        jobs.SubmitJobResponse(job_id=view.job_id, status=convert.job_to_wire(view), warnings=entry.job.warnings)
        for view, entry in zip(views, entries, strict=True)
    ]
    return jobs.SubmitJobsResponse(jobs=stored)


async def estimate(call: Call, request: jobs.EstimateJobRequest) -> jobs.EstimateJobResponse:
    """What a job would take on each device; nothing is run or kept."""
    job = await program_of(call, request)
    found = await call.service.estimate(call.caller, job, [*request.targets])
    return jobs.EstimateJobResponse(
        document=to_json(dict(found)), chosen=str(found["chosen"] or ""), warnings=job.warnings
    )


async def status(call: Call, request: jobs.GetJobStatusRequest) -> jobs.GetJobStatusResponse:
    """The job now."""
    return jobs.GetJobStatusResponse(status=convert.job_to_wire(await call.service.get(call.caller, request.job_id)))


async def cancel(call: Call, request: jobs.CancelJobRequest) -> jobs.CancelJobResponse:
    """Ask a job to stop."""
    view = await call.service.cancel(call.caller, request.job_id, surface=SURFACE)
    return jobs.CancelJobResponse(accepted=True, status=convert.job_to_wire(view))


async def results(call: Call, request: jobs.GetJobResultsRequest) -> jobs.GetJobResultsResponse:
    """The results of a job that has ended, whatever its end."""
    found = await call.service.results(call.caller, request.job_id)
    artifacts = await call.service.artifacts(call.caller, request.job_id)
    size = max((info.size_bytes for info in artifacts if info.path == convert.RESULTS), default=0)
    return await apart(size, convert.results_to_wire, found, artifacts, limit_bytes=RESULTS_BYTES)


async def rationale(call: Call, request: jobs.GetDispatchRationaleRequest) -> jobs.GetDispatchRationaleResponse:
    """Why the job is where it is."""
    return convert.rationale_to_wire(await call.service.explain(call.caller, request.job_id))


async def decide(call: Call, request: jobs.DecideJobRequest) -> jobs.DecideJobResponse:
    """Say what is done about work of which nobody knows what became."""
    view = await call.service.decide(call.caller, request.job_id, request.decision, key=request.key, surface=SURFACE)
    return jobs.DecideJobResponse(status=convert.job_to_wire(view))


async def replay(call: Call, request: jobs.ReplayJobRequest) -> jobs.ReplayJobResponse:
    """Store a job that does another one again."""
    view = await call.service.replay(call.caller, request.job_id, idempotency_key=call.idempotency_key, surface=SURFACE)
    return jobs.ReplayJobResponse(job_id=view.job_id, status=convert.job_to_wire(view))


async def resume(call: Call, request: jobs.ResumeJobRequest) -> jobs.ResumeJobResponse:
    """Store a job that goes on for another one."""
    given = {name: getattr(request, name) for name in ResumeLimits.__slots__ if request.HasField(name)}
    view = await call.service.resume(
        call.caller,
        request.job_id,
        ResumeLimits(**given),
        idempotency_key=call.idempotency_key,
        surface=SURFACE,
    )
    return jobs.ResumeJobResponse(job_id=view.job_id, status=convert.job_to_wire(view))


async def verify(call: Call, request: jobs.VerifyJobRequest) -> jobs.VerifyJobResponse:
    """Check what is kept of a job that has ended."""
    return convert.verification_to_wire(await call.service.verify(call.caller, request.job_id))


async def list_jobs(call: Call, request: jobs.ListJobsRequest) -> jobs.ListJobsResponse:
    """A page of jobs, newest first; the token of the next page is the last id of this one."""
    if not 0 <= request.page_size <= MAX_PAGE:
        message = f"`page_size` lies between 1 and {MAX_PAGE}, not at `{request.page_size}`"
        raise EigenError("EIGEN_REQUEST_INVALID", message, where="page_size")
    limit = request.page_size or DEFAULT_PAGE
    query = JobQuery(
        states=tuple(_state(number) for number in request.states),
        name=request.name or None,
        limit=limit,
        before=request.page_token or None,
        workflow=request.workflow or None,
    )
    found = await call.service.list(call.caller, query)
    following = found[-1].job_id if len(found) == limit else ""
    return jobs.ListJobsResponse(jobs=[convert.job_to_wire(view) for view in found], next_page_token=following)


def _state(number: int) -> JobState:
    try:
        return convert.state_from_wire(number)
    except EigenError as error:
        raise EigenError("EIGEN_REQUEST_INVALID", f"`{number}` is no job state", where="states") from error


async def updates(call: Call, request: jobs.StreamJobUpdatesRequest) -> AsyncGenerator[jobs.StreamJobUpdatesResponse]:
    """Every event after a number, to the terminal one; a response without an update when there was none for a while."""
    view = await call.service.get(call.caller, request.job_id)
    if view.state.is_terminal and request.last_event_seq == view.event_seq:
        return
    events = call.service.watch(call.caller, request.job_id, request.last_event_seq)
    stopping = asyncio.ensure_future(call.draining.wait())
    coming: asyncio.Future[JobEvent] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(events))
            await asyncio.wait((coming, stopping), timeout=call.heartbeat_seconds, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                yield jobs.StreamJobUpdatesResponse(update=convert.event_to_wire(coming.result()))
                coming = None
            elif stopping.done():
                hint = "ask again after the last event that came"
                raise EigenError("EIGEN_SERVER_UNREACHABLE", "the server is stopping", hint=hint)
            else:
                yield jobs.StreamJobUpdatesResponse()
    except StopAsyncIteration:
        return
    finally:
        stopping.cancel()
        if coming is not None:
            coming.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration, EigenError):
                await coming
        await events.aclose()


async def logs(call: Call, request: jobs.GetJobLogsRequest) -> AsyncGenerator[jobs.GetJobLogsResponse]:
    """The lines of the job's log so far, oldest first."""
    for line in await call.service.logs(call.caller, request.job_id):
        yield convert.log_to_wire(line)


async def list_artifacts(call: Call, request: jobs.ListArtifactsRequest) -> jobs.ListArtifactsResponse:
    """The files of the job."""
    found = await call.service.artifacts(call.caller, request.job_id)
    return jobs.ListArtifactsResponse(artifacts=[convert.artifact_to_wire(artifact) for artifact in found])


async def artifact(call: Call, request: jobs.GetArtifactRequest) -> AsyncGenerator[jobs.GetArtifactResponse]:
    """One file: what it is, then its bytes."""
    data = await call.service.artifact(call.caller, request.job_id, request.path)
    files, digest = await call.service.artifacts(call.caller, request.job_id), sha256(data).hexdigest()
    same = [info for info in files if info.path == request.path] or [info for info in files if info.sha256 == digest]
    info = same[0] if same else described(request.job_id, request.path, data)
    yield jobs.GetArtifactResponse(artifact=convert.artifact_to_wire(info))
    view = memoryview(data)
    for start in range(0, len(data), CHUNK_BYTES):
        yield jobs.GetArtifactResponse(data=bytes(view[start : start + CHUNK_BYTES]))


OPERATIONS = {
    "SubmitJob": submit,
    "SubmitJobs": submit_all,
    "EstimateJob": estimate,
    "GetJobStatus": status,
    "CancelJob": cancel,
    "DecideJob": decide,
    "StreamJobUpdates": updates,
    "GetJobResults": results,
    "GetDispatchRationale": rationale,
    "ListJobs": list_jobs,
    "GetJobLogs": logs,
    "ListArtifacts": list_artifacts,
    "GetArtifact": artifact,
    "ReplayJob": replay,
    "ResumeJob": resume,
    "VerifyJob": verify,
}
