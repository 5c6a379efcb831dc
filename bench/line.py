"""A worker process and the pipes to it: JSON lines, one answer to each request, each with a time limit."""

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

START_SECONDS = 60.0


class LateError(Exception):
    """The worker did not answer in time; it has been ended."""


class MissingError(Exception):
    """What the worker runs is not installed here; the message says why."""


class Line:
    """`python -m MODULE NAME` in an environment of the peers (empty: this one), with so many threads."""

    def __init__(self, module: str, name: str, environment: str, threads: int) -> None:
        python = peers_python(environment) if environment else sys.executable
        if python is None:
            raise MissingError(f"the environment `{environment}` cannot be made")
        number = str(threads)
        self._process = subprocess.Popen(
            [str(python), "-W", "ignore", "-m", module, name],
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
