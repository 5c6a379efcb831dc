"""Subscriptions over a real socket: events as they happen, who may listen, and messages that are none."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from doubles.front_door import FrontDoor, at_the_door, over_loopback
from eigen.api.graphql import sockets
from eigen.errors import EigenError
from eigen.kernel.worker import Worker
from eigen.types import OPERATOR, Caller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from pathlib import Path

    from starlette.types import Message
    from websockets.asyncio.client import ClientConnection

UPDATES = "subscription($id: ID!, $after: Long! = 0) { jobUpdates(id: $id, after: $after) { eventSeq state } }"


class Keyed:
    """Lets in whoever says the word, as long as it holds."""

    word = "Bearer open"

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        if headers.get("authorization") != self.word:
            raise EigenError("EIGEN_AUTH_REQUIRED", "the request carries no valid token")
        return OPERATOR


@asynccontextmanager
async def socket(door: FrontDoor, **options: Any) -> AsyncGenerator[ClientConnection]:
    """A socket to the door, not yet introduced."""
    async with over_loopback(door) as client:
        address = f"ws://127.0.0.1:{client.base_url.port}/graphql"
        async with connect(address, subprotocols=["graphql-transport-ws"], **options) as opened:  # type: ignore[list-item]
            yield opened


async def introduce(opened: ClientConnection, payload: Any = None) -> dict[str, Any]:
    """The answer to `connection_init`."""
    await opened.send(json.dumps({"type": "connection_init"} | ({} if payload is None else {"payload": payload})))
    return json.loads(await opened.recv())


async def subscribe(opened: ClientConnection, query: str = UPDATES, **variables: Any) -> None:
    """Ask for something under the name `1`."""
    payload = {"query": query, "variables": variables}
    await opened.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))


async def heard(opened: ClientConnection) -> list[dict[str, Any]]:
    """Every message to the one that completes the operation or refuses it."""
    messages: list[dict[str, Any]] = []
    while not messages or messages[-1]["type"] == "next":
        messages.append(json.loads(await opened.recv()))
    return messages


def test_events_come_as_they_happen_and_resume(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        job_id = await door.submit()
        async with socket(door) as opened:
            assert (await introduce(opened))["type"] == "connection_ack"
            await subscribe(opened, id=job_id)
            first = json.loads(await opened.recv())
            assert first["payload"]["data"]["jobUpdates"] == {"eventSeq": 1, "state": "PENDING"}
            working = asyncio.create_task(asyncio.to_thread(Worker(door.ports).run_until, job_id))
            *rest, end = await heard(opened)
            assert end == {"type": "complete", "id": "1"}
            updates = [message["payload"]["data"]["jobUpdates"] for message in rest]
            assert [update["eventSeq"] for update in updates] == list(range(2, len(updates) + 2))
            assert updates[-1]["state"] == "DONE"
            await working
            await subscribe(opened, id=job_id, after=3)
            again = [message["payload"]["data"]["jobUpdates"] for message in (await heard(opened))[:-1]]
            assert again == updates[2:]

    at_the_door(tmp_path, scenario, workers=0)


def test_a_socket_answers_queries_within_the_same_bounds(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        async with socket(door) as opened:
            await introduce(opened)
            for query, code in (
                ("{ jobs(first: 1000) { nodes { events { position } } } }", "EIGEN_LIMIT_EXCEEDED"),
                ("{", "EIGEN_REQUEST_INVALID"),
                ("{ nothing }", "EIGEN_REQUEST_INVALID"),
            ):
                await subscribe(opened, query)
                answer = (await heard(opened))[-1]
                assert (answer["type"], answer["payload"][0]["extensions"]["code"]) == ("error", code)
            await subscribe(opened, id="job_0")
            answer = (await heard(opened))[0]
            errors = answer["payload"] if answer["type"] == "error" else answer["payload"]["errors"]
            assert errors[0]["extensions"]["code"] == "EIGEN_JOB_NOT_FOUND"
            await subscribe(opened, "{ devices { deviceId } }")
            assert (await heard(opened))[0]["payload"]["data"]["devices"]

    at_the_door(tmp_path, scenario, workers=0)


def test_who_listens_is_asked_by_header_or_payload_and_again_by_each_operation(tmp_path: Path) -> None:
    keyed = Keyed()

    async def scenario(door: FrontDoor) -> None:
        async with socket(door) as opened:
            assert (await introduce(opened, {"authorization": "Bearer open"}))["type"] == "connection_ack"
            await subscribe(opened, "{ devices { deviceId } }")
            assert (await heard(opened))[-1]["type"] == "complete"
            keyed.word = "Bearer other"  # the token is revoked
            await subscribe(opened, "{ devices { deviceId } }")
            answer = (await heard(opened))[-1]
            assert answer["payload"][0]["extensions"]["code"] == "EIGEN_AUTH_REQUIRED"
            keyed.word = "Bearer open"
        async with socket(door, additional_headers={"Authorization": "Bearer open"}) as opened:
            assert (await introduce(opened))["type"] == "connection_ack"
        for payload in ({}, {"authorization": "Bearer wrong"}, {"authorization": ["Bearer open"]}):
            async with socket(door) as opened:
                with pytest.raises(ConnectionClosed) as closed:
                    await introduce(opened, payload)
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == 4403

    at_the_door(tmp_path, scenario, authenticator=keyed, workers=0)


def test_a_page_of_another_origin_is_refused(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        with pytest.raises(InvalidStatus):
            async with socket(door, origin="https://elsewhere.example"):
                pass

    at_the_door(tmp_path, scenario, workers=0)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("nothing", 4400),
        ("[]", 4400),
        ("{}", 4400),
        ('{"type": 1}', 4400),
        ('{"type": "dance"}', 4400),
        (b"\x00\xff", 4400),
        ("[" * 10_000, 4400),
        ('{"type": "subscribe", "id": "1"}', 4400),
        ('{"type": "subscribe", "id": 1, "payload": {"query": "{ devices { name } }"}}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": {"query": 1}}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": []}}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "more": 1}}', 4400),
        ('{"type": "complete"}', 4400),
        ('{"type": "connection_init"}', 4429),
        ('"' + "x" * 2_000_000 + '"', 1009),
    ],
)
def test_messages_that_are_none_close_the_socket(tmp_path: Path, message: str | bytes, code: int) -> None:
    async def scenario(door: FrontDoor) -> None:
        async with socket(door) as opened:
            await introduce(opened)
            with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012
                await opened.send(message)
                await opened.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == code

    at_the_door(tmp_path, scenario, workers=0)


def test_nothing_is_answered_before_the_introduction(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        async with socket(door) as opened:
            await subscribe(opened, "{ devices { deviceId } }")
            with pytest.raises(ConnectionClosed) as closed:
                await opened.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4401

    at_the_door(tmp_path, scenario, workers=0)


def test_a_flood_of_messages_lets_others_have_their_turn() -> None:
    flood: list[Message] = [
        {"type": "websocket.connect"},
        *[{"type": "websocket.receive", "text": "{}"}] * 50,
        {"type": "websocket.disconnect"},
    ]

    async def scenario() -> int:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async def at_once() -> Message:
            return flood.pop(0)

        elsewhere = asyncio.create_task(other())
        async for _ in sockets._texts(WebSocket({"type": "websocket"}, at_once, send=nobody)):
            pass
        elsewhere.cancel()
        return turns

    assert asyncio.run(scenario()) >= 49


async def nobody(_: Message) -> None:
    """Nothing is sent."""
