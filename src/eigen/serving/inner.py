"""The three roles inside: kernel, drivers and compiler, each behind its internal port."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from eigen.app import make_compiler_pool, make_registry, warm_drivers
from eigen.errors import EigenError
from eigen.roles.compiler_server import CompilerServicer
from eigen.roles.drivers_server import DriverManagerServicer, WorkServicer
from eigen.roles.kernel_server import KernelServicer
from eigen.roles.server import RoleServer
from eigen.serving.house import House
from eigen.wire.internal import pb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.config import Settings
    from eigen.roles.compiler_client import RemoteCompiler
    from eigen.roles.drivers_client import RemoteDevices

CALLS_PER_WORKER = 4
"""Calls of one kernel worker, and of whoever looks at devices meanwhile, that the drivers answer at a time."""

SERVICES = pb.DESCRIPTOR.services_by_name


class KernelRole:
    """The kernel: the only role that has a data directory."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server = RoleServer(settings, "kernel_address", threads=1)
        self._house: House | None = None
        self._compiler: RemoteCompiler | None = None
        self._devices: RemoteDevices | None = None

    async def start(self) -> Mapping[str, str]:
        """Open the data directory, answer, and begin to work."""
        from eigen.roles.compiler_client import RemoteCompiler
        from eigen.roles.drivers_client import RemoteDevices

        self._compiler, self._devices = RemoteCompiler(self._settings), RemoteDevices(self._settings)
        house = House(self._settings, compile=self._compiler, devices=self._devices)
        self._house = house
        self._server.add(SERVICES["KernelService"], KernelServicer(house.kernel))
        address = await self._server.start()
        house.start()
        return {"kernel_address": address}

    async def ready(self) -> None:
        """The store answers. Compiler and drivers may be away: jobs wait for them."""
        if self._house is None:
            raise _not_started()
        await self._house.kernel.ready()

    async def stop(self, seconds: float) -> None:
        """See `ServedRole.stop`."""
        until = time.monotonic() + seconds
        if self._house is not None:
            await self._house.drain()
        await self._server.stop(seconds)
        if self._house is not None:
            await self._house.close(until)
        for client in (self._compiler, self._devices):
            if client is not None:
                client.close()


class DriversRole:
    """The drivers of this installation, loaded and probed when they are first asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._registry = settings, make_registry(settings)
        self._server = RoleServer(settings, "drivers_address", threads=CALLS_PER_WORKER * (settings.workers + 4))

    async def start(self) -> Mapping[str, str]:
        """Answer."""
        self._server.add(SERVICES["WorkService"], WorkServicer(self._registry))
        self._server.add(SERVICES["DriverManagerService"], DriverManagerServicer(self._registry))
        warm_drivers(self._settings, self._registry)
        return {"drivers_address": await self._server.start()}

    async def ready(self) -> None:
        """There is a device."""
        if not await asyncio.to_thread(self._registry.devices):
            raise EigenError("EIGEN_ROUTER_NO_DEVICE", "no driver was loaded", hint="`eigen doctor` says why")

    async def stop(self, seconds: float) -> None:
        """See `ServedRole.stop`."""
        await self._server.stop(seconds)
        await asyncio.to_thread(self._registry.close)


class CompilerRole:
    """The compiler, as many compilations at a time as the installation has workers."""

    def __init__(self, settings: Settings) -> None:
        threads = settings.workers + 2
        self._compilers = make_compiler_pool(settings, spare=threads)
        self._server = RoleServer(settings, "compiler_address", threads=threads)

    async def start(self) -> Mapping[str, str]:
        """Answer."""
        self._compilers.warm()
        self._server.add(SERVICES["CompilerService"], CompilerServicer(self._compilers))
        return {"compiler_address": await self._server.start()}

    async def ready(self) -> None:
        """It needs nothing."""

    async def stop(self, seconds: float) -> None:
        """See `ServedRole.stop`."""
        await self._server.stop(seconds)
        self._compilers.close()


def _not_started() -> EigenError:
    return EigenError("EIGEN_SERVER_UNREACHABLE", "the server is starting")
