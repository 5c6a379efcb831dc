"""One compilation in the process that was made for it: request from the channel, limits, compile, answer, end.

The text is parsed in a child of this process, as everywhere (`parser_process`): what kills a parser is a diagnostic.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
from traceback import format_exception
from typing import TYPE_CHECKING, Any

from eigen._core import CoreError
from eigen.compiler import parser_process
from eigen.compiler.circuits import compile_circuit
from eigen.compiler.compile import Compiled, compile_program
from eigen.compiler.documents import Request, dump_defect, dump_error, dump_success
from eigen.compiler.parser_process import gave_up, read_answer, request_of, tree_of
from eigen.errors import EigenError
from eigen.lang import parse
from eigen.lang.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.limits import Limits
    from eigen.lang.tree import Tree

LOADED = (compile_circuit,)
"""What a compilation loads when it is first needed is loaded once, for all."""

REQUEST, ANSWER = 0, 1
"""The file descriptors of the channel."""

WARMING = """from eigen_lang import *

@hybrid_program()
def main():
    q = QubitRegister(2)
    h(q[0])
    cx(q[0], q[1])
    return measure_all(q)
"""


def warm() -> Callable[[], None]:
    """Load the rest of what a compilation loads when it is first needed, by compiling a text of ours.

    Returns what does the same again in a child: it makes the memory that a compilation needs the child's own.
    """
    tree = ForkedParser(WARMING, DEFAULT_LIMITS).result()

    class Known:
        def __init__(self, text: str, limits: Limits) -> None:
            pass

        def result(self) -> Tree:
            return tree

    def stir() -> None:
        compiled = compile_program(WARMING, parser=Known)
        assert compiled.circuit is not None
        request = Request(
            source=compiled.circuit.to_aqo().decode("ascii"),
            filename="warming.aqo.json",
            format="aqo",
            entrypoint=None,
            inputs={},
            datasets={},
            options={},
            parameters=None,
            limits=DEFAULT_LIMITS,
            memory_bytes=0,
            cpu_seconds=0,
        )
        _compile(Request.load(request.dump()))

    stir()
    return stir


def answer() -> None:
    """Read the request, compile, write the answer. What a program makes go wrong is an answer too."""
    request = Request.load(_read_all())
    for what, limit in (
        (resource.RLIMIT_AS, request.memory_bytes),
        (resource.RLIMIT_CPU, request.cpu_seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        least = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        # SIGXCPU, which names the reason, comes before SIGKILL, which does not
        resource.setrlimit(what, (least, hard if what == resource.RLIMIT_CPU else least))
    _write_all(_compile(request))


def _compile(request: Request) -> bytes:
    try:
        return dump_success(_compiled(request))
    except EigenError as error:
        return dump_error(error)
    except CoreError as error:
        return dump_error(EigenError.from_core(error))
    except (MemoryError, RecursionError) as error:
        what = "memory" if isinstance(error, MemoryError) else "nesting"
        message = f"compiling `{request.filename}` takes more {what} than there is"
        return dump_error(EigenError("EIGEN_LIMIT_EXCEEDED", message))
    except BaseException as error:  # a defect of ours: its traceback belongs into the log of the server
        return dump_defect(f"{type(error).__name__}: {error}", "".join(format_exception(error)))


def _compiled(request: Request) -> Compiled:
    return compile_program(
        request.source,
        filename=request.filename,
        format=request.format,
        entrypoint=request.entrypoint,
        inputs=request.inputs,
        datasets=request.datasets,
        options=request.options,
        parameters=request.parameters,
        limits=request.limits,
        parser=ForkedParser,
    )


class ForkedParser:
    """One parser at work in a child of this process, which has one thread."""

    def __init__(self, text: str, limits: Limits) -> None:
        self._text = text
        self._limits = limits
        self._channel, theirs = socket.socketpair()
        try:
            self._child = os.fork()
        except OSError as error:
            message = f"no process can be started to parse in: {error.strerror}"
            raise EigenError("EIGEN_SERVER_UNREACHABLE", message) from None
        if self._child == 0:
            _become_parser(self._channel, theirs)
        theirs.close()
        try:
            self._channel.sendall(request_of(text, limits))
            self._channel.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it ended early: its status says how

    def result(self) -> Tree:
        """The tree; raises TextRefusedError when the text has none."""
        try:
            with self._channel, self._channel.makefile("rb", buffering=0) as stream:
                told = read_answer(stream)
        except OSError:
            told = b""
        if len(told) > parser_process.ANSWER_BYTES:
            os.kill(self._child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(self._child, 0)[1])
        if status == -signal.SIGALRM:
            raise gave_up(self._limits, "ran out of time")
        if status != 0 or len(told) > parser_process.ANSWER_BYTES:
            raise gave_up(self._limits, f"ended with status {status}")
        return tree_of(told, self._text, self._limits)


def _become_parser(ours: socket.socket, theirs: socket.socket) -> Any:
    try:
        ours.close()
        os.dup2(theirs.fileno(), 0)
        os.dup2(theirs.fileno(), 1)
        theirs.close()
        signal.setitimer(signal.ITIMER_REAL, parser_process.WALL_SECONDS)
        parse.main()
        os._exit(0)
    finally:
        os._exit(1)


def _read_all() -> bytes:
    parts: list[bytes] = []
    while part := os.read(REQUEST, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _write_all(data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(ANSWER, left) :]
