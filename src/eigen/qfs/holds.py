"""What one process at a time has: the lock of a file on one host, an advisory lock of PostgreSQL's on several. Both end
with their process, however it ends."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class FileHold:
    """The lock of an open file. Made by `of`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def of(cls, path: Path) -> FileHold | None:
        """The lock of a file, which is made; None while another has it. Raises OSError."""
        import fcntl

        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        return cls(descriptor)

    def held(self) -> bool:
        """True until it is released."""
        return self._descriptor is not None

    def release(self) -> None:
        """Let others have it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


class SessionHold:
    """An advisory lock of a session of PostgreSQL. Made by `of`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @classmethod
    def of(cls, connect: Callable[[], Any], name: str) -> SessionHold | None:
        """The lock of that name, in a new connection; None while another session has it."""
        connection = connect()
        try:
            query = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
            if connection.execute(query, (name,)).fetchone()[0]:
                return cls(connection)
        except BaseException:
            connection.close()
            raise
        connection.close()
        return None

    def held(self) -> bool:
        """Whether the session still answers: with it the lock would be gone."""
        try:
            self._connection.execute("SELECT 1").close()
        except Exception:
            return False
        return True

    def release(self) -> None:
        """Let others have it."""
        with suppress(Exception):
            self._connection.close()
