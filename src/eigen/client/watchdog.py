"""`Watchdog`: cuts a stream that fell silent. Blocking streams of gRPC have no time-out from message to message."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from eigen.client.following import silent

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from eigen.client.attempts import FailedError


class Watchdog:
    """Calls `cut` once nothing was heard for `seconds`; a thread that sleeps, and costs nothing per message."""

    def __init__(self, seconds: float, cut: Callable[[], object]) -> None:
        self._seconds = seconds
        self._cut = cut
        self._heard = time.monotonic()
        self._over = threading.Event()
        self._barked = False

    def __enter__(self) -> Watchdog:
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()

    def heard(self) -> None:
        """Something came."""
        self._heard = time.monotonic()

    def failed(self) -> FailedError | None:
        """Why the stream was cut, when it was cut here."""
        return silent(self._seconds) if self._barked else None

    def _watch(self) -> None:
        rest = self._seconds
        while not self._over.wait(rest):
            rest = self._heard + self._seconds - time.monotonic()
            if rest <= 0:
                self._barked = True
                self._cut()
                return
