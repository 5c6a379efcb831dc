"""DeviceService, CompilationService and SessionService over a real kernel; health and reflection beside them."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest
import trustme
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from doubles.front_door import BELL, ENERGY
from doubles.grpc_door import GrpcDoor, at_the_grpc_door
from eigen.errors import EigenError
from eigen.ir import Circuit
from eigen.types import Caller
from eigen.wire.convert import devices as device_forms
from eigen.wire.convert import sessions as session_forms
from eigen.wire.messages import SERVICES, compilation, devices, jobs, sessions, types
from eigen.wire.stubs import Stub

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

AQO = b'{"version":"1.0.0","qubits":1,"operations":[{"op":"H","q":[0]},{"op":"H","q":[0]},{"op":"X","q":[0]}]}'
SIM = "sim:statevector"


def lang(source: str) -> types.EigenLangSource:
    return types.EigenLangSource(source=source.encode())


class ByToken:
    """The token is the tenant."""

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        return Caller("kim", ("user",), headers["authorization"].removeprefix("Bearer "))


def test_devices_say_the_same_everywhere(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        listed = (await door.ask("DeviceService/ListDevices", devices.ListDevicesRequest())).devices
        known = {device.id: device for device in await door.kernel.devices(Caller())}
        assert {device.device_id: device_forms.device_from_wire(device) for device in listed} == known
        one = await door.ask("DeviceService/GetDeviceDetails", devices.GetDeviceDetailsRequest(device_id=SIM))
        assert device_forms.device_from_wire(one.device) == known[SIM]
        none = await door.ask("DeviceService/ListDevices", devices.ListDevicesRequest(backend_type="ibmq"))
        assert not none.devices
        for method, kind in (
            ("GetDeviceDetails", devices.GetDeviceDetailsRequest),
            ("GetDeviceStatus", devices.GetDeviceStatusRequest),
            ("CalibrateDevice", devices.CalibrateDeviceRequest),
            ("ReserveDevice", devices.ReserveDeviceRequest),
        ):
            extra = {"ttl_seconds": 5} if method == "ReserveDevice" else {}
            error = await door.refusal(f"DeviceService/{method}", kind(device_id="nothing", **extra))
            assert error.code == "EIGEN_DEVICE_UNKNOWN"

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_queue_depth_is_the_schedulers(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        for _ in range(3):
            await door.submit(target=SIM)
        status = await door.ask("DeviceService/GetDeviceStatus", devices.GetDeviceStatusRequest(device_id=SIM))
        assert status.queue_depth == 3

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_a_reservation_is_one_tenants(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        request = devices.ReserveDeviceRequest(device_id=SIM, ttl_seconds=600, purpose="calibration")
        answer = await door.ask("DeviceService/ReserveDevice", request, authorization="Bearer acme")
        held = device_forms.reservation_from_wire(answer)
        assert (held.tenant, held.device_id, held.purpose, held.subject) == ("acme", SIM, "calibration", "kim")
        assert held.expires_at > held.created_at
        other = await door.refusal("DeviceService/ReserveDevice", request, authorization="Bearer other")
        assert other.code == "EIGEN_DEVICE_RESERVED"
        release = devices.ReleaseReservationRequest(reservation_id=held.reservation_id)
        foreign = await door.refusal("DeviceService/ReleaseReservation", release, authorization="Bearer other")
        assert foreign.code == "EIGEN_RESERVATION_NOT_FOUND"
        await door.ask("DeviceService/ReleaseReservation", release, authorization="Bearer acme")
        await door.ask("DeviceService/ReserveDevice", request, authorization="Bearer other")
        for ttl in (0, -1, 2**31 - 1):
            wrong = devices.ReserveDeviceRequest(device_id=SIM, ttl_seconds=ttl)
            error = await door.refusal("DeviceService/ReserveDevice", wrong, authorization="Bearer acme")
            assert error.code == "EIGEN_REQUEST_INVALID"

    at_the_grpc_door(tmp_path, scenario, workers=0, authenticator=ByToken())


def test_compile(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        request = compilation.CompileCircuitRequest(eigen_lang=lang(BELL))
        answer = await door.ask("CompilationService/CompileCircuit", request)
        circuit = Circuit.from_aqo(answer.circuit_aqo)
        assert (circuit.num_qubits, json.loads(answer.program_json)["version"]) == (2, "1.0")
        assert session_forms.compiled_from_wire(answer).report == json.loads(answer.report_json)
        wrong = compilation.CompileCircuitRequest(eigen_lang=lang("nonsense("))
        error = await door.refusal("CompilationService/CompileCircuit", wrong)
        assert error.code == "EIGEN_LANG_REJECTED"
        assert error.details["diagnostics"]
        listed = await door.ask("JobService/ListJobs", jobs.ListJobsRequest())
        assert not listed.jobs

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_optimize(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        method = "CompilationService/OptimizeCircuit"
        kind = compilation.OptimizeCircuitRequest
        answer = await door.ask(method, kind(aqo_json=AQO))
        assert [op["op"] for op in json.loads(answer.circuit_aqo)["operations"]] == ["X"]
        plain = await door.ask(method, kind(aqo_json=AQO, level=0, target=SIM))
        assert len(json.loads(plain.circuit_aqo)["operations"]) == 3
        for request, code in (
            (kind(), "EIGEN_REQUEST_INVALID"),
            (kind(aqo_json=b""), "EIGEN_AQO_INVALID"),
            (kind(aqo_json=AQO, level=4), "EIGEN_REQUEST_INVALID"),
            (kind(aqo_json=AQO, target="nothing"), "EIGEN_DEVICE_UNKNOWN"),
            (kind(aqo_ref=types.AqoRef(qfs_ref="qfs://jobs/x")), "EIGEN_REQUEST_INVALID"),
            (kind(aqo_ref=types.AqoRef(qfs_ref="qfs://jobs/x/y")), "EIGEN_JOB_NOT_FOUND"),
        ):
            assert (await door.refusal(method, request)).code == code

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_validate_answers_and_does_not_fail(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        method = "CompilationService/ValidateCircuit"
        kind = compilation.ValidateCircuitRequest
        for good in (kind(eigen_lang=lang(BELL)), kind(aqo_json=AQO)):
            answer = await door.ask(method, good)
            assert answer.valid
            assert not answer.error_json
        bad = await door.ask(method, kind(eigen_lang=lang("\n\nnonsense(")))
        assert not bad.valid
        first = bad.diagnostics[0]
        assert (first.code, first.severity, first.line, first.column) == ("E0101", "error", 3, 9)
        assert EigenError.from_json(json.loads(bad.error_json)).code == "EIGEN_LANG_REJECTED"
        circuit = await door.ask(method, kind(aqo_json=b'{"version":"9"}'))
        assert not circuit.valid
        assert circuit.diagnostics[0].code.startswith("EIGEN_AQO")
        assert (await door.refusal(method, kind())).code == "EIGEN_JOBSPEC_INVALID"
        qasm = kind(qasm=types.QasmSource(source=b"OPENQASM 9;", version="9.0"))
        assert (await door.refusal(method, qasm)).code == "EIGEN_NOT_AVAILABLE"

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_a_session_is_evaluated_and_closed(tmp_path: Path) -> None:
    def at(values: list[float], session_id: str, **fields: Any) -> sessions.EvaluateRequest:
        named = sessions.NamedValues(name="angles", values=values, array=True)
        return sessions.EvaluateRequest(session_id=session_id, values=[named], **fields)

    async def scenario(door: GrpcDoor) -> None:
        method = "SessionService/Evaluate"
        request = sessions.OpenSessionRequest(eigen_lang=lang(ENERGY), parameters={"angles": 2})
        session = session_forms.session_from_wire((await door.ask("SessionService/OpenSession", request)).session)
        assert session.parameters == (("angles", 2),)
        assert (session.device_id, session.has_gradient) == (SIM, True)
        answers = [
            session_forms.evaluation_from_wire((await door.ask(method, ask)).evaluation)
            for ask in (
                at([0.1, 0.2], session.session_id),
                at([0.3, 0.4], session.session_id, gradient=True),
                at([0.1, 0.2], session.session_id, index=0),
            )
        ]
        assert [answer.index for answer in answers] == [0, 1, 0]
        assert answers[0].outputs == answers[2].outputs
        assert answers[0].seed == answers[2].seed
        assert answers[0].gradient is None
        gradient = answers[1].gradient
        assert gradient is not None
        assert len(gradient["angles"]) == 2
        twice = at([0.1, 0.2], session.session_id)
        twice.values.append(twice.values[0])
        for wrong in (twice, at([0.1], session.session_id), at([float("nan"), 0.0], session.session_id)):
            assert (await door.refusal(method, wrong)).status.name == "INVALID_ARGUMENT"
        close = sessions.CloseSessionRequest(session_id=session.session_id)
        await door.ask("SessionService/CloseSession", close)
        await door.ask("SessionService/CloseSession", close)
        assert (await door.refusal(method, at([0.1, 0.2], session.session_id))).code == "EIGEN_SESSION_NOT_FOUND"

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_health_follows_the_kernel(tmp_path: Path) -> None:
    trouble: list[EigenError] = []

    def watched(kernel: Any) -> Any:
        async def ready() -> None:
            for error in trouble:
                raise error

        kernel.ready = ready
        return kernel

    async def scenario(door: GrpcDoor) -> None:
        health = Stub(door.channel, health_pb2.DESCRIPTOR.services_by_name["Health"])
        kind = health_pb2.HealthCheckResponse
        names = ["", *(service.full_name for service in SERVICES)]
        for name in names:
            assert (await health.Check(health_pb2.HealthCheckRequest(service=name), timeout=10)).status == kind.SERVING
        listed = await health.List(health_pb2.HealthListRequest(), timeout=10)
        assert set(listed.statuses) == set(names)
        watch = health.Watch(health_pb2.HealthCheckRequest(), timeout=30)
        assert (await watch.read()).status == kind.SERVING
        trouble.append(EigenError("EIGEN_STORE_UNAVAILABLE", "the disk is gone"))
        assert (await health.Check(health_pb2.HealthCheckRequest(), timeout=10)).status == kind.NOT_SERVING
        assert (await watch.read()).status == kind.NOT_SERVING
        with pytest.raises(Exception, match="there is no such service"):
            await health.Check(health_pb2.HealthCheckRequest(service="x"), timeout=10)
        unknown = health.Watch(health_pb2.HealthCheckRequest(service="x"), timeout=10)
        assert (await unknown.read()).status == kind.SERVICE_UNKNOWN

    at_the_grpc_door(tmp_path, scenario, workers=0, around=watched)


def test_tls(tmp_path: Path) -> None:
    """With credentials the port speaks TLS, and nothing else."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
    credentials = grpc.ssl_server_credentials([(issued.private_key_pem.bytes(), chain)])

    async def scenario(door: GrpcDoor) -> None:
        trusted = grpc.ssl_channel_credentials(authority.cert_pem.bytes())
        async with grpc.aio.secure_channel(f"localhost:{door.server.port}", trusted) as channel:
            answer = await Stub(channel, SERVICES[0]).ListJobs(jobs.ListJobsRequest(), timeout=10)
            assert not answer.jobs
        assert (await door.refusal("JobService/ListJobs", jobs.ListJobsRequest())).code == "EIGEN_SERVER_UNREACHABLE"

    at_the_grpc_door(tmp_path, scenario, workers=0, credentials=credentials)


def test_reflection_describes_every_service(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        def look() -> tuple[list[str], list[str]]:
            with grpc.insecure_channel(f"127.0.0.1:{door.server.port}") as channel:
                database = ProtoReflectionDescriptorDatabase(channel)
                file = database.FindFileContainingSymbol("eigen.api.v1.SessionService")
                return sorted(database.get_services()), [message.name for message in file.message_type]

        services, found = await asyncio.to_thread(look)
        assert {service.full_name for service in SERVICES} <= set(services)
        assert "EvaluateRequest" in found

    at_the_grpc_door(tmp_path, scenario, workers=0)
