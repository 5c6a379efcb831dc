"""Files that are complete or absent: temporary file, flush, rename, flush of the directory. It follows no links."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping
    from pathlib import Path

LOCK = ".lock"
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def make_directory(path: Path) -> set[Path]:
    """Make a directory and its parents, private to the user; returns the directories that are to be flushed for it."""
    try:
        os.mkdir(path, 0o700)
    except FileNotFoundError:
        return _make_parents(path)
    except FileExistsError:
        if not os.path.isdir(path):
            raise
        return set()
    return {path.parent}


def _make_parents(path: Path) -> set[Path]:
    missing: list[Path] = []
    current = path
    while not current.exists():
        missing.append(current)
        current = current.parent
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {made.parent for made in missing}


def read(root: Path, path: str) -> bytes | None:
    """The bytes of a regular file under `root`, or None. A link anywhere below `root` is an error."""
    _refuse_links(root, path)
    try:
        descriptor = os.open(f"{root}/{path}", os.O_RDONLY | _NO_LINK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        return file.read()


def write_in_order(root: Path, *batches: Mapping[str, bytes], changed: Iterable[Path] = ()) -> None:
    """Write files under `root`. The bytes of all are flushed before the first takes its name, and the names of one
    batch, with the `changed` directories, before those of the next."""
    directories, ready = set(changed), _Ready()
    try:
        for contents in batches:
            directories |= ready.add(root, contents)
        ready.flush()
        for batch in ready.batches:
            for temporary, target in batch:
                os.replace(temporary, target)
            for directory in sorted(directories | {target.parent for _, target in batch}):
                flush_directory(directory)
            directories.clear()
        ready.named = True
    finally:
        ready.discard()


def write_unflushed(root: Path, *batches: Mapping[str, bytes]) -> None:
    """Write files under `root`, of the first batches in place and those of the last one under their names once they are
    complete. A loss of power may take any of them."""
    for contents in batches[:-1]:
        for path, data in contents.items():
            _refuse_links(root, path)
            descriptor = _opened(root, path)
            try:
                write_all(descriptor, data)
            finally:
                os.close(descriptor)
    ready = _Ready()
    try:
        ready.add(root, batches[-1])
        for temporary, target in ready.batches[0]:
            os.replace(temporary, target)
        ready.named = True
    finally:
        ready.discard()


def flush_stored(root: Path, stored: Iterable[str]) -> None:
    """Put files under `root` on the disk, with every directory above them; what is gone is left out."""
    directories = above(root)
    for path in dict.fromkeys(stored):
        directories.add((root / path).parent)
        with suppress(FileNotFoundError, NotADirectoryError):
            descriptor = os.open(f"{root}/{path}", os.O_RDONLY | _NO_LINK)
            try:
                _flush((descriptor,))
            finally:
                os.close(descriptor)
    flush_directories(directories)


def flush_file_system(directory: Path) -> bool:
    """Put everything on the disk that was written to the file system of a directory; False where that cannot be done,
    or would not say what failed (https://man7.org/linux/man-pages/man2/syncfs.2.html)."""
    if sys.platform != "linux" or _kernel() < (5, 8):
        return False
    import ctypes

    descriptor = os.open(directory, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)
    return True


def _kernel() -> tuple[int, ...]:
    """The version of the kernel, its first two numbers."""
    return tuple(int(part) for part in re.findall(r"\d+", os.uname().release)[:2])


def flush_directories(directories: Iterable[Path]) -> None:
    """Put the names in directories on the disk; those that are gone are left out."""
    for directory in sorted(directories):
        with suppress(FileNotFoundError, NotADirectoryError):
            flush_directory(directory)


def above(directory: Path) -> set[Path]:
    """The directory of a job, that of all jobs, and the one where that is."""
    return {directory, directory.parent, directory.parent.parent}


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it."""
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def _opened(root: Path, path: str) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NO_LINK
    try:
        return os.open(f"{root}/{path}", flags, 0o600)
    except FileNotFoundError:
        make_directory((root / path).parent)
        return os.open(f"{root}/{path}", flags, 0o600)


class _Ready:
    """Files written under temporary names."""

    def __init__(self) -> None:
        self.batches: list[list[tuple[Path, Path]]] = []
        self.named = False
        self._descriptors: list[int] = []

    def add(self, root: Path, contents: Mapping[str, bytes]) -> set[Path]:
        """Write one more batch, unflushed; returns the directories that are to be flushed for new ones."""
        changed: set[Path] = set()
        self.batches.append([])
        for path, data in contents.items():
            _refuse_links(root, path)
            target = root / path
            if target.parent != root:
                changed |= make_directory(target.parent)
            temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
            self.batches[-1].append((temporary, target))
            self._descriptors.append(_write(temporary, data))
        return changed

    def flush(self) -> None:
        """Put the bytes of all of them on the disk."""
        _flush(self._descriptors)

    def discard(self) -> None:
        """Close them, and delete those that have not taken their names."""
        for descriptor in self._descriptors:
            os.close(descriptor)
        if self.named:
            return
        for temporary, _ in (pair for batch in self.batches for pair in batch):
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def append(root: Path, path: str, data: bytes) -> None:
    """Append to a file under `root` in one write. Not flushed."""
    _refuse_links(root, path)
    target = f"{root}/{path}"
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NO_LINK
    try:
        descriptor = os.open(target, flags, 0o600)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(target), 0o700, exist_ok=True)
        descriptor = os.open(target, flags, 0o600)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)


@contextmanager
def lock(directory: Path) -> Generator[None]:
    """Hold the directory against other processes and threads; the system lets go when the holder dies."""
    import fcntl

    descriptor = os.open(f"{directory}/{LOCK}", os.O_RDWR | os.O_CREAT | _NO_LINK, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(path: Path, data: bytes) -> int:
    """A new file with these bytes, still open and unflushed."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileExistsError:  # a temporary file of this very name can only be left over from a dead process of this id
        path.unlink()
        descriptor = os.open(path, flags, 0o600)
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(data)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def flush_directory(directory: Path) -> None:
    """Put the names in a directory on the disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        _flush((descriptor,))
    finally:
        os.close(descriptor)


def _flush(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.fsync(descriptor)


def _refuse_links(root: Path, path: str) -> None:
    """The names were checked; this keeps a link that someone put there from leading elsewhere."""
    end = path.find("/")
    while end > 0:
        current = f"{root}/{path[:end]}"
        if os.path.islink(current):
            raise OSError(errno.ELOOP, f"`{current}` is a symbolic link")
        end = path.find("/", end + 1)
