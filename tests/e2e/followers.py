"""Clients of servers that go away and come back: of REST, trying again and resuming as its standards ask; of gRPC, by
the client library, which does so itself.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Generator
from typing import Any

import httpx

import eigen

GIVE_UP_SECONDS = 120.0
PAUSE_SECONDS = 0.1
ENDED = frozenset({"DONE", "ERROR", "CANCELLED", "TIMEOUT"})


class Follower:
    """One reader of one server, which may be away at any time."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=f"http://{address}", timeout=30.0)

    def close(self) -> None:
        """Release the connections."""
        self._client.close()

    def submit(self, source: str, key: str, **spec: Any) -> str:
        """Submit a program under an idempotency key, as often as it takes, and return the job's id."""
        job = {
            "apiVersion": "eigen.os/v1",
            "kind": "QuantumJob",
            "metadata": {"name": "restarted"},
            "spec": {"program": {"source": source}, "target": "sim:auto", **spec},
        }
        answer = self._ask("POST", "/v1/jobs", json={"job": job}, headers={"Idempotency-Key": key})
        return answer["job_id"]

    def results(self, job_id: str) -> Any:
        """The results of an ended job."""
        return self._ask("GET", f"/v1/jobs/{job_id}/results")

    def jobs(self) -> list[Any]:
        """Every job, newest first."""
        return self._ask("GET", "/v1/jobs", params={"limit": 1000})["jobs"]

    def events(self, job_id: str) -> list[Any]:
        """All events of a job to its end."""
        return list(self.stream(job_id))

    def stream(self, job_id: str) -> Generator[Any]:
        """The events of a job to its end, by as many streams as it takes, each resumed after the last event."""
        until = time.monotonic() + GIVE_UP_SECONDS
        last: Any = None
        while time.monotonic() < until:
            try:
                for event in self._events_after(job_id, 0 if last is None else last["event_seq"]):
                    last = event
                    yield event
            except httpx.TransportError:
                pass
            if last is not None and last["state"] in ENDED:
                return
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(f"the stream of {job_id} did not end; it came to {last}")

    def _events_after(self, job_id: str, number: int) -> Generator[Any]:
        """One stream, to its end or to where the server stops it."""
        headers = {"Last-Event-ID": str(number)} if number else {}
        with self._client.stream("GET", f"/v1/jobs/{job_id}/events", headers=headers) as answer:
            if answer.status_code == 503:
                return
            assert answer.status_code == 200, answer.read()
            kind = ""
            for line in answer.iter_lines():
                if line.startswith("event:"):
                    kind = line.removeprefix("event:").strip()
                elif line.startswith("data:"):
                    entry = json.loads(line.removeprefix("data:"))
                    if kind == "problem":
                        assert entry["code"] == "EIGEN_SERVER_UNREACHABLE", entry
                        return
                    yield entry
                elif not line:
                    kind = ""

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        until = time.monotonic() + GIVE_UP_SECONDS
        while True:
            try:
                answer = self._client.request(method, path, **options)
                if answer.status_code != 503:
                    assert answer.is_success, answer.text
                    return answer.json()
            except httpx.TransportError:
                pass
            assert time.monotonic() < until, f"{method} {path} was never answered"
            time.sleep(PAUSE_SECONDS)


Follow = Callable[[str, list[Any]], None]
"""Appends the events of a job to a list as they come: (number, state, message)."""


class Watching(threading.Thread):
    """Follows one job to its end beside the test."""

    def __init__(self, job_id: str, follow: Follow) -> None:
        super().__init__(name=f"watching-{job_id}", daemon=True)
        self.job_id = job_id
        self._follow = follow
        self._seen: list[Any] = []
        self._failure: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Follow."""
        try:
            self._follow(self.job_id, self._seen)
        except BaseException as error:
            self._failure = error

    def begin(self) -> None:
        """Return when the first event has come: from then on the client knows that there is a server."""
        until = time.monotonic() + GIVE_UP_SECONDS
        while not self._seen and self.is_alive():
            assert time.monotonic() < until, f"no event of {self.job_id} comes"
            time.sleep(PAUSE_SECONDS)

    def events(self) -> list[Any]:
        """All events, once the job has ended."""
        self.join(GIVE_UP_SECONDS)
        assert not self.is_alive(), f"the stream of {self.job_id} hangs"
        if self._failure is not None:
            raise self._failure
        return self._seen


def by_rest(address: str) -> Follow:
    """Follow by server-sent events."""

    def follow(job_id: str, seen: list[Any]) -> None:
        follower = Follower(address)
        try:
            for event in follower.stream(job_id):
                seen.append((event["event_seq"], event["state"], event["message"]))
        finally:
            follower.close()

    return follow


def by_sdk(address: str) -> Follow:
    """Follow by gRPC, with the client library."""

    def follow(job_id: str, seen: list[Any]) -> None:
        with eigen.connect(f"grpc://{address}") as client:
            for event in client.watch(job_id):
                seen.append((event.seq, event.state.value, event.message))

    return follow


def by_async_sdk(address: str) -> Follow:
    """The same with the asyncio client."""

    async def watch(job_id: str, seen: list[Any]) -> None:
        async with eigen.connect_async(f"grpc://{address}") as client:
            async for event in client.watch(job_id):
                seen.append((event.seq, event.state.value, event.message))

    return lambda job_id, seen: asyncio.run(watch(job_id, seen))


def check_stream(events: list[Any]) -> None:
    """No event is missing, none came twice, and the last one alone ends the job, well."""
    assert [seq for seq, *_ in events] == list(range(1, len(events) + 1))
    assert [state for _, state, _ in events if state in ENDED] == ["DONE"], str(events[-1])
