"""`WorkTable`: submit, poll, result, adopt and cancel for engines that run in this process. It knows no engine.

It lives and dies with the process: `adopt` in a new process finds nothing, which is the truth, because nothing
that a dead process computed is still there.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.drivers.driver import WorkState
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.types import Work, WorkResult

FINISHED = frozenset({WorkState.DONE, WorkState.FAILED, WorkState.CANCELLED})


@dataclass(slots=True, eq=False)
class _Entry:
    """One piece of submitted work; guarded by the table's condition variable."""

    handle: str
    key: str
    device_id: str
    work: Work
    state: WorkState = WorkState.QUEUED
    outcome: WorkResult | EigenError | None = None

    @property
    def weight(self) -> int:
        counts = None if self.outcome is None or isinstance(self.outcome, EigenError) else self.outcome.counts
        return 1 + (0 if counts is None else len(counts))


class WorkTable:
    """Runs `execute(device_id, work)` in background threads, first come first served, one run per key.

    At most `threads` pieces run at once; a thread ends when nothing waits. Finished work is kept until the
    outcomes of all finished work together exceed `capacity` (one each, plus one per distinct count); the oldest
    are dropped first, and their keys and handles are then unknown.
    """

    def __init__(
        self, name: str, execute: Callable[[str, Work], WorkResult], *, threads: int = 1, capacity: int = 1_000_000
    ) -> None:
        self._name = name
        self._execute = execute
        self._threads = threads
        self._capacity = capacity
        self._changed = threading.Condition()
        self._by_handle: dict[str, _Entry] = {}
        self._by_key: dict[str, _Entry] = {}
        self._waiting: deque[_Entry] = deque()
        self._finished: OrderedDict[str, int] = OrderedDict()  # handle -> weight, oldest first
        self._weight = 0
        self._active = 0
        self._submitted = 0

    def submit(self, device_id: str, key: str, work: Work) -> str:
        """Queue work under a key and return its handle; a known key returns its handle and runs nothing.

        Raises EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT when the key stands for other work.
        """
        with self._changed:
            known = self._by_key.get(key)
            if known is not None:
                if known.device_id != device_id or known.work != work:
                    raise EigenError(
                        "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT", f"the key `{key}` was submitted with other work"
                    )
                return known.handle
            self._submitted += 1
            entry = _Entry(f"{self._name}-{self._submitted}", key, device_id, work)
            self._by_handle[entry.handle] = self._by_key[key] = entry
            self._waiting.append(entry)
            if self._active < self._threads:
                self._active += 1
                threading.Thread(target=self._run, name=f"eigen-{self._name}").start()
            return entry.handle

    def poll(self, handle: str) -> WorkState:
        """Where the work of this handle stands; UNKNOWN for a handle that was never given or is forgotten."""
        with self._changed:
            entry = self._by_handle.get(handle)
            return WorkState.UNKNOWN if entry is None else entry.state

    def result(self, handle: str, timeout_sec: float | None = None) -> WorkResult:
        """Wait for the outcome; raises the error of failed work, EIGEN_RUN_CANCELLED or EIGEN_RUN_TIMEOUT."""
        with self._changed:
            entry = self._by_handle.get(handle)
            if entry is None:
                raise EigenError("EIGEN_DEVICE_FAILED", f"`{self._name}` knows no work of handle `{handle}`")
            if not self._changed.wait_for(lambda: entry.state in FINISHED, timeout_sec):
                raise EigenError("EIGEN_RUN_TIMEOUT", f"`{handle}` was not done after `{timeout_sec}` s")
            if entry.state is WorkState.CANCELLED:
                raise EigenError("EIGEN_RUN_CANCELLED", f"`{handle}` was cancelled")
            outcome = entry.outcome
        if isinstance(outcome, EigenError):
            raise outcome
        if outcome is None:
            raise EigenError("EIGEN_INTERNAL", f"`{handle}` is done without a result")
        return outcome

    def adopt(self, key: str) -> str | None:
        """The handle of the work submitted under this key in this process, or None."""
        with self._changed:
            entry = self._by_key.get(key)
            return None if entry is None else entry.handle

    def cancel(self, handle: str) -> bool:
        """Cancel work that has not ended; False when it had.

        Waiting work never starts. Running work cannot be interrupted: its thread finishes and its result is
        thrown away.
        """
        with self._changed:
            entry = self._by_handle.get(handle)
            if entry is None or entry.state in FINISHED:
                return False
            self._finish(entry, WorkState.CANCELLED, None)
            return True

    def _run(self) -> None:
        while True:
            with self._changed:
                entry = self._next()
                if entry is None:
                    self._active -= 1
                    return
                entry.state = WorkState.RUNNING
            state, outcome = self._attempt(entry)
            with self._changed:
                if entry.state is WorkState.RUNNING:
                    self._finish(entry, state, outcome)

    def _next(self) -> _Entry | None:
        while self._waiting:
            entry = self._waiting.popleft()
            if entry.state is WorkState.QUEUED:
                return entry
        return None

    def _attempt(self, entry: _Entry) -> tuple[WorkState, WorkResult | EigenError]:
        try:
            return WorkState.DONE, self._execute(entry.device_id, entry.work)
        except EigenError as error:
            return WorkState.FAILED, error
        except Exception as error:  # an engine may raise anything; the caller is told, this thread lives on
            message = f"`{self._name}` failed: {type(error).__name__}: {error}"
            return WorkState.FAILED, EigenError("EIGEN_DEVICE_FAILED", message)

    def _finish(self, entry: _Entry, state: WorkState, outcome: WorkResult | EigenError | None) -> None:
        entry.state, entry.outcome = state, outcome
        self._finished[entry.handle] = entry.weight
        self._weight += entry.weight
        while self._weight > self._capacity and len(self._finished) > 1:
            handle, weight = self._finished.popitem(last=False)
            self._weight -= weight
            del self._by_key[self._by_handle.pop(handle).key]
        self._changed.notify_all()
