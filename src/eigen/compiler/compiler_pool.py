"""`CompilerPool`: compiles for a server, each program in a process of its own; an instance is a compile function.

What is kept are nurseries (`nursery`): isolated interpreters that have the compiler loaded, read no program and fork a
child for each. A child that crashes, hangs or takes too much is one refused program; the next one meets a new process.
"""

from __future__ import annotations

import select
import signal
import socket
import time
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from eigen.compiler.compile import check_parameters
from eigen.compiler.documents import CompiledApart, Request, is_whole, load_answer
from eigen.compiler.nursery import Nursery
from eigen.errors import EigenError
from eigen.lang.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.types import Dataset, Json

    StartNursery = Callable[[float], Nursery]

MEMORY_BYTES = 2 << 30
"""Address space of a compilation. The counted limits of the language come first: they end a program below 1 GiB."""

CPU_SECONDS = 120
"""Processor time of a compilation; 10^7 steps, which is what a program may take, are less than 10 s of it."""

WALL_SECONDS = 600.0
"""How long a compilation may last, on a machine however busy."""

ANSWER_BYTES = 512 << 20
GRACE_SECONDS = 5.0
"""How much longer than a child may live one waits for its nursery to say so."""

LOOK_SECONDS = 0.1
"""How often one looks whether the answer is still wanted."""


class CompilerPool:
    """As many compilations at a time as are asked for; between requests at most `spare` nurseries are kept.
    `limits` are those of the language."""

    def __init__(self, spare: int, *, limits: Limits = DEFAULT_LIMITS, start: StartNursery = Nursery) -> None:
        self._spare = spare
        self._limits = limits
        self._start = start
        self._lock = Lock()
        self._idle: list[Nursery] = []
        self._closed = False

    def __call__(
        self,
        source: str | bytes,
        *,
        filename: str = "program.eigen.py",
        format: str = "eigen-lang",
        entrypoint: str | None = None,
        inputs: Mapping[str, Json] | None = None,
        datasets: Mapping[str, Dataset] | None = None,
        options: Mapping[str, Json] | None = None,
        parameters: Mapping[str, int] | None = None,
        check: Callable[[], object] | None = None,
    ) -> CompiledApart:
        """Compile, as `compile_program` does: the same bytes, the same errors. `check` is called now and then; what
        it raises ends the compilation.

        Raises what `compile_program` raises; EIGEN_LIMIT_EXCEEDED when the process takes more memory or time than
        it may, or dies; EIGEN_SERVER_UNREACHABLE when none can be started.
        """
        check_parameters(parameters or {})
        request = Request(
            source=source,
            filename=filename,
            format=format,
            entrypoint=entrypoint,
            inputs=inputs or {},
            datasets=datasets or {},
            options=options or {},
            parameters=parameters,
            limits=self._limits,
            memory_bytes=MEMORY_BYTES,
            cpu_seconds=CPU_SECONDS,
        )
        nursery, channel = self._begin()
        try:
            with channel:
                answer = _exchange(channel, request.dump(), check)
            if is_whole(answer):
                nursery.owe()
                status = 0
            else:
                status = nursery.status(GRACE_SECONDS)
        except (OSError, EOFError) as error:
            raise _lost(filename, error, nursery.kill()) from None
        except BaseException:
            nursery.kill()
            raise
        if status != 0:
            nursery.kill()  # and with it whatever the child may have left behind
            raise _died(filename, status)
        self._keep(nursery)
        try:
            return load_answer(answer)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise _died(filename, 0) from None

    def warm(self) -> None:
        """Have a nursery ready for the first program."""
        with suppress(EigenError):  # the first program will say so
            self._keep(self._new())

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

    def _begin(self) -> tuple[Nursery, socket.socket]:
        """A nursery and the channel of its new child."""
        while (nursery := self._take()) is not None:
            with suppress(OSError, EOFError):  # it died while nobody needed it
                return nursery, nursery.begin(GRACE_SECONDS)
            nursery.kill()
        nursery = self._new()
        try:
            return nursery, nursery.begin(GRACE_SECONDS)
        except OSError as error:
            nursery.kill()
            raise _unavailable(str(error)) from None

    def _new(self) -> Nursery:
        try:
            return self._start(WALL_SECONDS)
        except OSError as error:
            raise _unavailable(str(error)) from None

    def _keep(self, nursery: Nursery) -> None:
        """Take back a nursery whose child has ended."""
        with self._lock:
            if not self._closed and len(self._idle) < self._spare:
                self._idle.append(nursery)
                return
        nursery.kill()

    def _take(self) -> Nursery | None:
        with self._lock:
            return self._idle.pop() if self._idle else None


def _exchange(channel: socket.socket, request: bytes, check: Callable[[], object] | None) -> bytes:
    """Send the request and take what comes until the child ends. TimeoutError, and what `check` raises."""
    until = time.monotonic() + WALL_SECONDS + GRACE_SECONDS
    channel.settimeout(WALL_SECONDS)
    with suppress(BrokenPipeError, ConnectionResetError):  # it ended early: its status says how
        channel.sendall(request)
        channel.shutdown(socket.SHUT_WR)
    waiting = select.poll()
    waiting.register(channel, select.POLLIN)
    answer = bytearray()
    while True:
        if check is not None:
            check()
        if time.monotonic() > until:
            raise TimeoutError
        if not waiting.poll(LOOK_SECONDS * 1000):
            continue
        try:
            part = channel.recv(1 << 20)
        except ConnectionResetError:
            part = b""
        answer += part
        if not part:
            return bytes(answer)
        if len(answer) > ANSWER_BYTES:
            message = f"the compiled program has more bytes than the limit `{ANSWER_BYTES}`"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message)


def _died(filename: str, status: int) -> EigenError:
    """What it means for the program that its process ended like this."""
    if status == -signal.SIGXCPU:
        why = f"takes more than `{CPU_SECONDS}` seconds of processor time"
    elif status == -signal.SIGALRM:
        why = f"takes longer than `{WALL_SECONDS:g}` seconds"
    else:
        how = f"ended with signal {-status}" if status < 0 else f"ended with status {status}"
        how = how if status else "gave no usable answer"
        why = f"takes more memory than there is, or than `{MEMORY_BYTES >> 20}` MiB: its process {how}"
    return EigenError("EIGEN_LIMIT_EXCEEDED", f"compiling `{filename}` {why}", where=filename, hint=_HINT)


_HINT = "make the program smaller, or put data into inputs"


def _lost(filename: str, error: OSError | EOFError, status: int) -> EigenError:
    """What it means that the nursery is gone, or does not answer."""
    if status > 0:
        return _unavailable(f"it ended with status {status}")
    if isinstance(error, TimeoutError):
        return _died(filename, -signal.SIGALRM)
    return _died(filename, status)


def _unavailable(why: str) -> EigenError:
    return EigenError("EIGEN_SERVER_UNREACHABLE", f"no process can be started to compile in: {why}")
