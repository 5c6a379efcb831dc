"""Where the files of jobs lie: in the data directory, or in a bucket; and the keys that sign receipts."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from eigen.errors import EigenError

if TYPE_CHECKING:
    from eigen.config import Settings
    from eigen.kernel.ports import Keys
    from eigen.qfs.s3_bucket import Bucket
    from eigen.qfs.signing_keys import SigningKeys
    from eigen.qfs.store import ArtifactStore, SnapshotStore


def open_files(settings: Settings) -> tuple[ArtifactStore, Keys]:
    """Where the files of jobs lie, in the data directory or in a bucket, and the keys that sign receipts.

    Raises EIGEN_CONFIG_INVALID and EIGEN_NOT_AVAILABLE; whether the bucket answers is seen when it is first used.
    """
    keys = open_signing_keys(settings)
    if not settings.artifacts_url:
        from eigen.qfs.artifacts import LocalArtifacts

        return LocalArtifacts(settings.data_dir), keys
    from eigen.qfs.s3_artifacts import S3Artifacts
    from eigen.qfs.s3_keys import SharedKeys
    from eigen.qfs.s3_log import S3Log

    bucket = open_bucket(settings)
    return S3Artifacts(bucket, S3Log(bucket, settings.data_dir)), SharedKeys(keys, bucket)


def write_ahead(artifacts: ArtifactStore) -> None:
    """Have files of the data directory flushed together."""
    from eigen.qfs.artifacts import LocalArtifacts

    if isinstance(artifacts, LocalArtifacts):
        artifacts.write_ahead()


def close_files(artifacts: ArtifactStore) -> None:
    """Flush what is not flushed in its place yet; what cannot be is at the next start."""
    from eigen.qfs.artifacts import LocalArtifacts

    if isinstance(artifacts, LocalArtifacts):
        with suppress(EigenError):
            artifacts.close()


def open_snapshots(settings: Settings) -> SnapshotStore:
    """Where the states of long simulations are kept: where the other files are."""
    if not settings.artifacts_url:
        from eigen.qfs.snapshots import LocalSnapshots

        return LocalSnapshots(settings.data_dir)
    from eigen.qfs.s3_snapshots import S3Snapshots

    return S3Snapshots(open_bucket(settings))


def open_bucket(settings: Settings) -> Bucket:
    """The bucket of `artifacts_url`; EIGEN_CONFIG_INVALID, EIGEN_NOT_AVAILABLE without the extra `s3`."""
    from eigen.qfs.s3_address import address_of
    from eigen.qfs.s3_bucket import Bucket

    return Bucket(address_of(settings))


def check_files(settings: Settings) -> str:
    """Where files lie that are kept in a bucket, in a line, after it was seen to be written and read, and to honour
    conditions; EIGEN_CONFIG_INVALID, EIGEN_NOT_AVAILABLE, EIGEN_STORE_UNAVAILABLE."""
    from time import perf_counter

    from eigen.qfs.s3_layout import check_layout, prove

    bucket = open_bucket(settings)
    bucket.retry_seconds = 0.0
    check_layout(bucket)
    prove(bucket)
    started = perf_counter()
    bucket.get("checks/none")
    return f"{bucket.address}: writable, conditions are honoured, answers in {(perf_counter() - started) * 1e3:.1f} ms"


def open_signing_keys(settings: Settings) -> SigningKeys:
    """The keys of the data directory; the one in use is made when it is first asked for."""
    from eigen.qfs.signing_keys import SigningKeys

    return SigningKeys(settings.data_dir)
