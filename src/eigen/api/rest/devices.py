"""Devices: what there is to run on, and holding one for a while."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from eigen.api.rest import forms
from eigen.api.rest.bodies import Body, reading
from eigen.api.rest.door import SURFACE, Asking, Serving, known_query
from eigen.api.rest.openapi import says, takes

router = APIRouter(prefix="/v1", tags=["devices"], dependencies=[Depends(known_query)])
DeviceId = Annotated[str, Path(description="the id of the device", examples=["sim:statevector"])]
MAX_INT = 2**31 - 1


class ReserveBody(Body):
    """How long a device is to be held, and what for."""

    ttl_seconds: int = Field(ge=1, le=MAX_INT, description="seconds until the reservation ends by itself")
    purpose: str = Field(default="", description="a word for others who wait for the device")


@router.get("/devices", operation_id="ListDevices", response_model=forms.Devices, responses=says(400, 401, 403))
async def list_devices(asking: Asking, service: Serving) -> Response:
    """Every device, with its queue."""
    return JSONResponse(forms.devices(await service.devices(asking)))


@router.get(
    "/devices/{device_id}",
    operation_id="GetDeviceDetails",
    response_model=forms.Device,
    responses=says(400, 401, 403, 404),
)
async def details(device_id: DeviceId, asking: Asking, service: Serving) -> Response:
    """One device as its driver describes it."""
    return JSONResponse(forms.device(await service.device(asking, device_id)))


@router.get(
    "/devices/{device_id}/status",
    operation_id="GetDeviceStatus",
    response_model=forms.DeviceState,
    responses=says(400, 401, 403, 404),
)
async def status(device_id: DeviceId, asking: Asking, service: Serving) -> Response:
    """Whether the device takes work now."""
    return JSONResponse(forms.device_state(await service.device(asking, device_id)))


@router.post(
    "/devices/{device_id}/calibrate",
    operation_id="CalibrateDevice",
    response_model=forms.Calibration,
    responses=says(400, 401, 403, 404, 409, 412),
)
async def calibrate(device_id: DeviceId, asking: Asking, service: Serving) -> Response:
    """Measure the device; the answer says what changed."""
    return JSONResponse(forms.calibration(device_id, await service.calibrate(asking, device_id, surface=SURFACE)))


@router.post(
    "/devices/{device_id}/reservations",
    operation_id="ReserveDevice",
    status_code=201,
    response_model=forms.Reservation,
    responses=says(400, 401, 403, 404, 412, 415, 429, created="the reservation"),
    openapi_extra=takes(ReserveBody),
)
async def reserve(
    device_id: DeviceId, asking: Asking, service: Serving, body: Annotated[ReserveBody, Depends(reading(ReserveBody))]
) -> Response:
    """Hold the device for the caller's tenant: until then it takes no other tenant's work."""
    held = await service.reserve(asking, device_id, body.ttl_seconds, body.purpose, surface=SURFACE)
    where = f"/v1/reservations/{held.reservation_id}"
    return JSONResponse(forms.reservation(held), status_code=201, headers={"Location": where})


@router.delete(
    "/reservations/{reservation_id}",
    operation_id="ReleaseDevice",
    status_code=204,
    response_class=Response,
    responses=says(400, 401, 403, 404),
)
async def release(
    reservation_id: Annotated[str, Path(description="the id of the reservation")], asking: Asking, service: Serving
) -> Response:
    """End a reservation before its time."""
    await service.release(asking, reservation_id, surface=SURFACE)
    return Response(status_code=204)
