"""The worker processes seen from the measurement: started on first use, asked with a time limit, ended when late."""

from __future__ import annotations

import os
from typing import Any

from bench.line import LateError, Line, MissingError
from bench.sim.peers import ENGINES

__all__ = ["CORES", "LateError", "MissingError", "Remote"]

CORES = os.cpu_count() or 1


class Remote:
    """One engine, in a process for each number of threads, the present one of which answers."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.threads = CORES
        self._lines: dict[int, Line] = {}

    def use(self, threads: int) -> None:
        """Starts the process with so many threads, if there is none, and speaks to it from now on."""
        self.threads = threads
        if threads not in self._lines:
            self._lines[threads] = Line("bench.sim.worker", self.name, ENGINES[self.name].environment, threads)

    def ask(self, do: str, timeout: float, **request: Any) -> dict[str, Any]:
        """The answer to one request. Raises LateError and MissingError."""
        self.use(self.threads)
        try:
            answer = self._lines[self.threads].ask({"do": do, **request}, timeout)
        except LateError:
            self._drop()
            raise
        if answer is None:
            self._drop()
            return {"failed": "the process ended"}
        return answer

    def end(self) -> None:
        """Ends the processes."""
        for threads in list(self._lines):
            self._lines.pop(threads).end()

    def _drop(self) -> None:
        self._lines.pop(self.threads).end()
