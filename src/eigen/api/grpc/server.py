"""`make_server`: the gRPC server of the public door, with health and reflection beside the services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

from eigen.api.grpc import compilation, devices, jobs, sessions
from eigen.api.grpc.admission import Admission
from eigen.api.grpc.edge import Edge, deserializer
from eigen.errors import EigenError
from eigen.wire.limits import PUBLIC_OPTIONS
from eigen.wire.messages import SERVICES
from eigen.wire.stubs import handlers

if TYPE_CHECKING:
    from google.protobuf.descriptor import MethodDescriptor

    from eigen.api.caller import Authenticator
    from eigen.api.service import Service
    from eigen.config import Settings

OPERATIONS = jobs.OPERATIONS | devices.OPERATIONS | compilation.OPERATIONS | sessions.OPERATIONS
MAX_CALLS = 4096
"""Calls at the same time, streams among them; one more is RESOURCE_EXHAUSTED."""


class GrpcServer:
    """A server on its port. Make it, `start` it and `stop` it in one event loop."""

    def __init__(self, server: grpc.aio.Server, edge: Edge, port: int) -> None:
        self._server = server
        self._edge = edge
        self.port = port
        """The port that answers, also when the settings leave the choice to the system (`:0`)."""

    async def start(self) -> None:
        """Answer calls."""
        await self._server.start()

    async def stop(self, drain_seconds: float = 0.0) -> None:
        """Take no more calls, end the event streams so that their readers come back, and give the others this long."""
        self._edge.draining.set()
        await self._server.stop(drain_seconds)


def make_server(
    service: Service,
    authenticator: Authenticator,
    *,
    settings: Settings,
    credentials: grpc.ServerCredentials | None = None,
) -> GrpcServer:
    """A server at `settings.grpc_address`, with TLS when there are credentials; EIGEN_CONFIG_INVALID when the address
    cannot be had, EIGEN_NOT_AVAILABLE without the extra `server`."""
    edge = Edge(service, authenticator, settings)
    server = grpc.aio.server(interceptors=(Admission(edge),), options=PUBLIC_OPTIONS, maximum_concurrent_rpcs=MAX_CALLS)

    def behaviour(method: MethodDescriptor) -> Any:
        return edge.around(method, OPERATIONS[method.name])

    server.add_generic_rpc_handlers(tuple(handlers(each, behaviour, deserializer=deserializer) for each in SERVICES))
    _add_health_and_reflection(server, service, edge)
    address = settings.grpc_address
    try:
        port = (
            server.add_insecure_port(address) if credentials is None else server.add_secure_port(address, credentials)
        )
    except RuntimeError as error:
        raise _cannot_listen(address) from error
    if not port:
        raise _cannot_listen(address)
    return GrpcServer(server, edge, port)


def _add_health_and_reflection(server: grpc.aio.Server, service: Service, edge: Edge) -> None:
    try:
        from grpc_reflection.v1alpha import reflection

        from eigen.api.grpc import health
    except ImportError as error:
        hint = "pip install 'eigen-os[server]'"
        raise EigenError("EIGEN_NOT_AVAILABLE", "the server is not installed", hint=hint) from error
    names = tuple(each.full_name for each in SERVICES)
    answers = health.Health(service, edge, names)
    server.add_generic_rpc_handlers((handlers(health.DESCRIPTOR, answers.behaviour),))
    enable: Any = reflection.enable_server_reflection
    enable((*names, health.DESCRIPTOR.full_name, reflection.SERVICE_NAME), server)


def _cannot_listen(address: str) -> EigenError:
    message = f"cannot listen on `{address}`"
    return EigenError("EIGEN_CONFIG_INVALID", message, where="grpc_address", hint="is the port taken?")
