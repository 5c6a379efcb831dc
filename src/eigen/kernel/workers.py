"""`Workers`: some workers in threads of one process, and what the metrics say of the queue they work."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from eigen.kernel.preemption import Preempting
from eigen.kernel.worker import POLL_SECONDS, Worker
from eigen.telemetry import gauge, log
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JobRow

RETRY_SECONDS = 1.0
MOST_RETRY_SECONDS = 15.0
"""The pauses after a store that could not be used: the first one, and what doubling them ends at."""

GAUGE_SECONDS = 1.0


class Workers:
    """`count` workers over one database. One of the idle ones looks for work; the others wait for their turn.
    When none is idle, a job that has run for `preempt_after_seconds` gives way to a more urgent one; never when 0."""

    def __init__(self, ports: Ports, count: int, *, lease_seconds: float, preempt_after_seconds: float = 0.0) -> None:
        self.count = count
        self._ports = ports
        self._workers = [Worker(ports, lease_seconds=lease_seconds) for _ in range(count)]
        self._preempting = Preempting(ports, preempt_after_seconds)
        self._stop = threading.Event()
        self._bell = threading.Event()
        self._looking = threading.Lock()
        self._counting = threading.Lock()
        self._active = 0
        self._deafen: Callable[[], None] = lambda: None
        self._threads = [
            *(
                threading.Thread(target=self._run, args=(worker,), name=f"worker-{number}", daemon=True)
                for number, worker in enumerate(self._workers)
            ),
            threading.Thread(target=self._measure, name="queue-gauges", daemon=True),
        ]

    def start(self) -> None:
        """Begin to work."""
        self._deafen = self._ports.jobs.listen(self.poke)
        for thread in self._threads:
            thread.start()

    def poke(self) -> None:
        """Say that there is something new: the idle one looks at once."""
        self._bell.set()

    def stop(self) -> None:
        """Claim nothing more; a job at hand goes back to the queue after the evaluation it is in."""
        self._stop.set()
        self._bell.set()
        self._deafen()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until no worker works any more; False when one still does after `timeout` seconds."""
        deadline = None if timeout is None else self._ports.clock.monotonic() + timeout
        started = [thread for thread in self._threads if thread.ident is not None]
        for thread in started:
            thread.join(None if deadline is None else max(0.0, deadline - self._ports.clock.monotonic()))
        return not any(thread.is_alive() for thread in started)

    def _run(self, worker: Worker) -> None:
        pause = RETRY_SECONDS
        while not self._stop.is_set():
            try:
                row = self._next(worker)
                if row is not None:
                    self._work(worker, row)
                pause = RETRY_SECONDS
            except Exception as error:  # whatever it was, the other jobs want to be worked on
                log("error", f"a worker could not go on: {type(error).__name__}: {error}", error=error)
                self._stop.wait(pause)
                pause = min(2 * pause, MOST_RETRY_SECONDS)

    def _next(self, worker: Worker) -> JobRow | None:
        """A claimed job; None when it is time to stop."""
        with self._looking:
            while not self._stop.is_set():
                self._bell.clear()
                row = worker.claim()
                if row is not None:
                    return row
                self._bell.wait(POLL_SECONDS)
        return None

    def _work(self, worker: Worker, row: JobRow) -> None:
        self._count(1)
        try:
            worker.work(row, stop=self._stop, preempting=self._preempting)
        finally:
            self._preempting.end(row.job_id)
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._counting:
            self._active += change
            gauge("eigen_kernel_active_jobs", self._active)

    def _measure(self) -> None:
        """Tell how many jobs wait, and see who should give way, once a second."""
        while True:
            try:
                groups = self._ports.jobs.waiting()
                gauge("eigen_kernel_queue_depth", sum(g.count for g in groups if g.state is not JobState.RUNNING))
                self._preempting.look(busy=self._active >= self.count)
            except Exception as error:  # the next look may succeed; the workers say what is wrong
                log("debug", f"the queue could not be counted: {error}")
            if self._stop.wait(GAUGE_SECONDS):
                return
