"""Preemption: the jobs of one process that may give way to waiting ones, and the points at which they do.

Only work that is repeatable and free gives way, and only between two evaluations: what was done is in the journal.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from eigen.kernel.failpoints import hit
from eigen.kernel.lease import RunInterruptedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import Ports
    from eigen.qfs.store import Preemption


class PreemptedError(RunInterruptedError):
    """The running effect must end: its worker is wanted by a more urgent job, `by`; another tenant's has no name."""

    def __init__(self, by: str) -> None:
        super().__init__("preempted")
        self.by = by


class Preempting:
    """Which job of this process should give way. `look` is called about once a second by the one that counts; a job
    is asked to give way when two looks in a row found the same waiting one: no idle worker of any server took it.

    A job may give way when it has run for `seconds` since it last began something new; never when that is 0.
    """

    def __init__(self, ports: Ports, seconds: float) -> None:
        self._ports = ports
        self._seconds = seconds
        self._lock = threading.Lock()
        self._since: dict[str, float] = {}
        self._seen: Preemption | None = None
        self._wanted: Preemption | None = None

    def begin(self, job_id: str) -> None:
        """The job does something new from now on."""
        with self._lock:
            self._since[job_id] = self._ports.clock.monotonic()

    def end(self, job_id: str) -> None:
        """The job is not worked on any more."""
        with self._lock:
            self._since.pop(job_id, None)

    def look(self, *, busy: bool) -> None:
        """Ask the queue who should give way; `busy`: no worker of this process is idle."""
        clock = self._ports.clock
        found = None
        if busy and self._seconds > 0:
            begun = clock.monotonic() - self._seconds
            with self._lock:
                old = [job_id for job_id, since in self._since.items() if since <= begun]
            found = self._ports.jobs.to_preempt(old, clock.now(), self._seconds) if old else None
        with self._lock:
            self._wanted = found if found == self._seen else None
            self._seen = found

    def give_way(self, lease: Lease) -> None:
        """At a checkpoint of the job. Raises `PreemptedError` when it is to give way."""
        wanted = self._wanted
        if wanted is None or wanted.job_id != lease.job.job_id:
            return
        with self._lock:
            self._wanted = self._seen = None
        if self._ports.jobs.give_way(wanted, lease.job.fence, self._ports.clock.now()):
            hit("preempt.gave-way")
            raise PreemptedError(wanted.to if wanted.same_tenant else "")


class Checkpoints:
    """The points between the evaluations of one run. `position` is how many its journal holds."""

    def __init__(self, preempting: Preempting, lease: Lease, position: Callable[[], int]) -> None:
        self._preempting = preempting
        self._lease = lease
        self._position = position
        self._first: int | None = None

    def reach(self) -> None:
        """Before a new evaluation. Raises `PreemptedError`, once there is one new entry: each attempt goes further."""
        position = self._position()
        if self._first is None:
            self._first = position
            self._preempting.begin(self._lease.job.job_id)
        elif position > self._first:
            self._preempting.give_way(self._lease)
