"""What becomes of a request before it is a job: the checks that need no transaction, the row, the first lines told."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.kernel import jobs, logs, reservations
from eigen.kernel.asked import asking
from eigen.kernel.inputs import JOB_FILE, check_files
from eigen.kernel.repetition import Repetition, replayed
from eigen.kernel.results import document
from eigen.kernel.tenancy import DEFAULT_TENANT, project_of, sees
from eigen.qfs.store import NewJob
from eigen.telemetry import count, traceparent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec import JobSpec
    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JobRow
    from eigen.types import Caller, Json

MAX_KEY = 256


def asked(
    ports: Ports, caller: Caller, spec: JobSpec, files: Mapping[str, bytes], reservation_id: str = ""
) -> tuple[Repetition, str]:
    """What is to be stored of a job that a caller submits, and the digest of the request.

    Raises EIGEN_QFS_PATH, EIGEN_QFS_NOT_FOUND and EIGEN_INPUT_DIGEST for files that are not the job's; of one that
    repeats another what `again` raises.
    """
    if spec.replay_of is not None:
        return again(ports, caller, spec.replay_of, spec, files)
    check_files(spec, files)
    digest = request_hash(spec, files, reservation_id)
    return Repetition(spec, dict(files), ports.entropy.bits(53)), digest


def again(
    ports: Ports,
    caller: Caller,
    job_id: str,
    spec: JobSpec | None = None,
    files: Mapping[str, bytes] | None = None,
) -> tuple[Repetition, str]:
    """The same of a job that does a finished one again. `spec` gives it a name, texts and a priority of its own,
    `files` the description it came with. EIGEN_JOB_NOT_FOUND, EIGEN_JOB_NOT_FINISHED, EIGEN_QFS_DATA_LOSS."""
    repetition = replayed(ports, visible(ports, caller, job_id), spec)
    described = (files or {}).get(JOB_FILE)
    kept = {path: data for path, data in repetition.files.items() if path != JOB_FILE}
    repetition = replace(repetition, files=kept if described is None else {**kept, JOB_FILE: described})
    return repetition, request_hash(repetition.spec, {})


def draft(
    ports: Ports,
    caller: Caller,
    job_id: str,
    at: float,
    wanted: Repetition,
    request: tuple[str, str] | None,
    reservation_id: str,
) -> NewJob:
    """A new job of the caller's as it would be stored; EIGEN_AUTH_DENIED for a project that is not the caller's. One
    that does another one again runs where that did, whatever is reserved."""
    spec = wanted.spec
    row, event = jobs.create(
        job_id,
        spec,
        at=at,
        entropy=wanted.entropy,
        resumed_from=wanted.origin,
        device_id=wanted.device_id,
        tenant=caller.tenant or DEFAULT_TENANT,
        project=project_of(caller, spec),
        subject=caller.subject,
        traceparent=traceparent(),
        reservation_id="" if spec.replay_of is not None else reservation_id,
    )
    row = asking(row, spec, wanted.files, default_shots=ports.default_shots)
    return NewJob(row, event, request, wanted.journal_of)


def check_names(ports: Ports, caller: Caller, row: JobRow) -> None:
    """EIGEN_JOB_NOT_FOUND, EIGEN_RESERVATION_NOT_FOUND: what the caller cannot see, its jobs cannot wait for or run
    on."""
    for job_id in row.dependencies:
        other = ports.jobs.get(job_id)
        if other is None or not sees(caller, other.tenant, other.project):
            raise EigenError("EIGEN_JOB_NOT_FOUND", f"the job depends on `{job_id}`, which does not exist")
    if row.reservation_id:
        reservations.held(ports, caller, row.reservation_id)


def tell_submitted(ports: Ports, row: JobRow) -> None:
    """Count a job that was just stored, and begin its log."""
    count("eigen_kernel_job_state_transitions_total", **{"from": "", "to": row.state.value})
    logs.write(ports, row.job_id, "info", "submitted", stage="pending")


def visible(ports: Ports, caller: Caller, job_id: str) -> JobRow:
    """A job that the caller sees; EIGEN_JOB_NOT_FOUND."""
    row = ports.jobs.get(job_id)
    if row is None or not sees(caller, row.tenant, row.project):
        raise EigenError("EIGEN_JOB_NOT_FOUND", f"there is no job `{job_id[:80]}`", where=job_id[:80])
    return row


def request_hash(spec: JobSpec, files: Mapping[str, bytes], reservation_id: str = "") -> str:
    """sha256 over the job and the digests of its files; how job.yaml was written does not count."""
    request: dict[str, Json] = {
        "spec": spec.to_json(),
        "files": {path: sha256(data).hexdigest() for path, data in files.items() if path != JOB_FILE},
    }
    if reservation_id:
        request["reservation_id"] = reservation_id
    return sha256(document(request)).hexdigest()


def check_key(key: str | None) -> None:
    """EIGEN_JOBSPEC_INVALID for an idempotency key that is empty, too long or not printable."""
    if key is not None and not (0 < len(key) <= MAX_KEY and key.isprintable()):
        message = f"an idempotency key has 1 to {MAX_KEY} printable characters, not `{ascii(key[:40])[1:-1]}`"
        raise EigenError("EIGEN_JOBSPEC_INVALID", message, where="idempotency_key", hint="use a UUID")
