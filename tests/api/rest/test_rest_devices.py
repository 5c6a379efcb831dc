"""Devices and reservations over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doubles.front_door import FrontDoor, at_the_door

if TYPE_CHECKING:
    from pathlib import Path


def test_devices_are_listed_shown_and_measured(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        devices = (await door.client.get("/v1/devices")).json()["devices"]
        assert "sim:statevector" in {device["device_id"] for device in devices}
        for device in devices:
            at = f"/v1/devices/{device['device_id']}"
            assert (await door.client.get(at)).json()["digest"] == device["digest"]
            status = (await door.client.get(f"{at}/status")).json()
            assert status == {key: device[key] for key in status}
            assert set(status) == {"device_id", "status", "queue_depth", "estimated_wait_sec"}
        measured = await door.client.post("/v1/devices/sim:density/calibrate")
        assert measured.json() == {"device_id": "sim:density", "changed": {}}
        for path in ("", "/status"):
            unknown = await door.client.get(f"/v1/devices/sim:nothing{path}")
            assert (unknown.status_code, unknown.json()["code"]) == (404, "EIGEN_DEVICE_UNKNOWN")

    at_the_door(tmp_path, scenario, workers=0)


def test_a_reservation_is_made_used_and_ended(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        at = "/v1/devices/sim:statevector/reservations"
        held = await door.client.post(at, json={"ttl_seconds": 600, "purpose": "calibration run"})
        assert held.status_code == 201
        form = held.json()
        assert held.headers["location"] == f"/v1/reservations/{form['reservation_id']}"
        assert (form["device_id"], form["purpose"]) == ("sim:statevector", "calibration run")
        assert form["created_at"] < form["expires_at"]
        assert (await door.client.delete(held.headers["location"])).status_code == 204
        again = await door.client.delete(held.headers["location"])
        assert (again.status_code, again.json()["code"]) == (404, "EIGEN_RESERVATION_NOT_FOUND")

    at_the_door(tmp_path, scenario, workers=0)
