"""`Spool`: the folder in which tasks and their results lie, by digest. Whoever works for a kernel sees the same.

A document is complete or absent. Descriptions are named by their own sha256 and checked on every read; results are
named by the key of their task, carry their sha256 in the first line, and are written once: whoever comes second with
the same bytes has done nothing wrong, and whoever comes with others is refused. How long the work took stands beside
the sha256, which does not cover it: it differs from run to run.
"""

from __future__ import annotations

import errno
import os
import time
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.executors.executor import Outcome, check_digests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_SPEC_BYTES = 256 << 20
MAX_RESULT_BYTES = 1 << 30
HEAD_BYTES = 128
KEPT_SECONDS = 7 * 86_400.0
"""How long what nobody collected is kept."""

SPECS, RESULTS = "specs", "results"


class Spool:
    """A folder, private to its owner. Raises EIGEN_STORE_UNAVAILABLE where it cannot be used."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put_spec(self, data: bytes) -> str:
        """Keep a description; its sha256. EIGEN_LIMIT_EXCEEDED beyond 256 MiB."""
        if len(data) > MAX_SPEC_BYTES:
            message = f"the description of a task has `{len(data)}` bytes, the limit is {MAX_SPEC_BYTES}"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message)
        digest = sha256(data).hexdigest()
        if not self._write(SPECS, digest, data) and self._read(SPECS, digest, MAX_SPEC_BYTES) != data:
            self.forget(spec=digest)  # it was damaged
            self._write(SPECS, digest, data)
        return digest

    def spec(self, digest: str) -> bytes:
        """A description; EIGEN_QFS_NOT_FOUND, and EIGEN_QFS_DATA_LOSS when it is not what its name says."""
        check_digests(digest)
        data = self._read(SPECS, digest, MAX_SPEC_BYTES)
        if data is None:
            raise EigenError("EIGEN_QFS_NOT_FOUND", f"there is no task `{digest}` in the spool", hint=SHARED)
        found = sha256(data).hexdigest()
        if found != digest:
            raise EigenError("EIGEN_QFS_DATA_LOSS", f"task `{digest}` has the sha256 `{found}`")
        return data

    def put_result(self, key: str, outcome: Outcome) -> bool:
        """Keep what a task left; False when the same document is there already, EIGEN_QFS_EXISTS when another is."""
        document = outcome.document
        check_digests(key)
        if len(document) > MAX_RESULT_BYTES:
            message = f"the result of a task has `{len(document)}` bytes, the limit is {MAX_RESULT_BYTES}"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message)
        head = f"{sha256(document).hexdigest()} {outcome.seconds:.9g}\n"
        if self._write(RESULTS, key, head.encode() + document):
            return True
        first = self.result(key)
        if first is not None and first.document == document:
            return False
        raise EigenError("EIGEN_QFS_EXISTS", f"task `{key}` has left another result before: this one is refused")

    def has_result(self, key: str) -> bool:
        """Whether the task has left something."""
        check_digests(key)
        return self._place(RESULTS, key).is_file()

    def result(self, key: str) -> Outcome | None:
        """What the task left, or None; EIGEN_QFS_DATA_LOSS when it is not as it was written."""
        check_digests(key)
        data = self._read(RESULTS, key, MAX_RESULT_BYTES + HEAD_BYTES)
        if data is None:
            return None
        head, _, document = data.partition(b"\n")
        digest, _, seconds = head[:HEAD_BYTES].decode("ascii", "replace").partition(" ")
        if sha256(document).hexdigest() == digest:
            with suppress(ValueError):
                return Outcome(document, float(seconds))
        raise EigenError("EIGEN_QFS_DATA_LOSS", f"the result of task `{key}` is not as it was written")

    def forget(self, *, spec: str = "", result: str = "") -> None:
        """Remove what is not needed any more; what is not there does not matter."""
        for folder, name in ((SPECS, spec), (RESULTS, result)):
            if name:
                check_digests(name)
                with suppress(OSError):
                    self._place(folder, name).unlink()

    def sweep(self, seconds: float = KEPT_SECONDS) -> int:
        """Remove what has lain there for longer than that; how many files."""
        oldest, removed = time.time() - seconds, 0
        for path in self._files():
            with suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
                    removed += 1
        return removed

    def _files(self) -> Iterator[Path]:
        for folder in (SPECS, RESULTS):
            with suppress(OSError):
                yield from (self.root / folder).iterdir()

    def _place(self, folder: str, name: str) -> Path:
        return self.root / folder / name

    def _read(self, folder: str, name: str, limit: int) -> bytes | None:
        try:
            number = os.open(self._place(folder, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
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

    def _write(self, folder: str, name: str, data: bytes) -> bool:
        """Whether the file was not there before."""
        place = self._place(folder, name)
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


SHARED = "every worker needs the folder `executor_spool` of its kernel"


def _unusable(error: OSError) -> EigenError:
    message = f"the folder of tasks cannot be used: {error.strerror}"
    return EigenError("EIGEN_STORE_UNAVAILABLE", message, where=str(error.filename or ""))
