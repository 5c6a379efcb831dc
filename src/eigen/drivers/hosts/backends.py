"""`Backend`: how an engine of another maker stands here, for people: installed, to be had, or why it is not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from eigen.drivers.hosts.entries import KEPT, devices_of, manifests_of
from eigen.drivers.hosts.installing import Installer
from eigen.errors import EigenError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from eigen.drivers.hosts.environments import Environments
    from eigen.drivers.hosts.manifest import Manifest
    from eigen.types import Json

INSTALLED = "installed"
OUTDATED = "outdated"
AVAILABLE = "available"
UNAVAILABLE = "unavailable"
BESIDE = "(this one)"
"""The environment of what is installed where Eigen OS itself is."""


@dataclass(frozen=True, slots=True)
class Backend:
    """One backend: its state, why it is unavailable, where it is, what was installed, and its device ids as far as
    they are known."""

    name: str
    state: str
    environment: str
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    devices: tuple[str, ...] = ()
    lock: str = ""
    why: str = ""


def backends(
    data: Path, environments: Environments, threads: int, config: Mapping[str, Mapping[str, Json]] | None = None
) -> tuple[Backend, ...]:
    """Every backend that has a manifest, by name; `config` are the settings of drivers: that of a service is
    unavailable while they lack what it needs."""
    found = manifests_of(data)
    installer = Installer(environments, found)
    given = config or {}
    told = {
        name: _ids(devices_of(row, data / KEPT, threads, environments, given.get(name, {})))
        for name, row in found.items()
    }
    rows = (_backend(found[name], installer, environments, told[name]) for name in sorted(found))
    return tuple(_lacking(row, found[row.name].lacks(given)) for row in rows)


def chosen(names: Iterable[str], known: Mapping[str, Manifest]) -> list[Manifest]:
    """The manifests of these names; EIGEN_USAGE with a suggestion for one that there is not."""
    rows: dict[str, Manifest] = {}
    for name in names:
        if name not in known:
            hint = suggest(name, list(known)) or "`eigen backends` lists them"
            raise EigenError("EIGEN_USAGE", f"there is no backend `{name[:60]}`", hint=hint)
        rows[name] = known[name]
    return list(rows.values())


def _backend(row: Manifest, installer: Installer, environments: Environments, devices: tuple[str, ...]) -> Backend:
    lock = str(row.lock_file or "")
    here = row.installed(environments)
    if here is not None:
        current = here.backends[row.name] == installer.digest(row)
        state = INSTALLED if current else OUTDATED
        return Backend(row.name, state, here.name, row.versions(environments), devices, lock)
    program = row.missing()
    if program:
        why = f"the program `{program}` is not on the PATH"
        return Backend(row.name, UNAVAILABLE, row.environment_name, lock=lock, why=why)
    try:
        return Backend(row.name, INSTALLED, BESIDE, row.versions(environments), devices, lock)
    except EigenError as error:
        if row.lock or row.build:
            return Backend(row.name, AVAILABLE, row.environment_name, lock=lock)
        return Backend(row.name, UNAVAILABLE, BESIDE, lock=lock, why=error.message)


def _lacking(backend: Backend, lacks: str) -> Backend:
    return replace(backend, state=UNAVAILABLE, why=lacks) if lacks and backend.state == INSTALLED else backend


def _ids(told: bytes | None) -> tuple[str, ...]:
    if told is None:
        return ()
    from google.protobuf.message import DecodeError

    from eigen.wire.driver import pb

    try:
        return tuple(device.id for device in pb.GetDevicesReply.FromString(told).devices)
    except DecodeError:
        return ()
