"""`S3Log`: the logs of jobs in a bucket, where nothing can be appended to.

Lines are appended to files of this process in the data directory and brought into the bucket in parts,
`jobs/<job id>/logs/parts/<part>.jsonl`, each written again as it grows, by its own process alone. What a process that
was killed left in its files, the next one of the host brings there; what a loss of power takes from them is lost.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from heapq import merge
from typing import TYPE_CHECKING
from uuid import uuid4

from eigen.errors import EigenError
from eigen.qfs import files
from eigen.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from eigen.qfs.s3_bucket import Bucket

SPOOL = "log-parts"
PARTS = "logs/parts"
UPLOAD_SECONDS = 1.0
"""A line is in the bucket so long after it was written, while the bucket answers."""
MOST_PAUSE = 30.0
IDLE_SECONDS = 60.0
PART_BYTES = 64 * 1024
"""A part that had no line for so long, or is larger, is not written to again."""
HELD = ".lock"
CLOSE_SECONDS = 2.0
"""For how long the bucket is asked again by a process that ends."""


@dataclass
class _Part:
    """A part that this process writes: its file, and how much of it is where."""

    job_id: str
    name: str
    written: int = 0
    uploaded: int = 0
    touched: float = 0.0


class S3Log:
    """Appends lines to the logs of jobs and reads them. `append` raises EIGEN_STORE_UNAVAILABLE when the data directory
    cannot be written, `read` when the bucket cannot be read."""

    def __init__(self, bucket: Bucket, data_dir: Path) -> None:
        self._bucket = bucket
        self._spool = data_dir / SPOOL
        self._own = self._spool / uuid4().hex
        self._held: int | None = None
        self._parts: dict[str, _Part] = {}
        self._newest: dict[str, _Part] = {}
        self._lock = threading.Lock()
        self._uploading = threading.Lock()
        self._bell = threading.Event()
        self._ended = threading.Event()

    def append(self, job_id: str, line: str) -> None:
        """Append one line."""
        data = line.encode() + b"\n"
        try:
            with self._lock:
                self._begin()
                part = self._newest.get(job_id)
                if part is None or part.written > PART_BYTES:
                    part = _Part(job_id, f"{time.time_ns() // 1000:016}-{uuid4().hex[:8]}")
                    self._newest[job_id] = self._parts[part.name] = part
                files.append(self._own, _file(part), data)
                part.written += len(data)
                part.touched = time.monotonic()
        except OSError as error:
            why = error.strerror or os.strerror(error.errno or 0)
            raise EigenError("EIGEN_STORE_UNAVAILABLE", f"`{self._own}` cannot be written: {why}") from error
        self._bell.set()

    def read(self, job_id: str) -> tuple[str, ...]:
        """The whole lines of all servers in the order of their times; those of this process as they are now."""
        with suppress(EigenError):  # a bucket that cannot be written may still be read
            self.flush(job_id)
        found = self._bucket.each(self._bucket.get, self._bucket.list(f"jobs/{job_id}/{PARTS}"))
        return tuple(line for _, line in merge(*(_timed(part[0]) for part in found if part is not None)))

    def flush(self, job_id: str | None = None) -> None:
        """Bring what this process has written (of this job) into the bucket."""
        with self._uploading:
            self._bucket.each(self._upload, self._grown(job_id))

    def close(self) -> None:
        """Bring everything into the bucket and end. What cannot be brought there stays for the next process."""
        with self._lock:
            held, self._held = self._held, None
        if held is None:
            return
        self._ended.set()
        self._bell.set()
        self._bucket.retry_seconds = min(CLOSE_SECONDS, self._bucket.retry_seconds)
        with suppress(EigenError, OSError), self._uploading:
            for part in self._grown(None):  # one by one: an interpreter that ends starts no threads
                self._upload(part)
            shutil.rmtree(self._own)
        os.close(held)

    def _begin(self) -> None:
        """Take a directory of our own, and begin to upload."""
        if self._held is not None:
            return
        files.make_directory(self._own)
        self._held = os.open(self._own / HELD, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._held, fcntl.LOCK_EX)
        self._ended = threading.Event()
        threading.Thread(target=self._run, args=(self._ended,), name="log-upload", daemon=True).start()

    def _run(self, ended: threading.Event) -> None:
        pause, adopted = UPLOAD_SECONDS, False
        while not ended.is_set():
            self._bell.wait(IDLE_SECONDS)
            if ended.wait(pause):
                return
            self._bell.clear()
            try:
                self.flush()
                self._forget()
                if not adopted:
                    self._adopt()
                    adopted = True
                pause = UPLOAD_SECONDS
            except (EigenError, OSError) as error:
                log("warning", f"lines of job logs could not be brought to {self._bucket.address}: {error}")
                pause = min(2 * pause, MOST_PAUSE)
                self._bell.set()

    def _grown(self, job_id: str | None) -> list[_Part]:
        """The parts (of a job) that have lines which are not in the bucket."""
        with self._lock:
            return [
                part
                for part in self._parts.values()
                if part.uploaded < part.written and (job_id is None or part.job_id == job_id)
            ]

    def _upload(self, part: _Part) -> None:
        size = part.written
        data = files.read(self._own, _file(part))
        if data is None:
            raise EigenError("EIGEN_STORE_UNAVAILABLE", f"`{self._own / _file(part)}` is gone")
        self._bucket.put(_key(part), data, media_type="application/jsonl")
        part.uploaded = max(part.uploaded, size)

    def _forget(self) -> None:
        """Let go of the parts that are whole in the bucket and full, or had no line for a while."""
        before = time.monotonic() - IDLE_SECONDS
        with self._lock:
            for part in list(self._parts.values()):
                if part.uploaded < part.written or (part.touched > before and part.written <= PART_BYTES):
                    continue
                del self._parts[part.name]
                if self._newest.get(part.job_id) is part:
                    del self._newest[part.job_id]
                with suppress(OSError):
                    (self._own / _file(part)).unlink()
                    (self._own / part.job_id).rmdir()

    def _adopt(self) -> None:
        """Bring what processes that have died left here into the bucket."""
        for directory in sorted(self._spool.iterdir()):
            if directory == self._own or not directory.is_dir():
                continue
            held = os.open(directory / HELD, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for path in sorted(directory.glob("*/*.jsonl")):
                    part = _Part(path.parent.name, path.stem)
                    self._bucket.put(_key(part), path.read_bytes(), media_type="application/jsonl")
                shutil.rmtree(directory)
            except BlockingIOError:
                continue  # its process lives
            finally:
                os.close(held)


def _file(part: _Part) -> str:
    return f"{part.job_id}/{part.name}.jsonl"


def _key(part: _Part) -> str:
    return f"jobs/{part.job_id}/{PARTS}/{part.name}.jsonl"


def _timed(data: bytes) -> Iterator[tuple[tuple[str, int], str]]:
    """The whole lines of a part, each with its own time or that of the line before it."""
    last = ""
    for number, line in enumerate(data[: data.rfind(b"\n") + 1].decode("utf-8", "replace").splitlines()):
        with suppress(ValueError, KeyError, TypeError):
            last = max(last, str(json.loads(line)["timestamp"]))
        yield (last, number), line
