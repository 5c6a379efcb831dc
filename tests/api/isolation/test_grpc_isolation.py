"""gRPC: every method of every service that the server answers has a case here; one without fails the suite.

Another tenant's id answers with the bytes of an id that nobody has: status, words, details and all.
"""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest
from google.protobuf import descriptor_pool
from google.protobuf.json_format import ParseDict
from google.protobuf.message_factory import GetMessageClass

from doubles.forgeries import forged_keys
from doubles.front_door import BELL
from doubles.two_tenants import RESERVED, ROTATION, SECRET_NAME
from eigen.api.grpc.server import make_server
from eigen.api.permissions import allows
from eigen.api.service import Service
from eigen.config import Settings
from eigen.types import Caller
from eigen.wire.errors import from_call
from eigen.wire.messages import SERVICES
from eigen.wire.stubs import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.protobuf.descriptor import MethodDescriptor

    from doubles.two_tenants import World

TEXT = {"source": BELL.encode()}
AUTO = {"target": "sim:local"}
CIRCUIT = b'{"operations":[{"op":"RX","params":{"theta":0.5},"q":[0]}],"qubits":1,"version":"0.1"}'


@dataclass(frozen=True)
class Case:
    """A request that a method takes; `about` is the field that an id of `kind` stands in."""

    permission: str
    about: str = ""
    kind: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


def of_job(**fields: Any) -> Case:
    return Case("jobs:read", "job_id", "job", fields)


CASES: dict[str, Case] = {
    "JobService/SubmitJob": Case("jobs:submit", fields={"name": "of-bolt", "target": "sim:local", "eigen_lang": TEXT}),
    "JobService/SubmitJobs": Case("jobs:submit", fields={"jobs": [{"name": "of-bolt", "eigen_lang": TEXT, **AUTO}]}),
    "JobService/EstimateJob": Case("jobs:compile", fields={"eigen_lang": TEXT}),
    "JobService/GetJobStatus": of_job(),
    "JobService/DecideJob": Case("jobs:decide", "job_id", "waiting job", {"decision": "again"}),
    "JobService/CancelJob": Case("jobs:cancel", "job_id", "waiting job"),
    "JobService/StreamJobUpdates": of_job(),
    "JobService/GetJobResults": of_job(),
    "JobService/GetDispatchRationale": of_job(),
    "JobService/ReplayJob": Case("jobs:submit", "job_id", "job"),
    "JobService/ResumeJob": Case("jobs:submit", "job_id", "job"),
    "JobService/VerifyJob": of_job(),
    "JobService/ListJobs": Case("jobs:read"),
    "JobService/GetJobLogs": of_job(),
    "JobService/ListArtifacts": of_job(),
    "JobService/GetArtifact": of_job(path="results/results.json"),
    "DeviceService/ListDevices": Case("devices:list"),
    "DeviceService/GetDeviceDetails": Case("devices:read", fields={"device_id": RESERVED}),
    "DeviceService/GetDeviceStatus": Case("devices:read", fields={"device_id": RESERVED}),
    "DeviceService/ReserveDevice": Case("devices:reserve", fields={"device_id": RESERVED, "ttl_seconds": 60}),
    "DeviceService/ReleaseReservation": Case("devices:reserve", "reservation_id", "reservation"),
    "DeviceService/CalibrateDevice": Case("devices:calibrate", fields={"device_id": RESERVED}),
    "CompilationService/CompileCircuit": Case("jobs:compile", fields={"eigen_lang": TEXT}),
    "CompilationService/OptimizeCircuit": Case("jobs:compile", fields={"aqo_json": CIRCUIT}),
    "CompilationService/ValidateCircuit": Case("jobs:compile", fields={"eigen_lang": TEXT}),
    "SessionService/OpenSession": Case(
        "jobs:evaluate", fields={"eigen_lang": {"source": ROTATION.encode()}, "parameters": {"angle": 0}}
    ),
    "SessionService/Evaluate": Case(
        "jobs:evaluate", "session_id", "session", {"values": [{"name": "angle", "values": [0.0]}]}
    ),
    "SessionService/CloseSession": Case("jobs:evaluate", "session_id", "session"),
}
OPEN = {
    "grpc.health.v1.Health": "says whether the server serves",
    "grpc.reflection.v1alpha.ServerReflection": "describes the public contract",
}
"""Services that answer without a token, and what they tell."""

METHODS: dict[str, MethodDescriptor] = {
    f"{service.name}/{method.name}": method for service in SERVICES for method in service.methods
}
WITH_ID = [name for name, case in CASES.items() if case.kind]


@dataclass
class Answer:
    """What a call gave: messages, or a status with its details."""

    messages: list[bytes]
    status: grpc.StatusCode
    code: str
    rest: bytes

    def about(self, name: str) -> tuple[Any, ...]:
        """Everything in it, without the id that was asked for."""
        body = b"".join(self.messages) + self.rest
        return self.status, self.code, body.replace(name.encode(), b"ID") if name else body


