"""The types of the graph: house values as GraphQL objects. Their fields are those of the REST forms."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import strawberry

from eigen import types as house
from eigen.api.graphql.scalars import JSON, Long
from eigen.types import DeviceStatus, JobState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.api.validation import Verdict

strawberry.enum(JobState, description="The states of a job.")
strawberry.enum(DeviceStatus, description="Whether a device takes work now.")


@strawberry.type(description="What went wrong: the same code and words as on every surface.")
class Failure:
    code: str
    message: str
    where: str
    hint: str
    details: JSON | None

    @staticmethod
    def of(value: Mapping[str, house.Json]) -> Failure:
        """An error as a job keeps it."""
        return Failure(
            code=value["code"],
            message=value["message"],
            where=value.get("where", ""),
            hint=value.get("hint", ""),
            details=value.get("details"),
        )


@strawberry.type(description="What a finished job left: its return value, and the counts of its last circuit.")
class Results:
    job_id: strawberry.ID
    state: JobState
    outputs: JSON | None
    counts: JSON | None
    circuits: list[JSON]
    metadata: JSON
    completed_at: str
    error: Failure | None

    @staticmethod
    def of(value: house.JobResults) -> Results:
        """Results."""
        return Results(
            job_id=strawberry.ID(value.job_id),
            state=value.state,
            outputs=value.outputs,
            counts=None if value.counts is None else dict(value.counts),
            circuits=[dict(circuit) for circuit in value.circuits],
            metadata=dict(value.metadata),
            completed_at=value.completed_at,
            error=Failure.of(value.error) if value.error else None,
        )


strawberry.enum(house.Verdict, name="CheckVerdict")


@strawberry.type(description="One thing that was checked of a job: what was found, and how or why not.")
class Check:
    name: str
    verdict: house.Verdict
    detail: str


@strawberry.type(description="Every check of a job that has ended; `verified` when none failed.")
class Verification:
    job_id: strawberry.ID
    verified: bool
    checks: list[Check]

    @staticmethod
    def of(value: house.Verification) -> Verification:
        """A verification."""
        checks = [Check(name=each.name, verdict=each.verdict, detail=each.detail) for each in value.checks]
        return Verification(job_id=strawberry.ID(value.job_id), verified=value.holds, checks=checks)


@strawberry.type(description="One event of a job; `eventSeq` starts at 1 and has no gaps.")
class Event:
    job_id: strawberry.ID
    event_seq: Long
    state: JobState
    stage: str
    progress: float
    message: str
    timestamp: str
    data: JSON

    @staticmethod
    def of(value: house.JobEvent) -> Event:
        """An event."""
        return Event(
            job_id=strawberry.ID(value.job_id),
            event_seq=value.seq,
            state=value.state,
            stage=value.stage,
            progress=value.progress,
            message=value.message,
            timestamp=value.timestamp,
            data=dict(value.data),
        )


@strawberry.type(description="Events so far; `position` is the `after` of the next page, null when the job has ended.")
class EventPage:
    nodes: list[Event]
    position: Long | None


@strawberry.type(description="One file of a job.")
class Artifact:
    path: str
    ref: str
    sha256: str
    size_bytes: Long
    media_type: str

    @staticmethod
    def of(value: house.ArtifactInfo) -> Artifact:
        """A file of a job."""
        return Artifact(
            path=value.path,
            ref=value.ref,
            sha256=value.sha256,
            size_bytes=value.size_bytes,
            media_type=value.media_type,
        )


@strawberry.type(description="A device as its driver describes it, with its queue.")
class Device:
    device_id: strawberry.ID
    name: str
    backend_type: str
    status: DeviceStatus
    num_qubits: int
    gates: list[str]
    coupling: list[list[int]]
    features: list[str]
    max_shots: Long
    queue_depth: int
    estimated_wait_sec: float
    properties: JSON
    digest: str

    @staticmethod
    def of(value: house.Device) -> Device:
        """A device."""
        return Device(
            device_id=strawberry.ID(value.id),
            name=value.name,
            backend_type=value.backend_type,
            status=value.status,
            num_qubits=value.num_qubits,
            gates=list(value.gates),
            coupling=[list(pair) for pair in value.coupling],
            features=sorted(value.features),
            max_shots=value.max_shots,
            queue_depth=value.queue_depth,
            estimated_wait_sec=value.estimated_wait_sec,
            properties=dict(value.properties),
            digest=value.digest,
        )


@strawberry.type(description="What a calibration changed; empty when the device has nothing to calibrate.")
class Calibration:
    device_id: strawberry.ID
    changed: JSON


@strawberry.type(description="A device held for the caller's tenant until `expiresAt`.")
class Reservation:
    reservation_id: strawberry.ID
    device_id: strawberry.ID
    purpose: str
    created_at: str
    expires_at: str

    @staticmethod
    def of(value: house.Reservation) -> Reservation:
        """A reservation."""
        return Reservation(
            reservation_id=strawberry.ID(value.reservation_id),
            device_id=strawberry.ID(value.device_id),
            purpose=value.purpose,
            created_at=value.created_at,
            expires_at=value.expires_at,
        )


@strawberry.type(description="A compiled program; a sha256 is that of the document's canonical JSON.")
class Compiled:
    program: JSON
    program_sha256: str
    circuit: JSON | None
    circuit_sha256: str | None
    report: JSON

    @staticmethod
    def of(value: house.CompiledDocument) -> Compiled:
        """A compiled program."""
        circuit = value.circuit
        return Compiled(
            program=json.loads(value.program),
            program_sha256=sha256(value.program).hexdigest(),
            circuit=None if circuit is None else json.loads(circuit),
            circuit_sha256=None if circuit is None else sha256(circuit).hexdigest(),
            report=dict(value.report),
        )


@strawberry.type(description="A circuit in AQO, simplified and lowered.")
class Optimized:
    circuit: JSON
    circuit_sha256: str
    report: JSON

    @staticmethod
    def of(value: house.CompiledDocument) -> Optimized:
        """An optimized circuit."""
        circuit = value.circuit or b""
        return Optimized(
            circuit=json.loads(circuit), circuit_sha256=sha256(circuit).hexdigest(), report=dict(value.report)
        )


@strawberry.type(description="Whether a program compiles; when it does not, `error` says why.")
class Validation:
    valid: bool
    error: Failure | None
    report: JSON | None

    @staticmethod
    def of(verdict: Verdict) -> Validation:
        """A verdict."""
        failed, report = verdict.error, verdict.report
        return Validation(
            valid=failed is None,
            error=None if failed is None else Failure.of(failed.to_json()),
            report=None if report is None else dict(report),
        )


@strawberry.type(description="A program held open. `parameters` maps names to lengths: 0 is a number.")
class Session:
    session_id: strawberry.ID
    device_id: strawberry.ID
    parameters: JSON
    program_sha256: str
    has_gradient: bool
    seed: Long
    expires_at: str

    @staticmethod
    def of(value: house.Session) -> Session:
        """A session."""
        return Session(
            session_id=strawberry.ID(value.session_id),
            device_id=strawberry.ID(value.device_id),
            parameters=dict(value.parameters),
            program_sha256=value.program_sha256,
            has_gradient=value.has_gradient,
            seed=value.seed,
            expires_at=value.expires_at,
        )


@strawberry.type(description="One evaluation of a session.")
class Evaluation:
    session_id: strawberry.ID
    index: Long
    outputs: JSON | None
    gradient: JSON | None
    counts: JSON | None
    seed: Long
    metadata: JSON

    @staticmethod
    def of(value: house.Evaluation) -> Evaluation:
        """An evaluation."""
        return Evaluation(
            session_id=strawberry.ID(value.session_id),
            index=value.index,
            outputs=value.outputs,
            gradient=None if value.gradient is None else dict(value.gradient),
            counts=None if value.counts is None else dict(value.counts),
            seed=value.seed,
            metadata=dict(value.metadata),
        )
