"""`Index`: which artifacts a job has, with size, type and sha256 of each; `meta.json` beside them. No I/O.

A file counts as stored once the index names it, wherever it lies; entries are added and never changed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.qfs import paths
from eigen.types import ArtifactInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

INDEX = "meta.json"
APART = ".apart"
"""Where the bytes of an artifact lie, under their digest, whose own place held others that no index names."""


@dataclass(frozen=True, slots=True)
class Index:
    """The artifacts of a job by path; `apart` are those that do not lie at their own place."""

    job_id: str
    artifacts: Mapping[str, ArtifactInfo] = field(default_factory=dict[str, ArtifactInfo])
    apart: frozenset[str] = frozenset()

    def new(self, wanted: Iterable[ArtifactInfo]) -> list[str]:
        """The paths that are not stored yet; EIGEN_QFS_EXISTS when one is, with other bytes."""
        return [info.path for info in wanted if _is_new(self.artifacts.get(info.path), info)]

    def adding(self, wanted: Iterable[ArtifactInfo], *, apart: Iterable[str] = ()) -> Index:
        """The index with these as well."""
        added = {info.path: info for info in wanted}
        return Index(self.job_id, {**self.artifacts, **added}, self.apart | frozenset(apart))

    def place(self, path: str) -> str:
        """Where the bytes of a stored artifact lie, relative to the job."""
        return apart_place(self.artifacts[path]) if path in self.apart else path

    def sorted(self) -> tuple[ArtifactInfo, ...]:
        """The artifacts, by path."""
        return tuple(info for _, info in sorted(self.artifacts.items()))

    def checked(self, path: str, data: bytes | None) -> bytes:
        """The bytes that were read for an artifact, if they are what was stored; else EIGEN_QFS_DATA_LOSS."""
        info = self.artifacts[path]
        if data is None:
            raise EigenError("EIGEN_QFS_DATA_LOSS", f"`{info.ref}` is recorded, but the file is gone")
        digest = sha256(data).hexdigest()
        if digest != info.sha256:
            raise EigenError(
                "EIGEN_QFS_DATA_LOSS",
                f"`{info.ref}` has sha256 `{digest}`, recorded is `{info.sha256}`",
                hint="restore the file from a backup, or run the job again",
            )
        return data

    def to_bytes(self) -> bytes:
        """The text of `meta.json`, with a digest over its entries."""
        entries = {
            path: {
                "sha256": info.sha256,
                "size_bytes": info.size_bytes,
                "media_type": info.media_type,
                **({"apart": True} if path in self.apart else {}),
            }
            for path, info in self.artifacts.items()
        }
        digest = sha256(_canonical(entries)).hexdigest()
        value = {"version": 1, "job_id": self.job_id, "artifacts": entries, "sha256": digest}
        return json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"

    @staticmethod
    def parse(job_id: str, data: bytes) -> Index:
        """The index in a `meta.json`; EIGEN_QFS_DATA_LOSS for one that is not as it was written."""
        try:
            value: dict[str, Any] = json.loads(data)
            entries: dict[str, dict[str, Any]] = value["artifacts"]
            if value["version"] != 1 or sha256(_canonical(entries)).hexdigest() != value["sha256"]:
                raise ValueError("its own digest does not match")
            artifacts = {
                path: ArtifactInfo(
                    path=path,
                    ref=paths.reference(job_id, path),
                    sha256=str(entry["sha256"]),
                    size_bytes=int(entry["size_bytes"]),
                    media_type=str(entry["media_type"]),
                )
                for path, entry in entries.items()
            }
            return Index(job_id, artifacts, frozenset(path for path, entry in entries.items() if entry.get("apart")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EigenError("EIGEN_QFS_DATA_LOSS", f"`qfs://jobs/{job_id}/{INDEX}` is damaged: {error}") from error


def described(
    job_id: str, contents: Mapping[str, bytes], types: Mapping[str, str]
) -> tuple[dict[str, ArtifactInfo], dict[str, bytes]]:
    """What is to be recorded of files, and their bytes, by path with aliases resolved; EIGEN_QFS_PATH."""
    named = {paths.check_path(path): (content, types[path]) for path, content in contents.items()}
    infos = {
        path: ArtifactInfo(path, paths.reference(job_id, path), sha256(content).hexdigest(), len(content), media_type)
        for path, (content, media_type) in named.items()
    }
    return infos, {path: content for path, (content, _) in named.items()}


def apart_place(info: ArtifactInfo) -> str:
    """The place of an artifact's bytes under their digest."""
    return f"{APART}/{info.sha256}"


def _is_new(known: ArtifactInfo | None, wanted: ArtifactInfo) -> bool:
    if known is None:
        return True
    if known.sha256 != wanted.sha256:
        raise EigenError("EIGEN_QFS_EXISTS", f"`{wanted.ref}` exists with other bytes (sha256 `{known.sha256}`)")
    return False


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