class Channel:
    """Calls of the server in a world."""

    def __init__(self, world: World, channel: grpc.aio.Channel) -> None:
        self.world = world
        self._channel = channel

    def ask(
        self, name: str, who: str, about: str = "", *, metadata: dict[str, str] | None = None, **fields: Any
    ) -> Answer:
        """The answer of a method to the holder of a token (`""`: no token), about an id."""
        case = CASES[name]
        return self.send(name, who, case.fields | ({case.about: about} if case.about else {}) | fields, metadata)

    def send(self, name: str, who: str, fields: dict[str, Any], metadata: dict[str, str] | None = None) -> Answer:
        """The answer to a request with these fields."""
        request = GetMessageClass(METHODS[name].input_type)()
        fill(request, fields)
        request.envelope.request_id = "isolation"
        headers = dict(metadata or {})
        if who:
            headers["authorization"] = f"Bearer {self.world.tokens[who]}"
        return self.world.run(self._call(METHODS[name], request, headers))

    async def _call(self, method: MethodDescriptor, request: Any, headers: dict[str, str]) -> Answer:
        make: Callable[..., Any] = self._channel.unary_stream if method.server_streaming else self._channel.unary_unary
        call = make(path_of(method), request_serializer=lambda sent: sent.SerializeToString())(
            request, metadata=tuple(headers.items()), timeout=30
        )
        messages: list[bytes] = []
        try:
            if method.server_streaming:
                async for message in call:
                    messages.append(message)
            else:
                messages.append(await call)
        except grpc.aio.AioRpcError as error:
            trailers = sorted((str(key), _bytes(value)) for key, value in error.trailing_metadata() or ())
            rest = repr(error.details()).encode() + b"".join(key.encode() + value for key, value in trailers)
            return Answer(
                messages,
                error.code(),
                from_call(error.code(), error.details() or "", error.trailing_metadata()).code,
                rest,
            )
        return Answer(messages, grpc.StatusCode.OK, "", b"")


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def fill(message: Any, fields: dict[str, Any]) -> None:
    """Set fields by name; bytes as they are, everything else as protobuf's JSON."""

    def plain(value: Any) -> Any:
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        return [plain(item) for item in value] if isinstance(value, list) else value

    ParseDict(plain(fields), message)


@pytest.fixture(scope="module")
def channel(world: World) -> Iterator[Channel]:
    async def open_it() -> tuple[Any, grpc.aio.Channel]:
        settings = Settings(grpc_address="127.0.0.1:0")
        server = make_server(Service(world.door.kernel), world.authenticator, settings=settings)
        await server.start()
        return server, grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")

    async def close_it() -> None:
        await found.close()
        await server.stop()

    server, found = world.run(open_it())
    yield Channel(world, found)
    world.run(close_it())


def test_every_method_has_a_case(channel: Channel) -> None:
    """The services are those that the server itself lists, by reflection."""
    from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

    async def listed() -> set[str]:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel._channel)
        question = reflection_pb2.ServerReflectionRequest(list_services="")
        async for answer in stub.ServerReflectionInfo(iter([question])):
            return {service.name for service in answer.list_services_response.service}
        raise AssertionError("no answer")

    services = channel.world.run(listed())
    assert services == {service.full_name for service in SERVICES} | set(OPEN)
    pool = descriptor_pool.Default()
    found: set[str] = set()
    for name in services - set(OPEN):
        service = pool.FindServiceByName(name)
        found |= {f"{service.name}/{method.name}" for method in service.methods}
    assert found == set(CASES), f"without a case: {found - set(CASES)}; no method any more: {set(CASES) - found}"
    for name, case in CASES.items():
        ids = {"job_id", "session_id", "reservation_id"} & {entry.name for entry in METHODS[name].input_type.fields}
        assert ids - ({"reservation_id"} if name == "JobService/SubmitJob" else set()) == set(
            filter(None, [case.about])
        )


@pytest.mark.parametrize("name", WITH_ID)
def test_what_is_anothers_answers_with_the_bytes_of_what_is_not_there(channel: Channel, name: str) -> None:
    world, kind = channel.world, CASES[name].kind
    theirs, nobodys = world.ids[kind], world.unknown(kind)
    found = channel.ask(name, "other", theirs)
    assert found.about(theirs) == channel.ask(name, "other", nobodys).about(nobodys)
    assert found.status == (grpc.StatusCode.OK if name == "SessionService/CloseSession" else grpc.StatusCode.NOT_FOUND)
    assert not world.leaks(found.about(theirs)[2])
    world.run(world.intact())


@pytest.mark.parametrize("name", CASES)
def test_no_answer_to_another_shows_anything_of_the_owners(channel: Channel, name: str) -> None:
    world, kind = channel.world, CASES[name].kind
    answer = channel.ask(name, "other", world.unknown(kind) if kind else "")
    assert not world.leaks(answer.about("")[2])


