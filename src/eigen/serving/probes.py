"""`Probes`: /metrics, /healthz and /readyz of a split role, on loopback. Fixed answers to GET, not a web server."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.telemetry import exposition
from eigen.telemetry.metrics import CONTENT_TYPE
from eigen.wire.plain import to_json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

HOST = "127.0.0.1"
REQUEST_SECONDS = 5.0
REQUEST_BYTES = 16 * 1024
JSON = "application/json"

Answer = tuple[str, str, bytes]  # status line, content type, body


class Probes:
    """Answers on a loopback port: alive as long as the process answers at all, ready as long as `ready` returns."""

    def __init__(self, port: int, ready: Callable[[], Awaitable[None]]) -> None:
        self._port = port
        self._ready = ready
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Bind, and return the address; EIGEN_CONFIG_INVALID when the port is taken."""
        try:
            self._server = await asyncio.start_server(self._serve, HOST, self._port, limit=REQUEST_BYTES)
        except OSError as error:
            message = f"port `{self._port}` of `metrics_port` cannot be used: {error.strerror}"
            hint = "another process has it: set `metrics_port`"
            raise EigenError("EIGEN_CONFIG_INVALID", message, hint=hint) from error
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"{host}:{port}"

    async def close(self) -> None:
        """Answer no more."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                request = await reader.readuntil(b"\r\n\r\n")
                status, kind, body = await self._answer(request.split(b"\r\n", 1)[0].split())
                head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
                writer.write(f"{head}connection: close\r\n\r\n".encode("ascii") + body)
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return  # whoever asked is gone, too slow or no client of ours
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, words: list[bytes]) -> Answer:
        if len(words) != 3 or words[0] != b"GET":
            return "405 Method Not Allowed", JSON, to_json({"status": "only GET is answered here"})
        match words[1].split(b"?", 1)[0]:
            case b"/metrics":
                return "200 OK", CONTENT_TYPE, exposition()
            case b"/healthz":
                return "200 OK", JSON, to_json({"status": "ok"})
            case b"/readyz":
                return await self._readiness()
            case _:
                return "404 Not Found", JSON, to_json({"status": "there are /metrics, /healthz and /readyz"})

    async def _readiness(self) -> Answer:
        try:
            await self._ready()
        except EigenError as error:
            return "503 Service Unavailable", JSON, to_json({"status": "not ready", "error": error.to_json()})
        return "200 OK", JSON, to_json({"status": "ok"})
