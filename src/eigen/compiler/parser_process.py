"""The parser in a process of its own: isolated Python without site packages, with limits on memory and time.

Whatever happens to that process (a crash, no memory, no answer, nonsense) becomes a diagnostic. It gets the text
on stdin and answers with JSON; no user code runs in it, since parsing runs nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from threading import Timer
from typing import IO, TYPE_CHECKING, Any, Protocol

from eigen.lang.diagnostics import NOWHERE, Diagnostic, Span
from eigen.lang.source import TextRefusedError
from eigen.lang.tree import MalformedTreeError, Tree, checked_tree

if TYPE_CHECKING:
    from io import RawIOBase

    from eigen.lang.limits import Limits

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 20
WALL_SECONDS = 60
ANSWER_BYTES = 64 * 1024 * 1024
SCRIPT = Path(__file__).parent.parent / "lang" / "parse.py"
INTERPRETER = (sys.executable, "-I", "-S", "-E", "-W", "ignore")
"""PYTHON* variables, the working directory and site packages do not reach the child."""
ENVIRONMENT = {"LC_ALL": "C.UTF-8"}


class Parsing(Protocol):
    """A parser at work."""

    def result(self) -> Tree:
        """The tree; raises TextRefusedError when the text has none."""
        ...


class ParserProcess:
    """One parser at work; `start` it, do something else, then take its `result`."""

    def __init__(self, text: str, limits: Limits, *, command: tuple[str, ...] = ()) -> None:
        self._text = text
        self._limits = limits
        self._request = request_of(text, limits)
        self._timed_out = False
        self._process = subprocess.Popen(
            command or (*INTERPRETER, str(SCRIPT)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=ENVIRONMENT,
        )
        self._timer = Timer(WALL_SECONDS, self._expire)
        self._timer.daemon = True
        self._timer.start()
        self._send()

    def _send(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(self._request)
            self._process.stdin.close()
        except BrokenPipeError:
            pass  # it died: its exit status says how

    def _expire(self) -> None:
        self._timed_out = True
        self._process.kill()

    def result(self) -> Tree:
        """The tree; raises TextRefusedError when the text has none."""
        assert self._process.stdout is not None
        answer = read_answer(self._process.stdout)
        if len(answer) > ANSWER_BYTES:
            self._process.kill()
        status = self._process.wait()
        self._timer.cancel()
        self._process.stdout.close()
        if status != 0 or self._timed_out or len(answer) > ANSWER_BYTES:
            raise gave_up(self._limits, "ran out of time" if self._timed_out else f"ended with status {status}")
        return tree_of(answer, self._text, self._limits)


def request_of(text: str, limits: Limits) -> bytes:
    """What a parser is asked: the text, the limits of the language, and what its process may use."""
    request = {
        "text": text,
        "limits": {
            "depth": limits.nesting_depth,
            "nodes": limits.syntax_nodes,
            "integer_bits": limits.integer_bits,
            "string_bytes": limits.string_bytes,
        },
        "resources": {"RLIMIT_AS": MEMORY_BYTES, "RLIMIT_CPU": CPU_SECONDS, "RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0},
    }
    return json.dumps(request).encode("utf-8")


def tree_of(answer: bytes, text: str, limits: Limits) -> Tree:
    """What a parser answered, checked; raises TextRefusedError."""
    try:
        data: Any = json.loads(answer)
        if "refused" in data:
            code, message, span = data["refused"]
            raise TextRefusedError(Diagnostic(str(code), str(message), Span(*map(int, span))))
        return checked_tree(data["tree"], text)
    except (ValueError, KeyError, TypeError, RecursionError, MalformedTreeError):
        raise gave_up(limits, "gave no usable answer") from None


def read_answer(stream: IO[bytes] | RawIOBase) -> bytes:
    """Everything, but not more than one byte beyond the limit."""
    parts: list[bytes] = []
    left = ANSWER_BYTES + 1
    while left > 0 and (part := stream.read(min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def gave_up(limits: Limits, why: str) -> TextRefusedError:
    """The diagnostic of a text that its parser did not survive."""
    return TextRefusedError(
        Diagnostic(
            "E0104",
            f"the parser {why}: the program nests too deeply or is too large for it",
            NOWHERE,
            hint=f"programs nest at most {limits.nesting_depth} levels; put data into inputs",
        )
    )
