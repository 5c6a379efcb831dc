"""The ways in, each as a `Door`: one connection that submits a Bell circuit and looks at jobs."""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, Protocol

import eigen
from bench.report import ROOT
from eigen.client import read_job
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.api.servers import Addresses
    from eigen.client import AsyncClient, Client

BELL = ROOT / "bench" / "bell.aqo.json"
JOB = {
    "apiVersion": "eigen.os/v1",
    "kind": "QuantumJob",
    "metadata": {"name": "bell"},
    "spec": {"program": {"path": BELL.name, "format": "aqo"}},
}
WAITING = tuple(state for state in JobState if not state.is_terminal)
SUBMIT = "mutation($input: JobInput!) { submitJob(input: $input) { job { jobId } } }"
STATUS = "query($id: ID!) { job(id: $id) { jobId state stage progress } }"


class Door(Protocol):
    """One connection of one client."""

    def submit(self) -> str:
        """Store a job; its id."""
        ...

    def status(self, job_id: str) -> object:
        """The job now."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class AsyncDoor(Protocol):
    """The same for asyncio."""

    async def submit(self) -> str:
        """Store a job; its id."""
        ...

    async def status(self, job_id: str) -> object:
        """The job now."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...


class SdkDoor:
    """The SDK, on a server or on the kernel in this process."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.job = read_job(BELL)

    def submit(self) -> str:
        return self.client.submit(self.job)

    def status(self, job_id: str) -> object:
        return self.client.status(job_id)

    def close(self) -> None:
        self.client.close()


class AsyncSdkDoor:
    """The SDK for asyncio."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client
        self.job = read_job(BELL)

    async def submit(self) -> str:
        return await self.client.submit(self.job)

    async def status(self, job_id: str) -> object:
        return await self.client.status(job_id)

    async def close(self) -> None:
        await self.client.close()


class HttpDoor:
    """A connection that is kept alive, with the HTTP client of Python's library."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self.connection = HTTPConnection(host, int(port))
        self.connection.connect()

    def close(self) -> None:
        self.connection.close()

    def ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        headers = {"content-type": "application/json"} if body else {}
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:400]!r}")
        return json.loads(data)


class RestDoor(HttpDoor):
    """REST."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.body = json.dumps({"job": JOB, "program": BELL.read_text()}).encode()

    def submit(self) -> str:
        return str(self.ask("POST", "/v1/jobs", self.body)["job_id"])

    def status(self, job_id: str) -> object:
        return self.ask("GET", f"/v1/jobs/{job_id}")


class GraphqlDoor(HttpDoor):
    """GraphQL."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.input = {"input": {"job": JOB, "program": BELL.read_text()}}

    def submit(self) -> str:
        return str(self.query(SUBMIT, self.input)["submitJob"]["job"]["jobId"])

    def status(self, job_id: str) -> object:
        return self.query(STATUS, {"id": job_id})

    def query(self, text: str, variables: Mapping[str, Any]) -> Any:
        answer = self.ask("POST", "/graphql", json.dumps({"query": text, "variables": variables}).encode())
        if answer.get("errors"):
            raise RuntimeError(f"GraphQL: {answer['errors']}")
        return answer["data"]


def embedded(home: str) -> Door:
    """The kernel in this process."""
    return SdkDoor(eigen.connect(data_dir=home))


SURFACES: Mapping[str, Callable[[Addresses], Door]] = {
    "gRPC, SDK": lambda addresses: SdkDoor(eigen.connect(f"grpc://{addresses.grpc}")),
    "REST, keep-alive": lambda addresses: RestDoor(addresses.http),
    "GraphQL, keep-alive": lambda addresses: GraphqlDoor(addresses.http),
}
ASYNC_SURFACES: Mapping[str, Callable[[Addresses], AsyncDoor]] = {
    "gRPC, asyncio SDK": lambda addresses: AsyncSdkDoor(eigen.connect_async(f"grpc://{addresses.grpc}")),
}


def drain(addresses: Addresses) -> float:
    """Wait until the server has worked off every job; the seconds that took."""
    start = time.perf_counter()
    with eigen.connect(f"grpc://{addresses.grpc}") as client:
        while client.list(states=WAITING, limit=1):
            time.sleep(0.05)
    return time.perf_counter() - start
