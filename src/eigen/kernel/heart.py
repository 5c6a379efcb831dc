"""What keeps a lease alive while its worker is busy: something that beats until it is stopped. By default, a thread,
for each lease that lives to its first beat; most jobs have ended before."""

from __future__ import annotations

import threading
import time
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Heart(Protocol):
    """What the kernel asks of whoever repeats. Tests hand in their own."""

    def start(self, name: str, beat: Callable[[], bool], seconds: float) -> Callable[[], None]:
        """Call `beat` every so many seconds until it returns False, or until what is returned is called: then it is not
        under way any more either."""
        ...


class ThreadHeart:
    """Beats in a thread of its own, which begins with the first beat and ends with the process."""

    def start(self, name: str, beat: Callable[[], bool], seconds: float) -> Callable[[], None]:
        """See `Heart.start`."""
        life = _Life(name, beat, seconds)
        _ALARM.set(time.monotonic() + seconds, life)
        return life.end


class _Life:
    """One that beats from some moment on, unless it has ended before."""

    def __init__(self, name: str, beat: Callable[[], bool], seconds: float) -> None:
        self._name, self._beat, self._seconds = name, beat, seconds
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """The moment of the first beat."""
        with self._lock:
            if not self._ended.is_set():
                self._thread = threading.Thread(target=self._live, name=self._name, daemon=True)
                self._thread.start()

    def end(self) -> None:
        """Beat no more; a beat that is under way is waited for."""
        with self._lock:
            self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _live(self) -> None:
        while self._beat() and not self._ended.wait(self._seconds):
            pass


class _Alarm:
    """One thread that begins lives at their moments, and sleeps while there is none to come."""

    def __init__(self) -> None:
        self._bell = threading.Condition()
        self._coming: list[tuple[float, int, _Life]] = []
        self._numbers = count()
        self._thread: threading.Thread | None = None

    def set(self, at: float, life: _Life) -> None:
        """Begin a life at a moment of the monotonic clock."""
        with self._bell:
            heappush(self._coming, (at, next(self._numbers), life))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="hearts", daemon=True)
                self._thread.start()
            elif self._coming[0][2] is life:
                self._bell.notify()

    def _run(self) -> None:
        while True:
            self._next().begin()

    def _next(self) -> _Life:
        with self._bell:
            while True:
                left = self._coming[0][0] - time.monotonic() if self._coming else None
                if left is not None and left <= 0:
                    return heappop(self._coming)[2]
                self._bell.wait(left)


_ALARM = _Alarm()