@pytest.mark.parametrize("name", CASES)
def test_without_a_valid_token_nothing_is_told(channel: Channel, name: str) -> None:
    world = channel.world
    about = world.ids.get(CASES[name].kind, "")
    forged = [*forged_keys(world.tokens["owner"]).values(), "eyJhbGciOiJub25lIn0.e30.", "", "x" * 5000]
    sent = [{"authorization": f"Bearer {token}"} for token in forged]
    sent.append({"x-eigen-sub": "x", "x-eigen-roles": "admin", "x-eigen-tenant": "acme"})
    answers = {channel.ask(name, "", about, metadata=headers).about("") for headers in [{}, *sent]}
    assert len(answers) == 1
    status, code, body = answers.pop()
    assert (status, code) == (grpc.StatusCode.UNAUTHENTICATED, "EIGEN_AUTH_REQUIRED")
    assert not world.leaks(body)
    world.run(world.intact())


@pytest.mark.parametrize("who", ["reader", "nobody"])
@pytest.mark.parametrize("name", CASES)
def test_a_role_that_may_not_is_refused(channel: Channel, name: str, who: str) -> None:
    world, case = channel.world, CASES[name]
    role = Caller(roles={"reader": ("readonly",), "nobody": ("unknown",)}[who])
    answer = channel.ask(name, who, world.ids.get(case.kind, ""), metadata={"x-eigen-roles": "admin"})
    if allows(role, case.permission):
        assert answer.status in {grpc.StatusCode.OK, grpc.StatusCode.NOT_FOUND}
    else:
        assert (answer.status, answer.code) == (grpc.StatusCode.PERMISSION_DENIED, "EIGEN_AUTH_DENIED")
    world.run(world.intact())


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.permission == "jobs:read"])
def test_the_owner_is_answered(channel: Channel, name: str) -> None:
    """The refusals above have a counterpart."""
    answer = channel.ask(name, "owner", channel.world.ids.get(CASES[name].kind, ""))
    assert answer.status is grpc.StatusCode.OK
    if name == "JobService/ListJobs":
        assert SECRET_NAME.encode() in answer.about("")[2]


@pytest.mark.parametrize("name", CASES)
def test_the_envelope_leads_into_no_other_tenant(channel: Channel, name: str) -> None:
    """It may repeat the caller's tenant, and name no other: that one exists is not told either."""
    about = channel.world.ids.get(CASES[name].kind, "")
    answers = {
        channel.ask(name, "other", about, envelope={"tenant_id": tenant}).about("")
        for tenant in ("acme", "nobody-has-it")
    }
    assert len(answers) == 1
    assert answers.pop()[:2] == (grpc.StatusCode.PERMISSION_DENIED, "EIGEN_AUTH_DENIED")


def test_the_quota_of_a_submission_leads_into_none(channel: Channel) -> None:
    answer = channel.ask("JobService/SubmitJob", "other", tenant={"tenant_id": "acme"})
    assert answer.code == "EIGEN_AUTH_DENIED"


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("job", lambda name: {"dependencies": [name]}),
        ("waiting job", lambda name: {"dependencies": [name]}),
        ("reservation", lambda name: {"reservation_id": name}),
    ],
    ids=["a dependency", "a waiting dependency", "a reservation"],
)
def test_what_is_anothers_cannot_be_used_in_a_job(
    channel: Channel, kind: str, fields: Callable[[str], dict[str, Any]]
) -> None:
    world = channel.world
    answers = {
        channel.ask("JobService/SubmitJob", "other", **fields(name)).about(name)
        for name in (world.ids[kind], world.unknown(kind))
    }
    assert len(answers) == 1
    assert answers.pop()[0] is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    "name", [name for name, method in METHODS.items() if "aqo_ref" in {f.name for f in method.input_type.fields}]
)
def test_anothers_circuit_cannot_be_referred_to(channel: Channel, name: str) -> None:
    world = channel.world
    answers: set[Any] = set()
    for tried in (world.ids["job"], world.unknown("job")):
        circuit = {"aqo_ref": {"qfs_ref": f"qfs://jobs/{tried}/compiled/circuit.aqo.json"}}
        named = {"name": "of-bolt"} if "name" in {entry.name for entry in METHODS[name].input_type.fields} else {}
        answers.add(channel.send(name, "other", circuit | named).about(tried))
    assert len(answers) == 1
    assert answers.pop()[:2] == (grpc.StatusCode.NOT_FOUND, "EIGEN_JOB_NOT_FOUND")


def test_health_and_reflection_tell_nothing_of_anyone(channel: Channel) -> None:
    from grpc_health.v1 import health_pb2

    async def check() -> bytes:
        call = channel._channel.unary_unary("/grpc.health.v1.Health/Check")
        return await call(health_pb2.HealthCheckRequest().SerializeToString())

    assert not channel.world.leaks(channel.world.run(asyncio.wait_for(check(), 10)))
