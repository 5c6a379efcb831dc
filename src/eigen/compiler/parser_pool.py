"""`ParserPool`: parsers for a process that compiles again and again. Each text still has a process of its own.

What is kept are nurseries (`parser_nursery`): isolated interpreters that have the parser loaded, read no program and
fork a child for each. A parser that crashes, hangs or lies is one refused program; the next one meets a new process.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from eigen.compiler import parser_process
from eigen.compiler.parser_nursery import STATUS
from eigen.compiler.parser_process import ENVIRONMENT, INTERPRETER, SCRIPT, gave_up, read_answer, request_of, tree_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.lang.limits import Limits
    from eigen.lang.tree import Tree

_NURSERY = Path(__file__).parent / "parser_nursery.py"
GRACE_SECONDS = 5.0
"""How much longer than a parser may live one waits for its nursery to say so."""


class ParserPool:
    """As many parsers at a time as are asked for; between requests at most `spare` nurseries are kept.
    `folder` is where `parse.py` lies."""

    def __init__(self, spare: int, *, folder: Path = SCRIPT.parent) -> None:
        self._spare = spare
        self._folder = folder
        self._lock = Lock()
        self._idle: list[_Nursery] = []
        self._closed = False

    def start(self, text: str, limits: Limits) -> PooledParser:
        """Begin to parse a checked text."""
        while (nursery := self._take()) is not None:
            with suppress(OSError):  # it died while nobody needed it
                return PooledParser(self, nursery, text, limits)
            nursery.kill()
        return PooledParser(self, _Nursery(self._folder), text, limits)

    def keep(self, nursery: _Nursery) -> None:
        """Take back a nursery whose child has ended."""
        with self._lock:
            if not self._closed and len(self._idle) < self._spare:
                self._idle.append(nursery)
                return
        nursery.kill()

    def close(self) -> None:
        """End the nurseries; those at work end after their request."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for nursery in idle:
            nursery.kill()

    def processes(self) -> Sequence[int]:
        """The process ids of the nurseries that wait for work."""
        with self._lock:
            return [nursery.process.pid for nursery in self._idle]

    def _take(self) -> _Nursery | None:
        with self._lock:
            return self._idle.pop() if self._idle else None


class PooledParser:
    """One parser at work in a child of a nursery."""

    def __init__(self, pool: ParserPool, nursery: _Nursery, text: str, limits: Limits) -> None:
        self._pool = pool
        self._nursery = nursery
        self._text = text
        self._limits = limits
        self._channel = nursery.begin()
        self._seconds = parser_process.WALL_SECONDS + GRACE_SECONDS
        self._channel.settimeout(self._seconds)
        with suppress(OSError):  # it ended early: its status says how
            self._channel.sendall(request_of(text, limits))
            self._channel.shutdown(socket.SHUT_WR)

    def result(self) -> Tree:
        """The tree; raises TextRefusedError when the text has none."""
        try:
            answer = self._answer()
            status = self._nursery.status(self._seconds)
        except (OSError, EOFError) as error:
            self._nursery.kill()
            raise gave_up(self._limits, f"was lost: {error or 'its process ended'}") from None
        self._pool.keep(self._nursery)
        if status == -signal.SIGALRM:
            raise gave_up(self._limits, "ran out of time")
        if status != 0 or len(answer) > parser_process.ANSWER_BYTES:
            raise gave_up(self._limits, f"ended with status {status}")
        return tree_of(answer, self._text, self._limits)

    def _answer(self) -> bytes:
        with self._channel, self._channel.makefile("rb", buffering=0) as stream:
            return read_answer(stream)


class _Nursery:
    """An isolated interpreter that forks parsers, one at a time, in a process group of its own."""

    def __init__(self, folder: Path) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                (*INTERPRETER, str(_NURSERY), str(folder), str(parser_process.WALL_SECONDS)),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=ENVIRONMENT,
                process_group=0,
            )

    def begin(self) -> socket.socket:
        """A parser's channel; OSError when the nursery is gone."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [b"p"], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ours

    def status(self, seconds: float) -> int:
        """How the parser ended; EOFError when the nursery did, TimeoutError."""
        self._control.settimeout(seconds)
        told = b""
        while len(told) < STATUS.size:
            part = self._control.recv(STATUS.size - len(told))
            if not part:
                raise EOFError
            told += part
        return int(STATUS.unpack(told)[0])

    def kill(self) -> None:
        """End it, and its parser with it."""
        self._control.close()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
