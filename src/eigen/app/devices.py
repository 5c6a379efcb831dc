"""The devices of an installation: its drivers, and what this host has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.app.prices import Priced

if TYPE_CHECKING:
    from eigen.config import Settings
    from eigen.drivers.registry import Registry

SPEEDS = "host_speeds.json"


def make_registry(settings: Settings) -> Registry:
    """The drivers of this installation, each loaded when it is first needed."""
    from eigen.drivers.registry import Registry

    speeds = str(settings.data_dir / SPEEDS)
    native = {"threads": settings.threads, "isa": settings.isa, "speeds": speeds}
    return Registry({"native": native, "qiskit": {"threads": settings.threads}}, described=Priced(settings))


def memory_limit_bytes() -> int:
    """The most memory this process may use."""
    from eigen.drivers.memory import memory_limit_bytes as measured

    return measured()
