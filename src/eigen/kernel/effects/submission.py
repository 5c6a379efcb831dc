"""Hand work to a device exactly once per key: adopt what an earlier attempt submitted, else submit, then wait."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

from eigen.drivers.driver import LoopDriver, WorkState
from eigen.errors import EigenError
from eigen.kernel.driver_calls import calling
from eigen.kernel.failpoints import hit
from eigen.kernel.lease import LeaseLostError, RunInterruptedError

if TYPE_CHECKING:
    from collections.abc import Generator

    from eigen.drivers.driver import QDriver
    from eigen.kernel.lease import Lease
    from eigen.types import Device, LoopResult, LoopWork, Work, WorkResult

WAIT_SECONDS = 0.25


class Submission:
    """One device within one lease.

    A device that repeats the same result for the same seed and charges nothing is simply called: work lost in a
    crash is done again, with the same result. Any other is submitted to under a key that does not depend on the
    attempt; a key whose work failed is followed by the next one. A device that charges but cannot recognise a key
    is refused: a crash could pay for its shots twice. `name` begins the keys: the job, or the first of those that it
    goes on for, so that work of an earlier one which was never recorded is adopted.
    """

    def __init__(self, driver: QDriver, device: Device, lease: Lease, *, name: str) -> None:
        self._driver = driver
        self._device = device
        self._lease = lease
        self._name = name
        metered = "metered" in device.features
        self.repeatable = "seed" in device.features and not metered
        if metered and "deduplicates" not in device.features:
            raise EigenError(
                "EIGEN_NOT_AVAILABLE",
                f"device `{device.id}` charges for shots and cannot recognise work it has seen",
                hint="a job could pay twice after a crash; choose a device that deduplicates",
            )

    def run(self, key: str, work: Work) -> WorkResult:
        """The result of the work; raises EigenError as the driver does, `RunInterruptedError` and `LeaseLostError`."""
        self._lease.check()
        hit("execute.before-work")
        try:
            with blamed_on(self._device):
                return self._call(key, work)
        finally:
            hit("execute.after-work")

    @property
    def has_loop(self) -> bool:
        """Whether the driver takes whole pieces of a minimisation, and may do them again after a crash."""
        return self.repeatable and isinstance(self._driver, LoopDriver)

    def advance(self, work: LoopWork) -> LoopResult:
        """A piece of a minimisation; raises as `run`."""
        self._lease.check()
        hit("execute.before-work")
        try:
            with blamed_on(self._device):
                return advanced(self._driver, self._device, work)
        finally:
            hit("execute.after-work")

    def _call(self, key: str, work: Work) -> WorkResult:
        if self.repeatable:
            with calling(self._driver, "execute_circuit", self._device.id):
                return self._driver.execute_circuit(self._device.id, work)
        name = f"{self._name}:{key}"
        for number in count():
            trial = f"{name}:retry{number}" if number else name
            handle = self._driver.adopt(trial)
            if handle is None:
                self._lease.confirm()
                with calling(self._driver, "submit", self._device.id):
                    handle = self._driver.submit(self._device.id, trial, work)
                return self._wait(handle)
            if self._driver.poll(handle) not in {WorkState.FAILED, WorkState.CANCELLED}:
                return self._wait(handle)
        raise AssertionError("`count` does not end")

    def _wait(self, handle: str) -> WorkResult:
        with calling(self._driver, "result", self._device.id):
            return self._poll(handle)

    def _poll(self, handle: str) -> WorkResult:
        while True:
            try:
                return self._driver.result(handle, WAIT_SECONDS)
            except EigenError as error:
                if error.code != "EIGEN_RUN_TIMEOUT" or self._driver.poll(handle) is WorkState.FAILED:
                    raise
            try:
                self._lease.check()
            except RunInterruptedError as interruption:
                if interruption.reason != "stopped":  # a stopped worker leaves the work to be adopted
                    self._driver.cancel(handle)
                raise


def advanced(driver: QDriver, device: Device, work: LoopWork) -> LoopResult:
    """A piece of a minimisation by a driver that has loops."""
    if not isinstance(driver, LoopDriver):
        raise EigenError("EIGEN_SIM_UNSUPPORTED", f"the driver of `{device.id}` has no loops")
    with calling(driver, "advance", device.id):
        return driver.advance(device.id, work)


@contextmanager
def blamed_on(device: Device) -> Generator[None]:
    """A driver may raise anything: whatever is no verdict of ours is a failure of its device, not of the job."""
    try:
        yield
    except (EigenError, RunInterruptedError, LeaseLostError, MemoryError, RecursionError):
        raise
    except Exception as error:
        message = f"the driver of `{device.id}` failed: {type(error).__name__}: {error}"
        raise EigenError("EIGEN_DEVICE_FAILED", message) from error
