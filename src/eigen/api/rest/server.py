"""Runs the HTTP app with uvicorn inside an event loop that is already there. It installs no signal handler.

HTTP/1.1 through h11, which bounds the size of request lines and headers; TLS where certificate files are given.
`connections` bounds their number and how long they keep us waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any, cast

import uvicorn

from eigen.api.rest.connections import HEAD_SECONDS, Connection, Crowd, connection_limit
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Mapping

    from fastapi import FastAPI

    from eigen.api.rest.door import Door

MAX_HEADER_BYTES = 32 * 1024
MAX_SOCKET_MESSAGE_BYTES = 1024 * 1024
BACKLOG = 1024


@contextlib.asynccontextmanager
async def serve_http(
    app: FastAPI, host: str, port: int, *, tls: Mapping[str, str] | None = None, drain_seconds: float = 20.0
) -> AsyncGenerator[int]:
    """Answer HTTP on an address while inside the `async with`; gives the port, which matters when 0 was asked for.

    `tls` holds `ssl_certfile` and `ssl_keyfile` (PEM). Leaving it stops accepting, ends the event streams, lets the
    other requests finish for `drain_seconds`, then cuts them off. Raises EIGEN_CONFIG_INVALID for an address that
    cannot be used or certificates that cannot be read.
    """
    listener = await asyncio.to_thread(_listen, host, port)
    config = uvicorn.Config(
        app,
        http=cast("Any", partial(Connection, crowd=Crowd(connection_limit()))),
        ws="websockets-sansio",
        ws_max_size=MAX_SOCKET_MESSAGE_BYTES,
        lifespan="off",
        loop="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        timeout_keep_alive=ceil(HEAD_SECONDS),
        timeout_graceful_shutdown=ceil(drain_seconds),
        backlog=BACKLOG,
        **_tls_options(tls),
    )
    server = _Server(config)
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        listener.close()
        message = f"the certificate of the HTTP port cannot be used: {error.strerror or error}"
        raise EigenError("EIGEN_CONFIG_INVALID", message, where="tls_cert") from error
    running = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    listening = asyncio.create_task(server.listening.wait())
    try:
        await asyncio.wait((running, listening), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        yield cast("int", listener.getsockname()[1])
    finally:
        listening.cancel()
        cast("Door", app.state.door).draining.set()
        server.stopping.set()
        await running


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers and its ten ticks a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self.stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Signals are the business of whoever runs the loop."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        """Until it is asked to stop; once a second the date in the answers moves on."""
        while not self.stopping.is_set():
            await self.on_tick(0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), 1.0)


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket; EIGEN_CONFIG_INVALID when the address cannot be used."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _unusable(host, port, error) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise _unusable(host, port, error) from error
    return listener


def _unusable(host: str, port: int, error: OSError) -> EigenError:
    message = f"`{host}:{port}` cannot be listened on: {error.strerror}"
    return EigenError("EIGEN_CONFIG_INVALID", message, where="http_address", hint="another process may have it")


def _tls_options(tls: Mapping[str, str] | None) -> dict[str, Any]:
    return dict(tls or {})
