"""`Nursery`: this side of a process that forks compilers (`nursery_process`), one at a time."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from eigen.compiler.nursery_process import STATUS
from eigen.compiler.parser_process import ENVIRONMENT, INTERPRETER

SCRIPT = Path(__file__).parent / "nursery_process.py"


class Nursery:
    """An isolated interpreter in a process group of its own. Its children live at most `seconds` each.

    Starting raises OSError.
    """

    def __init__(self, seconds: float, *, script: Path = SCRIPT) -> None:
        self._control, theirs = socket.socketpair()
        self._owes = False
        paths = json.dumps([os.path.abspath(path) for path in sys.path])
        with theirs:
            self.process = subprocess.Popen(
                (*INTERPRETER, str(script), paths, str(seconds)),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=ENVIRONMENT,
                process_group=0,
            )

    def begin(self, seconds: float) -> socket.socket:
        """The channel of a new child, once the one before has ended, which may take so long; OSError when the nursery
        is gone, or that child did not end well."""
        if self._owes:
            self._owes = False
            if self.status(seconds) != 0:
                raise ChildProcessError
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [b"c"], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ours

    def owe(self) -> None:
        """How the child ends does not matter any more: it has answered."""
        self._owes = True

    def status(self, seconds: float) -> int:
        """How the child ended; EOFError when the nursery did, TimeoutError."""
        self._control.settimeout(seconds)
        told = b""
        while len(told) < STATUS.size:
            part = self._control.recv(STATUS.size - len(told))
            if not part:
                raise EOFError
            told += part
        return int(STATUS.unpack(told)[0])

    def kill(self) -> int:
        """End it, and its child with it; how it had ended, if it had by itself."""
        self._control.close()
        with suppress(subprocess.TimeoutExpired):
            if self.process.returncode is None and self.process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()
