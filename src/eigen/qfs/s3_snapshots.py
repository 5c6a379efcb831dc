"""`S3Snapshots`: snapshots of simulators' states in a bucket, for workers that share no disk.

A snapshot is an object `jobs/<job id>/checkpoints/<name>` that names its parts, each with its size and sha256; they lie
under `checkpoints/parts/<name>/`. It is made when all its parts are there, and only if there is none of its name.
"""

from __future__ import annotations

import json
from collections import deque
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from eigen.errors import EigenError
from eigen.qfs import paths
from eigen.qfs.snapshots import FOLDER, NAME, checked_name
from eigen.qfs.store import SnapshotInfo

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from concurrent.futures import Future

    from eigen.qfs.s3_bucket import Bucket

PARTS = "parts"
PART_BYTES = 16 << 20
MOST_PARTS = 10_000
AT_ONCE = 4
"""Parts of one snapshot under way: so much memory does writing or reading it take beside the state."""
INDEX_BYTES = 2 << 20
RETRY_SECONDS = 3.0
"""For how long a request is made again: the simulation waits meanwhile, and can do without the snapshot."""


class S3Snapshots:
    """The snapshot store in a bucket. Parts that a crash leaves unnamed go with the job's others.

    A key that may not delete keeps none: they would stay for ever.
    """

    def __init__(self, bucket: Bucket, *, part_bytes: int = PART_BYTES) -> None:
        bucket.retry_seconds = RETRY_SECONDS
        self.bucket = bucket
        self._part_bytes = part_bytes
        self._can_delete = False

    def list(self, job_id: str) -> tuple[SnapshotInfo, ...]:
        """See `SnapshotStore.list`: one request."""
        snapshots, parts = self._found(job_id)
        return tuple(SnapshotInfo(name, sum(parts.get(name, {}).values())) for name in snapshots)

    def has_room(self, size_bytes: int) -> bool:
        """See `SnapshotStore.has_room`: a bucket has room for what a snapshot can be."""
        return size_bytes <= MOST_PARTS * self._part_bytes

    def create(self, job_id: str, name: str) -> _Writer:
        """See `SnapshotStore.create`."""
        folder = _folder(job_id)
        if self.bucket.has(f"{folder}/{checked_name(name)}"):
            raise _exists(name)
        if not self._can_delete:
            _prove(self.bucket)
            self._can_delete = True
        return _Writer(self.bucket, folder, name, self._part_bytes)

    def open(self, job_id: str, name: str) -> _Reader:
        """See `SnapshotStore.open`."""
        key = f"{_folder(job_id)}/{checked_name(name)}"
        found = self.bucket.get(key, most=INDEX_BYTES)
        if found is None:
            raise EigenError("EIGEN_QFS_NOT_FOUND", f"job `{job_id}` has no snapshot `{name}`")
        return _Reader(self.bucket, _parts_of(key, found[0]))

    def remove(self, job_id: str, names: Collection[str]) -> None:
        """See `SnapshotStore.remove`; with the last one go the parts that crashes left."""
        wanted = {checked_name(name) for name in names}
        snapshots, parts = self._found(job_id)
        gone = [name for name in snapshots if name in wanted]
        folder = _folder(job_id)
        self.bucket.delete_all([f"{folder}/{name}" for name in gone])  # before what they name
        swept = parts if len(gone) == len(snapshots) else {name: parts[name] for name in wanted & parts.keys()}
        self.bucket.delete_all([key for keys in swept.values() for key in keys])

    def clear(self, job_id: str) -> None:
        """See `SnapshotStore.clear`."""
        self.bucket.delete_all([key for key, _ in self._keys(job_id)])

    def _found(self, job_id: str) -> tuple[Sequence[str], dict[str, dict[str, int]]]:
        """The names of a job's snapshots, sorted, and the sizes of the parts that there are, by name and key."""
        folder = _folder(job_id)
        names: list[str] = []
        parts: dict[str, dict[str, int]] = {}
        for key, size in self._keys(job_id):
            words = key.removeprefix(f"{folder}/").split("/")
            if len(words) == 1 and NAME.fullmatch(words[0]):
                names.append(words[0])
            elif len(words) == 3 and words[0] == PARTS:
                parts.setdefault(words[1], {})[key] = size
        return names, parts

    def _keys(self, job_id: str) -> Sequence[tuple[str, int]]:
        return self.bucket.sizes(_folder(job_id))


