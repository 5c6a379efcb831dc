"""Devices and reservations on the wire."""

from __future__ import annotations

from typing import Any

from eigen.errors import EigenError
from eigen.types import Device, DeviceStatus, Reservation
from eigen.wire import messages
from eigen.wire.convert.values import from_json, moment, text_of, texts, to_json, whole_seconds

_PREFIX = "DEVICE_STATUS_"
_ERROR = "DEVICE_STATUS_ERROR_STATUS"


def device_status_to_wire(status: DeviceStatus) -> Any:
    """The enum value of a status."""
    name = _ERROR if status is DeviceStatus.ERROR else _PREFIX + status.value
    return messages.types.DeviceStatus.Value(name)


def device_status_from_wire(number: int) -> DeviceStatus:
    """The status of an enum value; EIGEN_CONTRACT_VERSION for one that this version does not know."""
    try:
        name = messages.types.DeviceStatus.Name(number)  # pyright: ignore[reportArgumentType]
        return DeviceStatus.ERROR if name == _ERROR else DeviceStatus(name.removeprefix(_PREFIX))
    except ValueError as error:
        message = f"`{number}` is no device status that this version knows"
        raise EigenError("EIGEN_CONTRACT_VERSION", message) from error


def device_to_wire(device: Device) -> messages.types.DeviceInfo:
    """A device with its load."""
    return messages.types.DeviceInfo(
        device_id=device.id,
        name=device.name,
        backend_type=device.backend_type,
        status=device_status_to_wire(device.status),
        queue_depth=min(device.queue_depth, 2**31 - 1),
        estimated_wait_sec=whole_seconds(device.estimated_wait_sec),
        capabilities=texts(
            {
                "num_qubits": device.num_qubits,
                "max_shots": device.max_shots,
                "gates": ",".join(device.gates),
                "features": ",".join(sorted(device.features)),
            }
        ),
        num_qubits=device.num_qubits,
        gates=device.gates,
        coupling=[qubit for pair in device.coupling for qubit in pair],
        features=sorted(device.features),
        max_shots=device.max_shots,
        expected_wait_seconds=device.estimated_wait_sec,
        properties_json=to_json(dict(device.properties)),
    )


def device_from_wire(message: messages.types.DeviceInfo) -> Device:
    """The device that `device_to_wire` wrote."""
    flat = list(message.coupling)
    return Device(
        id=message.device_id,
        name=message.name,
        backend_type=message.backend_type,
        num_qubits=message.num_qubits,
        gates=tuple(message.gates),
        coupling=tuple(zip(flat[::2], flat[1::2], strict=False)),
        features=frozenset(message.features),
        max_shots=message.max_shots,
        status=device_status_from_wire(message.status),
        queue_depth=message.queue_depth,
        estimated_wait_sec=message.expected_wait_seconds,
        properties=from_json(message.properties_json) if message.properties_json else {},
    )


def device_load_to_wire(device: Device) -> messages.devices.GetDeviceStatusResponse:
    """Whether a device takes work now, and how much waits for it."""
    return messages.devices.GetDeviceStatusResponse(
        device_id=device.id,
        status=device_status_to_wire(device.status),
        queue_depth=min(device.queue_depth, 2**31 - 1),
        estimated_wait_sec=whole_seconds(device.estimated_wait_sec),
        metadata=texts({"backend_type": device.backend_type, "expected_wait_seconds": device.estimated_wait_sec}),
    )


def reservation_to_wire(reservation: Reservation) -> messages.devices.ReserveDeviceResponse:
    """A reservation, as ReserveDevice answers."""
    expires_at = moment(reservation.expires_at)
    return messages.devices.ReserveDeviceResponse(
        reservation_id=reservation.reservation_id,
        expires_at=expires_at,
        reservation=messages.devices.Reservation(
            reservation_id=reservation.reservation_id,
            device_id=reservation.device_id,
            tenant_id=reservation.tenant,
            project_id=reservation.project,
            subject=reservation.subject,
            purpose=reservation.purpose,
            created_at=moment(reservation.created_at),
            expires_at=expires_at,
        ),
    )


def reservation_from_wire(message: messages.devices.ReserveDeviceResponse) -> Reservation:
    """The reservation that `reservation_to_wire` wrote."""
    found = message.reservation
    return Reservation(
        reservation_id=found.reservation_id,
        device_id=found.device_id,
        tenant=found.tenant_id,
        project=found.project_id,
        subject=found.subject,
        purpose=found.purpose,
        created_at=text_of(found, "created_at"),
        expires_at=text_of(found, "expires_at"),
    )
