"""`Ahead`: small files of many jobs in one log, flushed once for all who store at the same moment, before the files
themselves are written; those are flushed later, many together, and the log is deleted.

A write-ahead log of whole files. What was acknowledged and is not whole after a loss of power is written again from the
log by whoever opens the directory next. The end of a process takes nothing from the page cache: then only the later
flush is left to do. It is for one host: logs of its other boots are replayed; those of this one belong to live
processes, or to dead ones whose files are whole.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from struct import Struct
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.qfs import files, paths
from eigen.qfs.artifact_index import INDEX, Index

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from eigen.types import ArtifactInfo

FOLDER = "ahead"
SUFFIX = ".log"
JOBS = "jobs"
HEAD = Struct("!4sQ32s")
"""Before each record: a mark, the length of what follows, its sha256."""

MARK = b"EAH1"
MOST_BYTES = 256 * 1024
"""Files that hold more together are flushed by themselves: to write them twice costs more than a flush."""

LOG_BYTES = 16 << 20
LOG_RECORDS = 2_000
"""At this size the next log begins, and the files of this one are flushed."""

PATIENCE_SECONDS = 60.0
"""How long one waits for another process that replays, and for a thread that writes a small file."""


@dataclass(slots=True, eq=False)
class _Log:
    """A log file that is written to, and what was written into place after its records."""

    path: Path
    descriptor: int
    size: int = 0
    records: int = 0
    unwritten: int = 0
    dirty: dict[Path, set[str]] = field(default_factory=dict[Path, set[str]])
    broken: bool = False


@dataclass(slots=True, eq=False)
class _Record:
    """One that waits to be flushed; then the log that has it, or why none has."""

    data: bytes
    log: _Log | None = None
    error: OSError | None = None


class Ahead:
    """The log of this process for one root. Safe for threads; whoever stores files of a job holds that job's lock."""

    def __init__(self, root: Path, boot: str) -> None:
        self._folder = root / FOLDER
        self._boot = boot
        self._state = threading.Condition()
        self._flushing = threading.Lock()
        self._waiting: list[_Record] = []
        self._log: _Log | None = None

    def store(self, job_id: str, directory: Path, contents: Mapping[str, bytes], index: bytes) -> None:
        """Store files of a job, and its index, which names them. When this returns, a loss of power takes nothing of
        them; when it raises OSError, no index names them."""
        log = self._append(_Record(_encoded(job_id, contents, index)))
        try:
            files.write_unflushed(directory, contents, {INDEX: index})
        finally:
            with self._state:
                log.dirty.setdefault(directory, set()).update(contents)
                log.unwritten -= 1
                self._state.notify_all()

    def settle(self) -> None:
        """Flush the files of all records so far, and delete the log. Raises OSError; the log is then kept."""
        with self._flushing:
            log, self._log = self._log, None
        if log is not None:
            self._finish(log)

    def _append(self, record: _Record) -> _Log:
        """Put a record on the disk, with those of others that wait meanwhile."""
        with self._state:
            self._waiting.append(record)
        with self._flushing:
            if record.log is None and record.error is None:
                with self._state:
                    group, self._waiting = self._waiting, []
                self._flush(group)
        if record.log is None:
            raise record.error or OSError(errno.EIO, os.strerror(errno.EIO))
        return record.log

    def _flush(self, group: Sequence[_Record]) -> None:
        data = b"".join(record.data for record in group)
        try:
            log = self._writable()
            try:
                files.write_all(log.descriptor, data)
                os.fdatasync(log.descriptor)
            except BaseException:  # nobody knows what of it is on the disk: no more goes into this log
                log.broken = True
                raise
        except OSError as error:
            for record in group:
                record.error = error
            return
        log.size += len(data)
        log.records += len(group)
        with self._state:
            log.unwritten += len(group)
        for record in group:
            record.log = log

    def _writable(self) -> _Log:
        """The log; the next one where it is full or broken."""
        log = self._log
        if log is not None and not log.broken and log.size < LOG_BYTES and log.records < LOG_RECORDS:
            return log
        self._log = _begin(self._folder, self._boot)
        if log is not None:
            threading.Thread(target=self._finish_beside, args=(log,), name="settling", daemon=True).start()
        return self._log

    def _finish_beside(self, log: _Log) -> None:
        with suppress(OSError):  # the log stays, and is read at the next start
            self._finish(log)

    def _finish(self, log: _Log) -> None:
        with self._state:
            if not self._state.wait_for(lambda: log.unwritten == 0, PATIENCE_SECONDS):
                raise OSError(errno.EBUSY, "a file that the log has is still being written", str(log.path))
        try:
            _flush_all(self._folder.parent, log.dirty)
            os.unlink(log.path)
        finally:
            os.close(log.descriptor)


