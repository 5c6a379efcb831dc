"""`FileSink`: events as lines of JSON, to a file or to standard output."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from eigen.outbox.sink import away

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.outbox.sink import Message

LIMIT_BYTES = 1_000_000
TAIL = 64 * 1024


class FileSink:
    """One event a line, appended and flushed to the disk before it counts as told.

    The file is opened for each batch: who renames it gets a new one. What a crash left of a line is cut off when the
    next batch comes: that event is told again.
    """

    name = "file"
    limit_bytes = LIMIT_BYTES

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, batch: Sequence[Message]) -> Sequence[str]:
        """Append the messages; a part that was written before a failure is taken back."""
        try:
            self._append(b"".join(message.value + b"\n" for message in batch))
        except OSError as error:
            raise away(str(self.path), error.strerror or str(error)) from error
        return ("",) * len(batch)

    def describe(self) -> str:
        """Which file it is; EIGEN_EVENTS_UNAVAILABLE when it cannot be appended to."""
        try:
            descriptor = self._open()
            try:
                size = os.fstat(descriptor).st_size
            finally:
                os.close(descriptor)
        except OSError as error:
            raise away(str(self.path), error.strerror or str(error)) from error
        return f"`{self.path}`, {size:,} bytes"

    def close(self) -> None:
        """Nothing is under way."""

    def _open(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(0, "not a regular file")
        return descriptor

    def _append(self, data: bytes) -> None:
        descriptor = self._open()
        try:
            end = _end_of_lines(descriptor)
            try:
                os.ftruncate(descriptor, end)
                written = 0
                while written < len(data):
                    written += os.write(descriptor, data[written:])
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, end)
                raise
        finally:
            os.close(descriptor)


class StandardOutput:
    """One event a line on standard output, for whoever collects it there. Told is what was written to it."""

    name = "stdout"
    limit_bytes = LIMIT_BYTES

    def send(self, batch: Sequence[Message]) -> Sequence[str]:
        """Write the messages."""
        try:
            sys.stdout.buffer.write(b"".join(message.value + b"\n" for message in batch))
            sys.stdout.buffer.flush()
        except (OSError, ValueError) as error:
            raise away(self.name, str(error)) from error
        return ("",) * len(batch)

    def describe(self) -> str:
        """What it is."""
        return "standard output"

    def close(self) -> None:
        """Nothing is under way."""


def _end_of_lines(descriptor: int) -> int:
    """Where the last whole line ends."""
    size = end = os.fstat(descriptor).st_size
    while end > 0:
        start = max(0, end - TAIL)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return min(size, start + found + 1)
        end = start
    return 0
