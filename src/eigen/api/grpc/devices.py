"""DeviceService: what runs jobs, its load, and holding it for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.api.grpc.call import SURFACE
from eigen.wire.convert import devices as convert
from eigen.wire.convert.values import to_json
from eigen.wire.messages import devices

if TYPE_CHECKING:
    from eigen.api.grpc.call import Call


async def list_devices(call: Call, request: devices.ListDevicesRequest) -> devices.ListDevicesResponse:
    """Every device, or those of one backend."""
    found = await call.service.devices(call.caller)
    wanted = [device for device in found if request.backend_type in {"", device.backend_type}]
    return devices.ListDevicesResponse(devices=[convert.device_to_wire(device) for device in wanted])


async def details(call: Call, request: devices.GetDeviceDetailsRequest) -> devices.GetDeviceDetailsResponse:
    """One device."""
    device = await call.service.device(call.caller, request.device_id)
    return devices.GetDeviceDetailsResponse(device=convert.device_to_wire(device))


async def status(call: Call, request: devices.GetDeviceStatusRequest) -> devices.GetDeviceStatusResponse:
    """Whether a device takes work, and how much waits for it."""
    return convert.device_load_to_wire(await call.service.device(call.caller, request.device_id))


async def reserve(call: Call, request: devices.ReserveDeviceRequest) -> devices.ReserveDeviceResponse:
    """Hold a device for the caller's tenant."""
    reservation = await call.service.reserve(
        call.caller, request.device_id, request.ttl_seconds, request.purpose, surface=SURFACE
    )
    return convert.reservation_to_wire(reservation)


async def release(call: Call, request: devices.ReleaseReservationRequest) -> devices.ReleaseReservationResponse:
    """End a reservation before its time."""
    await call.service.release(call.caller, request.reservation_id, surface=SURFACE)
    return devices.ReleaseReservationResponse()


async def calibrate(call: Call, request: devices.CalibrateDeviceRequest) -> devices.CalibrateDeviceResponse:
    """Measure a device."""
    report = await call.service.calibrate(call.caller, request.device_id, surface=SURFACE)
    return devices.CalibrateDeviceResponse(calibration_json=to_json(dict(report)) if report else b"")


OPERATIONS = {
    "ListDevices": list_devices,
    "GetDeviceDetails": details,
    "GetDeviceStatus": status,
    "ReserveDevice": reserve,
    "ReleaseReservation": release,
    "CalibrateDevice": calibrate,
}