class _Writer:
    """A snapshot whose parts are on their way while the next one is filled."""

    def __init__(self, bucket: Bucket, folder: str, name: str, part_bytes: int) -> None:
        self._bucket = bucket
        self._key = f"{folder}/{name}"
        self._name = name
        self._place = f"{folder}/{PARTS}/{name}/{uuid4().hex}"
        self._part_bytes = part_bytes
        self._buffer = bytearray()
        self._parts: list[dict[str, Any]] = []
        self._sending: deque[Future[None]] = deque()

    def write(self, data: bytes) -> None:
        """See `SnapshotWriter.write`."""
        self._buffer += data
        while len(self._buffer) >= self._part_bytes:
            self._send(self._part_bytes)

    def keep(self) -> None:
        """See `SnapshotWriter.keep`."""
        try:
            if self._buffer:
                self._send(len(self._buffer))
            while self._sending:
                self._sending.popleft().result()
            index = json.dumps({"parts": self._parts}).encode()
            if self._bucket.create(self._key, index, media_type="application/json") is None:
                found = self._bucket.get(self._key, most=INDEX_BYTES)
                if found is None or found[0] != index:  # else an earlier try, whose answer was lost
                    raise _exists(self._name)
        except EigenError:
            with suppress(EigenError):
                self.discard()
            raise

    def discard(self) -> None:
        """See `SnapshotWriter.discard`."""
        for sent in self._sending:
            if not sent.cancel():
                sent.exception()
        self._sending.clear()
        self._buffer.clear()
        self._bucket.delete_all([part["key"] for part in self._parts])

    def _send(self, size: int) -> None:
        if len(self._parts) >= MOST_PARTS:
            raise EigenError("EIGEN_STORE_UNAVAILABLE", f"the snapshot has more than {MOST_PARTS:,} parts")
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        while len(self._sending) >= AT_ONCE - 1:
            self._sending.popleft().result()
        key = f"{self._place}-{len(self._parts):05d}"
        self._parts.append({"key": key, "size_bytes": size, "sha256": sha256(data).hexdigest()})
        self._sending.append(self._bucket.later(self._bucket.put, key, data))


class _Reader:
    """A snapshot whose next parts are on their way while one is read."""

    def __init__(self, bucket: Bucket, parts: Sequence[tuple[str, int, str]]) -> None:
        self._bucket = bucket
        self._parts = deque(parts)
        self._coming: deque[Future[bytes]] = deque()
        self._part = memoryview(b"")

    def read(self, size: int, /) -> bytes:
        """See `SnapshotReader.read`; EIGEN_QFS_DATA_LOSS for a part that is not as it was written."""
        found = bytearray()
        while len(found) < size and (self._part or self._next()):
            taken = self._part[: size - len(found)]
            self._part = self._part[len(taken) :]
            found += taken
        return bytes(found)

    def close(self) -> None:
        """See `SnapshotReader.close`."""
        self._parts.clear()
        for coming in self._coming:
            coming.cancel()
        self._coming.clear()

    def _next(self) -> bool:
        while self._parts and len(self._coming) < AT_ONCE - 1:
            self._coming.append(self._bucket.later(self._fetched, self._parts.popleft()))
        if not self._coming:
            return False
        self._part = memoryview(self._coming.popleft().result())
        return True

    def _fetched(self, part: tuple[str, int, str]) -> bytes:
        key, size, digest = part
        found = self._bucket.get(key, most=size)
        if found is None or sha256(found[0]).hexdigest() != digest:
            raise EigenError("EIGEN_QFS_DATA_LOSS", f"the part `{key}` of a snapshot is not as it was written")
        return found[0]


def _parts_of(key: str, data: bytes) -> Sequence[tuple[str, int, str]]:
    """The parts that a snapshot names, all of them its own: key, bytes, sha256."""
    folder, _, name = key.rpartition("/")
    own = f"{folder}/{PARTS}/{name}/"
    try:
        parts = [(str(row["key"]), int(row["size_bytes"]), str(row["sha256"])) for row in json.loads(data)["parts"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise EigenError("EIGEN_QFS_DATA_LOSS", f"the snapshot `{name}` does not name its parts") from error
    if len(parts) > MOST_PARTS or any(not part.startswith(own) for part, _, _ in parts):
        raise EigenError("EIGEN_QFS_DATA_LOSS", f"the snapshot `{name}` names parts that are not its own")
    return parts


def _folder(job_id: str) -> str:
    return f"jobs/{paths.check_job_id(job_id)}/{FOLDER}"


def _exists(name: str) -> EigenError:
    return EigenError("EIGEN_QFS_EXISTS", f"there is a snapshot `{name}` already")


def _prove(bucket: Bucket) -> None:
    """Write and delete a small object; EIGEN_STORE_UNAVAILABLE where either is refused."""
    key = f"checks/{uuid4().hex}"
    bucket.put(key, b"snapshot")
    try:
        bucket.delete(key)
    except EigenError as error:
        hint = "snapshots need `s3:DeleteObject` on the prefix; `snapshot_seconds = 0` takes none"
        raise EigenError(error.code, error.message, hint=hint) from error
