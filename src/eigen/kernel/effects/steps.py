"""Advance a workflow: record the steps that have ended, submit the jobs that are next, say what happened.

What is done follows from `kernel.workflow.advance` alone, and everything can be done again: the record of a step is an
entry of the workflow's journal, a job of it has an id that follows from the workflow, its step and its item and is
stored under the workflow's lease, and what was told already stands in the event log.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.jobspec import JobSpec
from eigen.kernel.effects.parts import Parts
from eigen.kernel.effects.records import record_of_jobs
from eigen.kernel.events import Cancelled, Executed, Failed, Rested, TimedOut
from eigen.kernel.failpoints import hit
from eigen.kernel.jobs import DEADLINE
from eigen.kernel.repeated_steps import TAKEN_FROM, compared, taken_over
from eigen.kernel.running_time import all_events
from eigen.kernel.workflow import FAILED, SKIPPED, Standing, Tally, advance, failure, outputs_of
from eigen.qfs.store import FAR, STOPPING, JournalEntry
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.kernel.events import Event
    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import Ports
    from eigen.kernel.workflow import Decision, Record
    from eigen.types import Json

STAGE = "steps"
LEAST_PROGRESS = 0.01
"""What a workflow must have come further by for its watchers to be told, where no step begins or ends."""


def advance_steps(ports: Ports, lease: Lease) -> Event:
    """Do what is to be done now; what comes of it is rest, or the end of the workflow."""
    return _Advance(ports, lease).event()


class _Advance:
    """One look at a workflow."""

    def __init__(self, ports: Ports, lease: Lease) -> None:
        self._ports = ports
        self._lease = lease
        self._id = lease.job.job_id
        self._spec = JobSpec.from_json(lease.job.spec)
        self._records: dict[str, Record] = {
            entry.value["step"]: entry.value for entry in ports.jobs.journal(lease.job.job_id)
        }
        self._refused: dict[str, EigenError] = {}
        self._parts = Parts(ports, lease, self._spec)
        limit, deadline = self._spec.timeout.execution_seconds, lease.job.deadline
        self._timeout = FAR if limit is None else lease.job.started_at + limit
        self._deadline = self._timeout if deadline is None else min(self._timeout, deadline)
        # A calendar that goes back takes nothing back: what was stopped for its time ends for its time.
        self._late = ports.clock.now() >= self._deadline or any(record.get("late") for record in self._records.values())

    def event(self) -> Event:
        """Do it."""
        self._take_over()
        while True:
            now = self._standing()
            decision = advance(now)
            if decision.records or decision.ended:
                self._record(now, decision)
                continue
            self._cancel(decision)
            if self._submit(now, decision):
                break
        ended = sum(tally.ended for tally in now.tallies.values())  # what was decided on: a later end wakes it again
        now = self._standing()
        self._tell(now)
        if decision.finished:
            self._ports.used.forget(self._id)
            return self._verdict(now)
        until = self._parts.again_at or (FAR if now.stopping else self._deadline)
        return Rested(self._ports.clock.now(), ended, until)

    def _take_over(self) -> None:
        """Of a workflow that goes on for another one: keep the records of that which hold, before any of its own."""
        job = self._lease.job
        if not job.resumed_from or self._records:
            return
        assert self._spec.workflow is not None
        before = {entry.value["step"]: entry.value for entry in self._ports.jobs.journal(job.resumed_from)}
        self._keep(taken_over(self._spec.workflow, job.resumed_from, before))

    def _standing(self) -> Standing:
        counted = self._ports.jobs.step_jobs(self._id)
        tallies = {entry.step: Tally(entry.submitted, entry.waiting, entry.failed) for entry in counted}
        stopping = self._lease.job.stage == STOPPING or self._late
        return Standing(self._spec, dict(self._records), tallies, dict(self._refused), stopping)

    def _record(self, now: Standing, decision: Decision) -> None:
        """Keep how steps ended; each has one place in the journal."""
        found = list(decision.records)
        repeats = self._spec.replay_of is not None
        found += [
            record_of_jobs(self._ports, self._id, now.plan.step(each.step), each, repeats=repeats)
            for each in decision.ended
        ]
        if self._late:
            found = [{**record, "late": True} for record in found]
        self._keep(found)

    def _keep(self, found: Sequence[Record]) -> None:
        if not found:
            return
        entries = [
            JournalEntry(len(self._records) + position, f"step {record['step']}", record)
            for position, record in enumerate(found)
        ]
        self._lease.journal(entries)
        hit("steps.recorded")
        self._records |= {record["step"]: record for record in json.loads(json.dumps(found))}

    def _cancel(self, decision: Decision) -> None:
        if not decision.cancel:
            return
        for part in self._ports.jobs.jobs_of(self._id, alive=True):
            if part.step in decision.cancel and not part.state.is_terminal and not part.cancelling:
                self._ports.jobs.request_cancel(part.job_id)

    def _submit(self, now: Standing, decision: Decision) -> bool:
        """Store the jobs that are next, as far as they are let; False when one was refused, which changes the rest."""
        for wanted in decision.submit:
            try:
                if not self._parts.submit(now, wanted):
                    return True
            except EigenError as error:
                if error.code in {"EIGEN_STORE_UNAVAILABLE", "EIGEN_INTERNAL"}:
                    raise
                self._refused[wanted.step] = error
                return False
        return True

    def _tell(self, now: Standing) -> None:
        """Announce the steps that began or ended and were not announced, and how far the workflow is."""
        told = {(event.data.get("step"), event.data.get("state")) for event in all_events(self._ports.jobs, self._id)}
        before = self._lease.job.event_seq
        for step in now.plan.steps:
            tally, record = now.tallies.get(step.name), now.records.get(step.name)
            if tally is not None and (step.name, JobState.RUNNING.value) not in told:
                self._say(now, f"step `{step.name}` began", {"step": step.name, "state": JobState.RUNNING.value})
            if record is not None and (step.name, record["state"]) not in told:
                self._say(now, _ending(record), {"step": step.name, "state": record["state"], "jobs": record["jobs"]})
        if self._lease.job.event_seq == before and now.progress - self._lease.job.progress >= LEAST_PROGRESS:
            ended, count = (
                sum(getattr(each, name) for each in now.tallies.values()) for name in ("ended", "submitted")
            )
            self._say(now, f"{ended} of {count} jobs have ended", {"jobs": count, "ended": ended})

    def _say(self, now: Standing, message: str, data: Mapping[str, Json]) -> None:
        stage = STOPPING if self._lease.job.stage == STOPPING else STAGE
        self._lease.announce(stage, message, progress=now.progress, data=data, always=True)

    def _verdict(self, now: Standing) -> Event:
        event = self._end(now)
        if self._spec.replay_of is not None and isinstance(event, Executed | Failed) and event.outcome is not None:
            state, error = (JobState.ERROR, event.error) if isinstance(event, Failed) else (JobState.DONE, None)
            said = compared(self._ports, self._spec, now.records, state, error)
            metadata: Any = event.outcome["metadata"]
            metadata["replay"] = said
        return event

    def _end(self, now: Standing) -> Event:
        at, outcome = self._ports.clock.now(), self._outcome(now)
        if self._lease.job.stage == STOPPING:
            return Cancelled(at, outcome)
        if self._late:
            if self._deadline < self._timeout:
                return TimedOut(at, DEADLINE, self._deadline, outcome)
            return TimedOut(at, "execution_seconds", self._spec.timeout.execution_seconds or 0.0, outcome)
        failed = failure(now.records)
        if failed is not None:
            why: dict[str, Any] = failed["error"] or {}
            message = (
                f"the step `{failed['step']}` ended as {failed['state']}: {why.get('message', 'no more is known')}"
            )
            error = EigenError("EIGEN_WORKFLOW_STEP", message, where=failed["step"], details={"error": why})
            return Failed(at, error.to_json(), outcome=outcome)
        try:
            outcome["outputs"] = outputs_of(now)
        except EigenError as error:
            return Failed(at, error.to_json(), outcome=outcome)
        return Executed(at, outcome)

    def _outcome(self, now: Standing) -> dict[str, Any]:
        """What is kept of a workflow, whatever its end: the outputs of its steps, and how each ended."""
        records = [now.records[step.name] for step in now.plan.steps if step.name in now.records]
        shown = ("state", "jobs", "why", TAKEN_FROM)
        steps = {each["step"]: {name: each[name] for name in shown if name in each} for each in records}
        metadata: dict[str, Any] = {
            "workflow": {"kind": now.plan.kind, "steps": steps},
            "shots_used": sum(each.get("shots_used", 0) for each in records),
            "attempts": self._lease.job.attempt,
        }
        return {
            "outputs": {each["step"]: each["outputs"] for each in records if each["state"] not in {SKIPPED, *FAILED}},
            "metadata": metadata,
            "provenance": {"versions": dict(self._ports.versions)},
        }


def _ending(record: Record) -> str:
    if record.get(TAKEN_FROM):
        return f"step `{record['step']}` was taken over from job `{record[TAKEN_FROM]}`"
    why = f": {record['why']}" if record.get("why") else ""
    return (
        f"step `{record['step']}` {'was skipped' if record['state'] == SKIPPED else 'ended as ' + record['state']}{why}"
    )
