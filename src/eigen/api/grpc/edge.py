"""`Edge`: what holds for every call before a method sees it, and after it has answered or failed.

It reads the envelope, asks who calls, opens the span, keeps the deadline, counts, logs, and turns every failure into
google.rpc.Status. A defect is logged here and answered without a word about its inside.
"""

from __future__ import annotations

import asyncio
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import grpc

from eigen import telemetry
from eigen.api.disclosure import disclosed
from eigen.api.grpc.call import Call
from eigen.api.grpc.envelope import acting_as, plain_headers, read_envelope
from eigen.errors import EigenError
from eigen.wire.errors import message_of, trailers
from eigen.wire.limits import ACCEPT_ERROR_BYTES, LARGE_TRAILER_BYTES, MESSAGE_BYTES, TRAILER_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.protobuf.descriptor import MethodDescriptor

    from eigen.api.caller import Authenticator
    from eigen.api.grpc.envelope import Envelope
    from eigen.api.service import Service
    from eigen.config import Settings
    from eigen.types import Caller

    Operation = Callable[[Call, Any], Any]

CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}
"""The codes of gRPC by their numbers in google.rpc.Code."""

QUIET = ("Get", "List", "Evaluate")
"""How methods begin that are called again and again and change nothing: that one went well is news at level `debug`."""


_IDENTIFIED: ContextVar[Caller | EigenError | None] = ContextVar("identified", default=None)
"""Who calls, or why that is not known; of one call."""


class Undecodable:
    """Stands where a request should be whose bytes are no message of its type."""

    def __init__(self, message: type[Any]) -> None:
        self.name: str = message.DESCRIPTOR.full_name


def deserializer(message: type[Any]) -> Callable[[bytes], Any]:
    """Reads a request. Bytes that are none must reach the edge: gRPC itself would call that an internal error."""
    from google.protobuf.message import DecodeError

    def read(data: bytes) -> Any:
        try:
            return message.FromString(data)
        except (DecodeError, UnicodeDecodeError):
            return Undecodable(message)

    return read


class Edge:
    """The outermost layer of the gRPC door."""

    def __init__(self, service: Service, authenticator: Authenticator, settings: Settings) -> None:
        self._service = service
        self._authenticator = authenticator
        self._settings = settings
        self.draining = asyncio.Event()

    def around(self, method: MethodDescriptor, operation: Operation) -> Callable[[Any, Any], Any]:
        """The function that gRPC calls for a method."""

        async def unary(request: Any, context: Any) -> Any:
            exchange = Exchange(self, method, context)
            return await exchange.carry(request, lambda call: _answer(operation, call, request))

        async def stream(request: Any, context: Any) -> None:
            exchange = Exchange(self, method, context)
            await exchange.carry(request, lambda call: _send(operation, call, request, context))

        return stream if method.server_streaming else unary

    async def identify(self, context: Any) -> bool:
        """Whether the one who calls is let in, asked before the request is read; `admit` says why not."""
        try:
            _IDENTIFIED.set(await self._authenticator.caller(plain_headers(context.invocation_metadata() or ())))
        except EigenError as error:
            _IDENTIFIED.set(error)
            return False
        except Exception:  # a defect: `admit` meets it again, where it is logged
            return False
        return True

    async def admit(self, request: Any, headers: Mapping[str, str], envelope: Envelope | None) -> Call:
        """Who calls, once the envelope has been read."""
        caller = _IDENTIFIED.get() or await self._authenticator.caller(headers)
        if isinstance(caller, EigenError):
            raise caller
        if isinstance(request, Undecodable):
            raise EigenError("EIGEN_REQUEST_INVALID", f"the bytes of the request are no `{request.name}`")
        sent = request.envelope
        return Call(
            service=self._service,
            caller=acting_as(caller, sent.tenant_id, sent.project_id, where="envelope"),
            idempotency_key=envelope.idempotency_key if envelope else None,
            heartbeat_seconds=self._settings.heartbeat_seconds,
            draining=self.draining,
        )


async def _answer(operation: Operation, call: Call, request: Any) -> Any:
    response = await operation(call, request)
    _check_size(response)
    return response


