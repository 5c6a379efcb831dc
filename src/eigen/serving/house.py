"""`House`: a kernel of this process with its database, its sessions and its workers, opened and closed together."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from eigen.app import close_files, keep_compiled, make_compiler_pool, make_registry, open_ports, warm_drivers
from eigen.serving.estimator import Estimator
from eigen.serving.relays import make_relays

if TYPE_CHECKING:
    from eigen.config import Settings
    from eigen.kernel.ports import Compile, DeviceHouse

RELAY_SECONDS = 3.0
"""How long the end of a relay is waited for at least: the call that it is in."""


class House:
    """The kernel of a data directory. Without `compile` and `devices` it compiles and drives devices itself.

    Opening raises EIGEN_STORE_UNAVAILABLE.
    """

    def __init__(
        self, settings: Settings, *, compile: Compile | None = None, devices: DeviceHouse | None = None
    ) -> None:
        from eigen.api.local import LocalKernel
        from eigen.kernel.sessions import Sessions
        from eigen.kernel.workers import Workers
        from eigen.qfs.audit import SqlAuditLog
        from eigen.qfs.keys import SqlKeyStore

        self._registry = make_registry(settings)
        self._warms = settings if devices is None else None
        self._database, ports = open_ports(settings, self._registry, serving=True)
        self._relays = make_relays(settings, self._database, ports)
        self._compilers = None if compile else make_compiler_pool(settings, spare=settings.workers + 2)
        ports = replace(ports.anew(), devices=devices or ports.devices, estimate=Estimator(settings))
        ports = keep_compiled(settings, replace(ports, compile=compile or self._compilers or ports.compile))
        self._elsewhere, self._artifacts = ports.elsewhere, ports.artifacts
        self._workers = Workers(
            ports,
            settings.workers,
            lease_seconds=settings.lease_seconds,
            preempt_after_seconds=settings.preempt_after_seconds,
        )
        self.kernel = LocalKernel(
            ports,
            sessions=Sessions(
                ports, idle_seconds=settings.session_idle_seconds, per_tenant=settings.sessions_per_tenant
            ),
            keys=SqlKeyStore(self._database),
            audit_log=SqlAuditLog(self._database),
            workers=self._workers,
        )

    def start(self) -> None:
        """Begin to work the queue."""
        if self._compilers is not None:
            self._compilers.warm()
        if self._warms is not None:
            warm_drivers(self._warms, self._registry)
        self._workers.start()
        for relay in self._relays:
            relay.start()

    async def drain(self) -> None:
        """Claim nothing more, hand jobs back after the evaluation they are in, and end the event streams."""
        self._workers.stop()
        for relay in self._relays:
            relay.stop()
        await self.kernel.drain()

    async def close(self, until: float) -> None:
        """Wait for the workers until this moment of `time.monotonic`, and close. A job whose evaluation takes longer
        is continued by the next process."""
        await asyncio.to_thread(self._workers.join, max(0.0, until - time.monotonic()))
        for relay in self._relays:
            await asyncio.to_thread(relay.join, max(RELAY_SECONDS, until - time.monotonic()))
        await self.kernel.close()
        if self._elsewhere is not None:
            await asyncio.to_thread(self._elsewhere.close)
        if self._compilers is not None:
            self._compilers.close()
        await asyncio.to_thread(close_files, self._artifacts)
        await asyncio.to_thread(self._database.close)
        await asyncio.to_thread(self._registry.close)  # last: what ends with its host now, nobody records as failed
