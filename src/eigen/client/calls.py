"""What is asked of a server, and how its answers are read: a `Call` for each question. Nothing is sent here.

A `Conversation` is a question that takes several calls: it yields them and is sent their answers.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from eigen.client.compiled import CompiledRemotely
from eigen.errors import EigenError
from eigen.types import JobState
from eigen.wire.convert import devices as device_forms
from eigen.wire.convert import jobs as job_forms
from eigen.wire.convert import sessions as session_forms
from eigen.wire.convert.submission import job_to_fields, submission_to_wire
from eigen.wire.convert.values import from_json
from eigen.wire.messages import compilation as compilation_pb
from eigen.wire.messages import devices as devices_pb
from eigen.wire.messages import jobs as jobs_pb
from eigen.wire.messages import sessions as sessions_pb

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.estimate import Estimate
    from eigen.jobspec import Submission
    from eigen.jobspec.batch import Entry
    from eigen.types import (
        ArtifactInfo,
        CompiledDocument,
        Device,
        Evaluation,
        JobEvent,
        JobQuery,
        JobResults,
        JobView,
        Json,
        Reservation,
        ResumeLimits,
        Session,
        Verification,
    )

Answer = TypeVar("Answer")
Conversation = Generator["Call[Any]", Any, Answer]

MAX_PAGE = 500
MAX_LENGTH = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    """One call: its request, and how the answer is read - of a stream, the list of its responses.

    `repeatable`: making it twice does no more than making it once. `slow`: the server computes.
    """

    service: str
    method: str
    request: Any
    read: Callable[[Any], Answer]
    repeatable: bool = True
    slow: bool = False
    streams: bool = False


def submit(job: Submission, idempotency_key: str | None, reservation_id: str) -> Call[str]:
    """Store a job. Its key, here made when there is none, is what makes it repeatable."""
    request = submission_to_wire(job, reservation_id=reservation_id)
    request.envelope.idempotency_key = _key(idempotency_key)
    return Call("JobService", "SubmitJob", request, lambda answer: answer.job_id)


def submit_all(entries: Sequence[Entry], idempotency_key: str | None) -> Call[tuple[str, ...]]:
    """Store jobs, all or none. What they weigh together is the limit of a message; EIGEN_LIMIT_EXCEEDED."""
    request = jobs_pb.SubmitJobsRequest()
    request.envelope.idempotency_key = _key(idempotency_key)
    for entry in entries:
        asked = submission_to_wire(entry.job, reservation_id=entry.reservation_id)
        if entry.idempotency_key is not None:
            asked.envelope.idempotency_key = entry.idempotency_key
        request.jobs.append(asked)
    return Call(
        "JobService", "SubmitJobs", request, lambda answer: tuple(stored.job_id for stored in answer.jobs), slow=True
    )


def get(job_id: str) -> Call[JobView]:
    """The job now."""
    request = jobs_pb.GetJobStatusRequest(job_id=job_id)
    return Call("JobService", "GetJobStatus", request, lambda answer: job_forms.job_from_wire(answer.status))


def results(job_id: str) -> Conversation[JobResults]:
    """The results; larger than a message they are fetched as the file that they are."""
    request = jobs_pb.GetJobResultsRequest(job_id=job_id)
    answer = yield Call("JobService", "GetJobResults", request, _itself)
    if not answer.truncated:
        return job_forms.results_from_wire(answer)
    document: bytes = yield artifact(job_id, job_forms.RESULTS)
    return job_forms.results_from_document(document)


def watch(job_id: str, after: int) -> Call[JobEvent | None]:
    """A stream; `read` is for one response, and gives None for a heartbeat."""
    request = jobs_pb.StreamJobUpdatesRequest(job_id=job_id, last_event_seq=after)
    return Call("JobService", "StreamJobUpdates", request, _update, streams=True)


def cancel(job_id: str) -> Conversation[JobView]:
    """Ask to stop a job. When the answer to the first call was lost, the second one finds the job cancelled."""
    first = yield get(job_id)
    request = jobs_pb.CancelJobRequest(job_id=job_id)
    try:
        answer = yield Call("JobService", "CancelJob", request, _itself)
    except EigenError as error:
        if error.code != "EIGEN_JOB_FINISHED" or first.state.is_terminal:
            raise
        view: JobView = yield get(job_id)
        if view.state is not JobState.CANCELLED:
            raise
        return view
    return job_forms.job_from_wire(answer.status)


def decide(job_id: str, decision: str, key: str) -> Conversation[JobView]:
    """Say what is done about work of which nobody knows what became: about that which is asked about now, so that a
    repeated call decides nothing else."""
    if not key:
        explained = yield explain(job_id)
        queue: Mapping[str, Any] = explained.get("queue") or {}
        asked: Mapping[str, Any] = queue.get("undecided") or {}
        key = str(asked.get("key", ""))
    request = jobs_pb.DecideJobRequest(job_id=job_id, decision=decision, key=key)
    answer = yield Call("JobService", "DecideJob", request, _itself)
    return job_forms.job_from_wire(answer.status)


def list_jobs(query: JobQuery) -> Conversation[list[JobView]]:
    """Jobs, newest first; as many pages as the query asks for."""
    found: list[JobView] = []
    before = query.before or ""
    while len(found) < query.limit:
        request = jobs_pb.ListJobsRequest(
            page_size=min(query.limit - len(found), MAX_PAGE),
            page_token=before,
            states=[job_forms.state_to_wire(state) for state in query.states],
            name=query.name or "",
            workflow=query.workflow or "",
        )
        answer = yield Call("JobService", "ListJobs", request, _itself)
        found += [job_forms.job_from_wire(status) for status in answer.jobs]
        before = answer.next_page_token
        if not before:
            break
    return found


def logs(job_id: str) -> Call[Sequence[Mapping[str, Json]]]:
    """The log lines of a job."""
    request = jobs_pb.GetJobLogsRequest(job_id=job_id)
    return Call("JobService", "GetJobLogs", request, lambda lines: [*map(job_forms.log_from_wire, lines)], streams=True)


def replay(job_id: str, idempotency_key: str | None) -> Call[JobView]:
    """Store a job that does another one again."""
    request = jobs_pb.ReplayJobRequest(job_id=job_id)
    request.envelope.idempotency_key = _key(idempotency_key)
    return Call("JobService", "ReplayJob", request, lambda answer: job_forms.job_from_wire(answer.status))


def resume(job_id: str, limits: ResumeLimits, idempotency_key: str | None) -> Call[JobView]:
    """Store a job that goes on for another one."""
    request = jobs_pb.ResumeJobRequest(job_id=job_id, **limits.to_json())
    request.envelope.idempotency_key = _key(idempotency_key)
    return Call("JobService", "ResumeJob", request, lambda answer: job_forms.job_from_wire(answer.status))


def _key(given: str | None) -> str:
    """What makes a call that stores something repeatable."""
    return secrets.token_hex(16) if given is None else given


def verify(job_id: str) -> Call[Verification]:
    """Check what is kept of a finished job."""
    request = jobs_pb.VerifyJobRequest(job_id=job_id)
    return Call("JobService", "VerifyJob", request, job_forms.verification_from_wire, slow=True)


def explain(job_id: str) -> Call[Mapping[str, Json]]:
    """Why the job is where it is."""
    request = jobs_pb.GetDispatchRationaleRequest(job_id=job_id)
    return Call("JobService", "GetDispatchRationale", request, job_forms.rationale_from_wire)


def artifacts(job_id: str) -> Call[tuple[ArtifactInfo, ...]]:
    """The files of a job."""
    request = jobs_pb.ListArtifactsRequest(job_id=job_id)
    return Call(
        "JobService",
        "ListArtifacts",
        request,
        lambda answer: tuple(map(job_forms.artifact_from_wire, answer.artifacts)),
    )


def artifact(job_id: str, path: str) -> Call[bytes]:
    """The bytes of one file."""
    request = jobs_pb.GetArtifactRequest(job_id=job_id, path=path)
    return Call("JobService", "GetArtifact", request, _file, streams=True)


def devices() -> Call[tuple[Device, ...]]:
    """Every device."""
    request = devices_pb.ListDevicesRequest()
    return Call(
        "DeviceService",
        "ListDevices",
        request,
        lambda answer: tuple(map(device_forms.device_from_wire, answer.devices)),
    )


def device(device_id: str) -> Call[Device]:
    """One device."""
    request = devices_pb.GetDeviceDetailsRequest(device_id=device_id)
    return Call(
        "DeviceService", "GetDeviceDetails", request, lambda answer: device_forms.device_from_wire(answer.device)
    )


def calibrate(device_id: str) -> Call[Mapping[str, Json]]:
    """Measure a device."""
    request = devices_pb.CalibrateDeviceRequest(device_id=device_id)

    def read(answer: Any) -> Mapping[str, Json]:
        return from_json(answer.calibration_json) if answer.calibration_json else {}

    return Call("DeviceService", "CalibrateDevice", request, read, repeatable=False, slow=True)


def reserve(device_id: str, ttl_seconds: int, purpose: str) -> Call[Reservation]:
    """Hold a device; asking again for what one holds keeps it."""
    if not -(2**31) <= ttl_seconds < 2**31:
        raise EigenError("EIGEN_REQUEST_INVALID", f"`{ttl_seconds}` s is no time to hold a device", where="ttl_seconds")
    request = devices_pb.ReserveDeviceRequest(device_id=device_id, ttl_seconds=ttl_seconds, purpose=purpose)
    return Call("DeviceService", "ReserveDevice", request, device_forms.reservation_from_wire)


def release(reservation_id: str) -> Call[None]:
    """End a reservation."""
    request = devices_pb.ReleaseReservationRequest(reservation_id=reservation_id)
    return Call("DeviceService", "ReleaseReservation", request, _nothing, repeatable=False)


def compile_job(job: Submission) -> Call[CompiledRemotely]:
    """Compile without running."""
    request = compilation_pb.CompileCircuitRequest(**job_to_fields(job))

    def read(answer: Any) -> CompiledRemotely:
        return CompiledRemotely(session_forms.compiled_from_wire(answer))

    return Call("CompilationService", "CompileCircuit", request, read, slow=True)


def estimate(job: Submission, targets: Sequence[str]) -> Call[Estimate]:
    """What a job would take, by the server's devices and prices."""
    request = jobs_pb.EstimateJobRequest(**job_to_fields(job), targets=targets)

    def read(answer: Any) -> Estimate:
        from eigen.estimate import Estimate

        try:
            return Estimate.from_json(from_json(answer.document))
        except (KeyError, TypeError, ValueError) as error:
            message = "the answer carries an estimate that is not as the contract says"
            raise EigenError("EIGEN_CONTRACT_VERSION", message) from error

    return Call("JobService", "EstimateJob", request, read, slow=True)


