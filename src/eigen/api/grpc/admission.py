"""`Admission`: callers of gRPC that open calls and then say nothing, or listen for ever, must not use up the room.

gRPC counts a call from its first headers on. So who calls is asked before the request is read, which may weigh much;
the request must follow within a time; of those we wait for there are only so many, and one too many costs the one
waited for longest. Reflection and the watching of health, which ask nobody for a token, have a room of their own.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from eigen.api.grpc.edge import Edge

REQUEST_SECONDS = 60.0
"""From the headers of a call to the end of its one request."""

MAX_WAITING = 1024
"""Calls whose request is not there yet."""

MAX_GUESTS = 256
"""Streams at the same time that need no token."""

GUEST_SECONDS = 600.0
"""How long one of them lasts."""

NO_MESSAGE = "the bytes of the request are no message of its type"
_OPEN = ("/grpc.health.", "/grpc.reflection.")


class Admission(grpc.aio.ServerInterceptor):
    """Stands before every handler of a server."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._waiting: dict[asyncio.Timeout, None] = {}  # in the order in which they began to wait
        self._guests = 0

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        """The handler of a call, behind our bounds."""
        handler: Any = await continuation(handler_call_details)
        if handler is None:
            return None
        if handler.request_streaming:  # reflection
            return _stream_stream(handler, self._as_guest(_written(handler.stream_stream)))
        guest = str(handler_call_details.method).startswith(_OPEN)
        behaviour = self._first(handler.unary_stream if handler.response_streaming else handler.unary_unary)
        if not guest:
            behaviour = self._known(behaviour, handler)
        if not handler.response_streaming:
            return _stream_unary(handler, behaviour)
        return _stream_stream(handler, self._as_guest(behaviour) if guest else behaviour)

    def _known(self, behaviour: Any, handler: Any) -> Any:
        """Reads no request of somebody who is not let in: an empty one is refused in its place."""
        refused = handler.unary_stream if handler.response_streaming else handler.unary_unary

        async def asking(requests: Any, context: Any) -> Any:
            if await self._edge.identify(context):
                return await behaviour(requests, context)
            return await refused(handler.request_deserializer(b""), context)

        return asking

    def _first(self, behaviour: Any) -> Any:
        """A behaviour for one request as one that takes a stream: only of a stream we can stop waiting."""

        async def waiting(requests: AsyncIterator[Any], context: Any) -> Any:
            try:
                async with asyncio.timeout(REQUEST_SECONDS) as limit:
                    self._make_room()
                    self._waiting[limit] = None
                    try:
                        request = await anext(aiter(requests))
                    finally:
                        self._waiting.pop(limit, None)
            except TimeoutError:
                return await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "the request did not come")
            except StopAsyncIteration:
                return await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the call carries no request")
            except (DecodeError, UnicodeDecodeError):
                return await context.abort(grpc.StatusCode.INVALID_ARGUMENT, NO_MESSAGE)
            return await behaviour(request, context)

        return waiting

    def _make_room(self) -> None:
        if len(self._waiting) >= MAX_WAITING:
            longest = next(iter(self._waiting))
            del self._waiting[longest]
            longest.reschedule(0)

    def _as_guest(self, behaviour: Any) -> Any:
        """A stream that asks nobody for a token, counted and not for ever."""

        async def counted(requests: Any, context: Any) -> None:
            if self._guests >= MAX_GUESTS:
                message = f"more than {MAX_GUESTS} streams without a token"
                await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, message)
            self._guests += 1
            limit = asyncio.timeout(GUEST_SECONDS)
            try:
                async with limit:
                    await behaviour(requests, context)
            except TimeoutError:
                if not limit.expired():
                    raise
                await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, f"a stream lasts {GUEST_SECONDS:g} s: ask again")
            except (DecodeError, UnicodeDecodeError):
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, NO_MESSAGE)
            finally:
                self._guests -= 1

        return counted


def _written(behaviour: Any) -> Any:
    """An asynchronous generator as a behaviour that writes."""

    async def writing(requests: Any, context: Any) -> None:
        async for response in behaviour(requests, context):
            await context.write(response)

    return writing


def _stream_unary(handler: Any, behaviour: Any) -> Any:
    make: Any = grpc.stream_unary_rpc_method_handler
    return make(behaviour, handler.request_deserializer, handler.response_serializer)


def _stream_stream(handler: Any, behaviour: Any) -> Any:
    make: Any = grpc.stream_stream_rpc_method_handler
    return make(behaviour, handler.request_deserializer, handler.response_serializer)
