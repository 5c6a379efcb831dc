"""The record of a step whose jobs have ended: what later steps see of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.kernel.repeated_steps import compared_jobs
from eigen.kernel.running_time import all_events, running_seconds
from eigen.kernel.sealing import results_of
from eigen.kernel.workflow import record_of
from eigen.types import JobState

if TYPE_CHECKING:
    from eigen.jobspec.workflow.plan import Step
    from eigen.kernel.ports import Ports
    from eigen.kernel.workflow import Ended, Record
    from eigen.qfs.store import JobRow, StepJob
    from eigen.types import JobResults, Json

MAX_BYTES = 8 * 1024 * 1024
"""The most that a step may hand on."""


def record_of_jobs(ports: Ports, workflow: str, step: Step, ended: Ended, *, repeats: bool = False) -> Record:
    """The record: outputs and counts in the order of the items, the first error, what was used; of one that `repeats`
    the step of another workflow, whether the two agree."""
    parts = ports.jobs.jobs_of(workflow, step=step.name)
    found = [_read(ports, part) for part in parts]
    outputs = [None if results is None else results.outputs for results, _ in found]
    counts = [None if results is None or results.counts is None else dict(results.counts) for results, _ in found]
    once = ended.total is None
    state, error = _end(ended, parts, [fault for _, fault in found])
    record = record_of(
        step.name,
        state,
        outputs=(outputs[0] if outputs else None) if once else outputs,
        counts=(counts[0] if counts else None) if once else counts,
        error=error,
        jobs=len(parts),
        used=_sum([usage(ports, part.job_id, results) for part, (results, _) in zip(parts, found, strict=True)]),
    )
    if repeats:
        ends = [(part.job_id, results) for part, (results, _) in zip(parts, found, strict=True)]
        record["replay"] = compared_jobs(ports, ends)
    size = len(json.dumps(record, ensure_ascii=False).encode())
    if size <= MAX_BYTES:
        return record
    message = f"the step `{step.name}` gives {size:,} bytes; the limit `step_bytes` is {MAX_BYTES:,}"
    limit = EigenError("EIGEN_LIMIT_EXCEEDED", message, where=step.name, hint="return less from its program")
    return {**record, "state": JobState.ERROR.value, "outputs": None, "counts": None, "error": limit.to_json()}


def usage(ports: Ports, job_id: str, results: JobResults | None) -> dict[str, float]:
    """The shots, the cost and the seconds of running that a job took."""
    metadata: dict[str, Any] = {} if results is None else dict(results.metadata)
    cost: dict[str, Any] = metadata.get("cost") or {}
    seconds = running_seconds(all_events(ports.jobs, job_id))
    return {"shots_used": metadata.get("shots_used", 0), "cost": cost.get("amount", 0.0), "seconds": seconds}


def results_or_none(ports: Ports, row: JobRow) -> JobResults | None:
    """The results of an ended job; None when they are damaged."""
    try:
        return results_of(ports, row)
    except EigenError as error:
        if error.code == "EIGEN_STORE_UNAVAILABLE":
            raise
        return None


def _read(ports: Ports, part: StepJob) -> tuple[JobResults | None, dict[str, Json] | None]:
    """The results of a job of a step, and why it did not succeed."""
    row = ports.jobs.get(part.job_id)
    assert row is not None
    place: dict[str, Json] = {"job_id": part.job_id} | ({} if part.item < 0 else {"item": part.item})
    results = results_or_none(ports, row)
    if results is None:
        lost = EigenError("EIGEN_QFS_DATA_LOSS", f"the results of job `{part.job_id}` are damaged")
        return None, {**lost.to_json(), **place}
    if row.state is JobState.DONE:
        return results, None
    return results, {**dict(row.error or {}), **place}


def _end(ended: Ended, parts: tuple[StepJob, ...], faults: list[dict[str, Json] | None]) -> tuple[str, Json]:
    """How the step ended, and its first error: of a job that failed by itself before one that was stopped."""
    if ended.error is not None:
        return JobState.ERROR.value, ended.error.to_json()
    failed = [(part, fault) for part, fault in zip(parts, faults, strict=True) if fault is not None]
    failed.sort(key=lambda each: each[0].state is JobState.CANCELLED)
    if failed:
        part, fault = failed[0]
        return (JobState.ERROR if part.state is JobState.DONE else part.state).value, fault
    if ended.submitted < (1 if ended.total is None else ended.total):
        stopped = EigenError("EIGEN_RUN_CANCELLED", "the workflow stopped before all of its jobs were submitted")
        return JobState.CANCELLED.value, stopped.to_json()
    return JobState.DONE.value, None


def _sum(used: list[dict[str, float]]) -> dict[str, float]:
    from eigen.ir.ordered import ordered_sum

    return {
        "shots_used": sum(int(each["shots_used"]) for each in used),
        "cost": ordered_sum(each["cost"] for each in used),
        "seconds": ordered_sum(each["seconds"] for each in used),
    }
