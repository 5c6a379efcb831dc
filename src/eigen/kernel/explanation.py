"""Why a job is where it is: the answer of `eigen explain`, and of GetDispatchRationale."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from eigen.jobspec import JobSpec
from eigen.kernel import logs
from eigen.kernel.clock import rfc3339
from eigen.kernel.effects.failover import failed_attempts
from eigen.kernel.receipt import REPORT
from eigen.kernel.steps_view import steps_view
from eigen.kernel.sweep.plan import Plan
from eigen.qfs.store import AWAITING_DECISION, RESTING, WAITING_REGION, WAITING_RESERVATION
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JobRow
    from eigen.types import ArtifactInfo, JobEvent, Json

LOG = "logs/job.jsonl"
WAITS = (*RESTING, WAITING_REGION)


def explanation(
    ports: Ports, row: JobRow, *, waits_for: Sequence[str], files: Mapping[str, ArtifactInfo]
) -> dict[str, Json]:
    """Everything that led the job to where it is, as JSON; `files` are the job's, by path.

    `reason_codes` are those of the placement, with `RESERVATION` for a job that named one and `RESUMED` for one that
    goes on where it was; `queue` says where and for what it waits (`undecided`: what a person has to decide about);
    `failed_attempts` are those that a device failed; `refs` where more is written.
    """
    placement: Mapping[str, Any] = row.placement or {}
    return {
        "job_id": row.job_id,
        "state": row.state.value,
        "stage": row.stage,
        "target": row.target or None,
        "placement": None if row.placement is None else dict(row.placement),
        "policy_version": placement.get("policy_version"),
        "reason_codes": _codes(row, placement),
        "queue": _queue(ports, row),
        "attempts": row.attempt,
        "waits_for": list(waits_for),
        "failed_attempts": failed_attempts(ports, row),
        "error": None if row.error is None else dict(row.error),
        "history": [
            {"seq": event.seq, "at": event.timestamp, "state": event.state.value, "message": event.message}
            for event in _moves(ports, row.job_id)
        ],
        "trace_id": logs.trace_of(row),
        "refs": {"logs": f"qfs://jobs/{row.job_id}/{LOG}"} | _refs(files),
        **_sweep(ports, row, files),
        **_workflow(ports, row),
    }


def _sweep(ports: Ports, row: JobRow, files: Mapping[str, ArtifactInfo]) -> dict[str, Json]:
    """Of a job with a sweep: its points, and once it is compiled, which parameters stayed open and which did not."""
    sweep = JobSpec.from_json(row.spec).sweep
    if sweep is None:
        return {}
    found: dict[str, Json] = {"points": sweep.points, "mode": sweep.mode, "parameters": list(sweep.names)}
    if REPORT in files:
        plan = Plan.of(json.loads(ports.artifacts.get(row.job_id, REPORT)))
        found |= {"open": list(plan.open), "fixed": list(plan.fixed), "variants": len(plan.variants)}
    return {"sweep": found}


def _workflow(ports: Ports, row: JobRow) -> dict[str, Json]:
    """The steps of a workflow; the workflow, step and item of a job of one."""
    if row.spec.get("workflow") is not None:
        return {"steps": list(steps_view(ports, row))}
    if not row.workflow:
        return {}
    return {"workflow": row.workflow, "step": row.step, "item": None if row.item < 0 else row.item}


def _codes(row: JobRow, placement: Mapping[str, Any]) -> list[str]:
    codes = list(placement.get("codes", ()))
    if codes and row.reservation_id:
        codes.append("RESERVATION")
    if codes and row.evaluations:
        codes.append("RESUMED")
    return codes


def _queue(ports: Ports, row: JobRow) -> dict[str, Json]:
    """Where the job waits, or waited, and for what; `ahead` is None for one that does not wait any more."""
    waits = not row.state.is_terminal and row.state is not JobState.RUNNING
    undecided = waits and row.stage == AWAITING_DECISION
    return {
        "name": row.device_id or row.target or ports.default_target,
        "priority": row.priority,
        "ahead": ports.jobs.ahead(row) if waits else None,
        "not_before": rfc3339(row.not_before) if waits and row.not_before and not undecided else None,
        "deadline": None if row.deadline is None else rfc3339(row.deadline),
        "reserved": row.stage == WAITING_RESERVATION,
        **({"crowded": row.message} if row.stage == WAITING_REGION else {}),
        "undecided": dict(ports.jobs.events(row.job_id, row.event_seq - 1)[0].data) if undecided else None,
    }


def _refs(files: Mapping[str, ArtifactInfo]) -> dict[str, Json]:
    wanted = {"report": "compiled/report.json", "results": "results/results.json", "receipt": "results/receipt.json"}
    return {name: files[path].ref for name, path in wanted.items() if path in files}


def _moves(ports: Ports, job_id: str) -> list[JobEvent]:
    """The events at which the state or, while it waits, the reason of waiting changed."""
    found: list[JobEvent] = []
    after = 0
    while page := ports.jobs.events(job_id, after):
        for event in page:
            waiting = event.stage in WAITS or (bool(found) and found[-1].stage in WAITS)
            if not found or found[-1].state is not event.state or waiting:
                found.append(event)
        after = page[-1].seq
    return found
