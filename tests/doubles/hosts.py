"""Drivers that come with Eigen OS, in processes of their own."""

from __future__ import annotations

import pytest

from doubles.packages import ENVIRONMENTS, lacking
from eigen.drivers.hosts import manifest as manifests
from eigen.drivers.hosts.hosted import HostedDriver
from eigen.errors import EigenError


def shipped(name: str, threads: int = 1) -> HostedDriver:
    """A driver whose host starts when it is asked, in its environment where `make engines` made one; the caller closes
    it. Where its engine is not there the test is skipped, or fails where REQUIRE_ENGINES is set; one that nothing here
    installs, for it has no lock, is skipped."""
    row = next(row for row in manifests.shipped() if row.name == name)
    try:
        row.launch(threads=threads, memory_bytes=None, environments=ENVIRONMENTS)
    except EigenError as error:
        if error.code != "EIGEN_NOT_AVAILABLE":
            raise
        if not row.lock and not row.build:
            pytest.skip(error.message)
        lacking(error.message)
    return HostedDriver(name, lambda: row.launch(threads=threads, memory_bytes=None, environments=ENVIRONMENTS))


def installed(name: str) -> None:
    """Skip, or fail, where a driver is not in an environment of its own: its packages may have been put beside the
    tests for doubles, where no other process finds them."""
    row = next(row for row in manifests.shipped() if row.name == name)
    if row.installed(ENVIRONMENTS) is None:
        lacking(f"the backend `{name}` is not installed")


def owner(device_id: str) -> HostedDriver:
    """The shipped driver of a device."""
    backend = device_id.partition(":")[0]
    return shipped(next(row.name for row in manifests.shipped() if backend in row.backends and not row.needs))
