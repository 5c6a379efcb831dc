"""The gRPC door over a real kernel on a directory, with workers, asked over loopback."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import grpc
import grpc.aio

from doubles.front_door import BELL
from eigen.api.caller import NobodyAsked
from eigen.api.grpc.server import GrpcServer, make_server
from eigen.api.local import LocalKernel
from eigen.api.service import Service
from eigen.app import make_registry, open_ports
from eigen.config import Settings
from eigen.errors import EigenError
from eigen.kernel.sessions import Sessions
from eigen.kernel.workers import Workers
from eigen.qfs.audit import SqlAuditLog
from eigen.qfs.keys import SqlKeyStore
from eigen.serving.estimator import Estimator
from eigen.wire import errors
from eigen.wire.limits import CHANNEL_OPTIONS
from eigen.wire.messages import SERVICES, jobs, types
from eigen.wire.stubs import Stub

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from pathlib import Path

    from eigen.api.caller import Authenticator

DEADLINE = 30.0
"""Seconds that any call of a test may take: a hang fails the test."""

T = TypeVar("T")


@dataclass
class GrpcDoor:
    """The server, a channel to it, and the kernel behind it."""

    server: GrpcServer
    channel: grpc.aio.Channel
    kernel: Any
    stubs: dict[str, Stub] = field(init=False)

    def __post_init__(self) -> None:
        self.stubs = {service.name: Stub(self.channel, service) for service in SERVICES}

    async def ask(self, method: str, request: Any, *, timeout: float = DEADLINE, **metadata: str) -> Any:
        """The response of a unary method, or the list of those of a stream; raises the EigenError of the status."""
        pairs = tuple((key.replace("_", "-"), value) for key, value in metadata.items())
        service, _, name = method.partition("/")
        call = getattr(self.stubs[service], name)(request, timeout=timeout, metadata=pairs)
        try:
            return [item async for item in call] if hasattr(call, "__aiter__") else await call
        except grpc.aio.AioRpcError as error:
            raise errors.from_call(error.code(), error.details() or "", error.trailing_metadata()) from error

    async def refusal(self, method: str, request: Any, **options: Any) -> EigenError:
        """The error that a call must end with."""
        try:
            found = await self.ask(method, request, **options)
        except EigenError as error:
            return error
        raise AssertionError(f"{method} answered {found}")

    async def submit(self, source: str = BELL, **fields: Any) -> str:
        """The id of a new job, submitted as a client of the original contract does."""
        given = {"name": "bell", "target": "sim:local"} | fields
        request = jobs.SubmitJobRequest(eigen_lang=types.EigenLangSource(source=source.encode()), **given)
        return str((await self.ask("JobService/SubmitJob", request)).job_id)

    async def ended(self, job_id: str) -> list[Any]:
        """The updates of a job, once it has ended."""
        found = await self.ask("JobService/StreamJobUpdates", jobs.StreamJobUpdatesRequest(job_id=job_id))
        return [item.update for item in found if item.HasField("update")]


@asynccontextmanager
async def grpc_door(
    root: Path,
    *,
    authenticator: Authenticator | None = None,
    workers: int = 1,
    around: Callable[[LocalKernel], Any] = lambda kernel: kernel,
    credentials: grpc.ServerCredentials | None = None,
    **changes: Any,
) -> AsyncGenerator[GrpcDoor]:
    """The door open; `workers=0` leaves jobs where they are, `around` puts something before the kernel, and `changes`
    are settings."""
    settings = Settings(**{"qfs_root": str(root), "grpc_address": "127.0.0.1:0"} | changes)
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
    service = Service(around(kernel), streams_per_tenant=settings.streams_per_tenant)
    server = make_server(service, authenticator or NobodyAsked(), settings=settings, credentials=credentials)
    working.start()
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}", options=CHANNEL_OPTIONS) as channel:
            yield GrpcDoor(server, channel, kernel)
    finally:
        await server.stop()
        await kernel.close()
        working.stop()
        await asyncio.to_thread(working.join)
        database.close()


def at_the_grpc_door(root: Path, scenario: Callable[[GrpcDoor], Awaitable[T]], **options: Any) -> T:
    """What the scenario gives; `options` are those of `grpc_door`."""

    async def run() -> T:
        async with grpc_door(root, **options) as door:
            return await scenario(door)

    return asyncio.run(run())
