"""Files that are complete or absent: temporary file, flush, rename, flush of the directory. It follows no links."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

LOCK = ".lock"
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def make_directory(path: Path) -> None:
    """Make a directory and its parents, private to the user, and flush the parents that changed."""
    missing: list[Path] = []
    current = path
    while not current.exists():
        missing.append(current)
        current = current.parent
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    for made in reversed(missing):
        _flush(made.parent)


def read(root: Path, path: str) -> bytes | None:
    """The bytes of a regular file under `root`, or None. A link anywhere below `root` is an error."""
    _refuse_links(root, path)
    try:
        descriptor = os.open(root / path, os.O_RDONLY | _NO_LINK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        return file.read()


def write_all(root: Path, contents: Mapping[str, bytes]) -> None:
    """Write files under `root`: all are flushed before the first takes its name, directories after the last."""
    ready: list[tuple[Path, Path]] = []
    try:
        for path, data in contents.items():
            _refuse_links(root, path)
            target = root / path
            if target.parent != root:
                make_directory(target.parent)
            temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
            ready.append((temporary, target))
            _write(temporary, data)
        for temporary, target in ready:
            os.replace(temporary, target)
    except BaseException:
        for temporary, _ in ready:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        raise
    for directory in sorted({target.parent for _, target in ready}):
        _flush(directory)


def append(root: Path, path: str, data: bytes) -> None:
    """Append to a file under `root` in one write. Not flushed."""
    _refuse_links(root, path)
    target = root / path
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NO_LINK
    try:
        descriptor = os.open(target, flags, 0o600)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(target, flags, 0o600)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)


@contextmanager
def lock(directory: Path) -> Generator[None]:
    """Hold the directory against other processes and threads; the system lets go when the holder dies."""
    import fcntl

    descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | _NO_LINK, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(path: Path, data: bytes) -> None:
    # A temporary file of this very name can only be left over from a dead process of the same id.
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def _flush(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_links(root: Path, path: str) -> None:
    """The names were checked; this keeps a link that someone put there from leading elsewhere."""
    current = root
    for part in path.split("/")[:-1]:
        current = current / part
        if current.is_symlink():
            raise OSError(errno.ELOOP, f"`{current}` is a symbolic link")
