"""What REST refuses, and how: always a problem with a code, never a page or a traceback of the framework."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from doubles.front_door import FrontDoor, at_the_door, document, over_loopback
from eigen import telemetry
from eigen.api.rest.bodies import MAX_BYTES
from eigen.errors import ERRORS, EigenError
from eigen.types import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from pathlib import Path

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/docs", 404),
        ("GET", "/redoc", 404),
        ("GET", "/v1/jobs/", 404),
        ("GET", "/v2/jobs", 404),
        ("PUT", "/v1/jobs", 405),
        ("GET", "/graphql", 405),
        ("DELETE", "/v1/jobs/job_1", 405),
        ("GET", "/v1/jobs?limt=3", 400),
        ("GET", "/v1/jobs?limit=1&limit=2", 400),
        ("GET", "/v1/jobs?limit=1001", 400),
        ("GET", "/v1/jobs?limit=ten", 400),
        ("GET", "/v1/jobs?state=done", 400),
        ("GET", "/healthz?x", 400),
        ("GET", "/v1/devices?x=", 400),
    ],
)
def test_routes_methods_and_queries(tmp_path: Path, method: str, path: str, status: int) -> None:
    async def scenario(door: FrontDoor) -> None:
        answer = await door.client.request(method, path)
        problem = answer.json()
        assert (answer.status_code, problem["status"], problem["code"]) == (status, status, "EIGEN_REQUEST_INVALID")
        assert answer.headers["content-type"] == "application/problem+json"
        assert ("allow" in answer.headers) == (status == 405)
        assert problem["type"] == "urn:eigen:error:EIGEN_REQUEST_INVALID"
        assert problem["title"] == ERRORS["EIGEN_REQUEST_INVALID"].summary

    at_the_door(tmp_path, scenario, workers=0)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "EIGEN_REQUEST_INVALID"),
        (b"{", "EIGEN_REQUEST_INVALID"),
        (b"[]", "EIGEN_REQUEST_INVALID"),
        (b'"x"', "EIGEN_REQUEST_INVALID"),
        (b"\xff\xfe", "EIGEN_REQUEST_INVALID"),
        (b'{"ttl_seconds": NaN}', "EIGEN_REQUEST_INVALID"),
        (b'{"ttl_seconds": 5, "ttl_seconds": 6}', "EIGEN_REQUEST_INVALID"),
        (b'{"ttl_seconds": 5, "ttl": 6}', "EIGEN_REQUEST_INVALID"),
        (b'{"ttl_seconds": "5"}', "EIGEN_REQUEST_INVALID"),
        (b'{"ttl_seconds": true}', "EIGEN_REQUEST_INVALID"),
        (b'{"ttl_seconds": 0}', "EIGEN_REQUEST_INVALID"),
        (b'{"ttl_seconds": 1e400}', "EIGEN_REQUEST_INVALID"),
        (b'{"ttl_seconds": 5, "purpose": "\\ud800"}', "EIGEN_REQUEST_INVALID"),
        (b'{"ttl_seconds": ' + b"9" * 5000 + b"}", "EIGEN_REQUEST_INVALID"),
        (b"[" * 100_000, "EIGEN_LIMIT_EXCEEDED"),
        (b'{"a":' * 100_000, "EIGEN_LIMIT_EXCEEDED"),
    ],
)
def test_bodies(tmp_path: Path, body: bytes, code: str) -> None:
    async def scenario(door: FrontDoor) -> None:
        at = "/v1/devices/sim:statevector/reservations"
        answer = await door.client.post(at, content=body, headers=JSON)
        assert (answer.json()["code"], answer.status_code) == (code, ERRORS[code].status.http)

    at_the_door(tmp_path, scenario, workers=0)


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "a/b/c"]
)
def test_a_body_of_another_media_type(tmp_path: Path, kind: str) -> None:
    async def scenario(door: FrontDoor) -> None:
        for path in ("/v1/jobs", "/v1/optimize", "/graphql"):
            answer = await door.client.post(path, content=b"{}", headers={"Content-Type": kind} if kind else {})
            assert (answer.status_code, answer.json()["code"]) == (415, "EIGEN_REQUEST_INVALID")

    at_the_door(tmp_path, scenario, workers=0)


def test_a_body_that_is_too_large_is_refused_while_it_comes(tmp_path: Path) -> None:
    sent = 0

    async def endless() -> AsyncGenerator[bytes]:
        nonlocal sent
        while sent < 10 * MAX_BYTES:
            sent += 1024 * 1024
            yield b" " * 1024 * 1024

    async def scenario(door: FrontDoor) -> None:
        told = await door.client.post("/v1/jobs", content=b"x", headers={**JSON, "Content-Length": str(MAX_BYTES + 1)})
        assert (told.status_code, told.json()["code"]) == (429, "EIGEN_LIMIT_EXCEEDED")
        answer = await door.client.post("/v1/jobs", content=endless(), headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (429, "EIGEN_LIMIT_EXCEEDED")
        assert sent < 2 * MAX_BYTES
        nothing = await door.client.post("/v1/jobs", content=b"x", headers={**JSON, "Content-Length": "9" * 400})
        assert nothing.json()["code"] == "EIGEN_LIMIT_EXCEEDED"

    at_the_door(tmp_path, scenario, workers=0)


def test_files_that_are_not_base64(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        body = {"job": document(), "files": {"input/data/x.json": "***"}}
        answer = await door.client.post("/v1/jobs", json=body)
        assert (answer.json()["code"], answer.json()["where"]) == ("EIGEN_REQUEST_INVALID", "files.input/data/x.json")
        stray = await door.client.post("/v1/jobs", json=body | {"files": {"input/data/x.json": "eA=="}})
        assert stray.json()["code"] == "EIGEN_JOBSPEC_INVALID"

    at_the_door(tmp_path, scenario, workers=0)


class Asked:
    """Lets in who says `token`, and remembers the headers it was shown."""

    def __init__(self) -> None:
        self.seen: list[Mapping[str, str]] = []

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        self.seen.append(headers)
        if headers.get("authorization") != "Bearer token":
            raise EigenError("EIGEN_AUTH_REQUIRED", "the request carries no valid token")
        return Caller("somebody", ("readonly",), "acme", "default")


def test_who_asks_is_asked_first_and_identities_from_outside_are_dropped(tmp_path: Path) -> None:
    asked = Asked()

    async def scenario(door: FrontDoor) -> None:
        for path in ("/v1/jobs", "/v1/devices", "/metrics", "/v1/jobs/x/events"):
            answer = await door.client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (401, "EIGEN_AUTH_REQUIRED")
            assert answer.headers["www-authenticate"] == 'Bearer realm="eigen"'
        wrong = await door.client.get("/v1/jobs", headers={"Authorization": "Bearer other"})
        assert wrong.headers["www-authenticate"] == 'Bearer realm="eigen", error="invalid_token"'
        twice = await door.client.get("/v1/jobs", headers=[("Authorization", "Bearer token")] * 2)
        assert twice.status_code == 401
        good = {"Authorization": "Bearer token", "X-Eigen-Sub": "root", "X-Eigen-Roles": "admin"}
        assert (await door.client.get("/v1/jobs", headers=good)).status_code == 200
        assert not any(name.startswith("x-eigen") for name in asked.seen[-1])
        before = len(asked.seen)
        for path in ("/healthz", "/readyz", "/openapi.json"):
            assert (await door.client.get(path)).status_code == 200
        assert len(asked.seen) == before
        denied = await door.client.post("/v1/jobs", json={"job": document()}, headers=good)
        assert (denied.status_code, denied.json()["code"]) == (403, "EIGEN_AUTH_DENIED")
        assert (await door.client.get("/metrics", headers=good)).status_code == 403

    at_the_door(tmp_path, scenario, authenticator=asked, workers=0)


def test_a_body_is_not_read_for_strangers(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        answer = await door.client.post("/v1/optimize", content=b"{", headers=JSON)
        assert answer.status_code == 401

    at_the_door(tmp_path, scenario, authenticator=Asked(), workers=0)


@pytest.mark.parametrize("text", ["0", "-1", "soon", "1e3", "99999999", "1;2", "nan"])
def test_a_deadline_that_is_none(tmp_path: Path, text: str) -> None:
    async def scenario(door: FrontDoor) -> None:
        answer = await door.client.get("/v1/jobs", headers={"Request-Timeout": text})
        assert (answer.status_code, answer.json()["where"]) == (400, "request-timeout")

    at_the_door(tmp_path, scenario, workers=0)


def test_an_answer_that_does_not_come_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any) -> None:
        await asyncio.Event().wait()

    async def scenario(door: FrontDoor) -> None:
        monkeypatch.setattr(door.kernel, "list", never)
        answer = await door.client.get("/v1/jobs", headers={"Request-Timeout": "0.01"})
        assert (answer.status_code, answer.json()["code"]) == (504, "EIGEN_DEADLINE_EXCEEDED")

    at_the_door(tmp_path, scenario, workers=0)


def test_a_defect_is_masked_and_logged_under_the_name_of_its_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("the secret of the house")

    async def scenario(door: FrontDoor) -> None:
        monkeypatch.setattr(door.kernel, "list", broken)
        answer = await door.client.get("/v1/jobs", headers={"X-Request-Id": "my-request.1"})
        assert (answer.status_code, answer.json()["code"]) == (500, "EIGEN_INTERNAL")
        assert answer.headers["x-request-id"] == "my-request.1"
        assert "secret" not in answer.text

    telemetry.configure("error")
    try:
        at_the_door(tmp_path, scenario, workers=0)
    finally:
        telemetry.silence()
    logged = json.loads(capsys.readouterr().err.splitlines()[0])
    assert "the secret of the house" in logged["error"]
    assert logged["request_id"] == "my-request.1"


def test_every_answer_has_a_name_and_may_not_be_sniffed(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        for path in ("/healthz", "/nothing"):
            answer = await door.client.get(path, headers={"X-Request-Id": "a b\u00ff".encode("latin-1")})
            assert len(answer.headers["x-request-id"]) == 32
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
            assert "access-control-allow-origin" not in answer.headers

    at_the_door(tmp_path, scenario, workers=0)


def test_a_job_belongs_to_the_trace_of_its_request(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        trace = "0af7651916cd43dd8448eb211c80319c"
        job_id = await door.submit(traceparent=f"00-{trace}-b7ad6b7169203331-01")
        lines = (await door.client.get(f"/v1/jobs/{job_id}/logs")).json()["lines"]
        assert lines[0]["trace_id"] == trace

    at_the_door(tmp_path, scenario, workers=0)


def test_the_size_of_headers_is_bounded(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        async with over_loopback(door) as client:
            reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Much: " + b"x" * 40_000)  # and no end
            assert (await reader.readline()).startswith(b"HTTP/1.1 400")
            writer.close()
            assert (await client.get("/healthz")).status_code == 200

    at_the_door(tmp_path, scenario, workers=0)
