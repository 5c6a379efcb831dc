"""`Spool`: where tasks and their results lie, by digest: in a folder, or in a bucket. Whoever works for a kernel sees
the same.

A document is complete or absent. Descriptions are named by their own sha256 and checked on every read; results are
named by the key of their task, carry their sha256 in the first line, and are written once: whoever comes second with
the same bytes has done nothing wrong, and whoever comes with others is refused. How long the work took stands beside
the sha256, which does not cover it: it differs from run to run.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from eigen.errors import EigenError
from eigen.executors.executor import Outcome, check_digests
from eigen.executors.folder import Folder

if TYPE_CHECKING:
    from eigen.config import Settings

MAX_SPEC_BYTES = 256 << 20
MAX_RESULT_BYTES = 1 << 30
HEAD_BYTES = 128
KEPT_SECONDS = 7 * 86_400.0
"""How long what nobody collected is kept."""

SPECS, RESULTS = "specs", "results"


class Place(Protocol):
    """Documents in folders, by names that are digests. A document is complete or absent. EIGEN_STORE_UNAVAILABLE."""

    def read(self, folder: str, name: str, limit: int) -> bytes | None:
        """A document, or None; EIGEN_QFS_DATA_LOSS for one of more than so many bytes, and for what is none."""
        ...

    def write(self, folder: str, name: str, data: bytes) -> bool:
        """Keep a document unless there is one of that name; False when there is. It may be one of an earlier try."""
        ...

    def has(self, folder: str, name: str) -> bool:
        """Whether there is one."""
        ...

    def remove(self, folder: str, name: str) -> None:
        """Remove a document, if there is one."""
        ...

    def sweep(self, folder: str, seconds: float) -> int:
        """Remove what was written longer ago than that; how much."""
        ...


class Spool:
    """Tasks and results at a place; a path is a folder of this host. Raises EIGEN_STORE_UNAVAILABLE where it cannot be
    used."""

    def __init__(self, place: Path | Place) -> None:
        self._place: Place = Folder(place) if isinstance(place, Path) else place

    @property
    def root(self) -> Path:
        """The folder of this host; EIGEN_CONFIG_INVALID where there is none."""
        if isinstance(self._place, Folder):
            return self._place.root
        message = "the executor `processes` works in a folder of this host"
        raise EigenError("EIGEN_CONFIG_INVALID", message, where="executor_spool", hint="leave `executor_spool` empty")

    def put_spec(self, data: bytes) -> str:
        """Keep a description; its sha256. EIGEN_LIMIT_EXCEEDED beyond 256 MiB."""
        if len(data) > MAX_SPEC_BYTES:
            message = f"the description of a task has `{len(data)}` bytes, the limit is {MAX_SPEC_BYTES}"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message)
        digest = sha256(data).hexdigest()
        if not self._place.write(SPECS, digest, data) and self._place.read(SPECS, digest, MAX_SPEC_BYTES) != data:
            self.forget(spec=digest)  # it was damaged
            self._place.write(SPECS, digest, data)
        return digest

    def spec(self, digest: str) -> bytes:
        """A description; EIGEN_QFS_NOT_FOUND, and EIGEN_QFS_DATA_LOSS when it is not what its name says."""
        check_digests(digest)
        data = self._place.read(SPECS, digest, MAX_SPEC_BYTES)
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
        if self._place.write(RESULTS, key, head.encode() + document):
            return True
        first = self.result(key)
        if first is not None and first.document == document:
            return False
        raise EigenError("EIGEN_QFS_EXISTS", f"task `{key}` has left another result before: this one is refused")

    def has_result(self, key: str) -> bool:
        """Whether the task has left something."""
        check_digests(key)
        return self._place.has(RESULTS, key)

    def result(self, key: str) -> Outcome | None:
        """What the task left, or None; EIGEN_QFS_DATA_LOSS when it is not as it was written."""
        check_digests(key)
        data = self._place.read(RESULTS, key, MAX_RESULT_BYTES + HEAD_BYTES)
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
                with suppress(EigenError):  # `sweep` removes it
                    self._place.remove(folder, name)

    def sweep(self, seconds: float = KEPT_SECONDS) -> int:
        """Remove what has lain there for longer than that; how many documents."""
        return sum(self._place.sweep(folder, seconds) for folder in (SPECS, RESULTS))


def open_spool(settings: Settings) -> Spool:
    """The spool of the settings; EIGEN_CONFIG_INVALID, EIGEN_NOT_AVAILABLE without what a bucket needs."""
    if not settings.executor_spool.startswith("s3://"):
        return Spool(settings.spool_dir)
    from eigen.executors.objects import Objects
    from eigen.qfs.s3_address import address_of
    from eigen.qfs.s3_bucket import Bucket

    return Spool(Objects(Bucket(address_of(settings, url=settings.executor_spool, setting="executor_spool"))))


SHARED = "every worker needs the `executor_spool` of its kernel"