async def _send(operation: Operation, call: Call, request: Any, context: Any) -> None:
    responses = operation(call, request)
    try:
        async for response in responses:
            _check_size(response)
            await context.write(response)
    finally:
        await responses.aclose()


def _check_size(response: Any) -> None:
    size = response.ByteSize()
    if size > MESSAGE_BYTES:
        message = f"the answer has {size:,} bytes; the limit of a message is {MESSAGE_BYTES:,}"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message)


class Exchange:
    """One call from its first byte to its last."""

    def __init__(self, edge: Edge, method: MethodDescriptor, context: Any) -> None:
        self._edge = edge
        self._context = context
        self._method = method
        service = method.containing_service
        self._endpoint = f"{service.name if service else ''}/{method.name}"
        self._headers = plain_headers(context.invocation_metadata() or ())
        self.envelope: Envelope | None = None

    async def carry(self, request: Any, work: Callable[[Call], Any]) -> Any:
        """Do the work of the call; whatever goes wrong ends it with a status."""
        started = time.perf_counter()
        sent: Any = getattr(request, "envelope", None)
        parent = (sent.traceparent if sent is not None else "") or self._headers.get("traceparent", "")
        code = grpc.StatusCode.CANCELLED  # unless it ends by itself
        with telemetry.span(f"api.{self._method.name}", "server", parent, endpoint=self._endpoint) as span:
            try:
                outcome = await self._attempt(request, work)
                code = CODES[outcome.status.grpc] if isinstance(outcome, EigenError) else grpc.StatusCode.OK
            finally:
                span.set(status=code.name)
                self._tell(code.name, time.perf_counter() - started)
        if isinstance(outcome, EigenError):
            details = trailers(outcome, limit_bytes=self._room())
            await self._context.abort(code, message_of(outcome), details)
        return outcome

    async def _attempt(self, request: Any, work: Callable[[Call], Any]) -> Any:
        """The response, or the error that stands for it."""
        try:
            return await self._carry(request, work)
        except EigenError as error:
            if error.code == "EIGEN_INTERNAL":
                telemetry.log("error", f"{self._endpoint} failed", error=error)
            return disclosed(error)
        except Exception as defect:
            telemetry.log("error", f"{self._endpoint} failed", error=defect)
            return EigenError("EIGEN_INTERNAL", "the server met a defect of its own; its log says more")

    def _tell(self, status: str, seconds: float) -> None:
        labels = {"method": "GRPC", "endpoint": self._endpoint}
        telemetry.count("eigen_api_requests_total", **labels, status=status)
        telemetry.observe("eigen_api_request_duration_seconds", seconds, **labels)
        named: dict[str, str] = {}
        if self.envelope is not None:
            named = {"request_id": self.envelope.request_id, "client": self.envelope.client_version}
        level = "debug" if status == "OK" and self._method.name.startswith(QUIET) else "info"
        telemetry.log(level, f"{self._endpoint} {status}", ms=round(seconds * 1000, 3), **named)

    async def _carry(self, request: Any, work: Callable[[Call], Any]) -> Any:
        sent: Any = getattr(request, "envelope", None)
        if sent is not None:
            self.envelope = read_envelope(sent, self._headers)
            await self._context.send_initial_metadata((("x-request-id", self.envelope.request_id),))
        seconds = self._seconds()
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                call = await self._edge.admit(request, self._headers, self.envelope)
                return await work(call)
        except TimeoutError as error:
            if not limit.expired():
                raise
            message = f"the answer did not come within {seconds:.3f} s"
            raise EigenError("EIGEN_DEADLINE_EXCEEDED", message) from error

    def _seconds(self) -> float | None:
        """How long the caller waits: the earlier one of the call's deadline and the envelope's."""
        given = (self._context.time_remaining(), self.envelope.deadline if self.envelope else None)
        known = [max(0.0, seconds) for seconds in given if seconds is not None]
        return min(known, default=None)

    def _room(self) -> int:
        """What the trailer of an error may weigh."""
        asked = self._headers.get(ACCEPT_ERROR_BYTES, "")
        if not asked.isascii() or not asked.isdigit() or len(asked) > 9:
            return TRAILER_BYTES
        return min(max(int(asked), TRAILER_BYTES), LARGE_TRAILER_BYTES)
