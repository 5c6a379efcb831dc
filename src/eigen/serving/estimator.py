"""`Estimator`: estimates for a server, each in a process of its own; an instance is what the kernel estimates with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eigen.compiler.parser_process import ENVIRONMENT, INTERPRETER
from eigen.errors import EigenError
from eigen.roles.documents import to_document
from eigen.serving.estimate_process import CPU_SECONDS, MEMORY_BYTES
from eigen.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.config import Settings
    from eigen.jobspec import JobSpec
    from eigen.types import CompiledDocument, Device, Json

SCRIPT = Path(__file__).parent / "estimate_process.py"
WALL_SECONDS = 300.0
LOOK_SECONDS = 0.1
"""How often one looks whether the answer is still wanted."""


class Estimator:
    """Circuits are compiled for devices where they can harm nobody: whatever becomes of the process is one refused
    estimate."""

    def __init__(self, settings: Settings, *, script: Path = SCRIPT) -> None:
        self._settings = settings
        self._command = (*INTERPRETER, str(script), json.dumps([os.path.abspath(path) for path in sys.path]))

    def __call__(
        self,
        compiled: CompiledDocument,
        spec: JobSpec,
        devices: Sequence[Device],
        targets: Sequence[str],
        *,
        check: Callable[[], object] | None = None,
    ) -> Mapping[str, Json]:
        """The estimate as JSON. `check` is called now and then; what it raises ends the estimate.

        EIGEN_DEVICE_UNKNOWN, EIGEN_USAGE for a shape that is none, EIGEN_LIMIT_EXCEEDED when the process takes more
        than it may, or dies; EIGEN_SERVER_UNREACHABLE when none can be started.
        """
        asked: dict[str, Any] = {
            "program": compiled.program.decode(),
            "report": dict(compiled.report),
            "spec": spec.to_json(),
            "devices": [to_document(device).decode() for device in devices],
            "targets": [*targets],
            "default_target": self._settings.default_target,
            "default_shots": self._settings.default_shots,
        }
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=ENVIRONMENT,
                process_group=0,
            )
        except OSError as error:
            message = f"no process can be started to estimate in: {error.strerror}"
            raise EigenError("EIGEN_SERVER_UNREACHABLE", message) from None
        try:
            answer = _exchange(process, json.dumps(asked).encode(), check)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        return _read(answer, process.returncode)


def _exchange(process: subprocess.Popen[bytes], request: bytes, check: Callable[[], object] | None) -> bytes:
    until = time.monotonic() + WALL_SECONDS
    given: bytes | None = request
    while True:
        try:
            return process.communicate(given, timeout=LOOK_SECONDS)[0]
        except subprocess.TimeoutExpired:
            given = None
        if check is not None:
            check()
        if time.monotonic() > until:
            raise _died(f"longer than `{WALL_SECONDS:g}` seconds")


def _read(answer: bytes, status: int) -> Mapping[str, Json]:
    if status == -signal.SIGXCPU:
        raise _died(f"more than `{CPU_SECONDS}` seconds of processor time")
    try:
        found: dict[str, Any] = json.loads(answer)
    except ValueError:
        why = f"more memory than there is, or than `{MEMORY_BYTES >> 20}` MiB: its process ended with status {status}"
        raise _died(why) from None
    if "error" in found:
        raise EigenError.from_json(found["error"])
    if "defect" in found:
        log("error", "an estimate failed", traceback=found["defect"])
        raise EigenError("EIGEN_INTERNAL", "the estimate failed; the server's log says why")
    return found["estimate"]


def _died(why: str) -> EigenError:
    hint = "ask about fewer devices with `targets`, or make the program smaller"
    return EigenError("EIGEN_LIMIT_EXCEEDED", f"the estimate takes {why}", hint=hint)
