"""`Folder`: a spool in a folder of the file system, which may be shared between hosts; private to its owner."""

from __future__ import annotations

import errno
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from eigen.errors import EigenError

if TYPE_CHECKING:
    from pathlib import Path


class Folder:
    """See `Place`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, folder: str, name: str, limit: int) -> bytes | None:
        """See `Place.read`."""
        try:
            number = os.open(self.root / folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise EigenError("EIGEN_QFS_DATA_LOSS", f"`{folder}/{name}` is a link") from None
            raise _unusable(error) from None
        try:
            with open(number, "rb") as file:
                data = file.read(limit + 1)
        except OSError as error:
            raise _unusable(error) from None
        if len(data) > limit:
            raise EigenError("EIGEN_QFS_DATA_LOSS", f"`{folder}/{name}` is larger than `{limit}` bytes")
        return data

    def write(self, folder: str, name: str, data: bytes) -> bool:
        """See `Place.write`."""
        place = self.root / folder / name
        draft = place.with_name(f".{name}.{os.getpid()}.{os.urandom(6).hex()}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if place.exists():
                return False
            try:
                with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
                    file.write(data)
                os.link(draft, place)
            finally:
                with suppress(FileNotFoundError):
                    draft.unlink()
        except FileExistsError:
            return False
        except OSError as error:
            raise _unusable(error) from None
        return True

    def has(self, folder: str, name: str) -> bool:
        """See `Place.has`."""
        return (self.root / folder / name).is_file()

    def remove(self, folder: str, name: str) -> None:
        """See `Place.remove`."""
        with suppress(OSError):
            (self.root / folder / name).unlink()

    def sweep(self, folder: str, seconds: float) -> int:
        """See `Place.sweep`."""
        oldest, removed = time.time() - seconds, 0
        with suppress(OSError):
            for path in (self.root / folder).iterdir():
                with suppress(OSError):
                    if path.stat().st_mtime < oldest:
                        path.unlink()
                        removed += 1
        return removed


def _unusable(error: OSError) -> EigenError:
    message = f"the folder of tasks cannot be used: {error.strerror}"
    return EigenError("EIGEN_STORE_UNAVAILABLE", message, where=str(error.filename or ""))
