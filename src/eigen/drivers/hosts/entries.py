"""The manifests as rows of the registry's door. What a driver said of its devices is kept beside its manifest's digest
and the versions of what it needs, so that looking at devices starts no process."""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from eigen.drivers.hosts import manifest as manifests
from eigen.drivers.registry import DriverEntry
from eigen.errors import EigenError

if TYPE_CHECKING:
    from pathlib import Path

    from eigen.drivers.driver import QDriver
    from eigen.drivers.hosts.manifest import Manifest

FOLDER = "drivers"
"""Of the data directory: manifests of other people's drivers."""
KEPT = "driver-devices"
"""Of the data directory: what drivers said of their devices."""


def hosted_entries(data: Path, *, threads: int, memory_bytes: int | None, hosts: int) -> tuple[DriverEntry, ...]:
    """A row for each manifest that is shipped or lies in the data directory; the latter go before. What is shipped is
    listed once it was used: before that, looking at all devices would start every engine that is installed."""
    own = manifests.installed(data / FOLDER)
    found = {row.name: row for row in (*manifests.shipped(), *own)}

    def entry(row: Manifest) -> DriverEntry:
        def make() -> QDriver:
            return _driver(row, _place(row, data / KEPT, threads), threads, memory_bytes, hosts)

        listed = row in own or _place(row, data / KEPT, threads).exists()
        return DriverEntry(row.name, row.engine or row.command[0], row.backends, make, listed)

    return tuple(entry(found[name]) for name in sorted(found))


def _place(row: Manifest, kept: Path, threads: int) -> Path:
    """Where it is kept what a driver said of its devices; of one whose requirements are not there, nowhere."""
    try:
        needs = sorted(row.versions().items())
    except EigenError:
        return kept / row.name
    return kept / f"{row.name}-{sha256(repr((row.digest, needs, threads)).encode()).hexdigest()[:16]}"


def _driver(row: Manifest, place: Path, threads: int, memory_bytes: int | None, hosts: int) -> QDriver:
    from eigen.drivers.hosts.hosted import HostedDriver

    row.versions()
    known = b""
    with suppress(OSError):
        known = place.read_bytes()

    def keep(told: bytes) -> None:
        with suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            fresh = place.with_name(f"{place.name}.{os.getpid()}")
            fresh.write_bytes(told)
            fresh.replace(place)

    return HostedDriver(
        row.name,
        lambda: row.launch(threads=threads, memory_bytes=memory_bytes),
        hosts=hosts,
        known=known,
        keep=keep,
    )
