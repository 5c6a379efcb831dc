"""The manifests as rows of the registry's door. What a driver said of its devices is kept beside its manifest's digest
and the versions of what it needs, so that looking at devices starts no process."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from eigen.drivers.hosts import manifest as manifests
from eigen.drivers.hosts.environments import DEVICES, digest_of, shim_source
from eigen.drivers.registry import DriverEntry
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.drivers.driver import QDriver
    from eigen.drivers.hosts.environments import Environments
    from eigen.drivers.hosts.launch import Launch
    from eigen.drivers.hosts.manifest import Manifest
    from eigen.types import Json

FOLDER = "drivers"
"""Of the data directory: manifests of other people's drivers."""
KEPT = "driver-devices"
"""Of the data directory: what drivers said of their devices."""
FRESH_SECONDS = 60.0
"""How long it is believed what the driver of a service said of its devices: queues and calibrations change."""


def hosted_entries(
    data: Path,
    *,
    threads: int,
    memory_bytes: int | None,
    hosts: int,
    environments: Environments | None = None,
    cpus: int = 0,
    config: Mapping[str, Mapping[str, Json]] | None = None,
) -> tuple[DriverEntry, ...]:
    """A row for each manifest that is shipped or lies in the data directory; the latter go before. What is shipped is
    listed once it was installed in its environment or used: before that, looking at all devices would start every
    engine that is there. `config` are the settings of drivers: which devices there are may depend on them. The driver
    of a service is listed where they have what it needs."""
    given = config or {}
    found = manifests_of(data)
    own = {row.name for row in manifests.installed(data / FOLDER)}

    def entry(row: Manifest) -> DriverEntry:
        def make() -> QDriver:
            place = _place(row, data / KEPT, threads, environments, given.get(row.name, {}))

            def launch() -> Launch:
                found = row.launch(threads=threads, memory_bytes=memory_bytes, environments=environments)
                return replace(found, cpus=cpus)

            row.versions(environments)
            row.check_settings(given)
            return _driver(row.name, None if row.needs else _current(place, row), launch, hosts)

        told = devices_of(row, data / KEPT, threads, environments, given.get(row.name, {}))
        listed = not row.lacks(given) if row.needs else row.name in own or told is not None
        return DriverEntry(row.name, row.engine or row.command[0], row.backends, make, listed)

    return tuple(entry(found[name]) for name in sorted(found))


def manifests_of(data: Path) -> dict[str, Manifest]:
    """The drivers that there are, by name: those of the data directory go before those that are shipped."""
    return {row.name: row for row in (*manifests.shipped(), *manifests.installed(data / FOLDER))}


def devices_of(
    row: Manifest,
    kept: Path,
    threads: int,
    environments: Environments | None,
    config: Mapping[str, Json] | None = None,
    *,
    current: bool = False,
) -> bytes | None:
    """What a driver with these settings said of its devices when it was installed or used, as it answered
    `GetDevices`; None where it was neither. Engines in Python may say something else in a later release: `current` is
    for what they said in this one."""
    place = _place(row, kept, threads, environments, config or {})
    for path in [_current(place, row)] if current else sorted(place.parent.glob(f"{place.name}.*")):
        with suppress(OSError):
            return path.read_bytes()
    return None


def _current(place: Path, row: Manifest) -> Path:
    """The file of what the engine says in this release."""
    return place.with_name(f"{place.name}.{_code() if row.engine else 'any'}")


@cache
def _code() -> str:
    """Of this release's engines in Python."""
    return digest_of(shim_source())[:16]


def _place(
    row: Manifest, kept: Path, threads: int, environments: Environments | None, config: Mapping[str, Json]
) -> Path:
    """Where it is kept what a driver said of its devices: in the root of the environments where it is installed there;
    of one whose requirements are not there, nowhere."""
    try:
        needs = sorted(row.versions(environments).items())
    except EigenError:
        return kept / row.name
    if environments is not None and row.installed(environments) is not None:
        kept, threads = environments.root / DEVICES, 0
    of = (row.digest, needs, threads, *sorted(config.items()))
    return kept / f"{row.name}-{sha256(repr(of).encode()).hexdigest()[:16]}"


def _driver(name: str, place: Path | None, launch: Callable[[], Launch], hosts: int) -> QDriver:
    """A driver; what it says of its devices is kept at `place`, or, where there is none, believed for a while."""
    from eigen.drivers.hosts.hosted import HostedDriver

    if place is None:
        return HostedDriver(name, launch, hosts=hosts, fresh_seconds=FRESH_SECONDS)
    known = b""
    with suppress(OSError):
        known = place.read_bytes()

    def keep(told: bytes) -> None:
        with suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            fresh = place.with_name(f".{place.name}.{os.getpid()}")
            fresh.write_bytes(told)
            fresh.replace(place)
            for older in set(place.parent.glob(f"{place.stem}.*")) - {place}:
                older.unlink(missing_ok=True)

    return HostedDriver(name, launch, hosts=hosts, known=known, keep=keep)
