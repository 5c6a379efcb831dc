"""`Room`: the memory that simulations share which run at the same time. One that does not fit beside others waits."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

SMALL_BYTES = 64 << 20
"""What takes less is not counted: it never matters, and counting it would cost more."""


class Room:
    """`total_bytes` for all threads. Who asks for more than there is gets all of it, alone: whether it fits is the
    engine's to say."""

    def __init__(self, total_bytes: int) -> None:
        self._total = self._free = total_bytes
        self._changed = Condition()

    @contextmanager
    def hold(self, size_bytes: int) -> Generator[None]:
        """Wait until there is room for so much, and keep it."""
        if size_bytes < SMALL_BYTES:
            yield
            return
        size = min(size_bytes, self._total)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            with self._changed:
                self._free += size
                self._changed.notify_all()
