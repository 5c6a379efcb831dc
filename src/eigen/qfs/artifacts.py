"""`LocalArtifacts`: the artifacts of jobs as files under one root, written once and checked by digest on every read.

Layout: `<root>/jobs/<job id>/<path>`, with `meta.json` (path, sha256, size and type of each) beside them.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.qfs import ahead, files, paths
from eigen.qfs.artifact_index import INDEX, Index, described

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from eigen.qfs.ahead import Ahead
    from eigen.types import ArtifactInfo

LOG = "logs/job.jsonl"
FOLDERS = ("input", "compiled", "results")
"""Made with the directory of a job: one flush of it, instead of one for each folder at the time of its first file."""


class LocalArtifacts:
    """The artifact store on a local file system.

    A file is complete or absent: it is written under another name, flushed, renamed, and its directory flushed.
    It counts as stored once `meta.json` names it; a file that a crash left unnamed may be replaced.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._ahead: Ahead | None = None
        boot = ahead.current_boot()
        with _writing(root / ahead.FOLDER):
            ahead.replay(root, boot)

    def write_ahead(self) -> None:
        """From now on, flush small files by way of a log, once for all who store at the same moment (`ahead`). Nothing
        changes where a host does not tell its boots apart. For a process that stores much; it closes the store."""
        boot = ahead.current_boot()
        if boot and self._ahead is None:
            self._ahead = ahead.Ahead(self.root, boot)
            threading.Thread(target=self._settle_left, args=(boot,), name="settling", daemon=True).start()

    def close(self) -> None:
        """Flush what the log has; EIGEN_STORE_UNAVAILABLE, and then the log keeps it."""
        if self._ahead is not None:
            with _writing(self.root / ahead.FOLDER):
                self._ahead.settle()

    def _settle_left(self, boot: str) -> None:
        with suppress(OSError):  # the logs stay for the next start
            ahead.settle_left(self.root, boot)

    def put(self, job_id: str, path: str, data: bytes, *, media_type: str = "application/octet-stream") -> ArtifactInfo:
        """Store bytes; the same bytes again are accepted, others raise EIGEN_QFS_EXISTS."""
        (info,) = self._store(job_id, {path: data}, {path: media_type})
        return info

    def put_all(self, job_id: str, files: Mapping[str, bytes]) -> tuple[ArtifactInfo, ...]:
        """Store several files with one flush of each directory and of the index.

        When it returns, they survive a loss of power; until then the index names none of them.
        """
        return self._store(job_id, files, {path: paths.media_type(path) for path in files})

    def get(self, job_id: str, path: str) -> bytes:
        """The bytes; EIGEN_QFS_NOT_FOUND, or EIGEN_QFS_DATA_LOSS when they do not match the recorded digest."""
        path = paths.check_path(path)
        index = self._index(paths.check_job_id(job_id))
        if path not in index.artifacts:
            raise EigenError("EIGEN_QFS_NOT_FOUND", f"job `{job_id}` has no artifact `{path}`")
        with _reading(index.artifacts[path].ref):
            data = files.read(self._directory(job_id), index.place(path))
        return index.checked(path, data)

    def info(self, job_id: str, path: str) -> ArtifactInfo | None:
        """What is recorded of an artifact, or None."""
        path = paths.check_path(path)
        return self._index(paths.check_job_id(job_id)).artifacts.get(path)

    def list(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        """All artifacts of a job, sorted by path."""
        return self._index(paths.check_job_id(job_id)).sorted()

    def faults(self, job_id: str) -> tuple[tuple[str, str], ...]:
        """What is wrong with the files of a job and with their index, after every byte was read."""
        directory = self._directory(paths.check_job_id(job_id))
        try:
            index = self._index(job_id)
            with _reading(f"qfs://jobs/{job_id}/{INDEX}"):
                written = files.read(directory, INDEX)
        except EigenError as error:
            return ((INDEX, error.message),)
        found: list[tuple[str, str]] = []
        if written is not None and written != index.to_bytes():
            found.append((INDEX, "it is not as it was written, though it says the same"))
        for info in index.sorted():
            try:
                size = len(self.get(job_id, info.path))
            except EigenError as error:
                found.append((info.path, error.message))
                continue
            if size != info.size_bytes:
                found.append((info.path, f"it has {size} bytes, recorded are {info.size_bytes}"))
        return tuple(found)

    def append_log(self, job_id: str, line: str) -> None:
        """Append one line to `logs/job.jsonl`."""
        directory = self._directory(paths.check_job_id(job_id))
        with _writing(directory / LOG):
            files.append(directory, LOG, line.encode() + b"\n")

    def read_log(self, job_id: str) -> tuple[str, ...]:
        """The whole lines of `logs/job.jsonl`; what a crash cut off is left out."""
        directory = self._directory(paths.check_job_id(job_id))
        with _reading(str(directory / LOG)):
            data = files.read(directory, LOG) or b""
        return tuple(data[: data.rfind(b"\n") + 1].decode("utf-8", "replace").splitlines())

    def _directory(self, job_id: str) -> Path:
        return self.root / "jobs" / job_id

    def _store(self, job_id: str, data: Mapping[str, bytes], types: Mapping[str, str]) -> tuple[ArtifactInfo, ...]:
        paths.check_job_id(job_id)
        wanted, contents = described(job_id, data, types)
        directory = self._directory(job_id)
        with _writing(directory):
            made = self._make_directory(directory)
            with files.lock(directory):
                index = self._index(job_id)
                new = index.new(wanted.values())
                if new:
                    index = index.adding(wanted[path] for path in new)
                    named = {path: contents[path] for path in new}
                    self._write(job_id, named, index.to_bytes(), made)
        return tuple(index.artifacts[path] for path in wanted)

    def _write(self, job_id: str, named: Mapping[str, bytes], index: bytes, made: set[Path]) -> None:
        directory = self._directory(job_id)
        if self._ahead is not None and sum(map(len, named.values())) <= ahead.MOST_BYTES:
            self._ahead.store(job_id, directory, named, index)
            return
        if os.path.isdir(self.root / ahead.FOLDER):  # the job's own directory may not be on the disk yet
            made = made | files.above(directory)
        files.write_in_order(directory, named, {INDEX: index}, changed=made)

    def _make_directory(self, directory: Path) -> set[Path]:
        """The directory of a job, with what it will need later; returns the directories to be flushed for it."""
        changed = files.make_directory(directory)
        if changed and self._ahead is None:
            changed |= {parent for name in FOLDERS for parent in files.make_directory(directory / name)}
        return changed

    def _index(self, job_id: str) -> Index:
        with _reading(f"qfs://jobs/{job_id}/{INDEX}"):
            data = files.read(self._directory(job_id), INDEX)
        return Index(job_id) if data is None else Index.parse(job_id, data)


@contextmanager
def _reading(what: str) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise EigenError("EIGEN_STORE_UNAVAILABLE", f"`{what}` cannot be read: {_reason(error)}") from error


@contextmanager
def _writing(what: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise EigenError("EIGEN_STORE_UNAVAILABLE", f"`{what}` cannot be written: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    return error.strerror or os.strerror(error.errno or 0)
