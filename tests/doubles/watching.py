"""A `Watch` that keeps snapshots in memory, and interrupts the run after some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class InterruptedRunError(Exception):
    """The run was ended on purpose."""


class Shelf:
    """Looks between any two steps, and has a snapshot taken each time. Each of more than `most_bytes` is given up."""

    every_seconds = 0.0

    def __init__(self, snapshots: Sequence[bytes] = (), *, most_bytes: int | None = None) -> None:
        self.snapshots = list(snapshots)
        self.refusals: list[str] = []
        self.restored: list[int] = []
        self._most_bytes = most_bytes
        self._written = bytearray()
        self.begin()

    def begin(self, *, stop_after: int | None = None) -> None:
        """Forget what belongs to one run; the next one is interrupted after so many snapshots."""
        self._left = stop_after
        self._unopened = list(self.snapshots)
        self._open = b""

    def look(self, done: int, of: int, size_bytes: int) -> bool:
        assert of == 0 or 0 < done <= of
        assert size_bytes > 0
        self._written.clear()
        return True

    def write(self, data: bytes) -> bool:
        self._written += data
        return self._most_bytes is None or len(self._written) <= self._most_bytes

    def keep(self, done: int, of: int) -> None:
        self.snapshots.append(bytes(self._written))
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                raise InterruptedRunError

    def open(self) -> bool:
        if not self._unopened:
            return False
        self._open = self._unopened.pop()
        return True

    def read(self, size: int) -> bytes:
        data, self._open = self._open[:size], self._open[size:]
        return data

    def opened(self, done: int, of: int, refusal: str | None) -> None:
        if refusal is None:
            self.restored.append(done)
        else:
            self.refusals.append(refusal)


def interrupted(ask: Callable[[Shelf], Any], every: int = 1) -> tuple[Any, int]:
    """The answer of a run that is interrupted after so many snapshots each time, and how often that was."""
    shelf, times = Shelf(), 0
    while True:
        shelf.begin(stop_after=every)
        try:
            return ask(shelf), times
        except InterruptedRunError:
            times += 1
