"""Kernels that are wrong in one place each: what a simulator is worth is whether it finds them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from doubles.memory_stores import MemoryJobStore
from eigen.kernel import worker
from eigen.kernel.effects import execute, perform, seal, submission
from eigen.kernel.effects.delivery import Delivery
from eigen.kernel.events import Execute
from eigen.kernel.journal import Journal
from eigen.kernel.kernel import Kernel
from eigen.kernel.lease import Lease

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


@contextmanager
def no_fence() -> Generator[None]:
    """A step is stored whoever has the job."""
    real = MemoryJobStore.update

    def update(self: MemoryJobStore, row: Any, events: Any, *, expected_version: int, fence: int, **rest: Any) -> bool:
        known = self.memory.jobs[row.job_id]
        return real(self, row, events, expected_version=known.version, fence=known.fence, **rest)

    with patch.object(MemoryJobStore, "update", update):
        yield


@contextmanager
def no_fence_of_the_journal() -> Generator[None]:
    """An evaluation is recorded whoever has the job, and nobody looks whether it is his own."""
    real = MemoryJobStore.journal_append

    def append(self: MemoryJobStore, job_id: str, fence: int, entries: Any, **rest: Any) -> bool:
        return real(self, job_id, self.memory.jobs[job_id].fence, entries, **rest)

    with (
        patch.object(MemoryJobStore, "journal_append", append),
        patch.object(Lease, "_poll", lambda _: None),
        patch.object(Lease, "confirm", lambda _: None),
    ):
        yield


@contextmanager
def no_adoption() -> Generator[None]:
    """What an earlier attempt submitted is asked of nobody, and goes out under the next key."""

    def forgotten(_self: Any, _key: str) -> None:
        return None

    def as_if_lost(self: Any, key: str) -> bool:
        return key not in self._intents

    with patch.object(submission.Submission, "_handle", forgotten), patch.object(Delivery, "may_submit", as_if_lost):
        yield


@contextmanager
def keys_of_attempts() -> Generator[None]:
    """Each attempt pays under keys of its own."""
    real = submission.Submission.run

    def run(self: Any, key: str, work: Any) -> Any:
        return real(self, f"{key}-again{self._lease.job.attempt}", work)

    with patch.object(submission.Submission, "run", run):
        yield


@contextmanager
def commit_after_the_effects() -> Generator[None]:
    """The run begins before the step that says so is stored."""
    real = worker.Worker._reach

    def reach(self: Any, lease: Lease, event: Any) -> Any:
        before = lease.job
        job, effects = worker.step(before, event)
        if any(isinstance(effect, Execute) for effect in effects):
            lease.job = replace(job, version=before.version)
            following = perform(self._ports, lease, Execute())
            lease.job = before
            real(self, lease, event)
            return real(self, lease, following)
        return real(self, lease, event)

    with patch.object(worker.Worker, "_reach", reach):
        yield


@contextmanager
def no_idempotency() -> Generator[None]:
    """A request that is repeated makes another job."""
    real = Kernel._submit

    def submit(self: Any, wanted: Any, key: Any, digest: str, reservation_id: str) -> str:
        return real(self, wanted, None, digest, reservation_id)

    with patch.object(Kernel, "_submit", submit):
        yield


@contextmanager
def no_replay() -> Generator[None]:
    """What was recorded is done again."""
    real = Journal.__init__

    def made(self: Any, recorded: Any, *rest: Any, **named: Any) -> None:
        real(self, (), *rest, **named)

    with patch.object(Journal, "__init__", made):
        yield


@contextmanager
def seeds_of_attempts() -> Generator[None]:
    """Each attempt draws its own."""
    real = execute.seed_of

    def seed_of(spec: Any, program: Any, *, entropy: int) -> tuple[int, str]:
        return real(replace(spec, seed=None), program, entropy=entropy)

    with patch.object(execute, "seed_of", seed_of):
        yield


@contextmanager
def sealed_without_files() -> Generator[None]:
    """A job is marked as complete whether or not its files could be written."""
    with patch.object(seal, "_write", lambda ports, row: None):
        yield


@contextmanager
def files_after_the_seal() -> Generator[None]:
    """A job is marked as complete before its files are written."""

    def late(ports: Any, lease: Lease) -> None:
        ports.jobs.seal(lease.job.job_id, lease.job.fence, keep_outcome=True)
        seal._write(ports, lease.job)

    with patch.object(seal, "seal", late):
        yield


@contextmanager
def verdict_of_a_full_disk() -> Generator[None]:
    """A store that fails fails the job."""
    real = execute.error_of

    def error_of(error: Exception) -> Any:
        found = real(error)
        return replace_code(found) if found.code == "EIGEN_STORE_UNAVAILABLE" else found

    def replace_code(error: Any) -> Any:
        error.code = "EIGEN_INTERNAL"
        return error

    with patch.object(execute, "error_of", error_of):
        yield


MUTATIONS: tuple[Callable[[], Any], ...] = (
    no_fence,
    no_fence_of_the_journal,
    no_adoption,
    keys_of_attempts,
    commit_after_the_effects,
    no_idempotency,
    no_replay,
    seeds_of_attempts,
    sealed_without_files,
    files_after_the_seal,
    verdict_of_a_full_disk,
)
