"""`LocalSnapshots`: snapshots of simulators' states as files, `<root>/jobs/<job id>/checkpoints/<name>`."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.qfs import files, paths
from eigen.qfs.store import SnapshotInfo

if TYPE_CHECKING:
    from collections.abc import Collection, Generator
    from pathlib import Path

FOLDER = "checkpoints"
NAME = re.compile(r"[0-9a-z][0-9a-z-]{0,99}\.snapshot")
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class LocalSnapshots:
    """The snapshot store on a file system: every worker that sees it can go on from its snapshots.

    A file takes its name when all its bytes are on the disk. What a crash leaves unnamed goes with the job's others.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def list(self, job_id: str) -> tuple[SnapshotInfo, ...]:
        """See `SnapshotStore.list`."""
        folder = self._folder(job_id)
        with _saying(folder):
            try:
                entries = [entry for entry in os.scandir(folder) if NAME.fullmatch(entry.name)]
            except (FileNotFoundError, NotADirectoryError):
                return ()
            found = [(entry.name, entry.stat(follow_symlinks=False).st_size) for entry in entries]
        return tuple(SnapshotInfo(name, size) for name, size in sorted(found))

    def has_room(self, size_bytes: int) -> bool:
        """See `SnapshotStore.has_room`."""
        with _saying(self.root):
            return shutil.disk_usage(self.root).free >= 2 * size_bytes

    def create(self, job_id: str, name: str) -> _Writer:
        """See `SnapshotStore.create`."""
        target = self._folder(job_id) / checked_name(name)
        with _saying(target):
            if target.is_symlink() or target.exists():
                raise EigenError("EIGEN_QFS_EXISTS", f"job `{job_id}` has a snapshot `{name}` already")
            return _Writer(target)

    def open(self, job_id: str, name: str) -> _Reader:
        """See `SnapshotStore.open`."""
        target = self._folder(job_id) / checked_name(name)
        with _saying(target):
            try:
                return _Reader(target)
            except FileNotFoundError:
                raise EigenError("EIGEN_QFS_NOT_FOUND", f"job `{job_id}` has no snapshot `{name}`") from None

    def remove(self, job_id: str, names: Collection[str]) -> None:
        """See `SnapshotStore.remove`; with the last one the folder goes, and what crashes left in it."""
        folder = self._folder(job_id)
        with _saying(folder):
            for name in names:
                (folder / checked_name(name)).unlink(missing_ok=True)
            if folder.is_dir() and not self.list(job_id):
                for left in os.scandir(folder):
                    if left.name.endswith(".tmp"):
                        os.unlink(left.path)
                with suppress(OSError):
                    folder.rmdir()

    def clear(self, job_id: str) -> None:
        """See `SnapshotStore.clear`."""
        self.remove(job_id, [info.name for info in self.list(job_id)])

    def _folder(self, job_id: str) -> Path:
        return self.root / "jobs" / paths.check_job_id(job_id) / FOLDER


class _Writer:
    """A file under a temporary name, with the number of its process."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._made = files.make_directory(target.parent)
        self._draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        self._draft.unlink(missing_ok=True)  # that of a dead process of the same number
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK
        self._file = os.fdopen(os.open(self._draft, flags, 0o600), "wb", buffering=0)

    def write(self, data: bytes) -> None:
        """See `SnapshotWriter.write`."""
        with _saying(self._target):
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]

    def keep(self) -> None:
        """See `SnapshotWriter.keep`."""
        with _saying(self._target):
            try:
                with self._file:
                    os.fsync(self._file.fileno())
                os.replace(self._draft, self._target)
            finally:
                self._draft.unlink(missing_ok=True)
            for directory in sorted({*self._made, self._target.parent}):
                files.flush_directory(directory)

    def discard(self) -> None:
        """See `SnapshotWriter.discard`."""
        with _saying(self._target):
            self._file.close()
            self._draft.unlink(missing_ok=True)


class _Reader:
    """A regular file, open."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._file = os.fdopen(os.open(target, os.O_RDONLY | _NO_LINK), "rb")

    def read(self, size: int, /) -> bytes:
        """See `SnapshotReader.read`."""
        with _saying(self._target):
            return self._file.read(size)

    def close(self) -> None:
        """See `SnapshotReader.close`."""
        self._file.close()


def checked_name(name: str) -> str:
    """The name, if a snapshot can have it; EIGEN_QFS_PATH."""
    if not NAME.fullmatch(name):
        raise EigenError("EIGEN_QFS_PATH", f"`{name[:120]}` is no name of a snapshot")
    return name


@contextmanager
def _saying(what: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or os.strerror(error.errno or 0)
        raise EigenError("EIGEN_STORE_UNAVAILABLE", f"the snapshot `{what.name}` fails: {reason}") from error
