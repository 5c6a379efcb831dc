"""`S3Artifacts`: the artifacts of jobs in a bucket, written once and checked by digest on every read.

Layout: `<prefix>/jobs/<job id>/<path>`, with `meta.json` beside them, as in a data directory: either can be copied to
the other. Logs lie in parts (`s3_log`).
"""

from __future__ import annotations

import random
import threading
import time
import weakref
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.qfs import paths
from eigen.qfs.artifact_index import INDEX, Index, apart_place, described
from eigen.qfs.s3_layout import check_layout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.qfs.s3_bucket import Bucket
    from eigen.qfs.s3_log import S3Log
    from eigen.types import ArtifactInfo

KNOWN = 1024
"""Indexes that are remembered."""
MOST_RACES = 100
MOST_PAUSE = 0.5


class S3Artifacts:
    """The artifact store in a bucket, for any number of servers.

    A file counts as stored once `meta.json` names it. The bytes are put first, each to its own place if that is free
    (`If-None-Match: *`), else apart under their digest, so that no writer ever touches what another one may have named;
    then the index is made or replaced if it still is the one that was read (`If-Match`). Whoever loses that race reads
    it again. What a crash leaves is an object that no index names. An entry never changes once it is there, so that it
    is remembered, and only what is not known is asked for again. Nothing here rests on listing.
    """

    def __init__(self, bucket: Bucket, log: S3Log) -> None:
        self.bucket = bucket
        self._log = log
        self._known: OrderedDict[str, tuple[Index, str]] = OrderedDict()
        self._lock = threading.Lock()
        self._checked = False
        weakref.finalize(self, log.close)

    def put(self, job_id: str, path: str, data: bytes, *, media_type: str = "application/octet-stream") -> ArtifactInfo:
        """Store bytes; the same bytes again are accepted, others raise EIGEN_QFS_EXISTS."""
        (info,) = self._store(job_id, {path: data}, {path: media_type})
        return info

    def put_all(self, job_id: str, files: Mapping[str, bytes]) -> tuple[ArtifactInfo, ...]:
        """Store several files at once: their bytes side by side, then one index that names them all, or none."""
        return self._store(job_id, files, {path: paths.media_type(path) for path in files})

    def get(self, job_id: str, path: str) -> bytes:
        """The bytes; EIGEN_QFS_NOT_FOUND, or EIGEN_QFS_DATA_LOSS when they do not match the recorded digest."""
        path = paths.check_path(path)
        index = self._naming(paths.check_job_id(job_id), path)
        if path not in index.artifacts:
            raise EigenError("EIGEN_QFS_NOT_FOUND", f"job `{job_id}` has no artifact `{path}`")
        return self._read(index, path)

    def info(self, job_id: str, path: str) -> ArtifactInfo | None:
        """What is recorded of an artifact, or None."""
        path = paths.check_path(path)
        return self._naming(paths.check_job_id(job_id), path).artifacts.get(path)

    def list(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        """All artifacts of a job, sorted by path."""
        return self._newest(paths.check_job_id(job_id))[0].sorted()

    def faults(self, job_id: str) -> tuple[tuple[str, str], ...]:
        """What is wrong with the files of a job and with their index, after every byte was read again."""
        try:
            found = self.bucket.get(_key(paths.check_job_id(job_id), INDEX))
            index = Index(job_id) if found is None else Index.parse(job_id, found[0])
        except EigenError as error:
            return ((INDEX, error.message),)
        faults: list[tuple[str, str]] = []
        if found is not None and found[0] != index.to_bytes():
            faults.append((INDEX, "it is not as it was written, though it says the same"))

        def fault(info: ArtifactInfo) -> str:
            try:
                size = len(self._read(index, info.path))
            except EigenError as error:
                return error.message
            return "" if size == info.size_bytes else f"it has {size} bytes, recorded are {info.size_bytes}"

        infos = index.sorted()
        said = self.bucket.each(fault, infos)
        return (*faults, *((info.path, words) for info, words in zip(infos, said, strict=True) if words))

    def append_log(self, job_id: str, line: str) -> None:
        """Append one line to the job's log: here at once, in the bucket within `s3_log.UPLOAD_SECONDS`."""
        self._log.append(paths.check_job_id(job_id), line)

    def read_log(self, job_id: str) -> tuple[str, ...]:
        """The whole lines of the job's log, of every server."""
        return self._log.read(paths.check_job_id(job_id))

    def close(self) -> None:
        """Bring what is left of the logs into the bucket."""
        self._log.close()

    def _store(self, job_id: str, data: Mapping[str, bytes], types: Mapping[str, str]) -> tuple[ArtifactInfo, ...]:
        paths.check_job_id(job_id)
        wanted, contents = described(job_id, data, types)
        with self._lock:
            index, tag = self._known.get(job_id, (Index(job_id), ""))
        apart: set[str] | None = None
        for race in range(MOST_RACES):
            new = index.new(wanted.values())
            if not new:
                return tuple(index.artifacts[path] for path in wanted)
            if apart is None:
                apart = self._put_bytes(job_id, wanted, {path: contents[path] for path in new})
            index = index.adding((wanted[path] for path in new), apart=apart.intersection(new))
            made = self._commit(index, tag)
            if made is not None:
                self._remember(index, made)
                return tuple(index.artifacts[path] for path in wanted)
            if race:
                time.sleep(random.uniform(0, min(MOST_PAUSE, 0.01 * 2**race)))
            index, tag = self._newest(job_id)  # another writer was first, or an earlier try of ours
        message = f"`qfs://jobs/{job_id}/{INDEX}` changed {MOST_RACES} times while it was to be written"
        raise EigenError("EIGEN_STORE_UNAVAILABLE", message)

    def _put_bytes(self, job_id: str, infos: Mapping[str, ArtifactInfo], contents: Mapping[str, bytes]) -> set[str]:
        """Bring the bytes of files into the bucket; returns the paths of those that lie apart."""
        if not self._checked:
            check_layout(self.bucket)
            self._checked = True

        def put(path: str) -> bool:
            info, data = infos[path], contents[path]
            if self.bucket.create(_key(job_id, path), data, media_type=info.media_type) is not None:
                return False
            found = self.bucket.get(_key(job_id, path))
            if found is not None and sha256(found[0]).hexdigest() == info.sha256:
                return False
            self.bucket.put(_key(job_id, apart_place(info)), data, media_type=info.media_type)
            return True

        order = list(contents)
        return {path for path, is_apart in zip(order, self.bucket.each(put, order), strict=True) if is_apart}

    def _commit(self, index: Index, tag: str) -> str | None:
        """Write the index where there is none, or over the one of that tag; None when there is another."""
        key, data = _key(index.job_id, INDEX), index.to_bytes()
        if not tag:
            return self.bucket.create(key, data, media_type="application/json")
        return self.bucket.replace(key, data, tag, media_type="application/json")

    def _naming(self, job_id: str, path: str) -> Index:
        """An index that names the artifact, or the newest one."""
        with self._lock:
            known = self._known.get(job_id)
        return known[0] if known is not None and path in known[0].artifacts else self._newest(job_id)[0]

    def _newest(self, job_id: str) -> tuple[Index, str]:
        """The index as it is in the bucket now, and its tag."""
        with self._lock:
            known, tag = self._known.get(job_id, (Index(job_id), ""))
        found = self.bucket.get(_key(job_id, INDEX), unless=tag)
        if found is None:
            return Index(job_id), ""
        data, newest = found
        if tag and newest == tag:
            return known, tag
        index = Index.parse(job_id, data)
        self._remember(index, newest)
        return index, newest

    def _remember(self, index: Index, tag: str) -> None:
        with self._lock:
            self._known[index.job_id] = index, tag
            self._known.move_to_end(index.job_id)
            while len(self._known) > KNOWN:
                self._known.popitem(last=False)

    def _read(self, index: Index, path: str) -> bytes:
        found = self.bucket.get(_key(index.job_id, index.place(path)))
        return index.checked(path, None if found is None else found[0])


def _key(job_id: str, path: str) -> str:
    return f"jobs/{job_id}/{path}"
