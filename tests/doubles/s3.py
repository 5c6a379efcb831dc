"""The S3 endpoint of a test run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from bench.s3_server import S3Server, program

from eigen.config import Settings
from eigen.qfs.s3_address import address_of
from eigen.qfs.s3_artifacts import S3Artifacts
from eigen.qfs.s3_bucket import Bucket
from eigen.qfs.s3_log import S3Log
from eigen.qfs.s3_snapshots import S3Snapshots

if TYPE_CHECKING:
    from pathlib import Path

REQUIRED = "REQUIRE_S3"
"""Where this variable is set, a missing endpoint fails the tests that need one; elsewhere they are skipped."""


def start(**tls: Path) -> S3Server:
    """An endpoint that nobody else uses."""
    found = program()
    if found is not None:
        return S3Server(found, **tls)
    message = "there is no S3 endpoint here: `make s3-server` builds one"
    if os.environ.get(REQUIRED):
        pytest.fail(message)
    pytest.skip(message)


def bucket(given: dict[str, Any]) -> Bucket:
    """The bucket of these settings."""
    return Bucket(address_of(Settings(**given)))


def artifacts(given: dict[str, Any], data_dir: Path) -> S3Artifacts:
    """The artifact store of these settings."""
    found = bucket(given)
    return S3Artifacts(found, S3Log(found, data_dir))


def snapshots(given: dict[str, Any], **changes: int) -> S3Snapshots:
    """The snapshot store of these settings."""
    return S3Snapshots(bucket(given), **changes)
