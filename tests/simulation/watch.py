"""`Watch`: what may not happen at any moment of a history, looked at as it happens."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from simulation.world import BrokenLawError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doubles.memory_stores import Memory
    from eigen.qfs.store import JobRow
    from simulation.world import World

SHORT = 1e-3
"""Moments are written to the microsecond."""


class Watch:
    """The writes to the job store, each after it was made, and the evaluations, each before it is made. `batches` are
    the wishes that come together; what is wrong with an evaluation is kept in `broken`."""

    def __init__(self, world: World, memory: Memory) -> None:
        self._world = world
        self._memory = memory
        self._fences: dict[str, int] = {}
        self._late: Counter[tuple[str, int]] = Counter()
        self.batches: dict[str, frozenset[str]] = {}
        self.broken: list[str] = []

    def done(self, method: str, args: tuple[Any, ...], named: Mapping[str, Any], value: Any) -> None:
        """A write was accepted: the lease that it was made under is the one that was given last."""
        if method == "claim" and value is not None:
            self._claimed(value)
        elif value is True and method in {"update", "journal_append", "seal", "heartbeat", "intend"}:
            job_id = args[0].job_id if method in {"update", "intend"} else args[0]
            fence = named["fence"] if method == "update" else args[1]
            if fence != self._fences.get(job_id):
                self._break(f"`{method}` of {job_id} was accepted from a lost lease")
            if method == "update" and args[0].state.is_terminal:
                self._ended(args[0])
        elif method == "insert" and value and args[0].workflow:
            self._began(args[0])

    def begins(self, key: str) -> None:
        """An evaluation of a job is about to be made: by a lease that began before the deadline, and at most one after
        it, which was under way. Where calendars jump, nobody can say when that is."""
        actor = self._world.actor
        row = self._memory.jobs.get(key.partition(":")[0])
        if actor is None or row is None or row.deadline is None or self._world.counts["calendar"]:
            return
        if actor.job_id != row.job_id or self._world.now() < row.deadline + SHORT:
            return
        self._late[row.job_id, actor.fence] += 1
        if actor.claimed_at > row.deadline + SHORT or self._late[row.job_id, actor.fence] > 1:
            self.broken.append(
                f"{row.job_id} evaluates at {self._world.now():.3f}, after its deadline {row.deadline:.3f}"
            )

    def _break(self, text: str) -> None:
        """The kernel may take the error for one of its own: it is kept."""
        self.broken.append(text)
        raise BrokenLawError(text)

    def _claimed(self, row: JobRow) -> None:
        if row.fence != self._fences.get(row.job_id, 0) + 1:
            self._break(f"a fence of {row.job_id} was given twice")
        self._fences[row.job_id] = row.fence
        actor = self._world.actor
        if actor is not None:
            actor.job_id, actor.fence, actor.claimed_at = row.job_id, row.fence, self._world.now()
        together = self.batches.get(wish_of(row), frozenset())
        if together and not row.workflow:
            there = {wish_of(other) for other in self._memory.jobs.values()}
            if not together <= there:
                self._break(f"{row.job_id} is worked on, and {sorted(together - there)} of its batch are not there")

    def _ended(self, row: JobRow) -> None:
        """A workflow ends after its jobs, and with a record of every step if it ever began."""
        if row.spec.get("workflow") is None:
            return
        alive = [
            part.job_id
            for part in self._memory.jobs.values()
            if part.workflow == row.job_id and not part.state.is_terminal
        ]
        if alive:
            self._break(f"the workflow {row.job_id} ended before its jobs {alive}")
        steps = {step["name"] for step in row.spec["workflow"]["steps"]}
        recorded = {key.removeprefix("step ") for key, _ in self._memory.journal[row.job_id]}
        if row.attempt and recorded != steps:
            self._break(f"the workflow {row.job_id} ended with records of {sorted(recorded)}")

    def _began(self, row: JobRow) -> None:
        """A job of a step is stored while its workflow lives, and after what it needs."""
        whole = self._memory.jobs[row.workflow]
        if whole.state.is_terminal:
            self._break(f"{row.job_id} was stored after its workflow had ended")
        needs = next(step for step in whole.spec["workflow"]["steps"] if step["name"] == row.step).get("needs", ())
        recorded = {key.removeprefix("step ") for key, _ in self._memory.journal[whole.job_id]}
        if not recorded.issuperset(needs):
            self._break(f"the step `{row.step}` began before {sorted(set(needs) - recorded)} had ended")


def wish_of(row: JobRow) -> str:
    """The number of the wish that a job is of."""
    return str(row.spec["labels"].get("wish", ""))
