"""`RoleServer`: the internal port of one role. grpc.health.v1 beside its services; loopback, or mutual TLS."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc  # pyright: ignore[reportMissingTypeStubs]

from eigen.api.identity.binding import check_internal, split_address
from eigen.api.identity.tls import internal_server_credentials
from eigen.errors import EigenError
from eigen.roles.binding import bound

if TYPE_CHECKING:
    from google.protobuf.descriptor import ServiceDescriptor

    from eigen.config import Settings

MESSAGE_BYTES = 512 << 20
"""The largest message between roles: a job's files, or counts of 10^7 shots, in one piece."""

SERVER_OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    ("grpc.max_metadata_size", 64 * 1024),
    ("grpc.so_reuseport", 0),  # a second server on the port is told so
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 4_000),
    ("grpc.keepalive_permit_without_calls", 1),
)


class RoleServer:
    """Answers the calls of other roles at the address in the setting `name`. `threads` calls run at a time."""

    def __init__(self, settings: Settings, name: str, *, threads: int) -> None:
        check_internal(settings, name)
        address: str = getattr(settings, name)
        self._name = name
        self._address = address
        self._host = split_address(name, address)[0]
        self._credentials = internal_server_credentials(settings)
        self._pool = ThreadPoolExecutor(threads, name.removesuffix("_address"))
        self._server = grpc.aio.server(options=SERVER_OPTIONS)
        self._health: Any = cast("Any", health).aio.HealthServicer()
        cast("Any", health_pb2_grpc).add_HealthServicer_to_server(self._health, self._server)
        self._services: list[str] = []

    def add(self, service: ServiceDescriptor, servicer: object) -> None:
        """Answer the methods of a service."""
        self._server.add_generic_rpc_handlers((bound(service, servicer, self._pool),))
        self._services.append(service.full_name)

    async def start(self) -> str:
        """Bind and answer; returns the address with its port. EIGEN_CONFIG_INVALID when the port cannot be had."""
        try:
            if self._credentials is None:
                port = self._server.add_insecure_port(self._address)
            else:
                port = self._server.add_secure_port(self._address, self._credentials)
        except RuntimeError as error:
            message = f"`{self._name}` cannot be had: nothing can be bound to `{self._address}`"
            hint = "another process has the port, or the address is not this machine's"
            raise EigenError("EIGEN_CONFIG_INVALID", message, hint=hint) from error
        await self._server.start()
        for name in ("", *self._services):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        return f"[{self._host}]:{port}" if ":" in self._host else f"{self._host}:{port}"

    async def stop(self, seconds: float) -> None:
        """Take no more calls, let the running ones finish for so long, then cut them."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(seconds)
        self._pool.shutdown(wait=False, cancel_futures=True)
