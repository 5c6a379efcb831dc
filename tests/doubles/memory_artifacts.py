"""The files of jobs in memory, under the contract of `eigen.qfs.store.ArtifactStore`."""

from __future__ import annotations

from hashlib import sha256
from threading import RLock
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.qfs import paths
from eigen.types import ArtifactInfo

if TYPE_CHECKING:
    from collections.abc import Mapping


class MemoryArtifacts:
    """Files written once, together or not at all."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._files: dict[str, dict[str, tuple[ArtifactInfo, bytes]]] = {}
        self._logs: dict[str, list[str]] = {}

    def put(self, job_id: str, path: str, data: bytes, *, media_type: str = "application/octet-stream") -> ArtifactInfo:
        (info,) = self._store(job_id, {path: data}, {path: media_type})
        return info

    def put_all(self, job_id: str, files: Mapping[str, bytes]) -> tuple[ArtifactInfo, ...]:
        return self._store(job_id, files, {path: paths.media_type(path) for path in files})

    def get(self, job_id: str, path: str) -> bytes:
        info = self.info(job_id, path)
        if info is None:
            raise EigenError("EIGEN_QFS_NOT_FOUND", f"job `{job_id}` has no artifact `{path}`")
        return self._files[job_id][info.path][1]

    def info(self, job_id: str, path: str) -> ArtifactInfo | None:
        path = paths.check_path(path)
        found = self._files.get(paths.check_job_id(job_id), {}).get(path)
        return None if found is None else found[0]

    def list(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        with self._lock:
            return tuple(info for _, (info, _) in sorted(self._files.get(paths.check_job_id(job_id), {}).items()))

    def faults(self, job_id: str) -> tuple[tuple[str, str], ...]:
        return ()

    def append_log(self, job_id: str, line: str) -> None:
        self._logs.setdefault(paths.check_job_id(job_id), []).append(line)

    def read_log(self, job_id: str) -> tuple[str, ...]:
        return tuple(self._logs.get(paths.check_job_id(job_id), ()))

    def _store(self, job_id: str, data: Mapping[str, bytes], types: Mapping[str, str]) -> tuple[ArtifactInfo, ...]:
        paths.check_job_id(job_id)
        wanted = {
            (name := paths.check_path(path)): (
                ArtifactInfo(
                    name, paths.reference(job_id, name), sha256(content).hexdigest(), len(content), types[path]
                ),
                content,
            )
            for path, content in data.items()
        }
        with self._lock:
            known = self._files.setdefault(job_id, {})
            for path, (info, _) in wanted.items():
                if path in known and known[path][0].sha256 != info.sha256:
                    raise EigenError("EIGEN_QFS_EXISTS", f"`{info.ref}` exists with other bytes")
            for path, file in wanted.items():
                known.setdefault(path, file)
            return tuple(known[path][0] for path in wanted)
