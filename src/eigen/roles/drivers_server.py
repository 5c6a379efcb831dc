"""The role `drivers`: the registry of this process behind eigen.internal.v1. It only translates, and keeps documents.

`DriverManagerService` is the original project's one call per circuit; `WorkService` is what the kernel uses.
"""

from __future__ import annotations

import json
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from eigen._core import CoreError
from eigen.drivers.driver import BatchDriver
from eigen.errors import EigenError
from eigen.ir import Circuit
from eigen.roles.documents import to_document
from eigen.types import Device, SampleWork
from eigen.wire.convert.devices import device_load_to_wire, device_to_wire
from eigen.wire.convert.values import texts
from eigen.wire.driver import pb as driver_pb
from eigen.wire.internal import pb
from eigen.wire.plain import to_json
from eigen.wire.work import MissingDocumentsError, Shelf, result_message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.drivers.driver import QDriver
    from eigen.types import Work

SEED = "seed"


class House(Protocol):
    """The loaded drivers and their devices."""

    @property
    def rejected(self) -> Mapping[str, EigenError]:
        """Why drivers were refused, by name."""
        ...

    def devices(self, target: str = "auto") -> tuple[Device, ...]:
        """The devices that a target can mean."""
        ...

    def driver_for(self, device_id: str) -> QDriver:
        """The driver of a device; EIGEN_DEVICE_UNKNOWN."""
        ...

    def load(self, name: str) -> QDriver:
        """The driver of this name; EIGEN_DEVICE_UNKNOWN."""
        ...


