"""`FileShelf`: small things that may be forgotten, one file each, the oldest first when there is no more room."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_KEY = re.compile(r"[0-9a-f]{64}")


class FileShelf:
    """A folder of files named by keys of 64 hexadecimal digits, with at most `most_bytes` in it.

    It holds nothing that could not be made again: what cannot be read is not there, what cannot be written is not kept.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    def get(self, key: str, /) -> bytes | None:
        """What was kept, if it still is."""
        try:
            return self._path(key).read_bytes()
        except OSError:
            return None

    def __setitem__(self, key: str, data: bytes, /) -> None:
        """Keep, whole or not at all, and make room."""
        path = self._path(key)
        if len(data) > self._most_bytes:
            return
        draft = path.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.write_bytes(data)
            draft.replace(path)
            self._make_room(path)

    def _make_room(self, newest: Path) -> None:
        kept = [(file, file.stat()) for file in self._folder.iterdir() if file.is_file()]
        total = sum(status.st_size for _, status in kept)
        for file, status in sorted(kept, key=lambda pair: (pair[1].st_mtime_ns, pair[0].name)):
            if total <= self._most_bytes:
                return
            if file != newest:
                file.unlink(missing_ok=True)
                total -= status.st_size

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError("a key has 64 hexadecimal digits")
        return self._folder / key
