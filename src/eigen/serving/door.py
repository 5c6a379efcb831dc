"""`PublicDoor`: the public ports of one server, gRPC and HTTP, over one `Service`."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from eigen.api.identity.authenticator import authenticator
from eigen.api.identity.binding import check_public, split_address
from eigen.api.identity.tls import public_files
from eigen.api.rest.app import make_app
from eigen.api.rest.server import serve_http
from eigen.api.service import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.api.kernel import AsyncKernel
    from eigen.config import Settings


class PublicDoor:
    """Opens and closes both ports together."""

    def __init__(self, settings: Settings, kernel: AsyncKernel) -> None:
        self._settings = settings
        self._kernel = kernel
        self._http = AsyncExitStack()

    async def open(self) -> Mapping[str, str]:
        """Bind and answer; returns the bound addresses by setting. EIGEN_CONFIG_INVALID for addresses beyond loopback
        where nobody is asked who they are, for ports that cannot be had and for certificates that are wrong."""
        settings, kernel = self._settings, self._kernel
        check_public(settings, any_key=await kernel.any_key())
        service, asks = Service(kernel), authenticator(settings, kernel)
        host, port = split_address("http_address", settings.http_address)
        app = make_app(service, asks, settings=settings)
        port = await self._http.enter_async_context(
            serve_http(app, host, port, tls=public_files(settings), drain_seconds=settings.drain_seconds)
        )
        return {"http_address": _joined(host, port)}

    async def close(self, seconds: float) -> None:
        """Take nothing new, end the streams, let requests finish for so long."""
        await asyncio.gather(self._http.aclose())


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
