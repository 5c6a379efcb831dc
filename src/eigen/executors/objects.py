"""`Objects`: a spool in a bucket of an object store, for executors whose hosts share no file system.

A document is one object, made with a condition (`If-None-Match: *`), so that of two writers one is the first. Old ones
are removed when a kernel starts; a rule of the bucket can do the same.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eigen.qfs.s3_bucket import Bucket

MEDIA = "application/json"


class Objects:
    """See `Place`."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def read(self, folder: str, name: str, limit: int) -> bytes | None:
        """See `Place.read`."""
        found = self._bucket.get(f"{folder}/{name}", most=limit)
        return None if found is None else found[0]

    def write(self, folder: str, name: str, data: bytes) -> bool:
        """See `Place.write`."""
        return self._bucket.create(f"{folder}/{name}", data, media_type=MEDIA) is not None

    def has(self, folder: str, name: str) -> bool:
        """See `Place.has`."""
        return self._bucket.has(f"{folder}/{name}")

    def remove(self, folder: str, name: str) -> None:
        """See `Place.remove`."""
        self._bucket.delete(f"{folder}/{name}")

    def sweep(self, folder: str, seconds: float) -> int:
        """See `Place.sweep`."""
        old = self._bucket.older(folder, datetime.now(UTC) - timedelta(seconds=seconds))
        return len(self._bucket.each(self._bucket.delete, old))
