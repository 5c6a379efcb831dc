"""Jobs: submit, look at, cancel, and the files they leave. Their events are in `events`."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from eigen.api.rest import forms
from eigen.api.rest.bodies import Body, reading
from eigen.api.rest.door import SURFACE, Asking, Serving, known_query
from eigen.api.rest.openapi import says, takes
from eigen.api.rest.submissions import BatchBody, SubmitBody, entries_of, submission_of
from eigen.kernel.record import described
from eigen.types import JobQuery, JobState, ResumeLimits

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], dependencies=[Depends(known_query)])
MAX_PAGE = 1000

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="the same key with the same request gives the same job, also after a lost answer",
    ),
]


class ResumeBody(Body):
    """The limits of the new job: what is left out stays as it was, 0 lifts a limit."""

    max_shots: int | None = Field(default=None, ge=0, description="the most shots, those of before included")
    max_seconds: float | None = Field(default=None, ge=0, description="the most seconds of running, from now on")
    queue_seconds: float | None = Field(default=None, ge=0, description="the longest wait in the queue")
    execution_seconds: float | None = Field(default=None, ge=0, description="the longest run of one attempt")
    max_cost: float | None = Field(default=None, ge=0, description="the most it may cost, that of before included")


class DecisionBody(Body):
    """What is done about work of which nobody knows whether a device that charges got it."""

    decision: str = Field(description="`again`, which accepts a second charge, or `give_up`", examples=["again"])
    key: str = Field(default="", description="the submission that this is about; whichever it is when left out")


JobId = Annotated[str, Path(description="the id of the job", examples=["job_01JD0000000000000000000000"])]


@router.post(
    "",
    operation_id="SubmitJob",
    status_code=201,
    response_model=forms.Submitted,
    responses=says(400, 401, 403, 404, 412, 415, 422, 429, created="the job, stored: it survives any crash"),
    openapi_extra=takes(SubmitBody, yaml=True),
)
async def submit(
    request: Request,
    asking: Asking,
    service: Serving,
    key: IdempotencyKey = None,
    reservation_id: Annotated[str, Query(description="run on the device that this reservation holds")] = "",
) -> Response:
    """Store a job and return it at once."""
    job, reserved = await submission_of(request)
    view = await service.submit(
        asking, job, idempotency_key=key, reservation_id=reserved or reservation_id, surface=SURFACE
    )
    return JSONResponse(
        forms.submitted(view, job.warnings), status_code=201, headers={"Location": f"/v1/jobs/{view.job_id}"}
    )


@router.post(
    ":batch",
    operation_id="SubmitJobs",
    status_code=201,
    response_model=forms.SubmittedJobs,
    responses=says(400, 401, 403, 412, 415, 429),
    openapi_extra=takes(BatchBody),
)
async def submit_all(
    asking: Asking,
    service: Serving,
    body: Annotated[BatchBody, Depends(reading(BatchBody))],
    key: IdempotencyKey = None,
) -> Response:
    """Store jobs, all of them or none. What is wrong with any of them is told by its place in `details.jobs`."""
    entries = await entries_of(body.jobs)
    views = await service.submit_all(asking, entries, idempotency_key=key, surface=SURFACE)
    stored = [forms.submitted(view, entry.job.warnings) for view, entry in zip(views, entries, strict=True)]
    return JSONResponse(forms.SubmittedJobs(jobs=stored), status_code=201)


@router.get("", operation_id="ListJobs", response_model=forms.JobPage, responses=says(400, 401, 403, 404))
async def list_jobs(
    asking: Asking,
    service: Serving,
    state: Annotated[list[JobState] | None, Query(description="only jobs in one of these states")] = None,
    name: Annotated[str | None, Query(description="only jobs of this name")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="jobs on a page")] = 50,
    before: Annotated[str | None, Query(description="only jobs older than this one: `next_before` of a page")] = None,
    workflow: Annotated[str | None, Query(description="the jobs of this workflow's steps, in no other list")] = None,
) -> Response:
    """Jobs, newest first, a page at a time."""
    states = tuple(state or ())
    found = await service.list(asking, JobQuery(states, name, limit, before, workflow))
    last = found[-1].job_id if len(found) == limit else None
    following = None
    if last is not None:
        query: list[tuple[str, str]] = [("state", entry.value) for entry in states]
        query += [("name", name)] if name is not None else []
        query += [("workflow", workflow)] if workflow is not None else []
        following = f"/v1/jobs?{urlencode([*query, ('limit', str(limit)), ('before', last)])}"
    return JSONResponse(forms.JobPage(jobs=[forms.job(view) for view in found], next_before=last, next=following))


@router.get("/{job_id}", operation_id="GetJobStatus", response_model=forms.Job, responses=says(400, 401, 403, 404))
async def status(job_id: JobId, asking: Asking, service: Serving) -> Response:
    """The job now."""
    return JSONResponse(forms.job(await service.get(asking, job_id)))


@router.get(
    "/{job_id}/results",
    operation_id="GetJobResults",
    response_model=forms.Results,
    responses=says(400, 401, 403, 404, 412),
)
async def results(job_id: JobId, asking: Asking, service: Serving) -> Response:
    """The results of a job that has ended, whatever its end; 412 with Retry-After while it runs."""
    return JSONResponse(forms.results(await service.results(asking, job_id)))


@router.get("/{job_id}/logs", operation_id="GetJobLogs", response_model=forms.Logs, responses=says(400, 401, 403, 404))
async def logs(job_id: JobId, asking: Asking, service: Serving) -> Response:
    """The log of the job."""
    return JSONResponse(forms.logs(job_id, await service.logs(asking, job_id)))


@router.get(
    "/{job_id}/rationale",
    operation_id="GetDispatchRationale",
    response_model=dict[str, object],
    responses=says(400, 401, 403, 404),
)
async def rationale(job_id: JobId, asking: Asking, service: Serving) -> Response:
    """Why the job is where it is: target, placement with reasons and rivals, and the moves so far."""
    return JSONResponse(dict(await service.explain(asking, job_id)))


@router.post(
    "/{job_id}/decision",
    operation_id="DecideJob",
    response_model=forms.Job,
    responses=says(400, 401, 403, 404, 412, 415),
    openapi_extra=takes(DecisionBody),
)
async def decide(
    job_id: JobId,
    asking: Asking,
    service: Serving,
    body: Annotated[DecisionBody, Depends(reading(DecisionBody))],
) -> Response:
    """Say what is done about work of which nobody knows what became; 412 when the job waits for no decision."""
    view = await service.decide(asking, job_id, body.decision, key=body.key, surface=SURFACE)
    return JSONResponse(forms.job(view))


@router.post(
    "/{job_id}/replay",
    operation_id="ReplayJob",
    status_code=201,
    response_model=forms.Job,
    responses=says(400, 401, 403, 404, 412, created="the new job, stored: it survives any crash"),
)
async def replay(job_id: JobId, asking: Asking, service: Serving, key: IdempotencyKey = None) -> Response:
    """Store a new job that does a finished one again; `metadata.replay` of its results says whether they agree."""
    view = await service.replay(asking, job_id, idempotency_key=key, surface=SURFACE)
    return JSONResponse(forms.job(view), status_code=201, headers={"Location": f"/v1/jobs/{view.job_id}"})


@router.post(
    "/{job_id}/resume",
    operation_id="ResumeJob",
    status_code=201,
    response_model=forms.Job,
    responses=says(400, 401, 403, 404, 412, 415, 429, created="the new job, stored: it survives any crash"),
    openapi_extra=takes(ResumeBody),
)
async def resume(
    job_id: JobId,
    asking: Asking,
    service: Serving,
    body: Annotated[ResumeBody, Depends(reading(ResumeBody))],
    key: IdempotencyKey = None,
) -> Response:
    """Store a new job that goes on where a stopped, cancelled or failed one ended."""
    limits = ResumeLimits(**body.model_dump())
    view = await service.resume(asking, job_id, limits, idempotency_key=key, surface=SURFACE)
    return JSONResponse(forms.job(view), status_code=201, headers={"Location": f"/v1/jobs/{view.job_id}"})


@router.get(
    "/{job_id}/verification",
    operation_id="VerifyJob",
    response_model=forms.Verification,
    responses=says(400, 401, 403, 404, 412),
)
async def verification(job_id: JobId, asking: Asking, service: Serving) -> Response:
    """Check all that is kept of a job that has ended: files, receipt, history, results and physics."""
    return JSONResponse((await service.verify(asking, job_id)).to_json())


@router.post(
    "/{job_id}/cancel",
    operation_id="CancelJob",
    status_code=202,
    response_model=forms.Job,
    responses=says(400, 401, 403, 404, 412),
)
async def cancel(job_id: JobId, asking: Asking, service: Serving) -> Response:
    """Ask a job to stop; one that runs ends between two evaluations."""
    view = await service.cancel(asking, job_id, surface=SURFACE)
    return JSONResponse(forms.job(view), status_code=202)


@router.get(
    "/{job_id}/artifacts",
    operation_id="ListArtifacts",
    response_model=forms.Artifacts,
    responses=says(400, 401, 403, 404),
)
async def artifacts(job_id: JobId, asking: Asking, service: Serving) -> Response:
    """The files of the job."""
    return JSONResponse(forms.artifacts(job_id, await service.artifacts(asking, job_id)))


@router.get(
    "/{job_id}/artifacts/{path:path}",
    operation_id="GetArtifact",
    response_class=Response,
    responses=says(304, 400, 401, 403, 404, content={"*/*": {}}),
)
async def artifact(
    job_id: JobId,
    path: Annotated[str, Path(description="the path of the file", examples=["results/results.json"])],
    asking: Asking,
    service: Serving,
    known: Annotated[
        str, Header(alias="If-None-Match", description="the ETag of the bytes that are already there")
    ] = "",
) -> Response:
    """The bytes of one file; its ETag is their sha256 in quotation marks."""
    data = await service.artifact(asking, job_id, path)
    digest = sha256(data).hexdigest()
    headers = {"ETag": f'"{digest}"', "Cache-Control": "private, no-cache"}
    if known.strip() == "*" or f'"{digest}"' in known:
        return Response(status_code=304, headers=headers)
    files = await service.artifacts(asking, job_id)
    kinds = {info.sha256: info.media_type for info in files} | {info.path: info.media_type for info in files}
    filename = quote(path.rsplit("/", 1)[-1], safe="")
    headers |= {
        "Content-Disposition": f"attachment; filename*=UTF-8''{filename}",
        "Content-Security-Policy": "sandbox",
    }
    kind = kinds.get(path) or kinds.get(digest) or described(job_id, path, data).media_type
    return Response(data, headers=headers, media_type=kind)