def current_boot() -> str:
    """What tells this boot of the host from every other; empty where nothing does."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


def replay(root: Path, boot: str) -> None:
    """Write again what logs of an earlier boot have and the disk has not, flush it and delete them. Logs of this boot
    stay: `settle_left` is for those that nobody has any more. Raises OSError."""
    found: list[tuple[Path, int, bytes]] = []
    try:
        for path in _logs(root):
            theirs, descriptor = _locked(path, boot)
            if descriptor is not None:
                if theirs == boot:
                    os.close(descriptor)
                else:
                    found.append((path, descriptor, _content(descriptor)))
        records = sorted(
            (record for _, _, content in found for record in _decoded(content)), key=lambda record: record.at
        )
        jobs: dict[str, list[_Stored]] = {}
        for record in records:
            jobs.setdefault(record.job_id, []).append(record)
        restored = dict(_restore(root, job_id, stored) for job_id, stored in jobs.items())
        if restored:
            _flush_all(root, restored)
        for path, _, _ in found:
            path.unlink(missing_ok=True)
    finally:
        for _, descriptor, _ in found:
            os.close(descriptor)


def settle_left(root: Path, boot: str) -> None:
    """Flush what processes of this boot that are dead wrote after their records, and delete their logs. Raises
    OSError."""
    for path in _logs(root):
        theirs, descriptor = _locked(path, boot)
        if descriptor is None:
            continue
        try:
            if theirs == boot:
                written: dict[Path, set[str]] = {}
                for record in _decoded(_content(descriptor)):
                    directory = root / JOBS / paths.check_job_id(record.job_id)
                    written.setdefault(directory, set()).update(record.contents)
                _flush_all(root, written)
                path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A record: what was stored of a job at a moment of the monotonic clock, and all of its index then."""

    job_id: str
    at: int
    contents: Mapping[str, bytes]
    index: bytes


def _encoded(job_id: str, contents: Mapping[str, bytes], index: bytes) -> bytes:
    sizes = [[path, len(data)] for path, data in contents.items()]
    head = json.dumps({"job_id": job_id, "at": time.monotonic_ns(), "files": sizes, "index": len(index)}).encode()
    body = b"".join((head, b"\n", *contents.values(), index))
    return HEAD.pack(MARK, len(body), sha256(body).digest()) + body


def _decoded(content: bytes) -> Iterator[_Stored]:
    """The whole records of a log; the end that a crash tore off was never acknowledged."""
    place = content.find(b"\n") + 1
    while place and len(content) - place >= HEAD.size:
        mark, length, digest = HEAD.unpack_from(content, place)
        body = content[place + HEAD.size : place + HEAD.size + length]
        if mark != MARK or len(body) != length or sha256(body).digest() != digest:
            return
        line, _, rest = body.partition(b"\n")
        head: dict[str, Any] = json.loads(line)
        contents: dict[str, bytes] = {}
        for path, size in head["files"]:
            contents[str(path)], rest = rest[:size], rest[size:]
        yield _Stored(str(head["job_id"]), int(head["at"]), contents, rest)
        place += HEAD.size + length


def _restore(root: Path, job_id: str, stored: Sequence[_Stored]) -> tuple[Path, set[str]]:
    """Make the files of a job what they were when its last record was acknowledged; returns what is to be flushed."""
    directory = root / JOBS / paths.check_job_id(job_id)
    contents: dict[str, bytes] = {}
    named: dict[str, ArtifactInfo] = {}
    for record in stored:
        contents |= {paths.check_path(path): data for path, data in record.contents.items()}
        named |= Index.parse(job_id, record.index).artifacts
    written = files.read(directory, INDEX)
    try:
        there = Index(job_id) if written is None else Index.parse(job_id, written)
    except EigenError:  # torn: the records have all of it
        there = Index(job_id)
    for path, info in there.artifacts.items():
        # Of two that differ, the one on the disk counts if it is whole: its writer came later, and flushed it itself.
        if path in named and info.sha256 != named[path].sha256 and _is(files.read(directory, path), info):
            named[path] = info
            contents.pop(path, None)
    index = Index(job_id, {**there.artifacts, **named})
    missing = {path: data for path, data in contents.items() if not _is(files.read(directory, path), named[path])}
    files.make_directory(directory)
    files.write_unflushed(directory, missing, {INDEX: index.to_bytes()})
    return directory, set(contents)


def _flush_all(root: Path, written: Mapping[Path, Iterable[str]]) -> None:
    """Put files of jobs on the disk, at once where the system can: they are many, and each flush is one of the disk."""
    if files.flush_file_system(root / JOBS):
        return
    for directory, stored in written.items():
        files.flush_stored(directory, (*stored, INDEX))


def _is(data: bytes | None, info: ArtifactInfo) -> bool:
    return data is not None and sha256(data).hexdigest() == info.sha256


def _begin(folder: Path, boot: str) -> _Log:
    """A new log of this process, which holds its lock until it is deleted."""
    made = files.make_directory(folder)
    while True:
        path = folder / f"{os.getpid()}-{os.urandom(6).hex()}{SUFFIX}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if path.exists():  # else one that replays found it empty before it was locked
                files.write_all(descriptor, f"eigen-ahead 1 {boot}\n".encode())
                files.flush_directories({*made, folder})
                return _Log(path, descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _logs(root: Path) -> list[Path]:
    try:
        return sorted(path for path in (root / FOLDER).iterdir() if path.suffix == SUFFIX)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _locked(path: Path, boot: str) -> tuple[str, int | None]:
    """The boot that wrote a log, and the log, locked; None for one that is gone, or that a live process has. Of an
    earlier boot that can only be one that replays it: it is waited for."""
    try:
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return "", None
    theirs = os.pread(descriptor, 200, 0).partition(b"\n")[0].rpartition(b" ")[2].decode("ascii", "replace")
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if theirs != boot and path.exists() and time.monotonic() < until:
                time.sleep(0.01)
                continue
        else:
            if path.exists():
                return theirs, descriptor
        os.close(descriptor)
        return theirs, None


def _content(descriptor: int) -> bytes:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)
