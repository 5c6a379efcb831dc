"""What the job database says of workflows: the jobs of their steps, and how one waits for them.

A workflow at rest is `RUNNING` without a lease and due at no time that comes. Whoever ends one of its jobs makes it due
in the same transaction. A workflow that goes to rest counts, with its own row locked, the jobs that have ended: one
that ended since it looked makes it due at once, so that no end is missed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, false, func, select, update

from eigen.qfs import schema
from eigen.qfs.store import STOPPING, StepJob, StepJobs
from eigen.types import JobState

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from eigen.qfs.db import Database
    from eigen.qfs.store import JobRow

JOB = schema.job.c
TERMINAL = tuple(state.value for state in JobState if state.is_terminal)
DONE = JobState.DONE.value
OF_WORKFLOW = and_(JOB.workflow == bindparam("workflow"), JOB.workflow != "")
COUNTS = select(JOB.step, JOB.state, func.count()).where(OF_WORKFLOW).group_by(JOB.step, JOB.state)
PART = (JOB.job_id, JOB.step, JOB.item, JOB.state, JOB.cancel_requested)
ENDED = select(func.count()).where(OF_WORKFLOW, JOB.state.in_(TERMINAL))
WAKE = update(schema.job).where(JOB.job_id == bindparam("its_workflow")).values(not_before=0.0)
HELD = (
    select(JOB.job_id)
    .where(JOB.job_id == bindparam("its_id"), JOB.fence == bindparam("its_fence"), JOB.owner != "")
    .with_for_update(key_share=True)
)


class WorkflowRows:
    """The part of the job store that knows workflows."""

    _database: Database

    def step_jobs(self, workflow: str) -> tuple[StepJobs, ...]:
        """The jobs of a workflow, counted by step."""
        found = self._database.read(lambda connection: connection.execute(COUNTS, {"workflow": workflow}).all())
        steps: dict[str, list[int]] = {}
        for step, state, count in found:
            numbers = steps.setdefault(step, [0, 0, 0])
            numbers[0] += count
            if state not in TERMINAL:
                numbers[1] += count
            elif state != DONE:
                numbers[2] += count
        return tuple(StepJobs(step, *numbers) for step, numbers in sorted(steps.items()))

    def jobs_of(
        self, workflow: str, *, step: str = "", alive: bool = False, limit: int = 1_000_000
    ) -> tuple[StepJob, ...]:
        """The jobs of a workflow or of one step of it, by step and item."""
        conditions: list[ColumnElement[bool]] = [OF_WORKFLOW]
        if step:
            conditions.append(JOB.step == step)
        if alive:
            conditions.append(JOB.sealed == false())
        query = select(*PART).where(*conditions).order_by(JOB.step, JOB.item).limit(limit)
        found = self._database.read(lambda connection: connection.execute(query, {"workflow": workflow}).all())
        return tuple(StepJob(name, part, item, JobState(state), wish) for name, part, item, state, wish in found)

    def rest(self, job_id: str, fence: int, *, ended: int, until: float) -> None:
        """Give the lease of a workflow back until a job of it ends, or until a moment."""

        def give_back(connection: Connection) -> None:
            if not holds(connection, job_id, fence):
                return
            seen = connection.execute(ENDED, {"workflow": job_id}).scalar() or 0
            values: dict[str, Any] = {
                "owner": "",
                "lease_until": 0.0,
                "not_before": 0.0 if seen > ended else until,
                "cancel_requested": case((JOB.stage == STOPPING, false()), else_=JOB.cancel_requested),
            }
            connection.execute(update(schema.job).where(JOB.job_id == job_id).values(values))

        self._database.write(give_back, flush=False)


def holds(connection: Connection, job_id: str, fence: int) -> bool:
    """Whether a lease is still held; until this transaction ends, nobody else changes the row."""
    return connection.execute(HELD, {"its_id": job_id, "its_fence": fence}).first() is not None


def wake(connection: Connection, row: JobRow) -> None:
    """Make the workflow due whose job has ended."""
    if row.workflow and row.state.is_terminal:
        connection.execute(WAKE, {"its_workflow": row.workflow})
