"""Jobs on the wire: status, updates, results, log lines, artifacts, the dispatch rationale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.types import ArtifactInfo, Check, JobEvent, JobResults, JobState, JobView, Verdict, Verification
from eigen.wire import messages
from eigen.wire.convert.values import from_json, moment, struct_of, text_of, texts, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.types import Json

RESULTS = "results/results.json"
ERROR = "results/error.json"
LOG = "logs/job.jsonl"
RATIONALE_VERSION = "1.0.0"

_PREFIX = "JOB_STATE_"

VERDICTS = {
    Verdict.PASS: messages.jobs.CHECK_VERDICT_PASS,
    Verdict.FAIL: messages.jobs.CHECK_VERDICT_FAIL,
    Verdict.NOT_CHECKED: messages.jobs.CHECK_VERDICT_NOT_CHECKED,
}


def state_to_wire(state: JobState) -> Any:
    """The enum value of a state."""
    return messages.types.JobState.Value(_PREFIX + state.value)


def state_from_wire(number: int) -> JobState:
    """The state of an enum value; EIGEN_CONTRACT_VERSION for one that this version does not know."""
    try:
        return JobState(messages.types.JobState.Name(number).removeprefix(_PREFIX))  # pyright: ignore[reportArgumentType]
    except ValueError as error:
        message = f"`{number}` is no job state that this version knows"
        raise EigenError("EIGEN_CONTRACT_VERSION", message) from error


def job_to_wire(job: JobView) -> messages.types.JobStatus:
    """A job at one moment."""
    failed = job.error or {}
    return messages.types.JobStatus(
        job_id=job.job_id,
        state=state_to_wire(job.state),
        stage=job.stage,
        progress=job.progress,
        message=job.message,
        created_at=moment(job.created_at),
        updated_at=moment(job.updated_at),
        error_code=str(failed.get("code", "")),
        error_summary=str(failed.get("message", "")),
        error_details_ref=_ref(job.job_id, ERROR) if failed and job.state.is_terminal else "",
        topology=messages.types.TopologyEnvelope(attempt=job.attempts) if job.attempts else None,
        name=job.name,
        target=job.target,
        priority=job.priority,
        device_id=job.device_id,
        attempts=job.attempts,
        event_seq=job.event_seq,
        resumed_from=job.resumed_from,
        replay_of=job.replay_of,
        error_json=b"" if job.error is None else to_json(dict(job.error)),
        reservation_id=job.reservation_id,
        tenant_id=job.tenant,
        project_id=job.project,
        progress_exact=job.progress,
        steps=job.steps,
        workflow=job.workflow,
        step=job.step,
        item=None if job.item < 0 else job.item,
    )


def job_from_wire(message: messages.types.JobStatus) -> JobView:
    """The job that `job_to_wire` wrote."""
    return JobView(
        job_id=message.job_id,
        name=message.name,
        state=state_from_wire(message.state),
        stage=message.stage,
        progress=message.progress_exact,
        message=message.message,
        created_at=text_of(message, "created_at"),
        updated_at=text_of(message, "updated_at"),
        target=message.target,
        priority=message.priority,
        device_id=message.device_id,
        error=from_json(message.error_json) if message.error_json else None,
        event_seq=message.event_seq,
        attempts=message.attempts,
        resumed_from=message.resumed_from,
        replay_of=message.replay_of,
        tenant=message.tenant_id,
        project=message.project_id,
        reservation_id=message.reservation_id,
        steps=message.steps,
        workflow=message.workflow,
        step=message.step,
        item=message.item if message.HasField("item") else -1,
    )


def event_to_wire(event: JobEvent) -> messages.types.JobUpdate:
    """One event of a job."""
    return messages.types.JobUpdate(
        job_id=event.job_id,
        state=state_to_wire(event.state),
        stage=event.stage,
        progress=event.progress,
        message=event.message,
        event_seq=event.seq,
        timestamp=moment(event.timestamp),
        data_json=to_json(dict(event.data)) if event.data else b"",
        progress_exact=event.progress,
    )


def event_from_wire(message: messages.types.JobUpdate) -> JobEvent:
    """The event that `event_to_wire` wrote."""
    return JobEvent(
        job_id=message.job_id,
        seq=message.event_seq,
        state=state_from_wire(message.state),
        stage=message.stage,
        progress=message.progress_exact,
        message=message.message,
        timestamp=text_of(message, "timestamp"),
        data=from_json(message.data_json) if message.data_json else {},
    )


def results_to_wire(
    results: JobResults, artifacts: Sequence[ArtifactInfo] = (), *, limit_bytes: int = 0
) -> messages.jobs.GetJobResultsResponse:
    """The results of an ended job; larger than `limit_bytes` (0: no limit) they are named by reference instead."""
    failed = results.error or {}
    kept = {artifact.path for artifact in artifacts}
    response = messages.jobs.GetJobResultsResponse(
        job_id=results.job_id,
        state=state_to_wire(results.state),
        error_code=str(failed.get("code", "")),
        error_summary=str(failed.get("message", "")),
        error_details_ref=_ref(results.job_id, ERROR) if ERROR in kept else "",
        completed_at=moment(results.completed_at),
        artifacts=[artifact_to_wire(artifact) for artifact in artifacts],
        results_ref=_ref(results.job_id, RESULTS) if RESULTS in kept else "",
    )
    document = to_json(results.to_json())
    if limit_bytes and len(document) > limit_bytes:
        response.truncated = True
        return response
    full = messages.jobs.GetJobResultsResponse(
        counts=results.counts or {},
        metadata=texts(results.metadata),
        outputs=struct_of(results.outputs),
        circuits=[_circuit(entry) for entry in results.circuits],
        document=document,
    )
    if limit_bytes and response.ByteSize() + full.ByteSize() > limit_bytes:
        response.truncated = True
        return response
    response.MergeFrom(full)
    return response


def results_from_wire(message: messages.jobs.GetJobResultsResponse) -> JobResults:
    """The results of a response that is not truncated; those of one that is lie in the artifact `RESULTS`."""
    return results_from_document(message.document)


def results_from_document(document: bytes) -> JobResults:
    """The results as results.json keeps them; EIGEN_CONTRACT_VERSION for something else."""
    value = from_json(document)
    try:
        return JobResults.from_json(value)
    except (KeyError, TypeError, ValueError) as error:
        raise EigenError("EIGEN_CONTRACT_VERSION", "the results are not in the form of results.json") from error


def artifact_to_wire(artifact: ArtifactInfo) -> messages.types.ArtifactInfo:
    """One stored file."""
    return messages.types.ArtifactInfo(
        path=artifact.path,
        ref=artifact.ref,
        sha256=artifact.sha256,
        size_bytes=artifact.size_bytes,
        media_type=artifact.media_type,
    )


def artifact_from_wire(message: messages.types.ArtifactInfo) -> ArtifactInfo:
    """The file that `artifact_to_wire` wrote."""
    return ArtifactInfo(message.path, message.ref, message.sha256, message.size_bytes, message.media_type)


def log_to_wire(line: Mapping[str, Json]) -> messages.jobs.GetJobLogsResponse:
    """One line of a job's log."""
    return messages.jobs.GetJobLogsResponse(
        timestamp=str(line.get("timestamp", "")),
        level=str(line.get("level", "")),
        message=str(line.get("message", "")),
        document=to_json(dict(line)),
    )


