"""What holds for every call: envelope, identity, deadline, errors, traces, metrics."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc.aio
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import status_pb2

from doubles.grpc_door import GrpcDoor, at_the_grpc_door
from eigen import telemetry
from eigen.api.grpc.server import make_server
from eigen.api.service import Service
from eigen.config import Settings
from eigen.errors import EigenError
from eigen.telemetry import metrics
from eigen.types import Caller
from eigen.wire.limits import ACCEPT_ERROR_BYTES, TRAILER_BYTES
from eigen.wire.messages import SERVICES, devices, jobs, types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

STATUS = "JobService/GetJobStatus"
LIST = "JobService/ListJobs"


def listing(**envelope: Any) -> jobs.ListJobsRequest:
    return jobs.ListJobsRequest(envelope=types.ApiRequestEnvelope(**envelope))


@dataclass
class Doorman:
    """Lets everybody in as one caller, and remembers the headers."""

    caller_is: Caller
    seen: list[Mapping[str, str]] = field(default_factory=list)

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        self.seen.append(headers)
        return self.caller_is


class Bouncer:
    """Lets nobody in."""

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        del headers
        raise EigenError("EIGEN_AUTH_REQUIRED", "the request carries no valid token")


class Before:
    """A kernel with some methods replaced."""

    def __init__(self, kernel: Any, **methods: Any) -> None:
        self._kernel = kernel
        self.__dict__.update(methods)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kernel, name)


@pytest.mark.parametrize("version", ["", "1", "v1", "1.0.0", "1.x", "1.7", "v1.2.3"])
def test_versions_that_are_spoken(tmp_path: Path, version: str) -> None:
    async def scenario(door: GrpcDoor) -> None:
        await door.ask(LIST, listing(contract_version=version))

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_versions_that_are_not(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        for version in ("2.0.0", "0.9", "one", "1.0.0.0", "1.0.0-beta", "x" * 5_000):
            error = await door.refusal(LIST, listing(contract_version=version))
            assert (error.code, error.where) == ("EIGEN_CONTRACT_VERSION", "envelope.contract_version")

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_the_request_id_comes_back(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        stub = door.stubs["JobService"]
        for request, metadata, expected in (
            (listing(request_id="from-envelope"), (("x-request-id", "from-header"),), "from-envelope"),
            (listing(), (("x-request-id", "from-header"),), "from-header"),
            (listing(), (), None),
        ):
            call = stub.ListJobs(request, metadata=metadata, timeout=10)
            await call
            found = dict(await call.initial_metadata())["x-request-id"]
            assert found == (expected or found)
            assert found
        error = await door.refusal(LIST, listing(request_id="two words\nand a line"))
        assert (error.code, error.where) == ("EIGEN_REQUEST_INVALID", "envelope.request_id")

    at_the_grpc_door(tmp_path, scenario, workers=0)


@pytest.mark.parametrize("form", ["envelope", "call"])
def test_deadlines_are_kept_by_the_server(tmp_path: Path, form: str) -> None:
    cancelled: list[str] = []

    async def never(*_: Any, **__: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append("yes")

    async def scenario(door: GrpcDoor) -> None:
        request = jobs.GetJobStatusRequest(job_id="x")
        if form == "envelope":
            request.envelope.deadline.FromMilliseconds(50)
        error = await door.refusal(STATUS, request, timeout=30 if form == "envelope" else 0.1)
        assert error.code == "EIGEN_DEADLINE_EXCEEDED"

    at_the_grpc_door(tmp_path, scenario, workers=0, around=lambda kernel: Before(kernel, get=never))
    assert cancelled == ["yes"]


def test_a_stream_ends_at_its_deadline(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        request = jobs.StreamJobUpdatesRequest(job_id=await door.submit())
        request.envelope.deadline.FromMilliseconds(100)
        assert (await door.refusal("JobService/StreamJobUpdates", request)).code == "EIGEN_DEADLINE_EXCEEDED"

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_deadlines_that_are_none(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        for wrong in (Duration(seconds=1, nanos=-1), Duration(nanos=2_000_000_000)):
            error = await door.refusal(LIST, listing(deadline=wrong))
            assert (error.code, error.where) == ("EIGEN_REQUEST_INVALID", "envelope.deadline")
        past = await door.refusal(LIST, listing(deadline=Duration(seconds=-5)))
        assert past.code == "EIGEN_DEADLINE_EXCEEDED"
        await door.ask(LIST, listing(deadline=Duration(seconds=2**62)))

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_a_caller_stays_in_its_tenant_and_project(tmp_path: Path) -> None:
    bound = Doorman(Caller("kim", ("user",), "acme", "red"))

    async def scenario(door: GrpcDoor) -> None:
        await door.ask(LIST, listing(tenant_id="acme", project_id="red"))
        for other in ({"tenant_id": "other"}, {"project_id": "blue"}, {"tenant_id": "acme", "project_id": "blue"}):
            assert (await door.refusal(LIST, listing(**other))).code == "EIGEN_AUTH_DENIED"
        assert (await door.refusal(LIST, listing(tenant_id="a b"))).code == "EIGEN_REQUEST_INVALID"
        quota = jobs.SubmitJobRequest.TenantQuotaEnvelope(tenant_id="other")
        assert (await door.refusal("JobService/SubmitJob", jobs.SubmitJobRequest(tenant=quota))).code == (
            "EIGEN_AUTH_DENIED"
        )

    at_the_grpc_door(tmp_path, scenario, workers=0, authenticator=bound)


def test_the_operator_chooses_a_tenant(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        envelope = types.ApiRequestEnvelope(tenant_id="acme", project_id="red")
        job_id = await door.submit(envelope=envelope)
        status = (await door.ask(STATUS, jobs.GetJobStatusRequest(job_id=job_id))).status
        assert (status.tenant_id, status.project_id) == ("acme", "red")
        elsewhere = types.ApiRequestEnvelope(tenant_id="other")
        request = jobs.GetJobStatusRequest(job_id=job_id, envelope=elsewhere)
        assert (await door.refusal(STATUS, request)).code == "EIGEN_JOB_NOT_FOUND"
        assert len((await door.ask(LIST, listing(tenant_id="acme"))).jobs) == 1
        assert not (await door.ask(LIST, listing(tenant_id="acme", project_id="blue"))).jobs

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_identities_from_outside_are_not_read(tmp_path: Path) -> None:
    doorman = Doorman(Caller("kim", ("readonly",), "acme"))

    async def scenario(door: GrpcDoor) -> None:
        pairs = (
            ("x-eigen-sub", "root"),
            ("x-eigen-roles", "admin"),
            ("x-eigen-tenant", "other"),
            ("authorization", "Bearer t"),
        )
        await door.stubs["JobService"].ListJobs(listing(), metadata=pairs, timeout=10)
        denied = await door.refusal("JobService/CancelJob", jobs.CancelJobRequest(job_id="x"))
        assert denied.code == "EIGEN_AUTH_DENIED"

    at_the_grpc_door(tmp_path, scenario, workers=0, authenticator=doorman)
    headers = doorman.seen[0]
    assert headers["authorization"] == "Bearer t"
    assert not [name for name in headers if name.startswith("x-eigen-")]


def test_every_method_asks_who_calls_before_anything_else(tmp_path: Path) -> None:
    """Also for bytes that are no request: a stranger learns nothing about the messages."""

    async def scenario(door: GrpcDoor) -> None:
        for service in SERVICES:
            for method in service.methods:
                path = f"/{service.full_name}/{method.name}"
                make = door.channel.unary_stream if method.server_streaming else door.channel.unary_unary
                for data in (b"", b"\xff\xff\xff"):
                    call = make(path)(data, timeout=30)
                    with pytest.raises(grpc.aio.AioRpcError) as caught:
                        await (call.read() if method.server_streaming else call)
                    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED, path

    at_the_grpc_door(tmp_path, scenario, workers=0, authenticator=Bouncer())


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    telemetry.configure("info", stream)
    yield stream
    telemetry.silence()


def test_a_defect_is_logged_and_not_told(tmp_path: Path, log: io.StringIO) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("the secret inside")

    async def scenario(door: GrpcDoor) -> None:
        error = await door.refusal(STATUS, jobs.GetJobStatusRequest(job_id="x"), x_request_id="r-17")
        assert error.code == "EIGEN_INTERNAL"
        assert "secret" not in json.dumps(error.to_json())

    at_the_grpc_door(tmp_path, scenario, workers=0, around=lambda kernel: Before(kernel, get=broken))
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    (defect,) = [line for line in lines if line["level"] == "error"]
    assert "the secret inside" in defect["error"]
    (access,) = [line for line in lines if line["message"] == "JobService/GetJobStatus INTERNAL"]
    assert access["request_id"] == "r-17"
    assert access["trace_id"] == defect["trace_id"]


@pytest.mark.parametrize("form", ["envelope", "metadata"])
def test_the_trace_goes_on(tmp_path: Path, form: str) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    parent = f"00-{trace}-00f067aa0ba902b7-01"

    async def scenario(door: GrpcDoor) -> None:
        envelope = types.ApiRequestEnvelope(traceparent=parent) if form == "envelope" else None
        metadata = {} if envelope else {"traceparent": parent}
        request = jobs.SubmitJobRequest(
            name="x", target="sim:local", eigen_lang=types.EigenLangSource(source=b"x"), envelope=envelope
        )
        job_id = (await door.ask("JobService/SubmitJob", request, **metadata)).job_id
        rationale = await door.ask("JobService/GetDispatchRationale", jobs.GetDispatchRationaleRequest(job_id=job_id))
        assert rationale.rationale.trace_id == trace

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_calls_are_counted(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        await door.ask(LIST, listing())
        await door.refusal(STATUS, jobs.GetJobStatusRequest(job_id="x"))

    metrics.turn_on()
    try:
        at_the_grpc_door(tmp_path, scenario, workers=0)
        text = telemetry.exposition().decode()
    finally:
        metrics.turn_off()
    for endpoint, status in (("JobService/ListJobs", "OK"), ("JobService/GetJobStatus", "NOT_FOUND")):
        labels = f'{{endpoint="{endpoint}",method="GRPC",status="{status}"}}'
        assert f"eigen_api_requests_total{labels} 1.0" in text
    assert 'eigen_api_request_duration_seconds_count{endpoint="JobService/ListJobs",method="GRPC"} 1.0' in text


def test_the_trailer_of_an_error_fits_the_client(tmp_path: Path) -> None:
    """By default what any gRPC library takes; whole for a client that says it takes more."""

    async def scenario(door: GrpcDoor) -> None:
        request = jobs.SubmitJobRequest(
            name="x",
            target="sim:local",
            eigen_lang=types.EigenLangSource(source=b"x"),
            files={f"input/data/a-file-of-nobody-{index}.json": b"" for index in range(100)},
        )
        sizes = []
        for asked in ("", "200000", "a lot", "9" * 50):
            more = {ACCEPT_ERROR_BYTES: asked} if asked else {}
            error = await door.refusal("JobService/SubmitJob", request, **more)
            cause = error.__cause__
            assert isinstance(cause, grpc.aio.AioRpcError)
            details = dict(cause.trailing_metadata() or ())["grpc-status-details-bin"]
            assert isinstance(details, bytes)
            assert status_pb2.Status.FromString(details).code == 3
            sizes.append(len(details))
            whole = "omitted" not in error.details
            assert whole is (asked == "200000")
        assert sizes[0] <= TRAILER_BYTES < sizes[1]
        assert sizes[0] == sizes[2] == sizes[3]

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_an_answer_larger_than_a_message(tmp_path: Path) -> None:
    async def many(*_: Any) -> Any:
        from eigen.types import Device

        return (Device("x", "x" * 2**24, "x", 1),)

    async def scenario(door: GrpcDoor) -> None:
        error = await door.refusal("DeviceService/ListDevices", devices.ListDevicesRequest())
        assert error.code == "EIGEN_LIMIT_EXCEEDED"

    at_the_grpc_door(tmp_path, scenario, workers=0, around=lambda kernel: Before(kernel, devices=many))


def test_an_address_that_cannot_be_had() -> None:
    async def run() -> None:
        for address in ("127.0.0.1:1x", "256.1.1.1:0", ""):
            with pytest.raises(EigenError) as caught:
                make_server(Service(None), Bouncer(), settings=Settings(grpc_address=address))  # type: ignore[arg-type]
            assert caught.value.code == "EIGEN_CONFIG_INVALID"
            assert caught.value.where == "grpc_address"

    asyncio.run(run())
