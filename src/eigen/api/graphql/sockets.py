"""Subscriptions: the protocol `graphql-transport-ws` at /graphql, spoken by Strawberry behind our checks.

Who asks stands in the `authorization` header of the handshake or in the payload of `connection_init`. A page of another
origin is refused.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from starlette.requests import Request
from starlette.websockets import WebSocket
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import NonJsonMessageReceived
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UNSET, UnsetType

from eigen.api.graphql.context import Context
from eigen.api.rest.door import door_of, plain_headers
from eigen.errors import EigenError
from eigen.jobspec.json_text import read_json
from eigen.telemetry import log

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from eigen.api.graphql.schema import Graph

INIT_SECONDS = 10
OPERATIONS_PER_SOCKET = 100
MAX_DEPTH = 100
_PAYLOAD: dict[str, tuple[type, ...]] = {
    "query": (str,),
    "variables": (dict, type(None)),
    "operationName": (str, type(None)),
    "extensions": (dict, type(None)),
}


class _Adapter(ASGIWebSocketAdapter):
    """Reads messages as strictly as bodies are read, and passes on only those of the protocol's shapes."""

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        async for text in _texts(self.ws):
            try:
                message = read_json(text.encode("utf-8", "replace"), "message", max_depth=MAX_DEPTH)
            except EigenError as error:
                raise NonJsonMessageReceived from error
            if not _is_message(message):
                raise NonJsonMessageReceived
            yield message


async def _texts(socket: WebSocket) -> AsyncGenerator[str]:
    """The messages of a socket until it closes; one that is no text counts as empty."""
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        yield str(message.get("text") or "")
        await asyncio.sleep(0)  # a flood of messages lets others have their turn between any two


def _is_message(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    message = cast("dict[str, Any]", value)
    if message.get("type") not in ("subscribe", "complete"):
        return isinstance(message.get("type"), str)
    if not isinstance(message.get("id"), str) or not message["id"]:
        return False
    if message["type"] == "complete":
        return True
    payload: Any = message.get("payload")
    if not isinstance(payload, dict) or "query" not in payload:
        return False
    entries = cast("dict[str, Any]", payload)
    return entries.keys() <= _PAYLOAD.keys() and all(isinstance(entries[key], _PAYLOAD[key]) for key in entries)


class Sockets(GraphQL[Context, None]):
    """The ASGI app of the sockets of a schema."""

    websocket_adapter_class: Any = _Adapter

    def __init__(self, schema: Graph) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=INIT_SECONDS),
            max_subscriptions_per_connection=OPERATIONS_PER_SOCKET,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        try:
            await super().__call__(scope, receive, send)
        except Exception as error:
            log("error", "a socket failed", error=error)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """Who may be asking."""
        return Context(door_of(request), plain_headers(request.headers))

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        """Let nobody in who would be refused by every operation."""
        try:
            await context.identify()
        except EigenError as error:
            raise ConnectionRejectionError from error
        return UNSET
