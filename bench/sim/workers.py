"""The worker processes seen from the measurement: started on first use, asked with a time limit, ended when late."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from typing import Any

from bench.environment import peers_python
from bench.report import ROOT
from bench.sim.peers import ENGINES

START_SECONDS = 60.0
CORES = os.cpu_count() or 1


class LateError(Exception):
    """The worker did not answer in time; it has been ended."""


class MissingError(Exception):
    """The engine is not installed here; the message says why."""


class Remote:
    """One engine, in a process for each number of threads, the present one of which answers."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.threads = CORES
        self._lines: dict[int, _Line] = {}

    def use(self, threads: int) -> None:
        """Starts the process with so many threads, if there is none, and speaks to it from now on."""
        self.threads = threads
        if threads not in self._lines:
            self._lines[threads] = _Line(self.name, threads)

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


class _Line:
    """A process and the pipes to it."""

    def __init__(self, name: str, threads: int) -> None:
        environment = ENGINES[name].environment
        python = peers_python(environment) if environment else sys.executable
        if python is None:
            raise MissingError(f"the environment `{environment}` cannot be made")
        number = str(threads)
        self._process = subprocess.Popen(
            [str(python), "-W", "ignore", "-m", "bench.sim.worker", name],
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": number, "RAYON_NUM_THREADS": number},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=_listen, args=(self._process, self._answers), daemon=True).start()
        first = self._next(START_SECONDS) or {}
        if "ready" not in first:
            self.end()
            raise MissingError(first.get("missing", "the process ended"))

    def ask(self, request: dict[str, Any], timeout: float) -> dict[str, Any] | None:
        """The answer; None if the process has ended. Raises LateError."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return None
        return self._next(timeout)

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _next(self, timeout: float) -> dict[str, Any] | None:
        try:
            line = self._answers.get(timeout=timeout)
        except queue.Empty:
            raise LateError from None
        return json.loads(line) if line else None


def _listen(process: subprocess.Popen[str], answers: queue.Queue[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        answers.put(line)
    answers.put("")
