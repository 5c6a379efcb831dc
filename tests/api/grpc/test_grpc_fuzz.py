"""Whatever bytes arrive at any method of any service: an answer in time, never INTERNAL or UNKNOWN.

The methods come from the descriptors: one without an example here fails.
"""

from __future__ import annotations

import asyncio
import threading
from random import Random
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doubles.front_door import BELL, ENERGY
from doubles.grpc_door import DEADLINE, GrpcDoor, grpc_door
from doubles.wire_fuzz import BAD_UTF8, at_random, chunk, deep_struct, in_every_place, varint
from eigen import telemetry
from eigen.wire.limits import CHANNEL_OPTIONS, MESSAGE_BYTES
from eigen.wire.messages import SERVICES, compilation, devices, jobs, sessions, specs, types
from eigen.wire.stubs import path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import MethodDescriptor

METHODS: dict[str, MethodDescriptor] = {
    f"{service.name}/{method.name}": method for service in SERVICES for method in service.methods
}
AQO = b'{"version":"1.0.0","qubits":1,"operations":[{"op":"H","q":[0]},{"op":"MEASURE","q":[0],"c":[0]}]}'
JOB = "job_00000000000000000000000000"  # replaced by one that is there
DEFECTS = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}


def _source(text: str = BELL) -> types.EigenLangSource:
    return types.EigenLangSource(source=text.encode(), entrypoint="main")


EXAMPLES: dict[str, Any] = {
    "JobService/SubmitJob": jobs.SubmitJobRequest(
        name="bell",
        eigen_lang=_source(),
        target="sim:local",
        priority=7,
        metadata={"shots": "10"},
        compiler_options={"optimization_level": "1"},
        envelope=types.ApiRequestEnvelope(contract_version="1.0.0", request_id="r1"),
        spec=specs.JobSpec(metadata=specs.JobSpec.Metadata(name="x"), spec=specs.JobSpec.Spec(shots=3, seed=1)),
    ),
    "JobService/SubmitJobs": jobs.SubmitJobsRequest(
        jobs=[
            jobs.SubmitJobRequest(name="bell", eigen_lang=_source(), target="sim:local"),
            jobs.SubmitJobRequest(
                name="bell", eigen_lang=_source(), envelope=types.ApiRequestEnvelope(idempotency_key="k"), target="auto"
            ),
        ]
    ),
    "JobService/EstimateJob": jobs.EstimateJobRequest(eigen_lang=_source(), targets=["sim:statevector", "line:3"]),
    "JobService/GetJobStatus": jobs.GetJobStatusRequest(job_id=JOB),
    "JobService/DecideJob": jobs.DecideJobRequest(job_id=JOB, decision="again", key="x"),
    "JobService/CancelJob": jobs.CancelJobRequest(job_id=JOB),
    "JobService/StreamJobUpdates": jobs.StreamJobUpdatesRequest(job_id=JOB, last_event_seq=1),
    "JobService/GetJobResults": jobs.GetJobResultsRequest(job_id=JOB),
    "JobService/ReplayJob": jobs.ReplayJobRequest(job_id=JOB),
    "JobService/ResumeJob": jobs.ResumeJobRequest(job_id=JOB, max_shots=3, max_seconds=0.5),
    "JobService/VerifyJob": jobs.VerifyJobRequest(job_id=JOB),
    "JobService/GetDispatchRationale": jobs.GetDispatchRationaleRequest(job_id=JOB),
    "JobService/ListJobs": jobs.ListJobsRequest(page_size=3, states=[5], name="bell"),
    "JobService/GetJobLogs": jobs.GetJobLogsRequest(job_id=JOB),
    "JobService/ListArtifacts": jobs.ListArtifactsRequest(job_id=JOB),
    "JobService/GetArtifact": jobs.GetArtifactRequest(job_id=JOB, path="results.json"),
    "DeviceService/ListDevices": devices.ListDevicesRequest(backend_type="simulator"),
    "DeviceService/GetDeviceDetails": devices.GetDeviceDetailsRequest(device_id="sim:statevector"),
    "DeviceService/GetDeviceStatus": devices.GetDeviceStatusRequest(device_id="sim:statevector"),
    "DeviceService/ReserveDevice": devices.ReserveDeviceRequest(
        device_id="null:classical", ttl_seconds=1, purpose="test"
    ),
    "DeviceService/ReleaseReservation": devices.ReleaseReservationRequest(reservation_id="res_x"),
    "DeviceService/CalibrateDevice": devices.CalibrateDeviceRequest(device_id="sim:statevector"),
    "CompilationService/CompileCircuit": compilation.CompileCircuitRequest(eigen_lang=_source()),
    "CompilationService/OptimizeCircuit": compilation.OptimizeCircuitRequest(aqo_json=AQO, level=2),
    "CompilationService/ValidateCircuit": compilation.ValidateCircuitRequest(aqo_json=AQO),
    "SessionService/OpenSession": sessions.OpenSessionRequest(eigen_lang=_source(ENERGY), parameters={"angles": 2}),
    "SessionService/Evaluate": sessions.EvaluateRequest(
        session_id="s", values=[sessions.NamedValues(name="angles", values=[0.1, 0.2], array=True)]
    ),
    "SessionService/CloseSession": sessions.CloseSessionRequest(session_id="s"),
}


