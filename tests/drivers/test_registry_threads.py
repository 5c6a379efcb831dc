"""Threads that need the same driver at the same moment share one, loaded once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from eigen.drivers.null import NullDriver
from eigen.drivers.registry import DriverEntry, Registry

LOADS: list[int] = []


class SlowDriver(NullDriver):
    """A null driver that lets the other threads come while it initialises."""

    def initialize(self, config: object) -> None:
        LOADS.append(1)
        START.wait(timeout=10)
        super().initialize({})


START = Barrier(2)


def test_a_driver_is_loaded_once_however_many_threads_ask() -> None:
    LOADS.clear()
    registry = Registry(built_in=[DriverEntry("slow", f"{__name__}:SlowDriver", ("null",))], installed=lambda: ())
    with ThreadPoolExecutor(8) as pool:
        found = [pool.submit(registry.driver_for, "null:classical") for _ in range(8)]
        START.wait(timeout=10)  # the first one loads, the seven others wait for it
        drivers = {id(future.result()) for future in found}
    assert len(drivers) == 1
    assert LOADS == [1]
