"""`Edge`: what holds for every request before any route sees it. Plain ASGI, so that streams pass through untouched.

It drops identity headers from outside, names the request, opens its span, bounds its body and its time, counts it, and
turns what nobody caught into a problem.
"""

from __future__ import annotations

import asyncio
import re
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from starlette.requests import ClientDisconnect

from eigen import telemetry
from eigen.api.caller import IDENTITY_PREFIX
from eigen.api.rest.bodies import MAX_BYTES
from eigen.api.rest.problems import answer, invalid
from eigen.errors import EigenError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_DEADLINE_SECONDS = 86_400.0
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
_SECONDS = re.compile(r"[0-9]{1,5}(\.[0-9]{1,6})?")
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked all day by machines: neither traced nor logged above level debug."""
ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))


class Edge:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or one connection."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        prefix = IDENTITY_PREFIX.encode()
        scope = {**scope, "headers": [pair for pair in scope["headers"] if not pair[0].startswith(prefix)]}
        exchange = Exchange(scope, receive, send)
        if scope["type"] == "websocket":
            with telemetry.span("http.socket", "server", exchange.header(b"traceparent")):
                await self.app(scope, receive, send)
            return
        with _span(scope, exchange) as span:
            await exchange.carry(self.app)
            endpoint, status = exchange.endpoint, str(exchange.status)
            span.set(endpoint=endpoint, status=status)
            seconds = perf_counter() - exchange.started
            method = scope["method"] if endpoint else "OTHER"
            telemetry.count("eigen_api_requests_total", method=method, endpoint=endpoint or "unmatched", status=status)
            telemetry.observe(
                "eigen_api_request_duration_seconds", seconds, method=method, endpoint=endpoint or "unmatched"
            )
            level = "debug" if endpoint in PROBES else "info"
            telemetry.log(
                level, f"{method} {endpoint or 'unmatched'} {status}", request_id=exchange.request_id, seconds=seconds
            )


def _span(scope: Scope, exchange: Exchange) -> telemetry.Span:
    if scope["path"] in PROBES:
        return telemetry.untraced("http.probe")
    return telemetry.span("http.request", "server", exchange.header(b"traceparent"), method=scope["method"])


class Exchange:
    """One HTTP request and its response on their way through."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self._receive, self._send = scope, receive, send
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.started = perf_counter()
        self.status = 0
        self.received = 0
        given = self.headers.get(b"x-request-id", b"")
        self.request_id = given.decode() if _REQUEST_ID.fullmatch(given) else uuid4().hex
        self.deadline: asyncio.Timeout | None = None

    @property
    def endpoint(self) -> str:
        """The template of the route that answered; empty when none did."""
        return str(getattr(self.scope.get("route"), "path", ""))

    def header(self, name: bytes) -> str:
        """A header of the request; empty when it has none of that name."""
        return self.headers.get(name, b"").decode("latin-1")

    async def carry(self, app: ASGIApp) -> None:
        """Have the request answered, by the app or by what stopped it."""
        try:
            seconds = self._check()
            async with asyncio.timeout(seconds) as self.deadline:
                await app(self.scope, self.receive, self.send)
        except TimeoutError as error:
            assert self.deadline is not None
            if not self.deadline.expired():
                await self._failed(error)
            else:
                message = f"the answer did not come within `{self.header(b'request-timeout')}` seconds"
                await self._refuse(EigenError("EIGEN_DEADLINE_EXCEEDED", message))
        except EigenError as error:
            await self._refuse(error)
        except ClientDisconnect:
            pass  # nobody is there to be told
        except Exception as error:
            await self._failed(error)

    async def receive(self) -> Message:
        """The next part of the body; EIGEN_LIMIT_EXCEEDED once there is too much of it."""
        message = await self._receive()
        self.received += len(message.get("body", b""))
        if self.received > MAX_BYTES:
            raise _too_large()
        return message

    async def send(self, message: Message) -> None:
        """Pass a part of the response on, its first one with our headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            names = {name for name, _ in headers}
            headers += [pair for pair in ALWAYS if pair[0] not in names]
            headers.append((b"x-request-id", self.request_id.encode()))
            message = {**message, "headers": headers}
            if self.deadline is not None and dict(headers).get(b"content-type", b"").startswith(b"text/event-stream"):
                self.deadline.reschedule(None)  # a stream tells its reader itself that the time is up
        await self._send(message)

    def _check(self) -> float | None:
        """The seconds that the request may take; what is wrong already with its headers is raised."""
        length = self.headers.get(b"content-length", b"")
        if length.isdigit() and (len(length) > 12 or int(length) > MAX_BYTES):
            raise _too_large()
        if length and b"transfer-encoding" in self.headers:  # RFC 9112, section 6.3: a proxy may have read another end
            raise invalid("the body has a `content-length` and a `transfer-encoding`", where="transfer-encoding")
        coding = self.header(b"content-encoding").strip().lower()
        if coding not in ("", "identity"):
            raise invalid(f"a body in `{coding[:40]}` is not read here: send it as it is", where="content-encoding")
        text = self.header(b"request-timeout")
        if not text:
            return None
        if not _SECONDS.fullmatch(text) or not 0 < float(text) <= MAX_DEADLINE_SECONDS:
            message = f"`{text[:40]}` is no number of seconds above 0, up to {MAX_DEADLINE_SECONDS:.0f}"
            raise invalid(message, where="request-timeout")
        self.scope.setdefault("state", {})["deadline"] = asyncio.get_running_loop().time() + float(text)
        return float(text)

    async def _failed(self, error: Exception) -> None:
        telemetry.log("error", "a request failed", error=error, request_id=self.request_id)
        message = f"the request `{self.request_id}` failed; the server's log says why"
        await self._refuse(EigenError("EIGEN_INTERNAL", message))

    async def _refuse(self, error: EigenError) -> None:
        """Answer with a problem, when nothing was answered yet; else the broken answer is left as it is."""
        if self.status:
            telemetry.log("warning", "an answer broke off", error=error, request_id=self.request_id)
            return
        state: dict[str, Any] = self.scope.get("state", {})
        state.pop("deadline", None)
        await answer(error)(self.scope, self._receive, self.send)


def _too_large() -> EigenError:
    return EigenError("EIGEN_LIMIT_EXCEEDED", f"the body is larger than {MAX_BYTES:,} bytes", where="content-length")
