"""Reading the files a job names: relative to job.yaml, never out of its folder, regular files, limited in size."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath, PureWindowsPath

from eigen.errors import EigenError


class PathRefusedError(Exception):
    """A path that may not be used; the text says why."""


def confined(base: Path, relative: str) -> Path:
    """The real path of `relative` under `base`; raises `PathRefusedError` for anything that leads elsewhere."""
    posix, windows = PurePosixPath(relative), PureWindowsPath(relative)
    if "\0" in relative or "\\" in relative:
        raise PathRefusedError("backslashes and NUL are not allowed in a path")
    if posix.is_absolute() or windows.drive or relative.startswith("~"):
        raise PathRefusedError("only a path relative to job.yaml is allowed")
    if ".." in posix.parts:
        raise PathRefusedError("`..` is not allowed in a path")
    root = base.resolve()
    real = (root / posix).resolve()
    if not real.is_relative_to(root):
        raise PathRefusedError("it leads out of the folder of job.yaml through a symbolic link")
    return real


def read_limited(path: Path, limit_bytes: int, limit_name: str) -> bytes:
    """The bytes of a regular file; EIGEN_FILE_UNREADABLE or EIGEN_LIMIT_EXCEEDED. Never waits on a device or pipe."""
    shown = str(path)
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "not a usable path"
        raise EigenError("EIGEN_FILE_UNREADABLE", f"`{shown}`: {reason}", where=shown) from error
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise EigenError("EIGEN_FILE_UNREADABLE", f"`{shown}` is not a regular file", where=shown)
        with os.fdopen(os.dup(handle), "rb") as file:
            data = file.read(limit_bytes + 1)
    except OSError as error:
        raise EigenError("EIGEN_FILE_UNREADABLE", f"`{shown}`: {error.strerror}", where=shown) from error
    finally:
        os.close(handle)
    if len(data) > limit_bytes:
        message = f"`{shown}` is larger than the limit `{limit_name}` of {limit_bytes:,} bytes"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, where=shown)
    return data
