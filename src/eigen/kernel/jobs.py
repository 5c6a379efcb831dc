"""The state machine of a job: `step(job, event) -> (job, effects)`. Pure: no I/O, no clock; times arrive in events.

The table `MOVES` is the whole truth about which state may follow which.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.jobspec import JobSpec
from eigen.jobspec.moments import moment_of
from eigen.kernel.clock import rfc3339
from eigen.kernel.events import (
    Advance,
    Announce,
    Await,
    AwaitRegion,
    Cancelled,
    CheckDependencies,
    Claimed,
    Compile,
    Compiled,
    Crowded,
    Decided,
    DependenciesChecked,
    Execute,
    Executed,
    Failed,
    Keep,
    Place,
    Placed,
    Preempted,
    Progressed,
    Release,
    Rest,
    Rested,
    Seal,
    Stopped,
    TimedOut,
    Undecided,
    Withheld,
)
from eigen.qfs.store import AWAITING_DECISION, FAR, STOPPING, WAITING_REGION, WAITING_RESERVATION, JobRow
from eigen.types import JobEvent, JobState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.kernel.events import Effect, Event
    from eigen.types import Json

    Step = tuple[JobRow, tuple[Effect, ...]]

PENDING, COMPILING, QUEUED, RUNNING = JobState.PENDING, JobState.COMPILING, JobState.QUEUED, JobState.RUNNING
DONE, ERROR, CANCELLED, TIMEOUT = JobState.DONE, JobState.ERROR, JobState.CANCELLED, JobState.TIMEOUT

MOVES: dict[JobState, frozenset[JobState]] = {
    PENDING: frozenset({COMPILING, CANCELLED, ERROR, TIMEOUT}),
    COMPILING: frozenset({QUEUED, CANCELLED, ERROR, TIMEOUT}),
    QUEUED: frozenset({RUNNING, CANCELLED, ERROR, TIMEOUT}),
    RUNNING: frozenset({DONE, ERROR, CANCELLED, TIMEOUT, QUEUED}),
    DONE: frozenset(),
    ERROR: frozenset(),
    CANCELLED: frozenset(),
    TIMEOUT: frozenset(),
}

LOST = "the worker was lost"
"""How the message of an attempt begins whose worker vanished."""

RETRYING = "retrying"
"""The stage of a job whose device failed, until its next attempt."""

DEADLINE = "deadline"
"""The limit of a `TimedOut` whose `seconds` are the moment that the job had to end by."""

MAX_LOSSES = 10
"""A job that takes its worker down this many times in a row without one new evaluation is given up."""


def create(
    job_id: str,
    spec: JobSpec,
    *,
    at: float,
    entropy: int,
    resumed_from: str = "",
    device_id: str = "",
    tenant: str = "default",
    project: str = "",
    subject: str = "",
    traceparent: str = "",
    reservation_id: str = "",
    part: tuple[str, str, int] = ("", "", -1),
) -> tuple[JobRow, JobEvent]:
    """A new job in PENDING with its first event; without a project the job's own namespace is its project.

    One that goes on for another (`resumed_from`) is placed on the device of that one while it is there. `part` names
    the workflow, the step and the item of a job that is part of one.
    """
    moment = rfc3339(at)
    row = JobRow(
        job_id=job_id,
        name=spec.name,
        state=PENDING,
        stage="pending",
        progress=0.0,
        message="submitted",
        spec=spec.to_json(),
        target=spec.target or "",
        priority=spec.priority,
        created_at=moment,
        updated_at=moment,
        event_seq=1,
        queued_at=at,
        deadline=(deadline := deadline_of(spec, at)),
        queue_until=_queue_until(spec, at, deadline),
        entropy=entropy,
        resumed_from=resumed_from,
        device_id=device_id,
        tenant=tenant,
        project=project or spec.namespace,
        subject=subject,
        traceparent=traceparent,
        reservation_id=reservation_id,
        dependencies=spec.dependencies,
        workflow=part[0],
        step=part[1],
        item=part[2],
    )
    return row, JobEvent(job_id, 1, PENDING, "pending", 0.0, "submitted", moment)


def step(job: JobRow, event: Event) -> Step:
    """The job after an event, and what is to be done; the announcements and outcomes among the effects belong in
    the transaction of the new row, the rest follows its commit.

    An event that does not fit the state (it comes too late, or twice) changes nothing.
    """
    if job.state.is_terminal:
        return job, (Seal(),) if isinstance(event, Claimed) and not job.sealed else ()
    match event:
        case Claimed():
            return _claimed(job, event)
        case Cancelled():
            return _end(job, CANCELLED, event.at, "cancelled", error=_CANCELLED, outcome=event.outcome)
        case TimedOut():
            return _timed_out(job, event)
        case Failed():
            return _failed(job, event)
        case DependenciesChecked() if job.state is PENDING:
            return _dependencies(job, event)
        case Compiled() if job.state is COMPILING:
            job = _not_lost(job)
            job, effects = _queue(job, event.at, stage="queued", message=event.message, data=event.data)
            return job, (*effects, Place(prefer=job.device_id))
        case Placed() if job.state is QUEUED:
            return _placed(job, event)
        case Withheld() if job.state is QUEUED:
            return _withheld(job, event)
        case Crowded() if job.state is QUEUED:
            return _crowded(job, event)
        case Rested() if job.state is RUNNING:
            return replace(job, losses=0), (Rest(event.ended, event.until),)
        case Progressed() if job.state is RUNNING:
            job = replace(job, progress=min(max(event.progress, job.progress), 1.0))
            return _announce(job, event.at, stage=event.stage, message=event.message, data=event.data)
        case Executed() if job.state is RUNNING:
            return _end(replace(job, progress=1.0), DONE, event.at, "done", outcome=event.outcome)
        case Stopped():
            return _stopped(job, event)
        case Preempted() if job.state is RUNNING and not _is_workflow(job):
            return _preempted(job, event)
        case Undecided() if job.state is RUNNING:
            return _undecided(job, event)
        case Decided() if job.state is QUEUED and job.stage == AWAITING_DECISION:
            return _decided(job, event)
        case _:
            return job, ()


_CANCELLED = EigenError("EIGEN_RUN_CANCELLED", "the job was cancelled").to_json()


def _claimed(job: JobRow, event: Claimed) -> Step:
    if _is_workflow(job) and job.state is RUNNING:
        return _woken(job, event)
    if job.cancel_requested:
        return _end(job, CANCELLED, event.at, "cancelled", error=_CANCELLED)
    if job.state is not RUNNING and job.queue_until is not None and event.at > job.queue_until:
        if job.deadline is not None and event.at > job.deadline:
            return _timed_out(job, TimedOut(event.at, DEADLINE, job.deadline))
        return _timed_out(job, TimedOut(event.at, "queue_seconds", job.queue_until - job.queued_at))
    job = _count_loss(job, event.evaluations)
    if job.losses >= MAX_LOSSES:
        message = f"the worker was lost `{job.losses}` times in a row while it worked on the job"
        return _end(job, ERROR, event.at, message, error=EigenError("EIGEN_RUN_FAILED", message).to_json())
    match job.state:
        case JobState.PENDING if job.dependencies:
            return job, (CheckDependencies(job.dependencies),)
        case JobState.PENDING:
            return _start(job, event.at)
        case JobState.COMPILING:
            return replace(job, losses=job.losses + 1), (Compile(),)
        case JobState.QUEUED:
            return job, (Place(prefer=job.device_id),)
        case _:
            message = f"{LOST}; continuing after {event.evaluations} recorded evaluations"
            job, effects = _queue(job, event.at, stage="queued", message=message)
            return job, (*effects, Place(prefer=job.device_id))


def _count_loss(job: JobRow, evaluations: int) -> JobRow:
    """What a claim tells of the one before it. That of a job that compiles and of a workflow that advances was counted
    when it began: there a worker that stops in order leaves the state, and nothing else would tell it from a lost one.
    """
    counted = job.state is COMPILING or _is_workflow(job)
    progressed = evaluations > job.evaluations
    losses = job.losses if counted else job.losses + 1 if job.state is RUNNING else 0
    return replace(job, losses=0 if progressed else losses, evaluations=max(evaluations, job.evaluations))


def _not_lost(job: JobRow) -> JobRow:
    """The worker that was counted as lost for a while is not."""
    return replace(job, losses=max(job.losses - 1, 0))


def _is_workflow(job: JobRow) -> bool:
    return job.spec.get("workflow") is not None


def _woken(job: JobRow, event: Claimed) -> Step:
    """A workflow goes on where its steps are. Who took it may be lost before it rests again: that counts."""
    job = replace(_count_loss(job, event.evaluations), not_before=0.0)
    if job.losses >= MAX_LOSSES:
        message = f"the worker was lost `{job.losses}` times in a row while it advanced the workflow"
        return _end(job, ERROR, event.at, message, error=EigenError("EIGEN_RUN_FAILED", message).to_json())
    job = replace(job, losses=job.losses + 1)
    if job.cancel_requested and job.stage != STOPPING:
        message = "cancelled: waiting for the jobs of its steps to end"
        job, effects = _announce(job, event.at, stage=STOPPING, message=message, data={})
        return job, (*effects, Advance())
    return job, (Advance(),)


def _begin(job: JobRow, at: float) -> Step:
    """A workflow has nothing to compile and no device to wait for: it runs at once, and its steps do that."""
    job, compiling = _move(job, COMPILING, at, stage="compiling", message="reading the steps")
    job, queued = _move(job, QUEUED, at, stage="queued", message="queued")
    job = replace(job, attempt=job.attempt + 1, started_at=at, queue_until=None, losses=1, not_before=0.0)
    count = len(job.spec["workflow"]["steps"])
    message = f"running {count} step{'' if count == 1 else 's'}"
    job, running = _move(job, RUNNING, at, stage="running", message=message, data={"attempt": job.attempt})
    return job, (*compiling, *queued, *running, Advance())


def _start(job: JobRow, at: float) -> Step:
    if _is_workflow(job):
        return _begin(job, at)
    job, effects = _move(job, COMPILING, at, stage="compiling", message="compiling")
    return replace(job, losses=job.losses + 1), (*effects, Compile())


def _dependencies(job: JobRow, event: DependenciesChecked) -> Step:
    if event.failed:
        names = ", ".join(f"`{job_id}` ({state})" for job_id, state in event.failed)
        message = f"it depends on {names}"
        return _end(job, ERROR, event.at, message, error=EigenError("EIGEN_JOB_DEPENDENCY", message).to_json())
    return (job, (Release(),)) if event.waiting else _start(job, event.at)


def _placed(job: JobRow, event: Placed) -> Step:
    device_id = str(event.placement.get("device_id", ""))
    job = replace(
        job,
        device_id=device_id,
        placement=event.placement,
        attempt=job.attempt + 1,
        started_at=event.at,
        not_before=0.0,
    )
    message = f"running on {device_id}"
    job, effects = _move(job, RUNNING, event.at, stage="running", message=message, data={"attempt": job.attempt})
    return job, (*effects, Execute())


def _withheld(job: JobRow, event: Withheld) -> Step:
    """Wait, still QUEUED, until the reservation ends. Looking again in vain is not announced again."""
    known = job.stage == WAITING_RESERVATION
    job = replace(job, not_before=max(event.until, event.at))
    if known:
        return job, (Await(event.reservations),)
    names = ", ".join(f"`{name}`" for name in event.devices)
    data: dict[str, Any] = {"devices": list(event.devices), "until": rfc3339(job.not_before)}
    message = f"waiting for a reservation of {names} to end"
    job, effects = _announce(job, event.at, stage=WAITING_RESERVATION, message=message, data=data)
    return job, (*effects, Await(event.reservations))


def _crowded(job: JobRow, event: Crowded) -> Step:
    """Wait, still QUEUED, until qubits come free. Looking again in vain is not announced again."""
    known = job.stage == WAITING_REGION
    job = replace(job, not_before=max(event.until, event.at))
    waiting = AwaitRegion(event.device_id, event.seen)
    if known:
        return job, (waiting,)
    data: dict[str, Any] = {"device_id": event.device_id, "why": event.why}
    message = f"waiting for qubits of {event.device_id}: {event.why}"
    job, effects = _announce(job, event.at, stage=WAITING_REGION, message=message, data=data)
    return job, (*effects, waiting)


def _failed(job: JobRow, event: Failed) -> Step:
    retry = JobSpec.from_json(job.spec).retry
    failures = job.failures + 1
    message = str(event.error.get("message", ""))
    if not (event.retryable and job.state is RUNNING and failures < retry.max_attempts):
        return _end(job, ERROR, event.at, message, error=event.error, outcome=event.outcome)
    wait = retry.backoff_seconds * 2.0 ** min(failures - 1, 30)
    job = replace(job, failures=failures, not_before=event.at + wait)
    data: dict[str, Any] = {"error": dict(event.error), "retry_in_seconds": wait, "device_id": job.device_id}
    data |= {"attempt": job.attempt, "evaluations": event.evaluations}
    job, effects = _queue(job, event.at, stage=RETRYING, message=message, data=data)
    return job, (*effects, Release())


def _timed_out(job: JobRow, event: TimedOut) -> Step:
    if event.limit == DEADLINE:
        message = f"the job had not ended by its deadline, {rfc3339(event.seconds)}"
    else:
        message = f"the job exceeded `timeout.{event.limit}` of {event.seconds:g} s"
    error = EigenError("EIGEN_RUN_TIMEOUT", message).to_json()
    return _end(job, TIMEOUT, event.at, message, error=error, outcome=event.outcome)


def _stopped(job: JobRow, event: Stopped) -> Step:
    if event.until > job.not_before:
        job = replace(job, not_before=event.until)
    if job.state is COMPILING or (job.state is RUNNING and _is_workflow(job)):
        return _not_lost(job), (Release(),)
    if job.state is not RUNNING:
        return job, (Release(),)
    job, effects = _queue(job, event.at, stage="queued", message=event.message)
    return job, (*effects, Release())


def _preempted(job: JobRow, event: Preempted) -> Step:
    """Wait again. It had begun in time: how long it may wait to begin counts no more."""
    message = f"gave way to `{event.by}`" if event.by else "gave way: another tenant's turn"
    data: dict[str, Any] = {"by": event.by or None}
    job, effects = _queue(job, event.at, stage="preempted", message=f"{message}; the job continues later", data=data)
    return replace(job, queue_until=job.deadline), (*effects, Release())


def _undecided(job: JobRow, event: Undecided) -> Step:
    """Wait, QUEUED and held by nobody, until a person has decided."""
    about = event.about
    money = "" if about.get("cost") is None else f", {about['cost']:.6g} {about.get('currency', '')}".rstrip()
    message = f"nobody knows what became of {about['shots']} shots on {about['device_id']}{money}: decide"
    job, effects = _queue(job, event.at, stage=AWAITING_DECISION, message=message, data=about)
    return replace(job, not_before=FAR, queue_until=job.deadline), (*effects, Release())


def _decided(job: JobRow, event: Decided) -> Step:
    job = replace(
        job,
        not_before=0.0,
        queued_at=event.at,
        queue_until=_queue_until(JobSpec.from_json(job.spec), event.at, job.deadline),
    )
    data: dict[str, Any] = {"decision": event.decision, "by": event.by, "key": event.key}
    message = f"{event.by} {_DECIDED[event.decision]}"
    return _announce(job, event.at, stage="decided", message=message, data=data)


_DECIDED = {"again": "has it submitted again", "give_up": "gives it up"}


def _end(
    job: JobRow,
    state: JobState,
    at: float,
    message: str,
    *,
    error: Mapping[str, Json] | None = None,
    outcome: Mapping[str, Json] | None = None,
) -> Step:
    data: dict[str, Any] = {"error": dict(error)} if error else {}
    job, effects = _move(replace(job, error=error), state, at, stage=state.value.lower(), message=message, data=data)
    kept = (Keep(outcome),) if outcome is not None else ()
    return job, (*effects, *kept, Seal())


def _queue(job: JobRow, at: float, *, stage: str, message: str, data: Mapping[str, Json] | None = None) -> Step:
    job = replace(job, queued_at=at, queue_until=_queue_until(JobSpec.from_json(job.spec), at, job.deadline))
    return _move(job, QUEUED, at, stage=stage, message=message, data=data)


def _queue_until(spec: JobSpec, at: float, deadline: float | None) -> float | None:
    limit = spec.timeout.queue_seconds
    ends = [deadline] if deadline is not None else []
    return min(ends if limit is None else [*ends, at + limit], default=None)


def deadline_of(spec: JobSpec, at: float) -> float | None:
    """When a job that is submitted at this moment must have ended, as a Unix time; None for no such moment."""
    wanted = spec.deadline
    return moment_of(wanted) if isinstance(wanted, str) else None if wanted is None else at + wanted


def _move(
    job: JobRow, state: JobState, at: float, *, stage: str, message: str, data: Mapping[str, Json] | None = None
) -> Step:
    if state not in MOVES[job.state]:
        raise EigenError("EIGEN_INTERNAL", f"a job cannot move from `{job.state}` to `{state}`")
    return _announce(replace(job, state=state), at, stage=stage, message=message, data=data or {})


def _announce(job: JobRow, at: float, *, stage: str, message: str, data: Mapping[str, Json]) -> Step:
    moment, seq = rfc3339(at), job.event_seq + 1
    job = replace(job, stage=stage, message=message, event_seq=seq, updated_at=moment)
    return job, (Announce(JobEvent(job.job_id, seq, job.state, stage, job.progress, message, moment, data)),)
