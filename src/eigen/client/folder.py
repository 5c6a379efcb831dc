"""A job as a folder that can be carried elsewhere: written file by file, read back as foreign files."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.jobspec.files import read_limited

if TYPE_CHECKING:
    from collections.abc import Iterable

RECORD = ("record/job.json", "record/events.jsonl", "record/journal.jsonl")
"""What the database keeps of a job; the kernel makes these files when they are asked for."""

MOST_FILES = 10_000
MOST_BYTES = 1 << 30


def make(folder: Path) -> None:
    """Make the folder; EIGEN_USAGE when there is something in it, EIGEN_FILE_UNREADABLE when it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise EigenError("EIGEN_USAGE", f"`{folder}` is not empty", hint="name a folder that is not there yet")
    except OSError as error:
        raise _unwritable(folder, error) from error


def write(folder: Path, path: str, data: bytes) -> None:
    """Write one file under the folder; EIGEN_QFS_PATH for a path that leads elsewhere,
    EIGEN_FILE_UNREADABLE when it cannot be written."""
    parts = PurePosixPath(path).parts
    if not parts or PurePosixPath(path).is_absolute() or ".." in parts or "\\" in path or "\0" in path:
        raise EigenError("EIGEN_QFS_PATH", f"`{path[:200]}` is not an allowed artifact path")
    target = folder.joinpath(*parts)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise _unwritable(target, error) from error


def read(folder: Path) -> dict[str, bytes]:
    """The files under a folder by path. Links are not followed; EIGEN_FILE_UNREADABLE for what is no regular file,
    EIGEN_LIMIT_EXCEEDED for more than 10,000 files or 1 GiB."""
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    for path in _paths(folder):
        if len(found) == MOST_FILES:
            raise EigenError("EIGEN_LIMIT_EXCEEDED", f"`{folder}` has more than {MOST_FILES:,} files")
        data = read_limited(path, left, "bytes of an exported job")
        left -= len(data)
        found[path.relative_to(folder).as_posix()] = data
    return found


def _paths(folder: Path) -> Iterable[Path]:
    def fail(error: OSError) -> None:
        reason = error.strerror or "cannot be read"
        raise EigenError("EIGEN_FILE_UNREADABLE", f"`{error.filename or folder}`: {reason}") from error

    for directory, folders, names in os.walk(folder, onerror=fail):
        folders.sort()
        for name in sorted([*names, *(name for name in folders if Path(directory, name).is_symlink())]):
            path = Path(directory, name)
            if path.is_symlink():
                raise EigenError("EIGEN_FILE_UNREADABLE", f"`{path}` is a symbolic link", where=str(path))
            yield path


def _unwritable(path: Path, error: OSError) -> EigenError:
    return EigenError(
        "EIGEN_FILE_UNREADABLE", f"`{path}` cannot be written: {error.strerror or error}", where=str(path)
    )
