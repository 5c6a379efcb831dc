"""`Devices`: what there is to run on, how long one waits for it, and who holds it. It runs nothing itself.

Queue depth: the driver's own, the jobs that are placed on the device and have not ended, and the jobs without a place
whose target names it, or led to it the last time. Expected wait: the driver's own, and the jobs ahead times the mean
run time of the newest jobs there, divided by the jobs that are worked on at a time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.kernel import reservations
from eigen.kernel.clock import seconds_of
from eigen.kernel.driver_calls import calling
from eigen.kernel.tenancy import DEFAULT_TENANT
from eigen.types import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.kernel.ports import Ports
    from eigen.qfs.store import Ran, Waiting
    from eigen.types import Caller, Device, Json, Reservation


class Devices:
    """The devices of one kernel; `workers` jobs are worked on at a time."""

    def __init__(self, ports: Ports, *, workers: int = 1) -> None:
        self._ports = ports
        self._workers = max(1, workers)

    def list(self, caller: Caller) -> tuple[Device, ...]:
        """Every device, with its queue depth and expected wait as they are for this caller."""
        return self._with_load(caller, self._ports.devices.devices())

    def get(self, caller: Caller, device_id: str) -> Device:
        """One device; EIGEN_DEVICE_UNKNOWN."""
        driver = self._ports.devices.driver_for(device_id)
        for device in self._ports.devices.devices(device_id):
            if device.id == device_id:
                return self._with_load(caller, (device,))[0]
        raise EigenError("EIGEN_DEVICE_UNKNOWN", f"driver `{driver.name}` no longer has the device `{device_id}`")

    def calibrate(self, device_id: str, caller: Caller = OPERATOR) -> Mapping[str, Json]:
        """Measure a device; empty when it has nothing to calibrate. EIGEN_DEVICE_RESERVED while another tenant holds
        it, except for the operator."""
        driver = self._ports.devices.driver_for(device_id)
        holder = reservations.against(self._ports, caller.tenant).get(device_id) if caller.tenant else None
        if holder is not None:
            message = f"device `{device_id}` is reserved until {holder.expires_at}"
            raise EigenError("EIGEN_DEVICE_RESERVED", message, where=device_id)
        with calling(driver, "calibrate", device_id):
            return driver.calibrate_device(device_id)

    def reserve(self, caller: Caller, device_id: str, ttl_seconds: int, purpose: str = "") -> Reservation:
        """Hold a device for the caller's tenant; see `reservations`."""
        return reservations.reserve(self._ports, caller, device_id, ttl_seconds, purpose)

    def release(self, caller: Caller, reservation_id: str) -> None:
        """End a reservation before its time; EIGEN_RESERVATION_NOT_FOUND."""
        reservations.release(self._ports, caller, reservation_id)

    def _with_load(self, caller: Caller, devices: Sequence[Device]) -> tuple[Device, ...]:
        ran = self._ports.jobs.ran()
        ahead = _ahead(self._ports.jobs.waiting(), ran, {device.id for device in devices})
        means = _mean_seconds(ran)
        reserved = reservations.against(self._ports, caller.tenant or DEFAULT_TENANT)
        now = self._ports.clock.now()
        found: list[Device] = []
        for device in devices:
            wait = device.estimated_wait_sec + ahead[device.id] * means.get(device.id, 0.0) / self._workers
            if device.id in reserved:
                wait = max(wait, seconds_of(reserved[device.id].expires_at) - now)
            depth = device.queue_depth + ahead[device.id]
            properties = dict(device.properties) | self._leases(caller, device)
            found.append(replace(device, queue_depth=depth, estimated_wait_sec=wait, properties=properties))
        return tuple(found)

    def _leases(self, caller: Caller, device: Device) -> dict[str, Json]:
        """The qubits of a shared device that jobs have now; which job, where the caller sees its tenant."""
        sharing = self._ports.sharing
        if sharing is None or "regions" not in device.features:
            return {}
        held = sharing.regions.leases(device.id)
        return {
            "leases": [
                {"qubits": sorted(each.qubits)}
                | ({"job_id": each.job_id} if caller.tenant in {"", each.tenant} else {})
                for each in held
            ]
        }


def _ahead(waiting: Sequence[Waiting], ran: Sequence[Ran], device_ids: set[str]) -> Counter[str]:
    """Jobs ahead, by device."""
    last: dict[str, str] = {}
    for run in reversed(ran):
        last[run.target] = run.device_id
    ahead: Counter[str] = Counter()
    for group in waiting:
        named = group.target if group.target in device_ids else last.get(group.target, "")
        ahead[group.device_id or named] += group.count
    return ahead


def _mean_seconds(ran: Sequence[Ran]) -> dict[str, float]:
    runs: dict[str, list[float]] = {}
    for run in ran:
        runs.setdefault(run.device_id, []).append(run.seconds)
    return {device_id: sum(seconds) / len(seconds) for device_id, seconds in runs.items()}
