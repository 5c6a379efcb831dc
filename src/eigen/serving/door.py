"""`PublicDoor`: the public ports of one server, gRPC and HTTP, over one `Service`."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from eigen.api.grpc.server import make_server
from eigen.api.identity.authenticator import authenticator
from eigen.api.identity.binding import check_public, split_address
from eigen.api.identity.tls import public_credentials, public_files
from eigen.api.rest.app import make_app
from eigen.api.rest.server import serve_http
from eigen.api.service import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.api.grpc.server import GrpcServer
    from eigen.api.kernel import AsyncKernel
    from eigen.config import Settings


class PublicDoor:
    """Opens and closes both ports together."""

    def __init__(self, settings: Settings, kernel: AsyncKernel) -> None:
        self._settings = settings
        self._kernel = kernel
        self._grpc: GrpcServer | None = None
        self._http = AsyncExitStack()

    async def open(self) -> Mapping[str, str]:
        """Bind and answer; returns the bound addresses by setting. EIGEN_CONFIG_INVALID for addresses beyond loopback
        where nobody is asked who they are, for ports that cannot be had and for certificates that are wrong."""
        settings, kernel = self._settings, self._kernel
        check_public(settings, any_key=await kernel.any_key())
        service = Service(kernel, streams_per_tenant=settings.streams_per_tenant)
        asks = authenticator(settings, kernel)
        grpc_host, _ = split_address("grpc_address", settings.grpc_address)
        http_host, http_port = split_address("http_address", settings.http_address)
        self._grpc = make_server(service, asks, settings=settings, credentials=public_credentials(settings))
        app = make_app(service, asks, settings=settings)
        tls = public_files(settings)
        serving = serve_http(app, http_host, http_port, tls=tls, drain_seconds=settings.drain_seconds)
        http_port = await self._http.enter_async_context(serving)
        await self._grpc.start()
        return {
            "grpc_address": _joined(grpc_host, self._grpc.port),
            "http_address": _joined(http_host, http_port),
        }

    async def close(self, seconds: float) -> None:
        """Take nothing new, end the streams, let requests finish for so long."""
        stops = [self._http.aclose()]
        if self._grpc is not None:
            stops.append(self._grpc.stop(seconds))
        await asyncio.gather(*stops)


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
