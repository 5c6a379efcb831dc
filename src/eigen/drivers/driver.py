"""The QDriver Protocol: what an engine must do to be a device of Eigen OS. Simulator and hardware are the same noun."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.errors import EigenError
    from eigen.types import Device, DeviceStatus, Json, LoopResult, LoopWork, Work, WorkResult


AWAY = "{"
"""What a handle begins with that outlives its driver, a JSON object. Work that is submitted under such a handle as its
key is not run: the driver hears again what was asked, and answers with the handle."""


class WorkState(StrEnum):
    """Where submitted work stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


@runtime_checkable
class QDriver(Protocol):
    """One engine with one or more devices.

    Asynchronous at heart: `submit` returns a handle at once and never runs the work of one key twice when
    the device declares `deduplicates`; `adopt` finds the handle of a key again after a crash of the caller.
    Bit order of counts is `c[n-1] … c[0]`; the registry proves it with probe circuits before a driver is used.
    Every option that is unknown or cannot be honoured raises EIGEN_DEVICE_OPTION naming it.
    """

    name: str
    version: str

    def initialize(self, config: Mapping[str, Json]) -> None:
        """Prepare the driver; unknown keys of `config` are refused by name."""
        ...

    def get_devices(self) -> tuple[Device, ...]:
        """The devices, each a snapshot of its capabilities, calibration and load."""
        ...

    def get_device_status(self, device_id: str) -> DeviceStatus:
        """Whether the device takes work now."""
        ...

    def calibrate_device(self, device_id: str) -> Mapping[str, Json]:
        """Measure the device and return what changed; a device without calibration returns an empty mapping."""
        ...

    def submit(self, device_id: str, key: str, work: Work) -> str:
        """Hand over work under an idempotency key and return its handle."""
        ...

    def poll(self, handle: str) -> WorkState:
        """Where the work of this handle stands."""
        ...

    def result(self, handle: str, timeout_sec: float | None = None) -> WorkResult:
        """Wait for the result; raises EigenError when the work failed, was cancelled or the wait timed out."""
        ...

    def adopt(self, key: str) -> str | None:
        """The handle of work submitted under this key, or None when the engine never saw the key."""
        ...

    def cancel(self, handle: str) -> bool:
        """Ask to stop the work; False when it had already ended."""
        ...

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        """Submit and wait, in one call, without a key."""
        ...


class Watch(Protocol):
    """Who looks after a run that takes long: keeps its state now and then, and has it go on from there another time.
    What a method raises ends the run."""

    every_seconds: float
    """How often to look, about; 0: between any two steps."""

    def look(self, done: int, of: int, size_bytes: int) -> bool:
        """So many steps are done, of so many (0: nobody knows). True: a snapshot of about so many bytes is wanted now,
        and its bytes follow."""
        ...

    def write(self, data: bytes) -> bool:
        """The next bytes of the snapshot. False: it is given up."""
        ...

    def keep(self, done: int, of: int) -> None:
        """The snapshot is whole."""
        ...

    def open(self) -> bool:
        """At the beginning: open the newest snapshot that was not opened yet; False when there is none."""
        ...

    def read(self, size: int) -> bytes:
        """The next `size` bytes of the open snapshot, less only at its end."""
        ...

    def opened(self, done: int, of: int, refusal: str | None) -> None:
        """The run goes on from the open snapshot, or why it cannot."""
        ...


@runtime_checkable
class SnapshotDriver(Protocol):
    """What a QDriver can do besides whose engines keep the states of their work."""

    def execute_watched(self, device_id: str, work: Work, watch: Watch) -> WorkResult:
        """What `execute_circuit` does, to the bit, looked after where the engine can; where it cannot, `watch` hears
        nothing."""
        ...


@runtime_checkable
class BatchDriver(Protocol):
    """What a QDriver can do besides that reaches its engine by a way that costs something: several pieces of work take
    it together. One that is refused or fails fails all of them."""

    def submit_batch(self, device_id: str, key: str, works: Sequence[Work]) -> str:
        """Hand over work under one key, and return its handle, which `poll` and `cancel` take."""
        ...

    def results(self, handle: str, timeout_sec: float | None = None) -> tuple[WorkResult, ...]:
        """Wait for the results, in the order of the works; raises as `result` does."""
        ...


@runtime_checkable
class LoopDriver(Protocol):
    """What a QDriver with devices of the feature `loop` can do besides: a whole piece of a minimisation in one call."""

    def advance(self, device_id: str, work: LoopWork) -> LoopResult:
        """Take the search further, for about as long as the work allows, at least by one question.

        Raises EIGEN_SIM_UNSUPPORTED when the engine cannot answer the search's questions itself, such as gradients
        through control flow.
        """
        ...


@runtime_checkable
class PartlyRejected(Protocol):
    """What a QDriver has besides whose devices are described by others: those that could not be made leave the rest
    alone."""

    rejected_devices: Mapping[str, EigenError]
    """Why, by the ids of the devices; EIGEN_DRIVER_REJECTED."""
