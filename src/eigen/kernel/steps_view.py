"""How the steps of a workflow stand, for people: read from its journal and the jobs that it submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JobRow
    from eigen.types import Json

SHOWN_JOBS = 100
WAITING, RUNNING = "WAITING", "RUNNING"


def count_steps(row: JobRow) -> int:
    """How many steps a job has; 0 when it is no workflow."""
    plan: Any = row.spec.get("workflow")
    return 0 if plan is None else len(plan["steps"])


def steps_view(ports: Ports, row: JobRow) -> list[dict[str, Json]]:
    """Each step with its state (`WAITING`, `RUNNING`, or how it ended), what it needs, how many of its jobs were
    submitted, ended and failed, and the ids of the first hundred; `why` and `error` where there are any."""
    records: dict[str, dict[str, Any]] = {entry.value["step"]: entry.value for entry in ports.jobs.journal(row.job_id)}
    counted = {entry.step: entry for entry in ports.jobs.step_jobs(row.job_id)}
    found: list[dict[str, Json]] = []
    for step in row.spec["workflow"]["steps"]:
        name, tally = step["name"], counted.get(step["name"])
        record = records.get(name)
        value: dict[str, Json] = {
            "name": name,
            "state": record["state"] if record else WAITING if tally is None else RUNNING,
            "needs": list(step.get("needs", ())),
            "jobs": 0 if tally is None else tally.submitted,
            "ended": 0 if tally is None else tally.submitted - tally.waiting,
            "failed": 0 if tally is None else tally.failed,
        }
        whose = record.get("taken_from", row.job_id) if record else row.job_id
        value["job_ids"] = [part.job_id for part in ports.jobs.jobs_of(whose, step=name, limit=SHOWN_JOBS)]
        if whose != row.job_id:
            value["jobs"] = value["ended"] = record["jobs"] if record else 0
        value |= {key: record[key] for key in ("why", "error", "taken_from", "replay") if record and record.get(key)}
        found.append(value)
    return found
