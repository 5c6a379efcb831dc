"""Slow callers on real sockets: how long they may keep the server waiting, and how many of them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import h11
import pytest

from doubles.front_door import FrontDoor, at_the_door
from eigen.api.rest import connections, server
from eigen.api.rest.server import serve_http

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

ASK = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
PART = b"GET /healthz HTTP/1.1\r\nHost: loc"
BODY = b"POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
WAIT = 20.0


@asynccontextmanager
async def caller(port: int, said: bytes = b"") -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    try:
        yield reader, writer
    finally:
        writer.close()


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    """What still comes before the server hangs up."""
    try:
        return await asyncio.wait_for(reader.read(), WAIT)
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("said", [b"", PART, BODY], ids=["nothing", "half a head", "half a body"])
def test_who_never_finishes_a_request_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(connections, "_SECONDS", {h11.IDLE: 0.3, h11.SEND_BODY: 0.3})

    async def scenario(door: FrontDoor) -> None:
        async with serve_http(door.app, "127.0.0.1", 0) as port, caller(port, said) as (reader, _):
            assert await rest_of(reader) == b""

    at_the_door(tmp_path, scenario, workers=0)


def test_a_trickle_does_not_turn_the_clock_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_SECONDS", {h11.IDLE: 0.5, h11.SEND_BODY: 0.5})

    async def scenario(door: FrontDoor) -> None:
        async with serve_http(door.app, "127.0.0.1", 0) as port, caller(port, ASK + PART) as (reader, writer):

            async def trickle() -> None:
                while True:
                    writer.write(b"a")
                    await asyncio.sleep(0.05)

            trickling = asyncio.create_task(trickle())
            said = await rest_of(reader)
            trickling.cancel()
            assert said.startswith(b"HTTP/1.1 200")
            assert said.count(b"HTTP/1.1") == 1

    at_the_door(tmp_path, scenario, workers=0)


def test_one_connection_too_many_costs_the_one_waited_for_longest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "connection_limit", lambda: 3)

    async def scenario(door: FrontDoor) -> None:
        async with (
            serve_http(door.app, "127.0.0.1", 0) as port,
            caller(port) as (first, _),
            caller(port, PART),
            caller(port, PART),
            caller(port, ASK) as (last, _),
        ):
            assert await rest_of(first) == b""
            assert (await last.readline()).startswith(b"HTTP/1.1 200")

    at_the_door(tmp_path, scenario, workers=0)


def test_a_body_with_two_ends_is_refused(tmp_path: Path) -> None:
    head = b"POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    body = b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"

    async def scenario(door: FrontDoor) -> None:
        async with serve_http(door.app, "127.0.0.1", 0) as port, caller(port, head + body) as (reader, _):
            said = await rest_of(reader)
            assert said.startswith(b"HTTP/1.1 400")
            assert b'"where": "transfer-encoding"' in said

    at_the_door(tmp_path, scenario, workers=0)


def test_a_compressed_body_is_refused_by_name(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        answer = await door.client.post("/v1/jobs", content=b"{}", headers={"Content-Encoding": "gzip"})
        assert (answer.status_code, answer.json()["where"]) == (400, "content-encoding")

    at_the_door(tmp_path, scenario, workers=0)


def test_there_are_files_left_for_everything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _: (1000, 4000))
    assert connections.connection_limit() == 500
