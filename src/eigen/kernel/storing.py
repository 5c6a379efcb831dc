"""`Storing`: files of a job that are written while its next steps are made; who builds on them waits for them."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


MOST_IDLE = 16
"""Threads that wait for something to do: one that is there begins at once, a new one when its creator lets it."""


class _Hand:
    """A thread that acts, and then waits for more."""

    idle: list[_Hand] = []  # noqa: RUF012
    lock = threading.Lock()

    def __init__(self) -> None:
        self.given: SimpleQueue[tuple[Callable[[], object], threading.Lock]] = SimpleQueue()
        threading.Thread(target=self._run, name="beside", daemon=True).start()

    def _run(self) -> None:
        while True:
            act, done = self.given.get()
            try:
                act()
            finally:
                done.release()
            del act, done  # who waits idle holds nothing
            with self.lock:
                if len(self.idle) >= MOST_IDLE:
                    return
                self.idle.append(self)


def in_thread(name: str, act: Callable[[], object]) -> Callable[[], object]:
    """Begin to act at once, beside the caller; what is returned waits until it is done."""
    with _Hand.lock:
        hand = _Hand.idle.pop() if _Hand.idle else None
    done = threading.Lock()
    done.acquire()
    (hand or _Hand()).given.put((act, done))

    def wait() -> None:
        with done:
            pass

    return wait


class Storing:
    """Writes handed over one after another, each of which begins at once; `beside` is how: by default, in a thread of
    its own."""

    def __init__(self, beside: Callable[[str, Callable[[], object]], Callable[[], object]] = in_thread) -> None:
        self._beside = beside
        self._ends: list[Callable[[], object]] = []
        self._error: BaseException | None = None

    def begin(self, write: Callable[[], object]) -> None:
        """Begin to write; whatever `write` raises is kept."""
        self._ends.append(self._beside("storing", lambda: self._run(write)))

    def wait(self) -> None:
        """Until all is written, or known not to be."""
        while self._ends:
            self._ends[-1]()
            self._ends.pop()

    def settle(self) -> None:
        """Until all is written; raises what the first write that failed raised, every time."""
        self.wait()
        if self._error is not None:
            raise self._error

    def _run(self, write: Callable[[], object]) -> None:
        try:
            write()
        except BaseException as error:
            self._error = self._error or error
