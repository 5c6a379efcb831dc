"""The drivers in another process: a `DeviceHouse` whose devices are ordinary ones to the kernel.

A restart of the drivers role is no failure of a device: work that a device repeats the same is sent again, and
submitted work is asked for by its handle, which a driver that outlives the restart still knows.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from eigen.drivers.driver import WorkState
from eigen.drivers.options import refuse_unknown
from eigen.errors import EigenError
from eigen.roles.calls import WORKER_PATIENCE_SECONDS, Role
from eigen.roles.documents import from_document
from eigen.types import Device, DeviceStatus
from eigen.wire.internal import pb
from eigen.wire.plain import from_json
from eigen.wire.work import Sent, result_of, work_message, works_messages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.config import Settings
    from eigen.drivers.driver import QDriver
    from eigen.types import Json, Work, WorkResult

WORK = pb.DESCRIPTOR.services_by_name["WorkService"]
DEVICES = pb.DESCRIPTOR.services_by_name["DriverManagerService"]


class RemoteDevices:
    """The devices of the role `drivers`. Safe for threads."""

    def __init__(self, settings: Settings, *, patience: float = WORKER_PATIENCE_SECONDS) -> None:
        self._work = Role(settings, "drivers_address", WORK)
        self._manager = Role(settings, "drivers_address", DEVICES)
        self._patience = patience
        self._lock = threading.Lock()
        self._drivers: dict[tuple[str, str], RemoteDriver] = {}
        self._owners: dict[str, RemoteDriver] = {}
        self._once: set[str] = set()
        self.rejected: Mapping[str, EigenError] = {}
        """Why drivers were refused, by name, as of the last look."""

    def devices(self, target: str = "auto") -> tuple[Device, ...]:
        """Snapshots of the devices that a target can mean; EIGEN_SERVER_UNREACHABLE."""
        reply: pb.DescribeResponse = self._work.call(
            "Describe", pb.DescribeRequest(target=target), patience=self._patience
        )
        found: list[Device] = []
        with self._lock:
            self.rejected = {name: EigenError.from_json(from_json(data)) for name, data in reply.rejected_json.items()}
            for entry in reply.devices:
                device = from_document(Device, entry.device_json)
                name = (entry.driver, entry.driver_version)
                if name not in self._drivers:
                    kind = RemoteBatchDriver if entry.batches else RemoteDriver
                    self._drivers[name] = kind(self, *name)
                self._owners[device.id] = self._drivers[name]
                known = device.features
                (self._once.add if "metered" in known and "deduplicates" not in known else self._once.discard)(
                    device.id
                )
                found.append(device)
        return tuple(found)

    def driver_for(self, device_id: str) -> QDriver:
        """The driver of a device; EIGEN_DEVICE_UNKNOWN."""
        owner = self._owners.get(device_id)
        if owner is None:
            self.devices(device_id)
            owner = self._owners.get(device_id)
        if owner is None:
            known = ", ".join(f"`{device.id}`" for device in self.devices())
            message = f"there is no device `{device_id[:80]}`"
            raise EigenError("EIGEN_DEVICE_UNKNOWN", message, hint=f"there are {known}" if known else "")
        return owner

    def is_once(self, device_id: str) -> bool:
        """Whether the device charges for work and cannot recognise what it has seen."""
        return device_id in self._once

    def call(self, method: str, request: Any, *, once: bool = False) -> Any:
        """Ask WorkService; `once`, whether or not an answer comes."""
        return self._work.call(method, request, patience=0.0 if once else self._patience)

    def manage(self, method: str, request: Any) -> Any:
        """Ask DriverManagerService."""
        return self._manager.call(method, request, patience=self._patience)

    def close(self) -> None:
        """Release the channels."""
        self._work.close()
        self._manager.close()


class RemoteDriver:
    """One driver of the role `drivers`, as a QDriver."""

    def __init__(self, house: RemoteDevices, name: str, version: str) -> None:
        self.name = name
        self.version = version
        self._house = house
        self._sent = Sent()

    def initialize(self, config: Mapping[str, Json]) -> None:
        """Refused: the role `drivers` configures its drivers itself."""
        refuse_unknown(config, (), where=self.name)

    def get_devices(self) -> tuple[Device, ...]:
        """Fresh snapshots of this driver's devices."""
        return tuple(device for device in self._house.devices() if self._house.driver_for(device.id) is self)

    def get_device_status(self, device_id: str) -> DeviceStatus:
        """Whether the device takes work now."""
        for device in self._house.devices(device_id):
            if device.id == device_id:
                return device.status
        raise EigenError("EIGEN_DEVICE_UNKNOWN", f"driver `{self.name}` has no device `{device_id[:80]}`")

    def calibrate_device(self, device_id: str) -> Mapping[str, Json]:
        """Measure the device."""
        reply: pb.CalibrateDeviceResponse = self._house.manage(
            "CalibrateDevice", pb.CalibrateDeviceRequest(device_id=device_id)
        )
        return from_json(reply.calibration_json) if reply.calibration_json else {}

    def submit(self, device_id: str, key: str, work: Work) -> str:
        """Hand over work under a key. It may arrive twice where the device recognises keys; where it charges and does
        not, it is sent once."""
        return self._send("Submit", device_id, key, work, once=self._house.is_once(device_id)).handle

    def poll(self, handle: str) -> WorkState:
        """Where the work stands."""
        return WorkState(self._house.call("Poll", pb.HandleRequest(driver=self.name, handle=handle)).state)

    def result(self, handle: str, timeout_sec: float | None = None) -> WorkResult:
        """Wait for the result."""
        request = pb.ResultRequest(driver=self.name, handle=handle, timeout_sec=timeout_sec)
        return result_of(self._house.call("Result", request))

    def adopt(self, key: str) -> str | None:
        """The handle of a key."""
        reply: pb.AdoptReply = self._house.call("Adopt", pb.AdoptRequest(driver=self.name, key=key))
        return reply.handle if reply.HasField("handle") else None

    def cancel(self, handle: str) -> bool:
        """Ask to stop work."""
        return self._house.call("Cancel", pb.HandleRequest(driver=self.name, handle=handle)).cancelled

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        """Run work and wait for it."""
        return result_of(self._send("Execute", device_id, "", work).result)

    def _send(self, method: str, device_id: str, key: str, work: Work, *, once: bool = False) -> Any:
        """The reply to work; documents that the role does not have (any more) follow."""
        while True:
            message, carried = work_message(work, self._sent)
            reply = self._house.call(method, pb.WorkRequest(device_id=device_id, key=key, work=message), once=once)
            if reply.WhichOneof("reply") != "missing":
                self._sent.add(carried)
                return reply
            self._sent.drop(reply.missing.sha256)
            if not set(reply.missing.sha256) - set(carried):
                raise EigenError("EIGEN_INTERNAL", "the role `drivers` misses a circuit that it was sent")


class RemoteBatchDriver(RemoteDriver):
    """One that takes several pieces of work together: a BatchDriver besides."""

    def submit_batch(self, device_id: str, key: str, works: Sequence[Work]) -> str:
        """Hand over work under one key."""
        return self._send_all(device_id, key, works).handle

    def results(self, handle: str, timeout_sec: float | None = None) -> tuple[WorkResult, ...]:
        """Wait for the results, in the order of the works."""
        request = pb.ResultRequest(driver=self.name, handle=handle, timeout_sec=timeout_sec)
        return tuple(map(result_of, self._house.call("Results", request).results))

    def _send_all(self, device_id: str, key: str, works: Sequence[Work]) -> Any:
        """The reply to a batch; documents that the role does not have (any more) follow."""
        while True:
            messages, carried = works_messages(works, self._sent)
            request = pb.BatchWorkRequest(device_id=device_id, key=key, works=messages)
            reply = self._house.call("SubmitBatch", request)
            if reply.WhichOneof("reply") != "missing":
                self._sent.add(carried)
                return reply
            self._sent.drop(reply.missing.sha256)
            if not set(reply.missing.sha256) - set(carried):
                raise EigenError("EIGEN_INTERNAL", "the role `drivers` misses a circuit that it was sent")
