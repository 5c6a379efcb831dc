"""Events over REST: streams that resume, say nothing politely, and end; pages for those who do not wait."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from doubles.front_door import FrontDoor, at_the_door, over_loopback
from eigen.kernel.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

JSON = {"Accept": "application/json"}


def told(text: str) -> list[tuple[int, dict[str, Any]]]:
    """The messages of a stream: id and data."""
    messages = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\n\n") if block]
    return [(int(message["id"]), json.loads(message["data"])) for message in messages if "data" in message]


def test_a_stream_holds_every_event_once_to_the_terminal_one(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        job_id = await door.submit()
        answer = await door.client.get(f"/v1/jobs/{job_id}/events")
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = told(answer.text)
        assert [number for number, _ in events] == list(range(1, len(events) + 1))
        assert [data["event_seq"] for _, data in events] == [number for number, _ in events]
        assert [data["state"] for _, data in events if data["state"] in ("DONE", "ERROR")] == ["DONE"]
        last = len(events)
        rest = await door.client.get(f"/v1/jobs/{job_id}/events", headers={"Last-Event-ID": "2"})
        assert told(rest.text) == events[2:]
        assert told((await door.client.get(f"/v1/jobs/{job_id}/events?after=2")).text) == events[2:]
        done = await door.client.get(f"/v1/jobs/{job_id}/events?after=1", headers={"Last-Event-ID": str(last)})
        assert (done.status_code, done.content) == (204, b"")

    at_the_door(tmp_path, scenario)


def test_pages_of_events_follow_their_links(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        job_id = await door.submit()
        first = (await door.client.get(f"/v1/jobs/{job_id}/events", headers=JSON)).json()
        assert [event["event_seq"] for event in first["events"]] == [1]
        assert (await door.client.get(first["next"], headers=JSON)).json() == {"events": [], "next": first["next"]}
        await asyncio.to_thread(Worker(door.ports).run_until, job_id)
        seen: list[int] = []
        following = f"/v1/jobs/{job_id}/events?limit=2"
        while following:
            page = (await door.client.get(following, headers=JSON)).json()
            seen += [event["event_seq"] for event in page["events"]]
            following = page["next"]
        assert seen == list(range(1, len(seen) + 1))
        assert len(seen) >= 4

    at_the_door(tmp_path, scenario, workers=0)


@pytest.mark.parametrize(
    ("headers", "query", "code"),
    [
        ({}, "?after=99", "EIGEN_STREAM_CURSOR"),
        (JSON, "?after=99", "EIGEN_STREAM_CURSOR"),
        ({"Last-Event-ID": "99"}, "", "EIGEN_STREAM_CURSOR"),
        ({"Last-Event-ID": "one"}, "", "EIGEN_REQUEST_INVALID"),
        ({"Last-Event-ID": "9" * 40}, "", "EIGEN_REQUEST_INVALID"),
        ({}, "?after=-1", "EIGEN_REQUEST_INVALID"),
    ],
)
def test_a_cursor_outside_the_log_is_refused_before_the_stream_begins(
    tmp_path: Path, headers: dict[str, str], query: str, code: str
) -> None:
    async def scenario(door: FrontDoor) -> None:
        job_id = await door.submit()
        answer = await door.client.get(f"/v1/jobs/{job_id}/events{query}", headers=headers)
        assert answer.json()["code"] == code
        assert answer.status_code == {"EIGEN_STREAM_CURSOR": 416}.get(code, 400)

    at_the_door(tmp_path, scenario, workers=0)


async def until(lines: Any, wanted: str) -> list[str]:
    """The lines up to the first that begins so."""
    seen: list[str] = []
    async for line in lines:
        seen.append(line)
        if line.startswith(wanted):
            return seen
    raise AssertionError(f"the stream ended: {seen}")


def test_a_silent_stream_lives_and_then_tells_what_happens(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        job_id = await door.submit()
        async with over_loopback(door) as client, client.stream("GET", f"/v1/jobs/{job_id}/events?after=1") as stream:
            lines = stream.aiter_lines()
            await until(lines, ": heartbeat")
            await until(lines, ": heartbeat")
            working = asyncio.create_task(asyncio.to_thread(Worker(door.ports).run_until, job_id))
            assert "id: 2" in await until(lines, "data: ")
            rest = [line async for line in lines]
            assert '"state": "DONE"' in [line for line in rest if line.startswith("data")][-1]
            await working

    at_the_door(tmp_path, scenario, workers=0, heartbeat_seconds=0.1)


def test_a_server_that_stops_ends_its_streams_and_the_next_one_goes_on(tmp_path: Path) -> None:
    async def reader(client: httpx.AsyncClient, job_id: str, opened: asyncio.Event) -> list[str]:
        async with client.stream("GET", f"/v1/jobs/{job_id}/events") as stream:
            lines = stream.aiter_lines()
            seen = await until(lines, "data: ")
            opened.set()
            return seen + [line async for line in lines]

    async def scenario(door: FrontDoor) -> None:
        job_id, opened = await door.submit(), asyncio.Event()
        async with over_loopback(door) as client:
            reading = asyncio.create_task(reader(client, job_id, opened))
            await opened.wait()
            door.app.state.door.draining.set()
            seen = await reading
            assert [line for line in seen if line.startswith("id")] == ["id: 1"]
            ready = await client.get("/readyz")
            assert (ready.status_code, ready.json()["code"]) == (503, "EIGEN_SERVER_UNREACHABLE")

    at_the_door(tmp_path, scenario, workers=0)


def test_a_stream_ends_at_its_readers_deadline(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        job_id = await door.submit()
        answer = await door.client.get(f"/v1/jobs/{job_id}/events?after=1", headers={"Request-Timeout": "0.05"})
        assert answer.status_code == 200
        name, data = answer.text.strip().splitlines()[-2:]
        assert name == "event: problem"
        assert json.loads(data.removeprefix("data: "))["code"] == "EIGEN_DEADLINE_EXCEEDED"

    at_the_door(tmp_path, scenario, workers=0)


def test_a_reader_that_leaves_takes_its_stream_along(tmp_path: Path) -> None:
    async def scenario(door: FrontDoor) -> None:
        job_id = await door.submit()
        async with over_loopback(door) as client:
            async with client.stream("GET", f"/v1/jobs/{job_id}/events") as stream:
                await until(stream.aiter_lines(), "data: ")
            while any(task.get_name() != "http" and "_stream" in repr(task) for task in asyncio.all_tasks()):
                await asyncio.sleep(0.01)  # the server notices in its own time

    at_the_door(tmp_path, scenario, workers=0)
