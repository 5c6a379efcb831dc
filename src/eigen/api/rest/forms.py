"""House values as JSON: the one place where REST gives them their shape. `eigen ... --json` prints the same shapes.

Whole numbers are written in full, up to 64 bits: read them with a parser that keeps them. Times are RFC 3339, UTC.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NotRequired

from typing_extensions import TypedDict

from eigen import types

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.api.validation import Verdict


class ErrorForm(TypedDict):
    """What went wrong with a job: the same code and words as everywhere."""

    code: str
    message: str
    where: NotRequired[str]
    hint: NotRequired[str]
    details: NotRequired[dict[str, Any]]


class Job(TypedDict):
    """A job at one moment."""

    job_id: str
    name: str
    state: types.JobState
    stage: str
    progress: float
    message: str
    target: str
    device_id: str
    priority: int
    created_at: str
    updated_at: str
    event_seq: int
    attempts: int
    reservation_id: NotRequired[str]
    resumed_from: NotRequired[str]
    replay_of: NotRequired[str]
    steps: NotRequired[int]
    workflow: NotRequired[str]
    step: NotRequired[str]
    item: NotRequired[int]
    error: NotRequired[ErrorForm]


class Submitted(Job):
    """A job that was just stored; `warnings` say what its document holds that has no effect."""

    warnings: list[str]


class SubmittedJobs(TypedDict):
    """The jobs of a batch, in its order."""

    jobs: list[Submitted]


class JobPage(TypedDict):
    """Jobs, newest first. `next` is the address of the next page, `next_before` its cursor; null on the last one."""

    jobs: list[Job]
    next_before: str | None
    next: str | None


class Results(TypedDict):
    """What a finished job left: the program's return value, and the counts of its last sampled circuit."""

    job_id: str
    state: types.JobState
    outputs: Any
    counts: dict[str, int] | None
    circuits: list[dict[str, Any]]
    metadata: dict[str, Any]
    completed_at: str
    error: NotRequired[ErrorForm]


class Check(TypedDict):
    """One thing that was checked of a job: `pass`, `fail`, or `not checked` and why."""

    name: str
    verdict: types.Verdict
    detail: str


class Verification(TypedDict):
    """Every check of a job that has ended; `verified` when none failed."""

    job_id: str
    verified: bool
    checks: list[Check]


class Event(TypedDict):
    """One event of a job; `event_seq` starts at 1 and has no gaps."""

    job_id: str
    event_seq: int
    state: types.JobState
    stage: str
    progress: float
    message: str
    timestamp: str
    data: dict[str, Any]


class EventPage(TypedDict):
    """Events so far. `next` is the address of the events after these; null when the job has ended with them."""

    events: list[Event]
    next: str | None


class Logs(TypedDict):
    """The log of a job, oldest line first."""

    job_id: str
    lines: list[dict[str, Any]]


class Artifact(TypedDict):
    """One file of a job."""

    path: str
    ref: str
    sha256: str
    size_bytes: int
    media_type: str


class Artifacts(TypedDict):
    """The files of a job."""

    job_id: str
    artifacts: list[Artifact]


class Device(TypedDict):
    """A device as its driver describes it, with its queue."""

    device_id: str
    name: str
    backend_type: str
    status: types.DeviceStatus
    num_qubits: int
    gates: list[str]
    coupling: list[list[int]]
    features: list[str]
    max_shots: int
    queue_depth: int
    estimated_wait_sec: float
    properties: dict[str, Any]
    digest: str


class Devices(TypedDict):
    """Every device."""

    devices: list[Device]


class DeviceState(TypedDict):
    """Whether a device takes work now, and how long work waits for it."""

    device_id: str
    status: types.DeviceStatus
    queue_depth: int
    estimated_wait_sec: float


class Calibration(TypedDict):
    """What a calibration changed; empty when the device has nothing to calibrate."""

    device_id: str
    changed: dict[str, Any]


class Reservation(TypedDict):
    """A device held for the caller's tenant until `expires_at`."""

    reservation_id: str
    device_id: str
    purpose: str
    created_at: str
    expires_at: str


class Compiled(TypedDict):
    """A compiled program; a sha256 is that of the document's canonical JSON. `circuit` is null without a single one."""

    program: dict[str, Any]
    program_sha256: str
    circuit: dict[str, Any] | None
    circuit_sha256: str | None
    report: dict[str, Any]


class Optimized(TypedDict):
    """A circuit in AQO, simplified and lowered; the sha256 is that of its canonical JSON."""

    circuit: dict[str, Any]
    circuit_sha256: str
    report: dict[str, Any]


class Validation(TypedDict):
    """Whether a program compiles; when it does not, `error` says why, with its diagnostics."""

    valid: bool
    error: ErrorForm | None
    report: dict[str, Any] | None


class Session(TypedDict):
    """A program held open. `parameters` maps names to lengths: 0 is a number, n an array of n numbers."""

    session_id: str
    device_id: str
    parameters: dict[str, int]
    program_sha256: str
    has_gradient: bool
    seed: int
    expires_at: str


