"""The devices of an installation: its drivers, and what this host has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.app.prices import Priced

if TYPE_CHECKING:
    from eigen.config import Settings
    from eigen.drivers.registry import DriverEntry, Registry

SPEEDS = "host_speeds.json"
DEVICES = "devices"


def make_registry(settings: Settings) -> Registry:
    """The drivers of this installation, each loaded when it is first needed."""
    from eigen.drivers.registry import Registry, installed_entries

    def outside() -> tuple[DriverEntry, ...]:
        from eigen.drivers.hosts.entries import hosted_entries
        from eigen.drivers.hosts.environments import Environments

        limit = settings.driver_memory_bytes or None
        hosted = hosted_entries(
            settings.data_dir,
            threads=settings.threads,
            memory_bytes=limit,
            hosts=settings.driver_hosts,
            environments=Environments(settings.environments_dir),
        )
        return (*installed_entries(), *hosted)

    speeds = str(settings.data_dir / SPEEDS)
    native = {"threads": settings.threads, "isa": settings.isa, "speeds": speeds}
    virtual = {"folder": str(settings.data_dir / DEVICES), "threads": settings.threads, "isa": settings.isa}
    return Registry({"native": native, "qvm": virtual}, installed=outside, described=Priced(settings))


def memory_limit_bytes() -> int:
    """The most memory this process may use."""
    from eigen.drivers.memory import memory_limit_bytes as measured

    return measured()
