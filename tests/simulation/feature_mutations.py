"""Kernels that are wrong in one place each, of those that workflows, deadlines, decisions, caches and batches have."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from eigen.jobspec.spec import AT_LEAST_ONCE
from eigen.kernel import batch, decisions, jobs
from eigen.kernel.effects import parts, recall, steps
from eigen.kernel.effects.control import RunControl
from eigen.kernel.effects.delivery import Delivery
from eigen.kernel.effects.recall import Recall
from eigen.kernel.kernel import Kernel
from eigen.kernel.lease import Lease
from eigen.qfs.store import CachedResult
from simulation import outside

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from eigen.kernel.workflow import Decision, Standing


@contextmanager
def steps_of_attempts() -> Generator[None]:
    """Each lease of a workflow gives the jobs of its steps ids of its own."""
    real = parts.part_id

    def part_id(workflow: Any, step: str, index: int | None) -> str:
        return real(workflow, f"{step} {workflow.fence}", index)

    with patch.object(parts, "part_id", part_id):
        yield


@contextmanager
def steps_without_a_lease() -> Generator[None]:
    """Jobs of steps are stored whoever has the workflow."""
    real = outside.MemoryJobStore.insert

    def insert(self: Any, row: Any, event: Any, *, under: int | None = None, **rest: Any) -> str:
        if under is None:
            return real(self, row, event, **rest)
        return row.job_id if row.job_id in self.memory.jobs else real(self, row, event)

    with patch.object(outside.MemoryJobStore, "insert", insert):
        yield


@contextmanager
def ends_before_its_jobs() -> Generator[None]:
    """A workflow that is to stop waits for nobody."""
    real = steps.advance

    def advance(now: Standing) -> Decision:
        found = real(now)
        return replace(found, finished=True) if now.stopping and not (found.records or found.ended) else found

    with patch.object(steps, "advance", advance):
        yield


@contextmanager
def rest_that_misses_ends() -> Generator[None]:
    """A workflow goes to rest without a look at what ended meanwhile."""
    real = steps.Rested

    def rested(at: float, ended: int, until: float) -> Any:
        return real(at, ended + 1000, until)

    with patch.object(steps, "Rested", rested):
        yield


@contextmanager
def steps_without_a_budget() -> Generator[None]:
    """Nobody counts what the steps of a workflow use together."""
    with patch.object(parts.Parts, "_granted", lambda _self, _job_id, spec: spec):
        yield


@contextmanager
def steps_without_needs() -> Generator[None]:
    """A step begins at once."""
    real = steps.advance

    def advance(now: Standing) -> Decision:
        free = tuple(replace(step, needs=(), when=None) for step in now.plan.steps)
        return real(replace(now, spec=replace(now.spec, workflow=replace(now.plan, steps=free))))

    with patch.object(steps, "advance", advance):
        yield


@contextmanager
def records_are_forgotten() -> Generator[None]:
    """A step that ended is recorded again by whoever comes next."""
    real = steps._Advance.__init__

    def made(self: Any, *args: Any) -> None:
        real(self, *args)
        self._records = {}

    with patch.object(steps._Advance, "__init__", made):
        yield


@contextmanager
def deadlines_of_the_queue() -> Generator[None]:
    """Only a job that waits has a deadline."""
    real = Lease.__init__

    def made(self: Any, *args: Any, **named: Any) -> None:
        real(self, *args, **named)
        self._last = None

    with patch.object(Lease, "__init__", made):
        yield


@contextmanager
def no_deadline_while_nobody_decides() -> Generator[None]:
    """A job that waits for a person waits for ever."""
    real = jobs._undecided

    def undecided(job: Any, event: Any) -> Any:
        found, effects = real(job, event)
        return replace(found, queue_until=None), effects

    with patch.object(jobs, "_undecided", undecided):
        yield


@contextmanager
def decisions_about_anything() -> Generator[None]:
    """What is said about one submission holds for whichever is asked about."""
    real = Kernel.decide

    def decide(self: Any, job_id: str, decision: str, *, key: str = "") -> None:
        real(self, job_id, decision)

    with patch.object(Kernel, "decide", decide):
        yield


@contextmanager
def nobody_is_asked() -> Generator[None]:
    """Work of which nobody knows is submitted again."""
    real = Delivery.__init__

    def made(self: Any, *args: Any, policy: str, **named: Any) -> None:
        real(self, *args, policy=AT_LEAST_ONCE, **named)

    with patch.object(Delivery, "__init__", made):
        yield


@contextmanager
def nothing_is_known_of_submissions() -> Generator[None]:
    """What was asked of a device that charges is kept nowhere."""
    with patch.object(outside.MemoryJobStore, "intents", lambda _self, _origin: ()):
        yield


@contextmanager
def decisions_that_do_not_hold() -> Generator[None]:
    """Who gave up is asked again, and again."""
    real = decisions.decisions

    def found(events: Any) -> dict[str, dict[str, Any]]:
        return {key: said for key, said in real(events).items() if said["decision"] != decisions.GIVE_UP}

    with patch("eigen.kernel.effects.delivery.decisions", found):
        yield


@contextmanager
def paid_work_gives_way() -> Generator[None]:
    """Any run gives way."""
    real = RunControl.check

    def check(self: Any, *, tasks: int, shots: int, replayed: bool) -> None:
        lease = self._lease
        if lease.preempting is not None and not replayed:
            lease.preempting._since.setdefault(lease.job.job_id, 0.0)
            lease.preempting.give_way(lease)
        real(self, tasks=tasks, shots=shots, replayed=replayed)

    with patch.object(RunControl, "check", check):
        yield


@contextmanager
def giving_way_is_a_failure() -> Generator[None]:
    """Who gives way has failed once more."""
    real = jobs._preempted

    def preempted(job: Any, event: Any) -> Any:
        error = {"code": "EIGEN_DEVICE_FAILED", "message": "it gave way"}
        return (
            jobs._failed(job, jobs_failed(event.at, error)) if job.failures else real(replace(job, failures=1), event)
        )

    with patch.object(jobs, "_preempted", preempted):
        yield


def jobs_failed(at: float, error: Any) -> Any:
    """The event of a failure."""
    from eigen.kernel.events import Failed

    return Failed(at, error, retryable=True)


@contextmanager
def results_of_other_questions() -> Generator[None]:
    """What is kept is found whatever the values were."""
    real = recall.identity_of

    def identity_of(work: Any) -> str:
        return real(replace(work, values=(), seed=0))

    with patch.object(recall, "identity_of", identity_of):
        yield


@contextmanager
def results_of_everybody() -> Generator[None]:
    """What one tenant asked answers all of them."""
    real = Recall.__init__

    def made(self: Any, *args: Any, **named: Any) -> None:
        real(self, *args, **named)
        self._tenant = "everybody"

    with patch.object(Recall, "__init__", made):
        yield


@contextmanager
def results_that_are_not_checked() -> Generator[None]:
    """What is kept is believed."""
    with patch.object(CachedResult, "holds", True):
        yield


@contextmanager
def batches_one_by_one() -> Generator[None]:
    """The jobs of a batch are stored one after the other."""

    def submit_all(kernel: Kernel, entries: Any, key: str | None) -> Any:
        names = [
            kernel.submit(entry.job.spec, entry.job.files, idempotency_key=f"{key}-{number}")
            for number, entry in enumerate(entries)
        ]
        return tuple(kernel.get(name) for name in names)

    with patch.object(batch, "submit_all", submit_all):
        yield


FEATURE_MUTATIONS: tuple[Callable[[], Any], ...] = (
    steps_of_attempts,
    steps_without_a_lease,
    ends_before_its_jobs,
    rest_that_misses_ends,
    steps_without_a_budget,
    steps_without_needs,
    records_are_forgotten,
    deadlines_of_the_queue,
    no_deadline_while_nobody_decides,
    decisions_about_anything,
    nobody_is_asked,
    nothing_is_known_of_submissions,
    decisions_that_do_not_hold,
    paid_work_gives_way,
    giving_way_is_a_failure,
    results_of_other_questions,
    results_of_everybody,
    results_that_are_not_checked,
    batches_one_by_one,
)
