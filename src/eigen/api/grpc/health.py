"""grpc.health.v1: serving means that the kernel behind this server takes work now."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import grpc
from grpc_health.v1 import health_pb2

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.descriptor import MethodDescriptor

    from eigen.api.grpc.edge import Edge
    from eigen.api.service import Service

messages: Any = health_pb2  # the stubs that type checkers know are older than `List`
DESCRIPTOR: Any = messages.DESCRIPTOR.services_by_name["Health"]
READY_SECONDS = 5.0
WATCH_SECONDS = 1.0
"""How often a watcher's answer is looked at again."""


class Health:
    """Answers for the whole server and for each of its services; they live and die together."""

    def __init__(self, service: Service, edge: Edge, names: tuple[str, ...]) -> None:
        self._service = service
        self._edge = edge
        self._names = ("", *names)

    def behaviour(self, method: MethodDescriptor) -> Callable[[Any, Any], Any]:
        """The function of each method."""
        return {"Check": self.check, "List": self.list, "Watch": self.watch}[method.name]

    async def check(self, request: Any, context: Any) -> Any:
        """The state now; NOT_FOUND for a service that is not here."""
        if request.service not in self._names:
            await context.abort(grpc.StatusCode.NOT_FOUND, "there is no such service")
        return messages.HealthCheckResponse(status=await self._status())

    async def list(self, request: Any, context: Any) -> Any:
        """The state of every service."""
        del request, context
        answer = messages.HealthCheckResponse(status=await self._status())
        return messages.HealthListResponse(statuses=dict.fromkeys(self._names, answer))

    async def watch(self, request: Any, context: Any) -> None:
        """The state now and at every change, until the caller has enough or the server stops."""
        known = request.service in self._names
        unknown = messages.HealthCheckResponse.SERVICE_UNKNOWN
        last = None
        while True:
            now = await self._status() if known else unknown
            if now != last:
                await context.write(messages.HealthCheckResponse(status=now))
                last = now
            if self._edge.draining.is_set():
                return
            try:
                await asyncio.wait_for(self._edge.draining.wait(), WATCH_SECONDS)
            except TimeoutError:
                continue

    async def _status(self) -> Any:
        kind = messages.HealthCheckResponse
        if self._edge.draining.is_set():
            return kind.NOT_SERVING
        try:
            await asyncio.wait_for(self._service.ready(), READY_SECONDS)
        except (EigenError, TimeoutError):
            return kind.NOT_SERVING
        return kind.SERVING
