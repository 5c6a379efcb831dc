"""`Table`: work by its key and handle, run by a few threads in the order it came."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen_driver.failure import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = 10_000
"""Pieces of work whose outcome is kept; the oldest go first."""
ENDED = frozenset({"DONE", "FAILED", "CANCELLED"})


@dataclass(eq=False)
class _Entry:
    handle: str
    key: str
    run: Callable[[], Any]
    state: str = "QUEUED"
    outcome: Any = None


class Table:
    """Safe for threads. Work that runs cannot be interrupted: when it is cancelled, what it gives is thrown away, and
    who cannot wait for that ends the process."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._changed = threading.Condition()
        self._entries: dict[str, _Entry] = {}
        self._keys: dict[str, _Entry] = {}
        self._waiting: deque[_Entry] = deque()
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._active = 0
        self._count = 0

    def submit(self, key: str, run: Callable[[], Any]) -> str:
        """The handle of the work of a key, which runs once."""
        with self._changed:
            known = self._keys.get(key)
            if known is not None:
                return known.handle
            self._count += 1
            entry = _Entry(f"w{self._count}", key, run)
            self._entries[entry.handle] = self._keys[key] = entry
            self._waiting.append(entry)
            if self._active < self._threads:
                self._active += 1
                threading.Thread(target=self._work, name="work", daemon=True).start()
            return entry.handle

    def adopt(self, key: str) -> str | None:
        """The handle of a key that was submitted here."""
        with self._changed:
            entry = self._keys.get(key)
            return None if entry is None else entry.handle

    def poll(self, handle: str) -> str:
        """Where it stands; UNKNOWN when it is forgotten or never was."""
        with self._changed:
            entry = self._entries.get(handle)
            return "UNKNOWN" if entry is None else entry.state

    def result(self, handle: str, timeout: float | None) -> Any:
        """What came of it; TimeoutError while it goes on, the error of work that failed."""
        with self._changed:
            entry = self._entries.get(handle)
            if entry is None:
                raise RefusedError("EIGEN_DEVICE_FAILED", f"there is no work of handle `{handle}`")
            if not self._changed.wait_for(lambda: entry.state in ENDED, timeout):
                raise TimeoutError
            if entry.state == "CANCELLED":
                raise RefusedError("EIGEN_RUN_CANCELLED", f"`{handle}` was cancelled")
        if isinstance(entry.outcome, BaseException):
            raise entry.outcome
        return entry.outcome

    def cancel(self, handle: str) -> bool:
        """Whether it was stopped, or will be forgotten; False when it had ended."""
        with self._changed:
            entry = self._entries.get(handle)
            if entry is None or entry.state in ENDED:
                return False
            self._end(entry, "CANCELLED", None)
            return True

    def running(self) -> int:
        """How many threads are at work."""
        with self._changed:
            return self._active

    def _work(self) -> None:
        while True:
            with self._changed:
                entry = next((e for e in iter(self._pop, None) if e.state == "QUEUED"), None)
                if entry is None:
                    self._active -= 1
                    return
                entry.state = "RUNNING"
            try:
                state, outcome = "DONE", entry.run()
            except Exception as error:  # whatever an engine raises is the answer
                state, outcome = "FAILED", error
            with self._changed:
                if entry.state == "RUNNING":
                    self._end(entry, state, outcome)

    def _pop(self) -> _Entry | None:
        return self._waiting.popleft() if self._waiting else None

    def _end(self, entry: _Entry, state: str, outcome: Any) -> None:
        entry.state, entry.outcome = state, outcome
        self._ended[entry.handle] = None
        if len(self._ended) > KEPT:
            handle, _ = self._ended.popitem(last=False)
            del self._keys[self._entries.pop(handle).key]
        self._changed.notify_all()
