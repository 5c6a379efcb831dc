"""From a request to a `Submission`: a job as JSON with its files, or a job.yaml that holds its program."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from pydantic import Field

from eigen.api.rest.bodies import JSON, LARGE_BYTES, YAML, Body, decoded, json_value, media_type, shaped
from eigen.api.rest.problems import invalid
from eigen.jobspec.batch import MAX_JOBS, Entry, Refusals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import Request

    from eigen.jobspec import Submission

FILENAME = r"^[^\x00-\x1f\x7f/\\]{0,255}$"


class ProgramBody(Body):
    """A job and what it names."""

    job: dict[str, Any] = Field(description="the job.yaml as JSON")
    program: str | None = Field(default=None, description="the program's text, when it does not stand in the job")
    filename: str = Field(default="", pattern=FILENAME, description="the program's name in messages")
    files: dict[str, str] = Field(
        default_factory=dict,
        description="data sets that the job names, each as base64 at `input/data/<name>.json`",
        examples=[{}],
    )


class SubmitBody(ProgramBody):
    """A job to be stored and run."""

    reservation_id: str = Field(default="", description="run on the device that this reservation holds")


class EntryBody(SubmitBody):
    """A job of a batch."""

    idempotency_key: str | None = Field(
        default=None, description="its own: it is known by that alone, whatever batch it comes in"
    )


class BatchBody(Body):
    """Jobs that are stored together or not at all."""

    jobs: list[EntryBody] = Field(description=f"1 to {MAX_JOBS} jobs")


async def entries_of(bodies: Sequence[EntryBody]) -> list[Entry]:
    """The jobs of a batch; EIGEN_BATCH_REFUSED with all that is wrong with any of them."""
    refusals = Refusals(len(bodies))
    entries: list[Entry] = []
    for index, body in enumerate(bodies):
        with refusals.of(index):
            entries.append(Entry(await job_of(body), body.idempotency_key, body.reservation_id))
    refusals.raise_if_any()
    return entries


async def submission_of(request: Request) -> tuple[Submission, str]:
    """The job of a request, and the reservation that it names in its body."""
    if media_type(request, JSON, YAML) == YAML:
        return await _from_yaml(request), ""
    body = shaped(SubmitBody, await json_value(request))
    return await job_of(body), body.reservation_id


async def program_of(request: Request) -> Submission:
    """The job of a request that only compiles."""
    if media_type(request, JSON, YAML) == YAML:
        return await _from_yaml(request)
    return await job_of(shaped(ProgramBody, await json_value(request)))


async def job_of(body: ProgramBody) -> Submission:
    """The job of a body; what is large is read in a thread."""
    from eigen.jobspec.document import from_document

    def read() -> Submission:
        program = None if body.program is None else body.program.encode()
        return from_document(body.job, program=program, filename=body.filename, files=decoded(body.files))

    size = len(body.program or "") + sum(map(len, body.files.values()))
    return await asyncio.to_thread(read) if size > LARGE_BYTES else read()


async def _from_yaml(request: Request) -> Submission:
    from eigen.jobspec.document import JOB_FILE, from_document
    from eigen.jobspec.safe_yaml import read_yaml

    data = await request.body()
    document = read_yaml(data, name="job.yaml").value
    if not isinstance(document, dict):
        raise invalid("a job.yaml is a mapping with `apiVersion`, `kind`, `metadata` and `spec`", where="job.yaml")
    return from_document(cast("dict[str, Any]", document), files={JOB_FILE: data}, name="job.yaml")
