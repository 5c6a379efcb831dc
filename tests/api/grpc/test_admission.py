"""Calls that are opened and then say nothing, and streams that ask nobody for a token."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import grpc.aio
import pytest

from doubles.grpc_door import GrpcDoor, at_the_grpc_door
from eigen.api.grpc import admission
from eigen.errors import EigenError
from eigen.wire.messages import jobs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from eigen.types import Caller

LIST = "/eigen.api.v1.JobService/ListJobs"
WATCH = "/grpc.health.v1.Health/Watch"
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"


async def silence() -> AsyncIterator[bytes]:
    """Requests that never come."""
    await asyncio.Event().wait()
    yield b""


async def nothing() -> AsyncIterator[bytes]:
    """A stream that ends before its first message."""
    for each in ():
        yield each


def silent(door: GrpcDoor) -> Any:
    return door.channel.stream_unary(LIST)(silence())


async def refusal(call: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await asyncio.wait_for(call, 20)
    return caught.value.code()


def test_a_call_whose_request_does_not_come_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "REQUEST_SECONDS", 0.2)

    async def scenario(door: GrpcDoor) -> None:
        assert await refusal(silent(door)) is grpc.StatusCode.DEADLINE_EXCEEDED
        assert await refusal(door.channel.stream_unary(LIST)(nothing())) is grpc.StatusCode.INVALID_ARGUMENT

    at_the_grpc_door(tmp_path, scenario)


def test_silent_calls_make_room_for_those_that_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "MAX_WAITING", 2)

    async def scenario(door: GrpcDoor) -> None:
        calls = [silent(door) for _ in range(3)]
        ending = [asyncio.create_task(call.code()) for call in calls]
        ended, waiting = await asyncio.wait(ending, timeout=20, return_when=asyncio.FIRST_COMPLETED)
        assert {task.result() for task in ended} == {grpc.StatusCode.DEADLINE_EXCEEDED}
        answer = await door.channel.unary_unary(LIST)(b"", timeout=20)
        assert not jobs.ListJobsResponse.FromString(answer).jobs
        assert waiting
        for call in calls:
            call.cancel()
        await asyncio.gather(*waiting)

    at_the_grpc_door(tmp_path, scenario)


def test_streams_without_a_token_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "MAX_GUESTS", 1)

    async def scenario(door: GrpcDoor) -> None:
        watching = door.channel.unary_stream(WATCH)(b"")
        assert await watching.read() == b"\x08\x01"
        for another in (
            door.channel.unary_stream(WATCH)(b""),
            door.channel.stream_stream(REFLECTION)(silence()),
        ):
            assert await refusal(another.read()) is grpc.StatusCode.RESOURCE_EXHAUSTED
        watching.cancel()

    at_the_grpc_door(tmp_path, scenario)


def test_streams_without_a_token_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "GUEST_SECONDS", 0.2)

    async def scenario(door: GrpcDoor) -> None:
        reflecting = door.channel.stream_stream(REFLECTION)(silence())
        assert await refusal(reflecting.read()) is grpc.StatusCode.DEADLINE_EXCEEDED

    at_the_grpc_door(tmp_path, scenario)


async def rubbish() -> AsyncIterator[bytes]:
    """A message that is none."""
    yield b"\xff\xff"


def test_bytes_that_are_no_message_of_health_or_reflection(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        for call in (
            door.channel.unary_unary("/grpc.health.v1.Health/Check")(b"\xff\xff"),
            door.channel.unary_stream(WATCH)(b"\xff\xff").read(),
            door.channel.stream_stream(REFLECTION)(rubbish()).read(),
        ):
            assert await refusal(call) is grpc.StatusCode.INVALID_ARGUMENT

    at_the_grpc_door(tmp_path, scenario)


class Bouncer:
    """Lets nobody in, and counts who came."""

    def __init__(self) -> None:
        self.asked = 0

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        del headers
        self.asked += 1
        raise EigenError("EIGEN_AUTH_REQUIRED", "the request carries no valid token")


def test_who_is_not_let_in_is_told_before_the_request_is_read(tmp_path: Path) -> None:
    bouncer = Bouncer()

    async def scenario(door: GrpcDoor) -> None:
        assert await refusal(silent(door)) is grpc.StatusCode.UNAUTHENTICATED
        stream = door.channel.stream_stream("/eigen.api.v1.JobService/StreamJobUpdates")(silence())
        assert await refusal(stream.read()) is grpc.StatusCode.UNAUTHENTICATED

    at_the_grpc_door(tmp_path, scenario, authenticator=bouncer)
    assert bouncer.asked == 2
