"""The HTTP door over a real kernel on a directory, with workers; asked in the same process, or over loopback."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from eigen.api.caller import NobodyAsked
from eigen.api.local import LocalKernel
from eigen.api.rest.app import make_app
from eigen.api.rest.server import serve_http
from eigen.api.service import Service
from eigen.app import make_registry, open_ports
from eigen.config import Settings
from eigen.kernel.sessions import Sessions
from eigen.kernel.workers import Workers
from eigen.qfs.audit import SqlAuditLog
from eigen.qfs.keys import SqlKeyStore
from eigen.serving.estimator import Estimator

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from pathlib import Path

    from fastapi import FastAPI

    from eigen.api.caller import Authenticator
    from eigen.kernel.ports import Ports

BELL = '''"""A Bell pair."""

from eigen_lang import QubitRegister, cx, h, hybrid_program, measure_all


@hybrid_program(target="sim:local", shots=500, seed=7)
def main():
    q = QubitRegister(2)
    h(q[0])
    cx(q[0], q[1])
    return measure_all(q)
'''

ENERGY = '''"""The energy of some angles."""

from eigen_lang import ExpectationValue, create_hea_ansatz, create_ising_model_hamiltonian, hybrid_program


@hybrid_program(target="sim:statevector", seed=7)
def main(angles=[0.0, 0.0]):
    ansatz = create_hea_ansatz(n_qubits=2, depth=1, rotations="ry")
    return ExpectationValue(ansatz, create_ising_model_hamiltonian(n_spins=2, J=-1.0, h=0.7), params=angles)
'''

T = TypeVar("T")
ENDED = frozenset({"DONE", "ERROR", "CANCELLED", "TIMEOUT"})


def document(source: str = BELL, name: str = "bell", **spec: Any) -> dict[str, Any]:
    """A job.yaml as JSON."""
    return {
        "apiVersion": "eigen.os/v1",
        "kind": "QuantumJob",
        "metadata": {"name": name},
        "spec": {"program": {"source": source}, **spec},
    }


@dataclass
class FrontDoor:
    """The app, a client of it, and the kernel behind it."""

    app: FastAPI
    client: httpx.AsyncClient
    kernel: LocalKernel
    ports: Ports
    workers: Workers

    async def submit(self, job: dict[str, Any] | None = None, **headers: str) -> str:
        """The id of a new job."""
        answer = await self.client.post("/v1/jobs", json={"job": job or document()}, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["job_id"])

    async def ended(self, job_id: str) -> dict[str, Any]:
        """The job when it has ended and all its files are there."""
        await self.client.get(f"/v1/jobs/{job_id}/events")  # answered when the stream ends
        while not (row := self.ports.jobs.get(job_id)) or not row.sealed:
            await asyncio.sleep(0.005)
        job = (await self.client.get(f"/v1/jobs/{job_id}")).json()
        assert job["state"] in ENDED
        return job


@asynccontextmanager
async def front_door(
    root: Path, *, authenticator: Authenticator | None = None, workers: int = 1, **changes: Any
) -> AsyncGenerator[FrontDoor]:
    """The door open; `workers=0` leaves jobs where they are. `changes` are settings."""
    settings = Settings(qfs_root=str(root), **changes)
    database, ports = open_ports(settings, make_registry(settings))
    ports = replace(ports, estimate=Estimator(settings))
    working = Workers(ports, workers, lease_seconds=30)
    kernel = LocalKernel(
        ports,
        sessions=Sessions(ports, idle_seconds=60, per_tenant=10),
        keys=SqlKeyStore(database),
        audit_log=SqlAuditLog(database),
        workers=working,
    )
    app = make_app(Service(kernel), authenticator or NobodyAsked(), settings=settings)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    working.start()
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            yield FrontDoor(app, client, kernel, ports, working)
    finally:
        await kernel.close()
        working.stop()
        working.join()
        database.close()


def at_the_door(root: Path, scenario: Callable[[FrontDoor], Awaitable[T]], **options: Any) -> T:
    """What the scenario gives; `options` are those of `front_door`."""

    async def run() -> T:
        async with front_door(root, **options) as door:
            return await scenario(door)

    return asyncio.run(run())


@asynccontextmanager
async def over_loopback(door: FrontDoor) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the same door through uvicorn on an ephemeral port."""
    async with (
        serve_http(door.app, "127.0.0.1", 0, drain_seconds=5) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):
        yield client
