"""Drivers that misbehave: one that fails some of its calls, one whose work takes a while in the background."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.types import Device, Work, WorkResult


class FlakyDriver(NativeDriver):
    """The native engine without loops, calling `before(n)` ahead of its n-th work (from 1), which may raise."""

    def __init__(self, before: Callable[[int], None]) -> None:
        super().__init__()
        self.initialize({})
        self._before = before
        self.calls = 0

    def get_devices(self) -> tuple[Device, ...]:
        return tuple(replace(device, features=device.features - {"loop"}) for device in super().get_devices())

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        self.calls += 1
        self._before(self.calls)
        return super().execute_circuit(device_id, work)


def failing(*numbers: int) -> FlakyDriver:
    """Fails the calls of these numbers as a device does."""

    def before(number: int) -> None:
        if number in numbers:
            raise EigenError("EIGEN_DEVICE_FAILED", f"call {number} failed")

    return FlakyDriver(before)


class BackgroundDriver(FlakyDriver):
    """A device that does not repeat itself, so that work is submitted, waited for and cancelled by handle."""

    def __init__(self, before: Callable[[int], None] = lambda _: None) -> None:
        super().__init__(before)
        self.cancelled = threading.Event()

    def get_devices(self) -> tuple[Device, ...]:
        device = super().get_devices()[0]
        return (replace(device, features=device.features - {"seed"}),)

    def cancel(self, handle: str) -> bool:
        self.cancelled.set()
        return super().cancel(handle)
