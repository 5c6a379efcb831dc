"""What a server process runs: the whole system, or one of its four roles. Only shapes and names, no code of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

WHOLE = "whole"
ROLES = ("api", "kernel", "drivers", "compiler")
METRICS_PORTS = {"api": 9464, "kernel": 9465, "drivers": 9466, "compiler": 9467}
"""The loopback ports of /metrics, /healthz and /readyz of split roles, unless `metrics_port` says another."""


class ServedRole(Protocol):
    """One server. What it raises is an EigenError."""

    async def start(self) -> Mapping[str, str]:
        """Open everything and answer; returns the bound addresses by the names of their settings."""
        ...

    async def ready(self) -> None:
        """Return when requests can be answered; EIGEN_SERVER_UNREACHABLE or EIGEN_STORE_UNAVAILABLE."""
        ...

    async def stop(self, seconds: float) -> None:
        """Refuse what is new, end streams so that they can be resumed, finish the rest within so long, close."""
        ...
