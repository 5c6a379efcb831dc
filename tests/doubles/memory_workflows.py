"""Workflows in memory: what `eigen.qfs.workflow_rows` promises of the jobs of steps, and of the rest of a workflow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eigen.qfs.store import STOPPING, StepJob, StepJobs
from eigen.types import JobState

if TYPE_CHECKING:
    from doubles.memory_stores import Memory
    from eigen.qfs.store import JobRow


class MemoryWorkflows:
    """The part of the job store in memory that knows workflows."""

    memory: Memory

    def step_jobs(self, workflow: str) -> tuple[StepJobs, ...]:
        steps: dict[str, list[int]] = {}
        for row in self._parts(workflow):
            numbers = steps.setdefault(row.step, [0, 0, 0])
            numbers[0] += 1
            numbers[1] += not row.state.is_terminal
            numbers[2] += row.state.is_terminal and row.state is not JobState.DONE
        return tuple(StepJobs(step, *numbers) for step, numbers in sorted(steps.items()))

    def jobs_of(
        self, workflow: str, *, step: str = "", alive: bool = False, limit: int = 1_000_000
    ) -> tuple[StepJob, ...]:
        found = [row for row in self._parts(workflow) if (not step or row.step == step) and not (alive and row.sealed)]
        found.sort(key=lambda row: (row.step, row.item))
        return tuple(StepJob(row.job_id, row.step, row.item, row.state, row.cancel_requested) for row in found[:limit])

    def rest(self, job_id: str, fence: int, *, ended: int, until: float) -> None:
        with self.memory.lock:
            if not self.holds(job_id, fence):
                return
            row = self.memory.jobs[job_id]
            seen = sum(part.state.is_terminal for part in self._parts(job_id))
            wish = row.cancel_requested and row.stage != STOPPING
            due = 0.0 if seen > ended else until
            self.memory.jobs[job_id] = replace(row, owner="", lease_until=0.0, not_before=due, cancel_requested=wish)

    def holds(self, job_id: str, fence: int) -> bool:
        """Whether a lease is still held."""
        row = self.memory.jobs.get(job_id)
        return row is not None and row.fence == fence and bool(row.owner)

    def wake(self, row: JobRow) -> None:
        """Make the workflow due whose job has ended."""
        whole = self.memory.jobs.get(row.workflow)
        if whole is not None and row.state.is_terminal:
            self.memory.jobs[row.workflow] = replace(whole, not_before=0.0)

    def _parts(self, workflow: str) -> list[JobRow]:
        return [row for row in self.memory.jobs.values() if workflow and row.workflow == workflow]
