"""Tokens of an issuer at every surface: honest ones act with their role, forged ones are refused before anything."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest

from doubles.forgeries import forged_keys, forged_tokens
from doubles.front_door import FrontDoor, front_door
from doubles.key_ring import KeyRing
from doubles.oidc import AUDIENCE, LocalIssuer, jwk_of, rsa_key
from eigen.api.grpc.server import make_server
from eigen.api.identity import authenticator
from eigen.api.service import Service
from eigen.config import Settings
from eigen.wire.messages import SERVICES, devices, jobs
from eigen.wire.stubs import Stub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eigen.types import Caller

IDENTITY = {"x-eigen-sub": "root", "x-eigen-roles": "admin", "x-eigen-tenant": "other"}
HUGE = 8000
"""Beyond this gRPC itself refuses the metadata."""


@dataclass
class Surfaces:
    """One server with an issuer, asked over REST, GraphQL and gRPC."""

    runner: asyncio.Runner
    door: FrontDoor
    issuer: LocalIssuer
    ring: KeyRing
    channel: grpc.aio.Channel
    callers: list[Caller]

    def rest(self, token: str | None, path: str = "/v1/jobs", **headers: str) -> Any:
        return self.runner.run(self.door.client.get(path, headers=_headers(token, headers)))

    def graphql(self, token: str | None, **headers: str) -> Any:
        body = {"query": "{ jobs { nodes { jobId } } }"}
        return self.runner.run(self.door.client.post("/graphql", json=body, headers=_headers(token, headers)))

    def grpc(self, token: str | None, **headers: str) -> grpc.StatusCode:
        return self._call(Stub(self.channel, SERVICES[0]).ListJobs, jobs.ListJobsRequest(), token, headers)

    def calibrate(self, token: str | None, **headers: str) -> grpc.StatusCode:
        request = devices.CalibrateDeviceRequest(device_id="sim:statevector")
        return self._call(Stub(self.channel, SERVICES[1]).CalibrateDevice, request, token, headers)

    def _call(self, method: Any, request: Any, token: str | None, headers: dict[str, str]) -> grpc.StatusCode:
        async def ask() -> grpc.StatusCode:
            sent = dict(headers) if token is None else {"authorization": f"Bearer {token}", **headers}
            try:
                await method(request, metadata=tuple(sent.items()), timeout=30)
            except grpc.aio.AioRpcError as error:
                return error.code()
            return grpc.StatusCode.OK

        return self.runner.run(ask())


def _headers(token: str | None, more: dict[str, str]) -> list[tuple[bytes, bytes]]:
    sent = dict(more) if token is None else {"authorization": f"Bearer {token}", **more}
    return [(name.encode(), value.encode("utf-8")) for name, value in sent.items()]


class Noting:
    """An authenticator that notes whom it let in."""

    def __init__(self, inner: Any, callers: list[Caller]) -> None:
        self._inner = inner
        self._callers = callers

    async def caller(self, headers: Any) -> Caller:
        found = await self._inner.caller(headers)
        self._callers.append(found)
        return found


@pytest.fixture(scope="module")
def surfaces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surfaces]:
    with LocalIssuer() as issuer, asyncio.Runner() as runner:
        ring, callers = KeyRing(), list[Any]()
        settings = Settings(oidc_issuer=issuer.url, oidc_audience=AUDIENCE, grpc_address="127.0.0.1:0")
        asks = Noting(authenticator(settings, ring), callers)  # pyright: ignore[reportArgumentType]
        opened = front_door(tmp_path_factory.mktemp("surfaces"), authenticator=asks, workers=0)
        door = runner.run(anext(opened.gen))

        async def serve() -> tuple[Any, grpc.aio.Channel]:
            server = make_server(Service(door.kernel), asks, settings=settings)
            await server.start()
            return server, grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")

        server, channel = runner.run(serve())
        yield Surfaces(runner, door, issuer, ring, channel, callers)
        runner.run(channel.close())
        runner.run(server.stop())
        runner.run(anext(opened.gen, None))


@pytest.mark.parametrize("role", ["admin", "user", "readonly"])
def test_an_honest_token_acts_with_its_role_everywhere(surfaces: Surfaces, role: str) -> None:
    token = surfaces.issuer.token(roles=[role])
    surfaces.callers.clear()
    assert surfaces.rest(token).status_code == 200
    assert "errors" not in surfaces.graphql(token).json()
    assert surfaces.grpc(token) is grpc.StatusCode.OK
    assert {(caller.subject, caller.tenant, caller.roles) for caller in surfaces.callers} == {
        ("oidc:ada", "acme", (role,))
    }
    is_admin = role == "admin"
    assert surfaces.rest(token, "/metrics").status_code == (200 if is_admin else 403)
    assert surfaces.calibrate(token) is (grpc.StatusCode.OK if is_admin else grpc.StatusCode.PERMISSION_DENIED)


def test_a_token_without_a_role_of_ours_may_do_nothing(surfaces: Surfaces) -> None:
    token = surfaces.issuer.token(roles=["Something.Else"])
    assert surfaces.rest(token).json()["code"] == "EIGEN_AUTH_DENIED"
    assert surfaces.graphql(token).json()["errors"][0]["extensions"]["code"] == "EIGEN_AUTH_DENIED"
    assert surfaces.grpc(token) is grpc.StatusCode.PERMISSION_DENIED


def test_every_forgery_is_refused_everywhere(surfaces: Surfaces) -> None:
    forged = forged_tokens(surfaces.issuer) | forged_keys(surfaces.ring.make())
    revoked = surfaces.ring.make()
    surfaces.ring.revoke(revoked)
    forged |= {"a revoked key": revoked, "an expired key": surfaces.ring.make(days=-1)}
    surfaces.callers.clear()
    for what, token in forged.items():
        rest, graphql = surfaces.rest(token), surfaces.graphql(token)
        assert (rest.status_code, rest.json()["code"]) == (401, "EIGEN_AUTH_REQUIRED"), what
        assert (graphql.status_code, graphql.json()["code"]) == (401, "EIGEN_AUTH_REQUIRED"), what
        if token.isascii():
            refused = {grpc.StatusCode.UNAUTHENTICATED}
            if len(token) > HUGE:
                refused.add(grpc.StatusCode.RESOURCE_EXHAUSTED)
            assert surfaces.grpc(token) in refused, what
    assert surfaces.callers == []
    assert "/evil" not in surfaces.issuer.asked


def test_the_answer_is_the_same_for_every_reason(surfaces: Surfaces) -> None:
    tokens = [None, *forged_tokens(surfaces.issuer).values()]
    assert len({surfaces.rest(token).content for token in tokens}) == 1
    assert len({surfaces.graphql(token).content for token in tokens}) == 1


def test_identity_headers_from_outside_have_no_effect(surfaces: Surfaces) -> None:
    assert surfaces.rest(None, **IDENTITY).status_code == 401
    assert surfaces.graphql(None, **IDENTITY).status_code == 401
    assert surfaces.grpc(None, **IDENTITY) is grpc.StatusCode.UNAUTHENTICATED
    token = surfaces.issuer.token(roles=["readonly"])
    surfaces.callers.clear()
    assert surfaces.rest(token, "/metrics", **IDENTITY).status_code == 403
    assert surfaces.calibrate(token, **IDENTITY) is grpc.StatusCode.PERMISSION_DENIED
    surfaces.graphql(token, **IDENTITY)
    assert {caller.tenant for caller in surfaces.callers} == {"acme"}


def test_two_tokens_are_none(surfaces: Surfaces) -> None:
    """Sent twice, a header could be read differently by a proxy and by the server."""
    token = surfaces.issuer.token().encode()
    pair = [(b"authorization", b"Bearer " + token), (b"Authorization", b"Bearer " + token)]
    answer = surfaces.runner.run(surfaces.door.client.get("/v1/jobs", headers=pair))
    assert answer.status_code == 401

    async def ask() -> grpc.StatusCode:
        metadata = (("authorization", f"Bearer {token.decode()}"),) * 2
        try:
            await Stub(surfaces.channel, SERVICES[0]).ListJobs(jobs.ListJobsRequest(), metadata=metadata, timeout=30)
        except grpc.aio.AioRpcError as error:
            return error.code()
        return grpc.StatusCode.OK

    assert surfaces.runner.run(ask()) is grpc.StatusCode.UNAUTHENTICATED


def test_a_rotation_of_the_issuers_keys_reaches_every_surface(surfaces: Surfaces) -> None:
    """Without a restart. The pause between two questions is the issuer's own; see the tests of `Issuer`."""
    surfaces.issuer.keys.append(jwk_of(rsa_key("two"), "two"))
    token = surfaces.issuer.token(key=rsa_key("two"), header={"kid": "two"})
    tokens = surfaces.door.app.state.door.authenticator._inner._tokens
    tokens._issuer._asked = float("-inf")  # half a minute has passed
    assert surfaces.rest(token).status_code == 200
    assert surfaces.grpc(token) is grpc.StatusCode.OK
    assert "errors" not in surfaces.graphql(token).json()
