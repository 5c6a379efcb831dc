"""What the public reaches: the whole system in one process, or the role `api` in front of a kernel elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.serving.door import PublicDoor
from eigen.serving.house import House

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.config import Settings
    from eigen.roles.kernel_client import RemoteKernel


class WholeSystem:
    """Kernel, compiler, drivers, workers and the public ports in this process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._house: House | None = None
        self._door: PublicDoor | None = None

    async def start(self) -> Mapping[str, str]:
        """Open the data directory, answer, and begin to work."""
        self._house = House(self._settings)
        self._door = PublicDoor(self._settings, self._house.kernel)
        addresses = await self._door.open()
        self._house.start()
        return addresses

    async def ready(self) -> None:
        """The store answers."""
        if self._house is None:
            raise EigenError("EIGEN_SERVER_UNREACHABLE", "the server is starting")
        await self._house.kernel.ready()

    async def stop(self, seconds: float) -> None:
        """See `ServedRole.stop`."""
        until = time.monotonic() + seconds
        if self._house is not None:
            await self._house.drain()
        if self._door is not None:
            await self._door.close(seconds)
        if self._house is not None:
            await self._house.close(until)


class ApiRole:
    """The public ports, for a kernel in another process. It keeps nothing itself."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kernel: RemoteKernel | None = None
        self._door: PublicDoor | None = None

    async def start(self) -> Mapping[str, str]:
        """Wait for the kernel, and answer."""
        from eigen.roles.kernel_client import RemoteKernel

        self._kernel = RemoteKernel(self._settings)
        self._door = PublicDoor(self._settings, self._kernel)
        return await self._door.open()

    async def ready(self) -> None:
        """The kernel is ready."""
        if self._kernel is None:
            raise EigenError("EIGEN_SERVER_UNREACHABLE", "the server is starting")
        await self._kernel.ready()

    async def stop(self, seconds: float) -> None:
        """See `ServedRole.stop`."""
        if self._door is not None:
            await self._door.close(seconds)
        if self._kernel is not None:
            await self._kernel.close()
