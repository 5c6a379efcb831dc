"""Drivers that come with Eigen OS, in processes of their own."""

from __future__ import annotations

from eigen.drivers.hosts.hosted import HostedDriver
from eigen.drivers.hosts.manifest import SHIPPED, read_manifest


def shipped(name: str, threads: int = 1) -> HostedDriver:
    """A driver whose host starts when it is asked; the caller closes it."""
    manifest = read_manifest(SHIPPED / f"{name}.toml")
    return HostedDriver(name, lambda: manifest.launch(threads=threads, memory_bytes=None))
