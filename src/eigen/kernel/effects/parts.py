"""Submit the jobs of a workflow's steps: once each, under its lease, within its budget and the quotas."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.ordered import ordered_sum
from eigen.jobspec import JobSpec
from eigen.jobspec.spec import OFF
from eigen.jobspec.workflow.plan import INPUT
from eigen.kernel import jobs, logs
from eigen.kernel.asked import asking
from eigen.kernel.clock import job_id_from, rfc3339, seconds_of
from eigen.kernel.effects.records import results_or_none, usage
from eigen.kernel.failpoints import hit
from eigen.kernel.lease import LeaseLostError
from eigen.kernel.repeated_steps import original_part
from eigen.kernel.repetition import SPEC_FILE, compiled_files
from eigen.kernel.results import document
from eigen.kernel.used import Used
from eigen.kernel.workflow import entropy_of
from eigen.telemetry import count

if TYPE_CHECKING:
    from eigen.jobspec.spec import Budget
    from eigen.jobspec.workflow.plan import Step
    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import Ports
    from eigen.kernel.workflow import Standing, Wanted
    from eigen.qfs.store import JobRow, StepJob

FULL_SECONDS = 2.0
"""How long a workflow waits for a quota that is full."""

BOUNDS = {"max_shots": "shots_used", "max_seconds": "seconds", "max_cost": "cost"}
"""The bounds of a budget, and by what name a record says what was used of each."""


def part_id(workflow: JobRow, step: str, index: int | None) -> str:
    """The id of a job of a workflow: it follows from the workflow, the step and the item alone."""
    name = f"{workflow.job_id}\n{step}\n{'' if index is None else index}"
    chance = int.from_bytes(sha256(name.encode()).digest()[:10], "big")
    return job_id_from(seconds_of(workflow.created_at), chance)


class Parts:
    """The jobs that one look at a workflow submits."""

    def __init__(self, ports: Ports, lease: Lease, spec: JobSpec) -> None:
        self.again_at = 0.0
        self._ports = ports
        self._lease = lease
        self._spec = spec
        self._files: dict[str, dict[str, bytes]] = {}
        self._left: dict[str, float] | None = None
        self._alone = True

    def submit(self, now: Standing, wanted: Wanted) -> bool:
        """Store a job, with what it may use of the budget; False when it must wait, for a quota or for what others have
        of the budget. Raises the error of one that cannot be stored however long it waits."""
        whole, step = self._lease.job, now.plan.step(wanted.step)
        job_id = part_id(whole, step.name, wanted.index)
        spec = self._granted(now, job_id, self._repeating(wanted))
        if spec is None:
            return False
        before, files = self._gone_on_for(wanted, spec), self._files_of(step)
        goes_on = {} if before is None else {"resumed_from": before.job_id, "device_id": before.device_id}
        if before is not None:
            files = {**files, **compiled_files(self._ports, before.job_id)}
        at = self._ports.clock.now()
        if whole.deadline is not None and spec.deadline is None:
            spec = replace(spec, deadline=rfc3339(whole.deadline))
        row, event = jobs.create(
            job_id,
            spec,
            at=at,
            entropy=entropy_of(whole.entropy, step.name, wanted.index),
            tenant=whole.tenant,
            project=whole.project,
            subject=whole.subject,
            traceparent=whole.traceparent,
            reservation_id=whole.reservation_id,
            part=(whole.job_id, step.name, -1 if wanted.index is None else wanted.index),
            **goes_on,
        )
        row = asking(row, spec, files, default_shots=self._ports.default_shots)
        try:
            self._ports.jobs.check_quota(row)
            self._ports.artifacts.put_all(job_id, {**files, SPEC_FILE: document(spec.to_json())})
            hit("steps.files-stored")
            stored = self._ports.jobs.insert(row, event, under=whole.fence, journal_of=row.resumed_from)
        except EigenError as error:
            if error.code != "EIGEN_QUOTA_EXCEEDED":
                raise
            self.again_at = at + (error.details.get("retry_after_seconds") or FULL_SECONDS)
            return False
        if not stored:
            raise LeaseLostError(whole.job_id)
        hit("steps.submitted")
        self._reserve(spec.budget)
        count("eigen_kernel_job_state_transitions_total", **{"from": "", "to": row.state.value})
        logs.write(self._ports, job_id, "info", "submitted", stage="pending")
        return True

    def _repeating(self, wanted: Wanted) -> JobSpec:
        """The job, of a workflow that repeats another one as a replay of the job that it repeats."""
        if self._spec.replay_of is None:
            return wanted.spec
        first = self._before(self._spec.replay_of, wanted)
        return replace(wanted.spec, replay_of=None if first is None else first.job_id, cache=OFF)

    def _gone_on_for(self, wanted: Wanted, spec: JobSpec) -> JobRow | None:
        """The ended job whose journal answers what it was asked, where this workflow goes on for another one: it asks
        the same, whatever it may use."""
        if not self._lease.job.resumed_from:
            return None
        before = self._before(self._lease.job.resumed_from, wanted)
        if before is None or not before.state.is_terminal:
            return None
        old = JobSpec.from_json(before.spec)
        same = replace(old, budget=spec.budget, timeout=spec.timeout, deadline=spec.deadline)
        return before if same.to_json() == spec.to_json() else None

    def _before(self, workflow: str, wanted: Wanted) -> JobRow | None:
        return original_part(self._ports, workflow, lambda row: part_id(row, wanted.step, wanted.index))

    def _files_of(self, step: Step) -> dict[str, bytes]:
        """The inputs of a step, as those of a job."""
        if step.name not in self._files:
            whole = self._lease.job.job_id
            paths = [step.job.program.artifact, *(ref.artifact for ref in step.job.input_refs)]
            self._files[step.name] = {
                path: self._ports.artifacts.get(whole, step.folder + path.removeprefix(INPUT)) for path in paths
            }
        return self._files[step.name]

    def _granted(self, now: Standing, job_id: str, spec: JobSpec) -> JobSpec | None:
        """The job with what it may use of the workflow's budget: its own bound, else all that is left, and then no
        other one runs beside it. None: it waits for the others to end."""
        bounds = {name: most for name in BOUNDS if (most := getattr(self._spec.budget, name)) is not None}
        if not bounds:
            return spec
        left = self._what_is_left(now, bounds)
        granted: dict[str, float] = {}
        for name in bounds:
            own = getattr(spec.budget, name)
            if not self._alone and (own is None or own > left[name]):
                return None
            most = max(left[name], 0.0)
            granted[name] = most if own is None else min(own, most)
        if "max_shots" in granted:
            granted["max_shots"] = int(granted["max_shots"])
        return self._as_stored(job_id, replace(spec, budget=replace(spec.budget, **granted)))

    def _as_stored(self, job_id: str, spec: JobSpec) -> JobSpec | None:
        """The job as it was stored before a crash: what was left for it then is left for it now, unless it must wait
        for what others took meanwhile."""
        if self._ports.artifacts.info(job_id, SPEC_FILE) is None:
            return spec
        before = JobSpec.from_json(json.loads(self._ports.artifacts.get(job_id, SPEC_FILE)))
        pairs = [(getattr(before.budget, name), getattr(spec.budget, name)) for name in BOUNDS]
        if all(then is None or (now is not None and then <= now) for then, now in pairs):
            return before
        if not self._alone:
            return None
        message = f"the job `{job_id}` was to use more of the budget than the steps before have left"
        raise EigenError("EIGEN_RUN_BUDGET", message, where="budget")

    def _what_is_left(self, now: Standing, bounds: dict[str, float]) -> dict[str, float]:
        """The budget, less what ended jobs used and what others may still use: of ended steps as their records say, of
        the others job by job, each of which is read when it is first seen and when it has ended."""
        if self._left is None:
            workflow = self._lease.job.job_id
            known, seen = self._ports.used.of(workflow), dict[str, Used]()
            used = dict.fromkeys(BOUNDS, 0.0)
            for step in now.plan.steps:
                if step.name in now.records:
                    record = now.records[step.name]
                    used = {name: used[name] + record.get(said, 0.0) for name, said in BOUNDS.items()}
                elif step.name in now.tallies:
                    parts = {
                        part.job_id: self._used(part, known.get(part.job_id))
                        for part in self._ports.jobs.jobs_of(workflow, step=step.name)
                    }
                    taken = {name: ordered_sum(each.amounts[name] for each in parts.values()) for name in BOUNDS}
                    used = {name: used[name] + taken[name] for name in BOUNDS}
                    seen |= parts
            self._alone = self._alone and not any(each.runs for each in seen.values())
            self._ports.used.remember(workflow, seen)
            self._left = {name: most - used[name] for name, most in bounds.items()}
        return self._left

    def _used(self, part: StepJob, known: Used | None) -> Used:
        if known is not None and known.runs != part.state.is_terminal:
            return known
        row = self._ports.jobs.get(part.job_id)
        assert row is not None
        if row.state.is_terminal:
            taken = usage(self._ports, row.job_id, results_or_none(self._ports, row))
            return Used({name: taken[said] for name, said in BOUNDS.items()}, runs=False)
        budget = JobSpec.from_json(row.spec).budget
        return Used({name: getattr(budget, name) or 0.0 for name in BOUNDS}, runs=True)

    def _reserve(self, budget: Budget) -> None:
        self._alone = False
        if self._left is not None:
            self._left = {name: left - (getattr(budget, name) or 0.0) for name, left in self._left.items()}
