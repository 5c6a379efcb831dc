"""`Lease`: the right to work on one job, kept alive by a heart, and everything that may end it early.

It knows nothing of states: `worker` moves the job, effects only ask `check` and `announce`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.kernel import logs
from eigen.kernel.events import Progressed
from eigen.kernel.storing import Storing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from eigen.ir.program import Program
    from eigen.kernel.ports import LoweredCircuit, Ports
    from eigen.kernel.preemption import Preempting
    from eigen.qfs.store import JobRow, JournalEntry
    from eigen.types import Device, Json

CANCEL_POLL_SECONDS = 0.1
PROGRESS_SECONDS = 0.5


class LeaseLostError(Exception):
    """Another worker has the job now; whatever this one still does must not count."""


class RunInterruptedError(Exception):
    """The running effect must end: `reason` is `cancelled`, `timeout`, `deadline`, `budget`, `stopped` or
    `preempted`."""

    def __init__(self, reason: str, limit: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.limit = limit


class UndecidedError(Exception):
    """The running effect must end, and a person must decide; `about` says what is known of the work in question."""

    def __init__(self, about: Mapping[str, Json]) -> None:
        super().__init__(about)
        self.about = about


@dataclass(slots=True)
class Workspace:
    """What one effect leaves for the next within a lease, so that it need not be read or made again."""

    program: Program | None = None
    program_sha256: str = ""
    device: Device | None = None
    lowered: tuple[LoweredCircuit, ...] = ()
    region: tuple[int, ...] | None = None
    shared: tuple[tuple[Device, tuple[LoweredCircuit, ...]], ...] = ()
    has_snapshots: bool = False


class Lease:
    """A claimed job. `job` is its row as this worker last wrote it; use as a context manager."""

    def __init__(
        self,
        ports: Ports,
        job: JobRow,
        seconds: float,
        *,
        stop: threading.Event | None = None,
        preempting: Preempting | None = None,
    ) -> None:
        self.job = job
        self.workspace = Workspace()
        self.preempting = preempting
        self.storing = Storing(ports.beside)
        self._ports = ports
        self._seconds = seconds
        self._stop = stop
        self._end: Callable[[], None] = lambda: None
        self._lost = threading.Event()
        self._deadline: tuple[float, str, float] | None = None
        left = None if job.deadline is None else job.deadline - ports.clock.now()
        self._last = None if left is None else ports.clock.monotonic() + left
        self._next_poll = ports.clock.monotonic() + CANCEL_POLL_SECONDS  # the claim has just told
        self._next_progress = 0.0
        self._advance: Callable[[Progressed], object] | None = None

    def __enter__(self) -> Lease:
        self._end = self._ports.heart.start(f"lease-{self.job.job_id}", self._beat, self._seconds / 3)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self.storing.wait()

    def listen(self, advance: Callable[[Progressed], object]) -> None:
        """Who is told of progress: the worker, which steps and stores the job."""
        self._advance = advance

    def limit(self, seconds: float | None, reason: str, value: float | None = None) -> None:
        """Interrupt with `reason` when `seconds` from now have passed; the earliest limit counts."""
        if seconds is None:
            return
        deadline = self._ports.clock.monotonic() + seconds
        if self._deadline is None or deadline < self._deadline[0]:
            self._deadline = (deadline, reason, seconds if value is None else value)

    def no_limit(self) -> None:
        """Forget the limits of an attempt that is over."""
        self._deadline = None

    def check(self, *, replayed: bool = False) -> None:
        """Between two pieces of work; cheap. Raises `LeaseLostError` or `RunInterruptedError`, but not for a budget
        while work is answered from the journal: what was reached is there at its end."""
        if self._lost.is_set():
            raise LeaseLostError(self.job.job_id)
        if self._stop is not None and self._stop.is_set():
            raise RunInterruptedError("stopped")
        now = self._ports.clock.monotonic()
        if self._last is not None and now >= self._last:
            raise RunInterruptedError("deadline", self.job.deadline or 0.0)
        if self._deadline is not None and now >= self._deadline[0] and not (replayed and self._deadline[1] == "budget"):
            raise RunInterruptedError(self._deadline[1], self._deadline[2])
        if now >= self._next_poll:
            self._next_poll = now + CANCEL_POLL_SECONDS
            self._poll()

    def confirm(self) -> None:
        """Before something that must not be done twice: the lease, extended now, or `LeaseLostError`."""
        if not self._extend():
            raise LeaseLostError(self.job.job_id)

    def journal(self, entries: Sequence[JournalEntry], *, flush: bool = True) -> None:
        """Record evaluations durably (without `flush`: with the step that follows), or `LeaseLostError`. What they are
        evaluations of is stored before them."""
        self.storing.settle()
        if not self._ports.jobs.journal_append(self.job.job_id, self.job.fence, entries, flush=flush):
            raise LeaseLostError(self.job.job_id)

    def say(self, text: str) -> None:
        """Write a line of the program into the job's log."""
        logs.write(self._ports, self.job.job_id, "info", text, stage="program")

    def announce(
        self,
        stage: str,
        message: str,
        *,
        progress: float = 0.0,
        data: Mapping[str, Json] | None = None,
        always: bool = False,
    ) -> None:
        """Tell the watchers how far the program is; more often than twice a second only when `always`."""
        now = self._ports.clock.monotonic()
        if self._advance is None or (now < self._next_progress and not always):
            return
        self._next_progress = now + PROGRESS_SECONDS
        values: dict[str, Any] = dict(data or {})
        self._advance(Progressed(self._ports.clock.now(), stage, progress, message, values))

    def _poll(self) -> None:
        row = self._ports.jobs.get(self.job.job_id)
        if row is None or row.fence != self.job.fence or not row.owner:
            raise LeaseLostError(self.job.job_id)
        if row.cancel_requested:
            raise RunInterruptedError("cancelled")

    def _extend(self) -> bool:
        if self._ports.jobs.heartbeat(self.job.job_id, self.job.fence, self._seconds):
            return True
        self._lost.set()
        return False

    def _beat(self) -> bool:
        try:
            return self._extend()
        except EigenError:
            return True  # a busy or full disk: the lease holds until it runs out, the next beat tries again