class WorkServicer:
    """One method for each of WorkService."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._shelf = Shelf()

    def describe(self, asked: pb.DescribeRequest) -> pb.DescribeResponse:
        """The devices that a target can mean."""
        devices = self._house.devices(asked.target or "auto")
        described: list[pb.DescribedDevice] = []
        for device in devices:
            driver = self._house.driver_for(device.id)
            document = to_document(device)
            described.append(
                pb.DescribedDevice(
                    device_json=document,
                    driver=driver.name,
                    driver_version=driver.version,
                    batches=isinstance(driver, BatchDriver),
                )
            )
        rejected = {name: to_json(error.to_json()) for name, error in self._house.rejected.items()}
        return pb.DescribeResponse(devices=described, rejected_json=rejected)

    def execute(self, asked: pb.WorkRequest) -> pb.WorkReply:
        """Run work and wait for it."""
        driver = self._house.driver_for(asked.device_id)
        try:
            work = self._shelf.read(asked.work)
        except MissingDocumentsError as missing:
            return pb.WorkReply(missing=driver_pb.MissingDocuments(sha256=missing.digests))
        return pb.WorkReply(result=result_message(driver.execute_circuit(asked.device_id, work)))

    def submit(self, asked: pb.WorkRequest) -> pb.SubmitWorkReply:
        """Hand work over under its key."""
        driver = self._house.driver_for(asked.device_id)
        try:
            work = self._shelf.read(asked.work)
        except MissingDocumentsError as missing:
            return pb.SubmitWorkReply(missing=driver_pb.MissingDocuments(sha256=missing.digests))
        return pb.SubmitWorkReply(handle=driver.submit(asked.device_id, asked.key, work))

    def submit_batch(self, asked: pb.BatchWorkRequest) -> pb.SubmitWorkReply:
        """Hand several pieces of work over together."""
        driver = _batching(self._house.driver_for(asked.device_id))
        works: list[Work] = []
        missing: dict[bytes, None] = {}
        for message in asked.works:
            try:
                works.append(self._shelf.read(message))
            except MissingDocumentsError as error:
                missing |= dict.fromkeys(error.digests)
        if missing:
            return pb.SubmitWorkReply(missing=driver_pb.MissingDocuments(sha256=list(missing)))
        return pb.SubmitWorkReply(handle=driver.submit_batch(asked.device_id, asked.key, works))

    def results(self, asked: pb.ResultRequest) -> pb.ResultsReply:
        """Wait for the results of a batch."""
        timeout = asked.timeout_sec if asked.HasField("timeout_sec") else None
        found = _batching(self._house.load(asked.driver)).results(asked.handle, timeout)
        return pb.ResultsReply(results=map(result_message, found))

    def poll(self, asked: pb.HandleRequest) -> pb.PollReply:
        """Where work stands."""
        return pb.PollReply(state=self._house.load(asked.driver).poll(asked.handle).value)

    def result(self, asked: pb.ResultRequest) -> driver_pb.WorkResult:
        """Wait for a result."""
        timeout = asked.timeout_sec if asked.HasField("timeout_sec") else None
        return result_message(self._house.load(asked.driver).result(asked.handle, timeout))

    def adopt(self, asked: pb.AdoptRequest) -> pb.AdoptReply:
        """The handle of a key."""
        return pb.AdoptReply(handle=self._house.load(asked.driver).adopt(asked.key))

    def cancel(self, asked: pb.HandleRequest) -> pb.CancelWorkReply:
        """Ask to stop work."""
        return pb.CancelWorkReply(cancelled=self._house.load(asked.driver).cancel(asked.handle))


class DriverManagerServicer:
    """One method for each of DriverManagerService."""

    def __init__(self, house: House) -> None:
        self._house = house

    def list_devices(self, asked: pb.ListDevicesRequest) -> pb.ListDevicesResponse:
        """Every device, or those of one backend type."""
        wanted = asked.backend_type
        devices = [device for device in self._house.devices() if not wanted or device.backend_type == wanted]
        return pb.ListDevicesResponse(devices=[device_to_wire(device) for device in devices])

    def get_device_status(self, asked: pb.GetDeviceStatusRequest) -> pb.GetDeviceStatusResponse:
        """Whether a device takes work now."""
        load = device_load_to_wire(self._device(asked.device_id))
        return pb.GetDeviceStatusResponse(
            device_id=load.device_id,
            status=load.status,
            queue_depth=load.queue_depth,
            estimated_wait_sec=load.estimated_wait_sec,
            metadata=load.metadata,
        )

    def execute_circuit(self, asked: pb.ExecuteCircuitRequest) -> pb.ExecuteCircuitResponse:
        """Run one circuit without open parameters. Without the option `seed` one is drawn; the metadata name it."""
        driver = self._house.driver_for(asked.device_id)
        options = {name: _option(text) for name, text in asked.options.items()}
        seed = options.pop(SEED, None)
        if seed is None:
            seed = secrets.randbits(64)
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 1 << 64:
            raise EigenError("EIGEN_DEVICE_OPTION", f"a seed has 64 bits, not `{str(seed)[:60]}`", where="options.seed")
        work = SampleWork(_circuit(asked.payload), (), asked.shots, seed, options)
        result = driver.execute_circuit(asked.device_id, work)
        counts = {} if result.counts is None else result.counts.to_dict()
        metadata = {SEED: seed, **result.metadata}
        return pb.ExecuteCircuitResponse(
            counts=counts, execution_time_sec=result.execution_time_sec, metadata=texts(metadata)
        )

    def calibrate_device(self, asked: pb.CalibrateDeviceRequest) -> pb.CalibrateDeviceResponse:
        """Measure a device."""
        for name in asked.options:
            message = f"calibrating takes no option `{name[:60]}`"
            raise EigenError("EIGEN_DEVICE_OPTION", message, where=f"options.{name[:60]}")
        measured = self._house.driver_for(asked.device_id).calibrate_device(asked.device_id)
        if not measured:
            return pb.CalibrateDeviceResponse()
        document = to_json(dict(measured))
        return pb.CalibrateDeviceResponse(
            calibration_ref=f"sha256:{sha256(document).hexdigest()}", calibration_json=document
        )

    def _device(self, device_id: str) -> Device:
        driver = self._house.driver_for(device_id)
        for device in driver.get_devices():
            if device.id == device_id:
                return device
        raise EigenError("EIGEN_DEVICE_UNKNOWN", f"driver `{driver.name}` no longer has the device `{device_id}`")


def _batching(driver: QDriver) -> BatchDriver:
    if not isinstance(driver, BatchDriver):
        raise EigenError("EIGEN_NOT_AVAILABLE", f"the driver `{driver.name}` takes one piece of work at a time")
    return driver


def _circuit(payload: pb.CircuitPayload) -> Circuit:
    if payload.format != pb.CIRCUIT_FORMAT_AQO_JSON:
        known = pb.CircuitFormat.keys()
        name = pb.CircuitFormat.Name(payload.format) if payload.format in pb.CircuitFormat.values() else payload.format
        message = f"a circuit in the format `{name}` cannot be read here"
        hint = f"send `CIRCUIT_FORMAT_AQO_JSON`; the contract knows {', '.join(known[1:])}"
        raise EigenError("EIGEN_NOT_AVAILABLE", message, where="payload.format", hint=hint)
    try:
        return Circuit.from_aqo(payload.data)
    except CoreError as error:
        raise EigenError.from_core(error) from None


def _option(text: str) -> Any:
    """The value of an option: JSON when it reads as such, else the text itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
