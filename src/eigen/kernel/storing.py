"""`Storing`: files of a job that are written while its next steps are made; who builds on them waits for them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Storing:
    """Writes handed over one after another, each in a thread of its own that begins at once."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._error: BaseException | None = None

    def begin(self, write: Callable[[], object]) -> None:
        """Begin to write; whatever `write` raises is kept."""
        thread = threading.Thread(target=self._run, args=(write,), name="storing", daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self) -> None:
        """Until all is written, or known not to be."""
        while self._threads:
            self._threads[-1].join()
            self._threads.pop()

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