class Server:
    """The door in a thread of its own, and a synchronous channel that sends bytes as they are."""

    def __init__(self, door: GrpcDoor, job_id: str, session_id: str) -> None:
        self._channel = grpc.insecure_channel(f"127.0.0.1:{door.server.port}", options=CHANNEL_OPTIONS)
        self.words = (job_id, session_id, "sim:statevector", "sim:local", BELL, AQO.decode(), "results.json", "main")
        self._replaced = (JOB.encode(), job_id.encode())

    def example(self, name: str) -> bytes:
        """A request of the method that means something here."""
        return EXAMPLES[name].SerializeToString().replace(*self._replaced)

    def send(self, name: str, data: bytes) -> grpc.StatusCode:
        """How the call ends; a defect or a hang fails."""
        method = METHODS[name]
        make = self._channel.unary_stream if method.server_streaming else self._channel.unary_unary
        call = make(path_of(method), request_serializer=None, response_deserializer=None)
        try:
            found = call(data, timeout=DEADLINE)
            if method.server_streaming:
                for _ in found:
                    pass
        except grpc.RpcError as ended:
            self._check(name, data, ended)
            return ended.code()
        return grpc.StatusCode.OK

    def _check(self, name: str, data: bytes, ended: grpc.RpcError) -> None:
        code, shown = ended.code(), f"{name} for {data[:200]!r}"
        assert code not in DEFECTS, f"{code} {ended.details()}: {shown}"
        if code is grpc.StatusCode.DEADLINE_EXCEEDED:
            assert _asks_for_deadline(METHODS[name], data), f"no answer within {DEADLINE} s: {shown}"

    def close(self) -> None:
        self._channel.close()


