"""What marks a prefix as one of ours, once it was seen that the bucket honours conditional writes."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from eigen.errors import EigenError

if TYPE_CHECKING:
    from eigen.qfs.s3_bucket import Bucket

MARK = "eigen.json"
LAYOUT = 1


def check_layout(bucket: Bucket) -> None:
    """One request where the prefix is marked. Else conditional writes are tried and it is marked.

    EIGEN_STORE_UNAVAILABLE for a prefix of a newer layout, and where conditional writes are not honoured.
    """
    found = bucket.get(MARK)
    if found is None:
        prove(bucket)
        bucket.create(MARK, json.dumps({"layout": LAYOUT}).encode() + b"\n", media_type="application/json")
        return
    try:
        layout = int(json.loads(found[0])["layout"])
    except (ValueError, KeyError, TypeError) as error:
        raise EigenError("EIGEN_QFS_DATA_LOSS", f"`{MARK}` in {bucket.address} is damaged") from error
    if layout > LAYOUT:
        message = f"{bucket.address} was written by a newer Eigen OS (layout `{layout}`; known here is `{LAYOUT}`)"
        raise EigenError("EIGEN_STORE_UNAVAILABLE", message, hint="install that release, or another prefix")


def prove(bucket: Bucket) -> None:
    """Write, write on condition, read and remove a small object; EIGEN_STORE_UNAVAILABLE when a condition is not
    honoured: two servers would overwrite each other's files."""
    key, first, second = f"checks/{uuid4().hex}", b"first", b"second"
    try:
        tag = bucket.create(key, first)
        if tag is None or bucket.create(key, second) is not None:
            raise _unsafe(bucket, "If-None-Match")
        newer = bucket.replace(key, second, tag)
        if newer is None or bucket.replace(key, first, tag) is not None:
            raise _unsafe(bucket, "If-Match")
        found = bucket.get(key)
        if found != (second, newer):
            message = f"{bucket.address} gives back something else than was stored last"
            raise EigenError("EIGEN_STORE_UNAVAILABLE", message)
    finally:
        with suppress(EigenError):  # keys that may not delete are good keys
            bucket.delete(key)


def _unsafe(bucket: Bucket, header: str) -> EigenError:
    hint = "use an object store that honours `If-None-Match` and `If-Match` on PutObject"
    message = f"{bucket.address} does not honour `{header}`: two servers would overwrite each other's files"
    return EigenError("EIGEN_STORE_UNAVAILABLE", message, hint=hint)
