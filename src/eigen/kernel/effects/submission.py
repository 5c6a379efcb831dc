"""Hand work to a device exactly once per key: adopt what an earlier attempt submitted, else submit, then wait."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

from eigen.drivers.driver import AWAY, LoopDriver, WorkState
from eigen.errors import EigenError
from eigen.kernel.driver_calls import calling
from eigen.kernel.effects.spread import WAIT_SECONDS, Spread
from eigen.kernel.failpoints import hit
from eigen.kernel.lease import LeaseLostError, RunInterruptedError, UndecidedError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from eigen.drivers.driver import QDriver
    from eigen.kernel.effects.delivery import Delivery
    from eigen.kernel.effects.recall import Recall
    from eigen.kernel.effects.snapshots import Snapshots
    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import Elsewhere
    from eigen.types import Device, LoopResult, LoopWork, Work, WorkResult


class Submission:
    """One device within one lease.

    A device that repeats the same result for the same seed and charges nothing is simply called: work lost in a
    crash is done again, with the same result. Any other is submitted to under a key that does not depend on the
    attempt; a key whose work failed is followed by the next one. What is submitted to a device that charges is kept
    before and after by `delivery`, which says whether it may be submitted when its fate is unknown. `name` begins the
    keys: the job, or the first of those that it goes on for, so that work of an earlier one which was never recorded
    is adopted. Work of a device that is simply called may be done `elsewhere`, where it is worth the way, and is
    answered by `recall` where it was done before; what is done here and takes long is kept by `snapshots`.
    """

    def __init__(
        self,
        driver: QDriver,
        device: Device,
        lease: Lease,
        *,
        name: str,
        delivery: Delivery | None = None,
        elsewhere: Elsewhere | None = None,
        recall: Recall | None = None,
        snapshots: Snapshots | None = None,
    ) -> None:
        self._driver = driver
        self._device = device
        self._lease = lease
        self._name = name
        metered = "metered" in device.features
        self.repeatable = "seed" in device.features and not metered
        if metered and delivery is None:
            raise ValueError(f"`{device.id}` charges: what is submitted to it must be kept")
        self._delivery = delivery
        self._spread = None if elsewhere is None or not self.repeatable else Spread(elsewhere, device, name)
        self._recall = recall if self.repeatable else None
        self._snapshots = snapshots if self.repeatable else None

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
    def spread(self) -> Spread | None:
        """What is done elsewhere; None when all is done here."""
        return self._spread

    def foresee(self, coming: Iterator[Work], *, nested: bool = False) -> None:
        """Hear of work that `run` will be asked for, in this order; see `Spread.foresee`."""
        if self._spread is not None:
            known = coming if self._recall is None else self._recall.unknown(coming, [0])
            self._spread.foresee(known, nested=nested)

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
                if self._recall is not None:
                    return self._recall.piece(work, self._advanced)
                return self._advanced(work)
        finally:
            hit("execute.after-work")

    def _call(self, key: str, work: Work) -> WorkResult:
        if self.repeatable:
            if self._recall is None:
                return self._do(work)
            begun = self._spread is not None and self._spread.has_begun(work)
            return self._recall.work(work, self._do, look=not begun)
        self._lease.storing.settle()  # what is paid for is adopted by the same program, or not at all
        name = f"{self._name}:{key}"
        given_up = ""
        for number in count():
            trial = f"{name}:retry{number}" if number else name
            handle = self._handle(trial)
            if handle is None and (self._delivery is None or self._delivery.may_submit(trial)):
                return self._wait(self._submit(trial, work, instead_of=given_up))
            given_up = trial if handle is None else ""
            if handle is not None and self._driver.poll(handle) not in {WorkState.FAILED, WorkState.CANCELLED}:
                if handle.startswith(AWAY):  # whoever reads its results needs to know what was asked
                    handle = self._driver.submit(self._device.id, handle, work)
                return self._wait(handle)
        raise AssertionError("`count` does not end")

    def _do(self, work: Work) -> WorkResult:
        if self._spread is not None:
            return self._spread.run(work, self._here, self._lease.check)
        return self._here(work)

    def _advanced(self, work: LoopWork) -> LoopResult:
        return advanced(self._driver, self._device, work)

    def _handle(self, key: str) -> str | None:
        """That of work which the device has: as it says itself, or as it said when it took it."""
        handle, delivery = self._driver.adopt(key), self._delivery
        if delivery is None:
            return handle
        if handle is not None:
            delivery.accepted(key, handle)
            return handle
        kept = delivery.handle(key)
        return None if kept is None or self._driver.poll(kept) is WorkState.UNKNOWN else kept

    def _submit(self, key: str, work: Work, *, instead_of: str) -> str:
        self._lease.confirm()
        delivery = self._delivery
        if delivery is not None:
            delivery.ask(key, work, instead_of=instead_of)
        with calling(self._driver, "submit", self._device.id):
            try:
                handle = self._driver.submit(self._device.id, key, work)
            except EigenError as error:
                if delivery is not None:
                    delivery.failed(key, error)
                raise
        if delivery is not None:
            delivery.accepted(key, handle)
        return handle

    def _here(self, work: Work) -> WorkResult:
        with calling(self._driver, "execute_circuit", self._device.id):
            if self._snapshots is not None:
                return self._snapshots.run(self._driver, self._device.id, work)
            return self._driver.execute_circuit(self._device.id, work)

    def _wait(self, handle: str) -> WorkResult:
        with calling(self._driver, "result", self._device.id):
            return self._poll(handle)

    def _poll(self, handle: str) -> WorkResult:
        failed = False
        while True:
            try:
                return self._driver.result(handle, WAIT_SECONDS)
            except EigenError as error:
                if error.code != "EIGEN_RUN_TIMEOUT" or failed:
                    raise
                failed = self._driver.poll(handle) is WorkState.FAILED  # since just now: it is asked why
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
    except (EigenError, RunInterruptedError, UndecidedError, LeaseLostError, MemoryError, RecursionError):
        raise
    except Exception as error:
        message = f"the driver of `{device.id}` failed: {type(error).__name__}: {error}"
        raise EigenError("EIGEN_DEVICE_FAILED", message) from error
