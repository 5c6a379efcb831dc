"""Workflows that repeat others: which job a new one repeats or goes on for, which steps are taken over, and whether the
ends of a replay agree, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.jobspec import JobSpec
from eigen.kernel.agreement import AGREES, DIFFERS, IDENTICAL, OPEN
from eigen.kernel.sealing import results_of
from eigen.kernel.workflow import DONE, SKIPPED, STOPPED
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from eigen.jobspec.workflow.plan import Workflow
    from eigen.kernel.ports import Ports
    from eigen.kernel.workflow import Record
    from eigen.qfs.store import JobRow
    from eigen.types import JobResults, Json

WORST_FIRST = (DIFFERS, OPEN, AGREES, IDENTICAL)
TAKEN_FROM = "taken_from"
"""Where the record of a step says whose jobs it tells of, when that is another workflow."""


def original_part(ports: Ports, workflow: str, id_in: Callable[[JobRow], str]) -> JobRow | None:
    """The job of a step in this workflow or, where that took the step over, in the one that it went on for. `id_in`
    says what its id would be in a workflow."""
    name = workflow
    while name:
        whole = ports.jobs.get(name)
        if whole is None:
            return None
        row = ports.jobs.get(id_in(whole))
        if row is not None:
            return row
        name = whole.resumed_from
    return None


def taken_over(plan: Workflow, workflow: str, records: Mapping[str, Record]) -> list[Record]:
    """The records of a stopped workflow that hold for one that goes on for it: those of steps that were done, or were
    skipped for what they need, where all of that is taken over too."""
    found: dict[str, Record] = {}
    steps = list(plan.steps)
    while True:
        more = [step for step in steps if step.name not in found and all(need in found for need in step.needs)]
        kept = {step.name: record for step in more if (record := records.get(step.name)) and _holds(record)}
        if not kept:
            return list(found.values())
        found |= {name: {TAKEN_FROM: workflow, **_without_time(record)} for name, record in kept.items()}


def _without_time(record: Record) -> Record:
    """The record without what the limits of its own workflow made of it."""
    return {name: value for name, value in record.items() if name != "late"}


def _holds(record: Record) -> bool:
    return record["state"] == DONE or (record["state"] == SKIPPED and record.get("why") != STOPPED)


def compared_jobs(ports: Ports, parts: Iterable[tuple[str, JobResults | None]]) -> dict[str, Json]:
    """What the jobs of a step of a replay say of those that they repeat: the worst verdict, and why."""
    found = [(job_id, *_compared(ports, job_id, results)) for job_id, results in parts]
    if not found:
        return {"verdict": IDENTICAL, "detail": "no jobs"}
    worst = min((verdict for _, verdict, _ in found), key=WORST_FIRST.index)
    job_id, _, detail = next(each for each in found if each[1] == worst)
    return {"verdict": worst, "detail": f"`{job_id}`: {detail}" if len(found) > 1 else detail}


def _compared(ports: Ports, job_id: str, results: JobResults | None) -> tuple[str, str]:
    said: Mapping[str, Any] | None = None if results is None else results.metadata.get("replay")
    if said is not None:
        return said["verdict"], said["detail"]
    row = ports.jobs.get(job_id)
    first = None if row is None else ports.jobs.get(str(row.spec.get("replay_of") or ""))
    if row is None or first is None:
        return DIFFERS, "the workflow that is repeated had no such job"
    ends = [f"{each.state.value} {(each.error or {}).get('code', '')}".strip() for each in (first, row)]
    if ends[0] == ends[1]:
        return IDENTICAL, f"both ended with {ends[0]}"
    return DIFFERS, f"one ended with {ends[0]}, the other with {ends[1]}"


def compared(
    ports: Ports, spec: JobSpec, records: Mapping[str, Record], state: JobState, error: Mapping[str, Json] | None
) -> dict[str, Json]:
    """The verdict on a replay of a workflow that ends so: the worst of its steps, each with its own."""
    assert spec.workflow is not None
    first = ports.jobs.get(spec.replay_of or "")
    said: dict[str, Json] = {"replay_of": spec.replay_of, "test": "step by step"}
    if first is None:
        return {**said, "verdict": OPEN, "detail": "the workflow that is repeated is gone"}
    try:
        original = results_of(ports, first)
    except EigenError as problem:
        return {**said, "verdict": OPEN, "detail": problem.message}
    before: dict[str, Any] = original.metadata.get("workflow", {}).get("steps", {})
    steps = {step.name: _step(before.get(step.name), records.get(step.name)) for step in spec.workflow.steps}
    worst = min((each["verdict"] for each in steps.values()), key=WORST_FIRST.index)
    ends = [(first.state.value, (first.error or {}).get("code")), (state.value, (error or {}).get("code"))]
    detail = next(f"step `{name}`: {each['detail']}" for name, each in steps.items() if each["verdict"] == worst)
    if ends[0] != ends[1]:
        worst, detail = DIFFERS, f"one ended with {ends[0][0]}, the other with {ends[1][0]}; {detail}"
    elif worst == IDENTICAL:
        detail = f"all {len(steps)} steps are the same"
    return {**said, "verdict": worst, "detail": detail, "steps": steps}


def _step(before: Mapping[str, Any] | None, record: Record | None) -> dict[str, Any]:
    ends = [None if each is None else (each["state"], each["jobs"]) for each in (before, record)]
    if ends[0] != ends[1] or record is None:
        shown = ["not at all" if end is None else f"as {end[0]} with {end[1]} jobs" for end in ends]
        return {"verdict": DIFFERS, "detail": f"it ended {shown[0]}, then {shown[1]}"}
    found: dict[str, Any] = record.get("replay") or {"verdict": IDENTICAL, "detail": f"{record['state']} in both"}
    return found
