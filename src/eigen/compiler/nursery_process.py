"""Forks one compiler for each request, with everything a compiler needs already loaded. It reads no program itself.

Run by its path in an isolated process of one thread (`nursery`); a child sees the request it was forked for, and no
other. It is forked before its request comes, which then waits for no fork. This is not a server for the world: who may
ask has the other end of its control socket.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

STATUS = struct.Struct("!i")
"""How a child ended, as it is told to the other end: an exit status, or a signal as a negative number."""

POLITENESS = 5
"""A compilation may be long; the server's answers to everybody else come first."""


def serve(
    control: socket.socket, work: Callable[[], None], *, seconds: float, stir: Callable[[], None] = lambda: None
) -> None:
    """One request after the other until `control` ends: a socket arrives, a child answers on it, its status leaves.
    Before it waits for its request, a child does `stir`."""
    prepared = partial(_fork, control, work, seconds, stir)
    while True:
        child, door = prepared()
        _, received, _, _ = socket.recv_fds(control, 1, 1)
        if not received:
            return  # the child finds its door closed, and ends
        if os.waitpid(child, os.WNOHANG)[0]:  # it died while nobody needed it
            door.close()
            child, door = prepared()
        with door:
            socket.send_fds(door, [b"c"], received[:1])
        os.close(received[0])
        control.sendall(STATUS.pack(_outlive(child, control)))


def _fork(
    control: socket.socket, work: Callable[[], None], seconds: float, stir: Callable[[], None]
) -> tuple[int, socket.socket]:
    """A child that waits, and the socket through which it gets the channel of its one request."""
    door, inside = socket.socketpair()
    child = os.fork()
    if child == 0:
        control.close()
        door.close()
        _become_child(inside, work, seconds, stir)
    inside.close()
    return child, door


def _outlive(child: int, control: socket.socket) -> int:
    """How the child ended. When the other end is gone, nobody wants the answer, and all of this ends at once."""
    if hasattr(os, "pidfd_open"):
        ended = os.pidfd_open(child)
        try:
            ready, _, _ = select.select([ended, control], [], [])
        finally:
            os.close(ended)
        if ended not in ready:
            os.killpg(0, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _become_child(
    inside: socket.socket, work: Callable[[], None], seconds: float, stir: Callable[[], None]
) -> NoReturn:
    """Wait for the channel, answer what comes on it, and end. Nothing leads from here back to the others."""
    try:
        os.nice(POLITENESS)
        with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
            score.write("1000")  # where memory runs out, it goes before the server does
        stir()
        with inside:
            _, received, _, _ = socket.recv_fds(inside, 1, 1)
        if not received:
            os._exit(0)
        (channel,) = received
        os.dup2(channel, 0)
        os.dup2(channel, 1)
        os.close(channel)
        signal.setitimer(signal.ITIMER_REAL, seconds)  # SIGALRM ends the process, wherever it is
        work()
        os.close(0)
        os.close(1)  # the answer is whole; nobody need wait while the memory is given back
        os._exit(0)
    finally:
        os._exit(1)


def main() -> None:
    """`nursery_process PATHS SECONDS`: where our modules are, as JSON, and the control socket as standard input."""
    sys.path[:] = json.loads(sys.argv[1])
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the server decides when what it has begun is over
    import gc

    from eigen.compiler.child import answer, warm

    stir = warm()
    gc.freeze()
    control = socket.socket(fileno=os.dup(0))
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)  # a child that waits must not hold the other end's peer open
    serve(control, answer, seconds=float(sys.argv[2]), stir=stir)


if __name__ == "__main__":
    main()
