"""Forks one parser for each request, with everything a parser needs already loaded. It reads no program itself.

Run by its path in an isolated process (`parser_pool`), so it imports nothing of ours but the parser, by its path.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import struct
import sys
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

LOADED = (json, resource)
"""What every parser needs is loaded once."""

STATUS = struct.Struct("!i")
"""How a parser ended, as it is told to the pool: an exit status, or a signal as a negative number."""


def serve(control: socket.socket, parse: Callable[[], None], *, seconds: float) -> None:
    """One request after the other until `control` ends: a socket arrives, a child answers on it, its status leaves."""
    while True:
        _, received, _, _ = socket.recv_fds(control, 1, 1)
        if not received:
            return
        child = os.fork()
        if child == 0:
            _become_parser(control, received[0], parse, seconds)
        os.close(received[0])
        _, status = os.waitpid(child, 0)
        control.sendall(STATUS.pack(os.waitstatus_to_exitcode(status)))


def _become_parser(control: socket.socket, channel: int, parse: Callable[[], None], seconds: float) -> NoReturn:
    """Parse what comes on the channel, and end. Nothing leads from here back to the others."""
    try:
        control.close()
        os.dup2(channel, 0)
        os.dup2(channel, 1)
        os.close(channel)
        signal.setitimer(signal.ITIMER_REAL, seconds)  # SIGALRM ends the process, wherever it is
        parse()
        os._exit(0)
    finally:
        os._exit(1)


def main() -> None:
    """`nursery FOLDER SECONDS`: the folder of `parse.py`, and the control socket as standard input."""
    sys.path.append(sys.argv[1])
    import parse  # noqa: F401  # pyright: ignore

    sys.path.pop()
    parser: Any = sys.modules["parse"]
    serve(socket.socket(fileno=os.dup(0)), parser.main, seconds=float(sys.argv[2]))


if __name__ == "__main__":
    main()
