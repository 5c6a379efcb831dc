"""A client generated from the protos of the original project works unchanged: a whole job, and the devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import grpc.aio
import pytest

from doubles.front_door import BELL
from doubles.grpc_door import GrpcDoor, at_the_grpc_door
from doubles.original_contract import ENUMS, OriginalClient

if TYPE_CHECKING:
    from pathlib import Path

DONE = ENUMS["JobState"].index("JOB_STATE_DONE")
ONLINE = ENUMS["DeviceStatus"].index("DEVICE_STATUS_ONLINE")


def test_a_job_from_submission_to_results(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        client = OriginalClient(door.channel)
        submitted = await client.call(
            "JobService/SubmitJob",
            name="bell",
            eigen_lang={"source": BELL.encode(), "entrypoint": "main"},
            target="sim:local",
            priority=50,
            compiler_options={"optimization_level": "1"},
            metadata={"shots": "200", "experiment": "first light"},
            envelope={"contract_version": "1.0.0", "request_id": "r-1", "idempotency_key": "k-1"},
            workload={"kind": "WORKLOAD_FAMILY_KIND_QUANTUM_JOB"},
        )
        job_id = submitted.job_id
        assert submitted.status.job_id == job_id
        updates = [item.update async for item in client.call("JobService/StreamJobUpdates", job_id=job_id)]
        numbers = [update.event_seq for update in updates if update.event_seq]
        assert numbers == list(range(1, len(numbers) + 1))
        assert updates[-1].state == DONE
        assert (await client.call("JobService/GetJobStatus", job_id=job_id)).status.state == DONE
        results = await client.call("JobService/GetJobResults", job_id=job_id)
        assert results.state == DONE
        assert set(results.counts) <= {"00", "11"}
        assert sum(results.counts.values()) == 200
        assert results.completed_at.seconds > 0
        rationale = (await client.call("JobService/GetDispatchRationale", job_id=job_id)).rationale
        assert rationale.selected_backend == "sim:statevector"
        assert rationale.reason_codes
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.call("JobService/CancelJob", job_id=job_id)
        assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION

    at_the_grpc_door(tmp_path, scenario)


def test_devices(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        client = OriginalClient(door.channel)
        devices = (await client.call("DeviceService/ListDevices", backend_type="simulator")).devices
        by_id = {device.device_id: device for device in devices}
        assert by_id["sim:statevector"].status == ONLINE
        assert int(by_id["sim:statevector"].capabilities["num_qubits"]) > 20
        details = await client.call("DeviceService/GetDeviceDetails", device_id="sim:statevector")
        assert details.device == by_id["sim:statevector"]
        status = await client.call("DeviceService/GetDeviceStatus", device_id="sim:statevector")
        assert (status.device_id, status.status) == ("sim:statevector", ONLINE)
        held = await client.call(
            "DeviceService/ReserveDevice", device_id="sim:statevector", ttl_seconds=60, purpose="calibration"
        )
        assert held.reservation_id
        assert held.expires_at.seconds > 0

    at_the_grpc_door(tmp_path, scenario)
