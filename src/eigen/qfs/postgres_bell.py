"""`PostgresBell`: LISTEN and NOTIFY, so that a server hears at once of a job that another one stored. Only a hint: who
misses it finds the job at the next look, and nothing rests on it.

Not in the transaction of the job: a transaction that notifies holds a lock of the whole server until it is flushed, and
submissions would queue for it.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from eigen.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Callable

    Connect = Callable[[], Any]

CHANNEL = "eigen_jobs"
PAUSE_SECONDS = 0.01
"""Between two rings of a process: many submissions make one."""
LOOK_SECONDS = 0.5
"""How often the listener looks whether it is still wanted."""
AGAIN_SECONDS, MOST_SECONDS = 0.5, 15.0
"""The pauses after a connection that broke: the first one, and what doubling them ends at."""


class PostgresBell:
    """One bell for all processes of a database. `connect` opens a connection of psycopg for its use alone."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._name = uuid4().hex
        self._wanted = threading.Event()
        self._ended = threading.Event()
        self._starting = threading.Lock()
        self._ringer: threading.Thread | None = None

    def ring(self) -> None:
        """Let the others hear, soon; returns at once."""
        if self._ringer is None:
            with self._starting:
                if self._ringer is None and not self._ended.is_set():
                    self._ringer = threading.Thread(target=self._ring, name="bell-ringer", daemon=True)
                    self._ringer.start()
        self._wanted.set()

    def listen(self, heard: Callable[[], object]) -> Callable[[], None]:
        """Call `heard` in a thread of its own whenever another process rings, until what is returned is called."""
        deaf = threading.Event()
        threading.Thread(target=self._listen, args=(heard, deaf), name="bell-listener", daemon=True).start()
        return deaf.set

    def close(self) -> None:
        """Ring and hear nothing more."""
        self._ended.set()
        self._wanted.set()

    def _ring(self) -> None:
        connection: Any = None
        while True:
            self._wanted.wait()
            if self._ended.is_set():
                break
            self._wanted.clear()
            try:
                if connection is None:
                    connection = self._connect()
                connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, self._name)).close()
            except Exception as error:  # whoever would have heard it looks anyway
                log("debug", f"the other servers could not be told of a job: {type(error).__name__}")
                connection = _closed(connection)
                self._ended.wait(AGAIN_SECONDS)
            self._ended.wait(PAUSE_SECONDS)
        _closed(connection)

    def _listen(self, heard: Callable[[], object], deaf: threading.Event) -> None:
        pause = AGAIN_SECONDS
        while not (deaf.is_set() or self._ended.is_set()):
            connection: Any = None
            try:
                connection = self._connect()
                connection.execute(f"LISTEN {CHANNEL}").close()
                pause = AGAIN_SECONDS
                heard()  # what was rung while nobody listened
                while not (deaf.is_set() or self._ended.is_set()):
                    for notice in connection.notifies(timeout=LOOK_SECONDS, stop_after=1):
                        if notice.payload != self._name:
                            heard()
            except Exception as error:
                log("debug", f"the other servers are not heard: {type(error).__name__}")
                deaf.wait(pause)
                pause = min(2 * pause, MOST_SECONDS)
            finally:
                _closed(connection)


def _closed(connection: Any) -> None:
    if connection is not None:
        with suppress(Exception):
            connection.close()
