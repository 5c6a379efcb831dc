"""Internal servers on loopback, each with an event loop in a thread of its own, and a house of given drivers."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from eigen.config import Settings
from eigen.errors import EigenError
from eigen.roles.drivers_client import RemoteDevices
from eigen.roles.drivers_server import DriverManagerServicer, WorkServicer
from eigen.roles.server import RoleServer
from eigen.wire.internal import pb

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from eigen.drivers.driver import QDriver
    from eigen.types import Device

SERVICES = pb.DESCRIPTOR.services_by_name


class GivenDrivers:
    """A house of drivers that are there already."""

    def __init__(self, *drivers: QDriver) -> None:
        self._drivers = drivers
        self.rejected: dict[str, EigenError] = {}

    def devices(self, target: str = "auto") -> tuple[Device, ...]:
        del target
        return tuple(device for driver in self._drivers for device in driver.get_devices())

    def driver_for(self, device_id: str) -> QDriver:
        for driver in self._drivers:
            if any(device.id == device_id for device in driver.get_devices()):
                return driver
        raise EigenError("EIGEN_DEVICE_UNKNOWN", f"there is no device `{device_id}`")

    def load(self, name: str) -> QDriver:
        for driver in self._drivers:
            if driver.name == name:
                return driver
        raise EigenError("EIGEN_DEVICE_UNKNOWN", f"there is no driver `{name}`")


@contextmanager
def serving(setting: str, servicers: Mapping[str, object], settings: Settings | None = None) -> Generator[Settings]:
    """A role server that answers these services; gives the settings with its address in `setting`."""
    settings = settings or replace(Settings(), **{setting: "127.0.0.1:0"})
    started: threading.Event = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    found: list[str | BaseException] = []

    async def serve() -> None:
        try:
            server = RoleServer(settings, setting, threads=8)
            for name, servicer in servicers.items():
                server.add(SERVICES[name], servicer)
            found.append(await server.start())
        except BaseException as error:
            found.append(error)
            return
        finally:
            started.set()
        await stop.wait()
        await server.stop(0.0)

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run, name=f"serving-{setting}", daemon=True)
    thread.start()
    started.wait()
    if isinstance(found[0], BaseException):
        thread.join()
        raise found[0]
    try:
        yield replace(settings, **{setting: found[0]})
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


@contextmanager
def remote(*drivers: QDriver, patience: float = 5.0) -> Generator[RemoteDevices]:
    """These drivers behind a drivers role, seen from a kernel."""
    house = GivenDrivers(*drivers)
    servicers = {"WorkService": WorkServicer(house), "DriverManagerService": DriverManagerServicer(house)}
    with serving("drivers_address", servicers) as settings:
        devices = RemoteDevices(settings, patience=patience)
        try:
            yield devices
        finally:
            devices.close()