def optimize(circuit: bytes, level: int, target: str) -> Call[CompiledDocument]:
    """Simplify a circuit and lower it."""
    request = compilation_pb.OptimizeCircuitRequest(aqo_json=circuit, level=level, target=target)
    return Call("CompilationService", "OptimizeCircuit", request, session_forms.optimized_from_wire, slow=True)


def open_session(job: Submission, parameters: Mapping[str, int]) -> Call[Session]:
    """Hold a program open. One that is opened twice, because an answer was lost, ends when nobody uses it."""
    request = sessions_pb.OpenSessionRequest(**job_to_fields(job), parameters=_lengths(parameters))
    return Call(
        "SessionService",
        "OpenSession",
        request,
        lambda answer: session_forms.session_from_wire(answer.session),
        slow=True,
    )


def evaluate(session_id: str, values: Mapping[str, Json], index: int, *, gradient: bool) -> Call[Evaluation]:
    """Evaluate a session; the index makes it repeatable."""
    request = sessions_pb.EvaluateRequest(
        session_id=session_id, values=session_forms.values_to_wire(values), index=index, gradient=gradient
    )
    return Call(
        "SessionService",
        "Evaluate",
        request,
        lambda answer: session_forms.evaluation_from_wire(answer.evaluation),
        slow=True,
    )


def close_session(session_id: str) -> Call[None]:
    """Forget a session."""
    request = sessions_pb.CloseSessionRequest(session_id=session_id)
    return Call("SessionService", "CloseSession", request, _nothing)


def _lengths(parameters: Mapping[str, int]) -> dict[str, int]:
    """Lengths as the wire holds them; what does not fit there is the kernel's to refuse, in its own words."""
    return {name: min(max(length, 0), MAX_LENGTH) for name, length in parameters.items()}


def _itself(answer: Any) -> Any:
    return answer


def _nothing(_answer: Any) -> None:
    return None


def _update(response: Any) -> JobEvent | None:
    return job_forms.event_from_wire(response.update) if response.HasField("update") else None


def _file(parts: Sequence[Any]) -> bytes:
    """The bytes of a file, checked: EIGEN_QFS_DATA_LOSS when they are not those that the server named."""
    from hashlib import sha256

    data = b"".join(part.data for part in parts)
    if not parts or sha256(data).hexdigest() != parts[0].artifact.sha256:
        raise EigenError("EIGEN_QFS_DATA_LOSS", "a file arrived with another digest than the server named")
    return data
