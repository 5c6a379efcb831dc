"""gRPC as a client generated from the protos speaks it: messages and stubs, no code of the SDK."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.json_format import ParseDict
from google.rpc import error_details_pb2, status_pb2

from eigen.errors import EigenError
from eigen.wire.messages import SERVICES
from eigen.wire.messages import devices as devices_pb
from eigen.wire.messages import jobs as pb
from eigen.wire.messages import specs as specs_pb
from eigen.wire.messages import types as types_pb
from eigen.wire.stubs import Stub

if TYPE_CHECKING:
    from collections.abc import Generator

    from doubles.ten_programs import Case


class RawGrpc:
    def __init__(self, address: str, *, token: str = "") -> None:
        self._channel = grpc.insecure_channel(address)
        self._stubs = {service.name: Stub(self._channel, service) for service in SERVICES}
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def submit(self, case: Case, *, key: str | None = None) -> str:
        request = submitting(case)
        request.envelope.idempotency_key = key or ""
        return self._ask("JobService", "SubmitJob", request).job_id

    def submit_all(self, cases: list[Case], *, key: str | None = None) -> list[str]:
        request = pb.SubmitJobsRequest(jobs=[submitting(case) for case in cases])
        request.envelope.idempotency_key = key or ""
        return [job.job_id for job in self._ask("JobService", "SubmitJobs", request).jobs]

    def estimate(self, case: Case, *targets: str) -> dict[str, Any]:
        job = submitting(case)
        source = job.eigen_lang if job.HasField("eigen_lang") else None
        request = pb.EstimateJobRequest(spec=job.spec, files=job.files, eigen_lang=source, targets=targets)
        return json.loads(self._ask("JobService", "EstimateJob", request).document)

    def status(self, job_id: str) -> dict[str, Any]:
        return job_json(self._ask("JobService", "GetJobStatus", pb.GetJobStatusRequest(job_id=job_id)).status)

    def events(self, job_id: str, after: int = 0) -> Generator[dict[str, Any]]:
        request = pb.StreamJobUpdatesRequest(job_id=job_id, last_event_seq=after)
        stream = self._stubs["JobService"].StreamJobUpdates(request, metadata=self._metadata)
        try:
            for response in stream:
                if response.HasField("update"):
                    yield event_json(response.update)
        except grpc.RpcError as error:
            raise told(error) from None
        finally:
            stream.cancel()

    def results(self, job_id: str) -> dict[str, Any]:
        answer = self._ask("JobService", "GetJobResults", pb.GetJobResultsRequest(job_id=job_id))
        assert not answer.truncated
        found = json.loads(answer.document)
        assert dict(answer.counts) == (found["counts"] or {})
        assert answer.error_code == (found["error"] or {}).get("code", "")
        if found["error"] is None:
            del found["error"]
        return found

    def decide(self, job_id: str, decision: str) -> str:
        request = pb.DecideJobRequest(job_id=job_id, decision=decision)
        return self._ask("JobService", "DecideJob", request).status.job_id

    def cancel(self, job_id: str) -> dict[str, Any]:
        answer = self._ask("JobService", "CancelJob", pb.CancelJobRequest(job_id=job_id))
        assert answer.accepted
        return job_json(answer.status)

    def explain(self, job_id: str) -> dict[str, Any]:
        request = pb.GetDispatchRationaleRequest(job_id=job_id)
        answer = self._ask("JobService", "GetDispatchRationale", request)
        found = json.loads(answer.document)
        assert answer.rationale.selected_backend == (found["placement"] or {}).get("device_id", "")
        return found

    def replay(self, job_id: str) -> str:
        return self._ask("JobService", "ReplayJob", pb.ReplayJobRequest(job_id=job_id)).job_id

    def resume(self, job_id: str, **limits: float) -> str:
        return self._ask("JobService", "ResumeJob", pb.ResumeJobRequest(job_id=job_id, **limits)).job_id

    def verify(self, job_id: str) -> dict[str, Any]:
        answer = self._ask("JobService", "VerifyJob", pb.VerifyJobRequest(job_id=job_id))
        verdicts = {1: "pass", 2: "fail", 3: "not checked"}
        checks = [{"name": c.name, "verdict": verdicts[c.verdict], "detail": c.detail} for c in answer.checks]
        return {"job_id": answer.job_id, "verified": answer.verified, "checks": checks}

    def logs(self, job_id: str) -> list[dict[str, Any]]:
        request = pb.GetJobLogsRequest(job_id=job_id)
        return [json.loads(line.document) for line in self._stream("JobService", "GetJobLogs", request)]

    def artifacts(self, job_id: str) -> list[dict[str, Any]]:
        answer = self._ask("JobService", "ListArtifacts", pb.ListArtifactsRequest(job_id=job_id))
        names = ("path", "ref", "sha256", "size_bytes", "media_type")
        return [{name: getattr(entry, name) for name in names} for entry in answer.artifacts]

    def artifact(self, job_id: str, path: str) -> bytes:
        request = pb.GetArtifactRequest(job_id=job_id, path=path)
        return b"".join(part.data for part in self._stream("JobService", "GetArtifact", request))

    def names(self, name: str) -> list[str]:
        return [job.job_id for job in self._ask("JobService", "ListJobs", pb.ListJobsRequest(name=name)).jobs]

    def device(self, device_id: str) -> dict[str, Any]:
        request = devices_pb.GetDeviceDetailsRequest(device_id=device_id)
        return device_json(self._ask("DeviceService", "GetDeviceDetails", request).device)

    def close(self) -> None:
        self._channel.close()

    def _ask(self, service: str, method: str, request: Any) -> Any:
        try:
            return getattr(self._stubs[service], method)(request, timeout=60, metadata=self._metadata)
        except grpc.RpcError as error:
            raise told(error) from None

    def _stream(self, service: str, method: str, request: Any) -> list[Any]:
        try:
            return [*getattr(self._stubs[service], method)(request, timeout=60, metadata=self._metadata)]
        except grpc.RpcError as error:
            raise told(error) from None


def submitting(case: Case) -> Any:
    document = case.document
    body = {**document["spec"]}
    workload = dict(body.get("workload", {}))
    exact = {f"{name}_json": workload.pop(name) for name in ("steps", "outputs") if name in workload}
    if workload:
        body["workload"] = workload
    spec = ParseDict({**document, "spec": body}, specs_pb.JobSpec())
    for name, value in exact.items():
        setattr(spec.spec.workload, name, json.dumps(value).encode())
    request = pb.SubmitJobRequest(spec=spec, files=case.files)
    if case.filename.endswith(".json"):
        request.files["input/circuit.aqo.json"] = case.program.encode()
    elif case.program:
        request.eigen_lang.source = case.program.encode()
    return request


def told(failure: Any) -> EigenError:
    """The error behind a failed call, from the standard details alone but for the whole error, which they lack."""
    status = status_pb2.Status.FromString(dict(failure.trailing_metadata())["grpc-status-details-bin"])
    info, whole = error_details_pb2.ErrorInfo(), types_pb.ErrorDetail()
    for part in status.details:
        part.Unpack(info)
        part.Unpack(whole)
    error = EigenError.from_json(json.loads(whole.error_json))
    assert info.reason == error.code
    assert failure.code().value[0] == status.code == error.status.grpc
    assert error.message.startswith(failure.details().removesuffix("..."))
    return error


def job_json(status: Any) -> dict[str, Any]:
    """A JobStatus as the command line prints a job."""
    found = {
        "job_id": status.job_id,
        "name": status.name,
        "state": state(status.state),
        "stage": status.stage,
        "progress": status.progress_exact,
        "message": status.message,
        "target": status.target,
        "device_id": status.device_id,
        "priority": status.priority,
        "created_at": moment(status.created_at),
        "updated_at": moment(status.updated_at),
        "event_seq": status.event_seq,
        "attempts": status.attempts,
    }
    for name in ("reservation_id", "resumed_from", "replay_of", "steps", "workflow", "step"):
        if getattr(status, name):
            found[name] = getattr(status, name)
    if status.HasField("item"):
        found["item"] = status.item
    if status.error_json:
        found["error"] = json.loads(status.error_json)
        assert status.error_code == found["error"]["code"]
    return found


def event_json(update: Any) -> dict[str, Any]:
    """A JobUpdate as the command line prints an event."""
    return {
        "job_id": update.job_id,
        "event_seq": update.event_seq,
        "state": state(update.state),
        "stage": update.stage,
        "progress": update.progress_exact,
        "message": update.message,
        "timestamp": moment(update.timestamp),
        "data": json.loads(update.data_json or b"{}"),
    }


def device_json(device: Any) -> dict[str, Any]:
    """A DeviceInfo as the command line prints a device, without the digest, which the wire does not carry."""
    return {
        "device_id": device.device_id,
        "name": device.name,
        "backend_type": device.backend_type,
        "status": types_pb.DeviceStatus.Name(device.status).removeprefix("DEVICE_STATUS_"),
        "num_qubits": device.num_qubits,
        "gates": list(device.gates),
        "coupling": [list(pair) for pair in zip(device.coupling[::2], device.coupling[1::2], strict=True)],
        "features": list(device.features),
        "max_shots": device.max_shots,
        "queue_depth": device.queue_depth,
        "estimated_wait_sec": device.expected_wait_seconds,
        "properties": json.loads(device.properties_json or b"{}"),
    }


def state(number: int) -> str:
    return types_pb.JobState.Name(number).removeprefix("JOB_STATE_")  # type: ignore[arg-type]


def moment(stamp: Any) -> str:
    return stamp.ToDatetime().isoformat(timespec="microseconds") + "Z"
