"""`Worker`: the loop. Claim a job, step it, store the step, perform the effects, until it rests.

The only caller of `kernel.effects`, and the only writer of a claimed job. It decides nothing: `jobs.step` does.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.kernel import logs
from eigen.kernel.effects import perform
from eigen.kernel.effects.verdict import event_of
from eigen.kernel.events import (
    Announce,
    Cancelled,
    Claimed,
    Compiled,
    Executed,
    Failed,
    Keep,
    Progressed,
    Rested,
    Stopped,
    TimedOut,
)
from eigen.kernel.failpoints import hit
from eigen.kernel.jobs import step
from eigen.kernel.lease import Lease, LeaseLostError
from eigen.kernel.owner import dead_among, own_name
from eigen.telemetry import count, stamped

if TYPE_CHECKING:
    from eigen.kernel.events import Effect, Event
    from eigen.kernel.ports import Ports
    from eigen.kernel.preemption import Preempting
    from eigen.qfs.store import JobRow, JobStore
    from eigen.types import Json

ON_THE_WAY = (Claimed, Compiled, Progressed, Rested)
"""Steps that a loss of power may take back, unless they end the job: whoever claims it next makes them again. The step
to RUNNING is flushed, and with it all before it."""

LEASE_SECONDS = 30.0
POLL_SECONDS = 0.05
AT_A_TIME = 1000
"""Jobs of a workflow that are looked at together."""


def parts_of(jobs: JobStore, row: JobRow) -> list[str]:
    """Jobs of a workflow that need a worker."""
    if row.spec.get("workflow") is None:
        return []
    return [part.job_id for part in jobs.jobs_of(row.job_id, alive=True, limit=AT_A_TIME)]


class Worker:
    """Runs jobs of one database, one at a time. Several workers may share the database."""

    def __init__(self, ports: Ports, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self.owner = own_name()
        self._ports = ports
        self._lease_seconds = lease_seconds
        self._recovered = False

    def run_until(
        self, job_id: str | None = None, *, stop: threading.Event | None = None, wait_seconds: float | None = None
    ) -> bool:
        """Work until the job has ended and its files are written; without a job, until nothing is left to do.

        Jobs that the job depends on are run too. A job that another worker holds, or that waits for its next
        attempt, is waited for; without a job, only what waits for its next attempt. False when `stop` was set or
        `wait_seconds` passed first. Raises EIGEN_JOB_NOT_FOUND, and EIGEN_STORE_UNAVAILABLE when the disk is full or
        read-only: the job continues at the next start.
        """
        clock = self._ports.clock
        deadline = None if wait_seconds is None else clock.monotonic() + wait_seconds
        while not (stop is not None and stop.is_set()):
            found = self.run_next(job_id, stop=stop)
            if self._is_over(job_id) if job_id is not None else not found and self._is_idle():
                return True
            if found:
                continue
            if deadline is not None and clock.monotonic() >= deadline:
                return False
            clock.sleep(POLL_SECONDS)
        return False

    def run_next(self, job_id: str | None = None, *, stop: threading.Event | None = None) -> bool:
        """Claim one job (this one, or one it depends on) and drive it until it rests; False: nothing to claim."""
        row = self.claim(job_id)
        if row is None:
            return False
        self.work(row, stop=stop)
        return True

    def claim(self, job_id: str | None = None) -> JobRow | None:
        """The next job that needs work (this one, one it depends on, or one of a step of it), now this worker's; None:
        there is none."""
        self._recover()
        row = self._claim(job_id)
        if row is None:
            self._recovered = False  # whoever holds the others may die before the next look
        return row

    def work(self, row: JobRow, *, stop: threading.Event | None = None, preempting: Preempting | None = None) -> None:
        """Drive a claimed job until it rests, or gives way where there is `preempting`. All that is said meanwhile
        carries the ids of the job and its trace."""
        hit("claimed")
        with (
            stamped(job_id=row.job_id, trace_id=logs.trace_of(row)),
            Lease(self._ports, row, self._lease_seconds, stop=stop, preempting=preempting) as lease,
        ):
            self._drive(lease)

    def settle(self, job_id: str) -> None:
        """End a job that is to be cancelled, if nobody holds it."""
        self._recover()
        row = self._ports.jobs.claim(self.owner, self._ports.clock.now(), self._lease_seconds, job_id=job_id)
        if row is None:
            return
        self.work(row)
        parts = parts_of(self._ports.jobs, row)
        for part in parts:
            self.settle(part)
        if parts:
            self.settle(job_id)

    def _recover(self) -> None:
        """End the leases of workers that died, once per search."""
        if self._recovered:
            return
        self._recovered = True
        jobs = self._ports.jobs
        dead = dead_among(jobs.owners(), one_host=jobs.one_host)
        if dead:
            jobs.break_leases(dead)

    def _claim(self, job_id: str | None) -> JobRow | None:
        jobs, clock = self._ports.jobs, self._ports.clock
        if job_id is None:
            return jobs.claim(self.owner, clock.now(), self._lease_seconds)
        seen: set[str] = set()
        wanted = [job_id]
        while wanted:
            name = wanted.pop()
            if name in seen:
                continue
            seen.add(name)
            row = jobs.claim(self.owner, clock.now(), self._lease_seconds, job_id=name)
            if row is not None:
                return row
            known = jobs.get(name)
            if known is not None and not known.state.is_terminal:
                wanted += known.dependencies
                wanted += reversed(parts_of(jobs, known))
        return None

    def _is_over(self, job_id: str) -> bool:
        row = self._ports.jobs.get(job_id)
        if row is None:
            raise EigenError("EIGEN_JOB_NOT_FOUND", f"there is no job `{job_id}`")
        return row.sealed

    def _is_idle(self) -> bool:
        """Whether no job waits for its next attempt. One that waits for somebody's reservation to end is not waited
        for: that can take days."""
        return self._ports.jobs.next_due(self._ports.clock.now()) is None

    def _drive(self, lease: Lease) -> None:
        ports, job_id = self._ports, lease.job.job_id
        lease.listen(lambda event: self._reach(lease, event))
        event: Event | None = Claimed(ports.clock.now(), self._recorded(lease.job))
        try:
            while event is not None:
                event = self._perform(lease, self._reach(lease, event))
        except LeaseLostError:
            logs.write(ports, job_id, "warning", "the lease was lost; another worker has the job")
        except KeyboardInterrupt:
            self._hand_back(lease)
            raise
        except EigenError:
            with suppress(EigenError):  # the disk that failed may refuse this too; the lease then runs out
                ports.jobs.release(job_id, lease.job.fence)
            raise

    def _recorded(self, row: JobRow) -> int:
        """How many evaluations are in the job's journal: none when it continues no other and nobody had it yet."""
        return 0 if row.fence == 1 and not row.resumed_from else self._ports.jobs.journal_length(row.job_id)

    def _hand_back(self, lease: Lease) -> None:
        """Ctrl-C: leave the job where another worker, or the next start, continues it."""
        self._perform(lease, self._reach(lease, Stopped(self._ports.clock.now())))

    def _reach(self, lease: Lease, event: Event) -> tuple[Effect, ...]:
        """Step the job and store the step in one transaction; returns the effects that follow it."""
        ports, before = self._ports, lease.job
        job, effects = step(before, event)
        events = [effect.event for effect in effects if isinstance(effect, Announce)]
        outcome = next((effect.outcome for effect in effects if isinstance(effect, Keep)), None)
        if job is not before:
            if job.state.is_terminal:
                lease.storing.wait()  # whoever sees the end sees the files
            hit("commit.before")
            try:
                stored = ports.jobs.update(
                    job,
                    events,
                    expected_version=before.version,
                    fence=before.fence,
                    outcome=outcome,
                    flush=not isinstance(event, ON_THE_WAY) or job.state.is_terminal,
                )
            except (TypeError, ValueError) as error:  # an outcome that is no JSON: a defect, and the verdict
                return self._reach(lease, event_of(error, ports, lease))
            if not stored:
                self._refuse(lease, event)
                raise LeaseLostError(job.job_id)
            lease.job = replace(job, version=before.version + 1)
            hit("commit.after")
            if job.state is not before.state:
                count("eigen_kernel_job_state_transitions_total", **{"from": before.state.value, "to": job.state.value})
        for entry in events:
            level = "error" if entry.data.get("error") else "info"
            logs.write(ports, job.job_id, level, entry.message, stage=entry.stage, extra=entry.data)
        return tuple(effect for effect in effects if not isinstance(effect, (Announce, Keep)))

    def _perform(self, lease: Lease, effects: tuple[Effect, ...]) -> Event | None:
        following: Event | None = None
        for effect in effects:
            following = perform(self._ports, lease, effect)
        return following

    def _refuse(self, lease: Lease, event: Event) -> None:
        """A late verdict of a lost lease is recorded, never applied."""
        outcome: Json = event.outcome if isinstance(event, (Executed, Failed, Cancelled, TimedOut)) else None
        if outcome is not None:
            self._ports.jobs.refuse(lease.job.job_id, lease.job.fence, outcome)
            hit("refuse.kept")
            logs.write(self._ports, lease.job.job_id, "warning", "a result came after the lease was lost: refused")