def log_from_wire(message: messages.jobs.GetJobLogsResponse) -> Mapping[str, Json]:
    """The line that `log_to_wire` wrote."""
    return from_json(message.document)


def rationale_to_wire(explanation: Mapping[str, Json]) -> messages.jobs.GetDispatchRationaleResponse:
    """What `eigen explain` says, in the words of the contract and as it is."""
    placement: Mapping[str, Any] = explanation.get("placement") or {}
    queue: Mapping[str, Any] = explanation.get("queue") or {}
    refs: Mapping[str, Any] = explanation.get("refs") or {}
    attributes: dict[str, Json] = {
        "target": explanation.get("target"),
        "state": explanation.get("state"),
        "stage": explanation.get("stage"),
        "policy": placement.get("policy"),
        "reasons": placement.get("reasons"),
        "rivals": placement.get("rivals"),
        "attempts": explanation.get("attempts"),
    }
    rationale = messages.jobs.DispatchRationale(
        version=RATIONALE_VERSION,
        policy_version=str(explanation.get("policy_version") or ""),
        reason_codes=[str(code) for code in explanation.get("reason_codes") or ()],
        selected_backend=str(placement.get("device_id") or ""),
        selected_queue=str(queue.get("name") or ""),
        attributes=texts({key: value for key, value in attributes.items() if value not in (None, [], "")}),
        logs_ref=str(refs.get("logs") or ""),
        trace_id=str(explanation.get("trace_id") or ""),
    )
    return messages.jobs.GetDispatchRationaleResponse(rationale=rationale, document=to_json(dict(explanation)))


def rationale_from_wire(message: messages.jobs.GetDispatchRationaleResponse) -> Mapping[str, Json]:
    """The explanation that `rationale_to_wire` wrote."""
    return from_json(message.document)


def verification_to_wire(verification: Verification) -> messages.jobs.VerifyJobResponse:
    """What `eigen verify` says."""
    checks = [
        messages.jobs.JobCheck(name=check.name, verdict=VERDICTS[check.verdict], detail=check.detail)
        for check in verification.checks
    ]
    return messages.jobs.VerifyJobResponse(job_id=verification.job_id, verified=verification.holds, checks=checks)


def verification_from_wire(message: messages.jobs.VerifyJobResponse) -> Verification:
    """The verification that `verification_to_wire` wrote; a verdict that we do not know counts as not checked."""
    verdicts = {number: verdict for verdict, number in VERDICTS.items()}
    checks = (
        Check(check.name, verdicts.get(check.verdict, Verdict.NOT_CHECKED), check.detail) for check in message.checks
    )
    return Verification(message.job_id, tuple(checks))


def _circuit(entry: Mapping[str, Json]) -> messages.jobs.CircuitResult:
    return messages.jobs.CircuitResult(
        name=str(entry.get("label", "")), counts=entry.get("counts") or {}, document=to_json(dict(entry))
    )


def _ref(job_id: str, path: str) -> str:
    return f"qfs://jobs/{job_id}/{path}"