def _asks_for_deadline(method: MethodDescriptor, data: bytes) -> bool:
    return bool(GetMessageClass(method.input_type).FromString(data).envelope.HasField("deadline"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    opened: list[Server] = []
    ready, done = threading.Event(), threading.Event()

    async def run() -> None:
        async with grpc_door(tmp_path_factory.mktemp("fuzz")) as door:
            job_id = await door.submit()
            await door.ended(job_id)
            request = sessions.OpenSessionRequest(eigen_lang=_source(ENERGY), parameters={"angles": 2})
            session = (await door.ask("SessionService/OpenSession", request)).session
            opened.append(Server(door, job_id, session.session_id))
            ready.set()
            await asyncio.to_thread(done.wait)
            opened[0].close()

    telemetry.configure("error")  # what a defect was stands in the captured output
    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    assert ready.wait(60)
    yield opened[0]
    done.set()
    thread.join(60)
    telemetry.silence()


each_method = pytest.mark.parametrize("name", METHODS)


def test_every_method_has_an_example() -> None:
    assert EXAMPLES.keys() == METHODS.keys()
    for name, example in EXAMPLES.items():
        assert example.DESCRIPTOR is METHODS[name].input_type, name


@each_method
def test_examples_are_answered(server: Server, name: str) -> None:
    expected = {
        "JobService/DecideJob": grpc.StatusCode.FAILED_PRECONDITION,
        "JobService/CancelJob": grpc.StatusCode.FAILED_PRECONDITION,
        "JobService/ResumeJob": grpc.StatusCode.FAILED_PRECONDITION,
        "DeviceService/ReleaseReservation": grpc.StatusCode.NOT_FOUND,
        "SessionService/Evaluate": grpc.StatusCode.NOT_FOUND,
    }
    assert server.send(name, server.example(name)) is expected.get(name, grpc.StatusCode.OK)


@each_method
def test_truncated(server: Server, name: str) -> None:
    data = server.example(name)
    chance = Random(name)
    cuts = range(len(data)) if len(data) < 40 else sorted(chance.sample(range(len(data)), 40))
    for cut in cuts:
        server.send(name, data[:cut])


@each_method
def test_random_and_flipped_bytes(server: Server, name: str) -> None:
    chance = Random(name)
    data = server.example(name)
    for _ in range(40):
        server.send(name, chance.randbytes(chance.randrange(1, 200)))
        flipped = bytearray(data)
        for _ in range(chance.randrange(1, 4)):
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        server.send(name, bytes(flipped))


@each_method
def test_oversized(server: Server, name: str) -> None:
    padding = chunk(1_000, bytes(MESSAGE_BYTES))
    assert server.send(name, server.example(name) + padding) is grpc.StatusCode.RESOURCE_EXHAUSTED


@each_method
def test_unknown_fields_are_tolerated(server: Server, name: str) -> None:
    data = EXAMPLES[name].SerializeToString().replace(JOB.encode(), b"job_of_nobody_00000000000000000")
    stranger = chunk(7_777, b"from a later version") + varint(7_778 << 3) + varint(5)
    assert server.send(name, data + stranger) is server.send(name, data)


@each_method
def test_bad_utf8_in_every_text_field(server: Server, name: str) -> None:
    is_text = lambda field: field.type == FieldDescriptor.TYPE_STRING  # noqa: E731
    places = dict(in_every_place(METHODS[name].input_type, is_text, lambda field: chunk(field, BAD_UTF8)))
    assert places
    for where, data in places.items():
        assert server.send(name, data) is grpc.StatusCode.INVALID_ARGUMENT, where


@each_method
@pytest.mark.parametrize("number", [99, -1, 2**31 - 1])
def test_unknown_enums(server: Server, name: str, number: int) -> None:
    is_enum = lambda field: field.type == FieldDescriptor.TYPE_ENUM  # noqa: E731
    value = lambda field: varint(field.number << 3) + varint(number)  # noqa: E731
    for _, data in in_every_place(METHODS[name].input_type, is_enum, value):
        assert server.send(name, data) is grpc.StatusCode.INVALID_ARGUMENT


@each_method
@pytest.mark.parametrize("levels", [15, 30, 120, 5_000])
def test_deep_structs(server: Server, name: str, levels: int) -> None:
    inside = deep_struct(levels)
    is_struct = lambda field: field.message_type is not None and field.message_type.name == "Struct"  # noqa: E731
    for _, data in in_every_place(METHODS[name].input_type, is_struct, lambda field: chunk(field, inside)):
        server.send(name, data)


@each_method
def test_deep_json(server: Server, name: str) -> None:
    is_json = lambda field: field.type == FieldDescriptor.TYPE_BYTES  # noqa: E731
    for text in (b'{"a":' * 50_000, b"[" * 50_000, b'{"a":1e999}', b'{"a":NaN}', b'{"a":' + b"9" * 5000 + b"}"):
        for _, data in in_every_place(METHODS[name].input_type, is_json, lambda field, text=text: chunk(field, text)):
            server.send(name, data)


@each_method
def test_huge_maps_and_lists(server: Server, name: str) -> None:
    """Twenty thousand entries, each with a key of its own where it has one."""
    many = 20_000

    def repeated(field: FieldDescriptor) -> bytes:
        if field.message_type is None and field.type not in {
            FieldDescriptor.TYPE_STRING,
            FieldDescriptor.TYPE_BYTES,
        }:
            return chunk(field, b"\x01" * many)
        return b"".join(chunk(field, chunk(1, f"k{index}".encode())) for index in range(many))

    for _, data in in_every_place(METHODS[name].input_type, lambda field: field.is_repeated, repeated):
        server.send(name, data)


@each_method
@pytest.mark.parametrize("number", [-1, 2**63 - 1, -(2**63), 2**31])
def test_numbers_at_the_edges(server: Server, name: str, number: int) -> None:
    integral = {
        FieldDescriptor.TYPE_INT32,
        FieldDescriptor.TYPE_INT64,
        FieldDescriptor.TYPE_UINT32,
        FieldDescriptor.TYPE_UINT64,
    }
    value = lambda field: varint(field.number << 3) + varint(number)  # noqa: E731
    places = in_every_place(METHODS[name].input_type, lambda field: field.type in integral, value)
    for _, data in places:
        server.send(name, server.example(name) + data)


@each_method
@settings(suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_valid_message(server: Server, name: str, data: st.DataObject) -> None:
    message = data.draw(at_random(METHODS[name].input_type, server.words))
    server.send(name, message.SerializeToString())


@pytest.mark.parametrize("path", ["/eigen.api.v1.JobService/Nothing", "/eigen.api.v2.JobService/SubmitJob", "/x"])
def test_unknown_methods(server: Server, path: str) -> None:
    call = server._channel.unary_unary(path, request_serializer=None, response_deserializer=None)
    with pytest.raises(grpc.RpcError) as caught:
        call(b"", timeout=DEADLINE)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
