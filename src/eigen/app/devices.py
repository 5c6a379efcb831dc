"""The devices of an installation: its drivers, and what this host has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.app.driver_settings import driver_settings
from eigen.app.measured import Measured
from eigen.app.prices import Priced
from eigen.errors import EigenError

if TYPE_CHECKING:
    from eigen.config import Settings
    from eigen.drivers.registry import DriverEntry, Registry
    from eigen.types import Device

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
            cpus=settings.driver_cpus,
            config=given,
        )
        return (*installed_entries(), *hosted)

    given = driver_settings(settings)
    measured, priced = Measured(settings), Priced(settings)

    def described(device: Device) -> Device:
        return measured(priced(device))

    speeds = str(settings.data_dir / SPEEDS)
    native = {"threads": settings.threads, "isa": settings.isa, "speeds": speeds}
    virtual = {"folder": str(settings.data_dir / DEVICES), "threads": settings.threads, "isa": settings.isa}
    registry = Registry({**given, "native": native, "qvm": virtual}, installed=outside, described=described)
    for name in given:
        registry.check(name)
    return registry


def warm_drivers(settings: Settings, registry: Registry) -> None:
    """Start the hosts of the drivers that a server wants at once, in a thread; what does not come up is logged, and
    tried again when it is asked for work. EIGEN_CONFIG_INVALID for a driver that there is not."""
    names = [name for part in settings.driver_warm.split(",") if (name := part.strip())]
    for name in names:
        registry.check(name)
    if not names:
        return
    from threading import Thread

    from eigen.telemetry import log

    def warm() -> None:
        for name in names:
            try:
                registry.warm(name)
            except EigenError as error:
                log("warning", f"driver `{name}` is not warm: {error.message}", driver=name)

    Thread(target=warm, name="warm-drivers", daemon=True).start()


def memory_limit_bytes() -> int:
    """The most memory this process may use."""
    from eigen.drivers.memory import memory_limit_bytes as measured

    return measured()
