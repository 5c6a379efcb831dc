"""uv, the program that makes virtual environments: where it is, and what becomes of what it is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import deque
from typing import TYPE_CHECKING

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

CODE = "EIGEN_BACKEND_INSTALL"
LINES_KEPT = 12
DETAILS = ("+ ", "- ", "~ ", "Using Python ")
"""What lines begin with that say nothing of how far it is."""
FULL = ("no space left on device", "disk quota exceeded", "os error 28")
AWAY = (
    "dns error",
    "error sending request",
    "failed to fetch",
    "connection refused",
    "dial tcp",
    "network",
    "timed out",
)


def find_uv() -> str:
    """The program, of the PATH or of the Python package `uv`; EIGEN_BACKEND_INSTALL where there is neither."""
    found = shutil.which("uv")
    if found is not None:
        return found
    try:
        from uv import find_uv_bin  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

        return str(find_uv_bin())  # pyright: ignore[reportUnknownArgumentType]
    except (ImportError, FileNotFoundError):
        hint = "pip install 'eigen-os[engines]' brings it"
        raise EigenError(CODE, "environments are made with the program `uv`, which is not here", hint=hint) from None


def run_tool(command: Sequence[str], folder: Path, what: str, tell: Callable[[str], object]) -> None:
    """Run a program that installs or builds, tell its lines, and end it where this is interrupted.
    EIGEN_BACKEND_INSTALL with its last lines where it fails."""
    lines: deque[str] = deque(maxlen=LINES_KEPT)
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
        )
    except OSError as error:
        raise EigenError(CODE, f"{what}: `{command[0]}` cannot be started: {error.strerror}") from error
    try:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                text = line.strip()
                if text and not text.startswith(DETAILS):
                    lines.append(text)
                    tell(text[:300])
        status = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if status != 0:
        raise failure(what, " ".join(lines))


def failure(what: str, said: str) -> EigenError:
    """The error for what a program said when it failed."""
    low = said.lower()
    if any(word in low for word in FULL):
        return EigenError(CODE, f"{what}: the disk is full", hint="free some space, or set EIGEN_ENVIRONMENTS_ROOT")
    if any(word in low for word in AWAY):
        hint = "without a network, `--wheels DIR` takes them from a folder"
        return EigenError(CODE, f"{what}: the package index cannot be reached: {said[-400:]}", hint=hint)
    return EigenError(CODE, f"{what}: {said[-800:] or 'it says nothing'}")