class Evaluation(TypedDict):
    """One evaluation of a session; `gradient` maps parameter names to derivatives when it was asked for."""

    session_id: str
    index: int
    outputs: Any
    gradient: dict[str, Any] | None
    counts: dict[str, int] | None
    seed: int
    metadata: dict[str, Any]


class Health(TypedDict):
    """How the server is."""

    status: str


def job(view: types.JobView) -> Job:
    """A job."""
    form = Job(
        job_id=view.job_id,
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
    )
    if view.reservation_id:
        form["reservation_id"] = view.reservation_id
    if view.resumed_from:
        form["resumed_from"] = view.resumed_from
    if view.replay_of:
        form["replay_of"] = view.replay_of
    if view.steps:
        form["steps"] = view.steps
    if view.workflow:
        form["workflow"], form["step"] = view.workflow, view.step
    if view.item >= 0:
        form["item"] = view.item
    if view.error:
        form["error"] = error(view.error)
    return form


def submitted(view: types.JobView, warnings: Sequence[str]) -> Submitted:
    """A job that was just stored."""
    return Submitted(**job(view), warnings=list(warnings))


def error(value: Mapping[str, Any]) -> ErrorForm:
    """An error as a job keeps it."""
    return ErrorForm(**value)


def results(value: types.JobResults) -> Results:
    """Results."""
    form = Results(
        job_id=value.job_id,
        state=value.state,
        outputs=value.outputs,
        counts=None if value.counts is None else dict(value.counts),
        circuits=[dict(circuit) for circuit in value.circuits],
        metadata=dict(value.metadata),
        completed_at=value.completed_at,
    )
    if value.error:
        form["error"] = error(value.error)
    return form


def event(value: types.JobEvent) -> Event:
    """An event."""
    return Event(
        job_id=value.job_id,
        event_seq=value.seq,
        state=value.state,
        stage=value.stage,
        progress=value.progress,
        message=value.message,
        timestamp=value.timestamp,
        data=dict(value.data),
    )


def logs(job_id: str, lines: Sequence[Mapping[str, Any]]) -> Logs:
    """The log of a job."""
    return Logs(job_id=job_id, lines=[dict(line) for line in lines])


def artifact(info: types.ArtifactInfo) -> Artifact:
    """A file of a job."""
    return Artifact(
        path=info.path, ref=info.ref, sha256=info.sha256, size_bytes=info.size_bytes, media_type=info.media_type
    )


def artifacts(job_id: str, files: Sequence[types.ArtifactInfo]) -> Artifacts:
    """The files of a job."""
    return Artifacts(job_id=job_id, artifacts=[artifact(info) for info in files])


def device(value: types.Device) -> Device:
    """A device."""
    return Device(
        device_id=value.id,
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


def devices(found: Sequence[types.Device]) -> Devices:
    """Every device."""
    return Devices(devices=[device(value) for value in found])


def device_state(value: types.Device) -> DeviceState:
    """Whether a device takes work now."""
    return DeviceState(
        device_id=value.id,
        status=value.status,
        queue_depth=value.queue_depth,
        estimated_wait_sec=value.estimated_wait_sec,
    )


def calibration(device_id: str, changed: Mapping[str, Any]) -> Calibration:
    """What a calibration changed."""
    return Calibration(device_id=device_id, changed=dict(changed))


def reservation(value: types.Reservation) -> Reservation:
    """A reservation."""
    return Reservation(
        reservation_id=value.reservation_id,
        device_id=value.device_id,
        purpose=value.purpose,
        created_at=value.created_at,
        expires_at=value.expires_at,
    )


def compiled(value: types.CompiledDocument) -> Compiled:
    """A compiled program."""
    circuit = value.circuit
    return Compiled(
        program=json.loads(value.program),
        program_sha256=sha256(value.program).hexdigest(),
        circuit=None if circuit is None else json.loads(circuit),
        circuit_sha256=None if circuit is None else sha256(circuit).hexdigest(),
        report=dict(value.report),
    )


def optimized(value: types.CompiledDocument) -> Optimized:
    """An optimized circuit."""
    circuit = value.circuit or b""
    return Optimized(circuit=json.loads(circuit), circuit_sha256=sha256(circuit).hexdigest(), report=dict(value.report))


def validation(verdict: Verdict) -> Validation:
    """Whether a program compiles."""
    failed, report = verdict.error, verdict.report
    return Validation(
        valid=failed is None,
        error=None if failed is None else error(failed.to_json()),
        report=None if report is None else dict(report),
    )


def session(value: types.Session) -> Session:
    """A session."""
    return Session(
        session_id=value.session_id,
        device_id=value.device_id,
        parameters=dict(value.parameters),
        program_sha256=value.program_sha256,
        has_gradient=value.has_gradient,
        seed=value.seed,
        expires_at=value.expires_at,
    )


def evaluation(value: types.Evaluation) -> Evaluation:
    """An evaluation of a session."""
    return Evaluation(
        session_id=value.session_id,
        index=value.index,
        outputs=value.outputs,
        gradient=None if value.gradient is None else dict(value.gradient),
        counts=None if value.counts is None else dict(value.counts),
        seed=value.seed,
        metadata=dict(value.metadata),
    )
