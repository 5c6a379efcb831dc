"""`mount`: adds GraphQL to the HTTP app: operations by POST, subscriptions by socket, both at /graphql."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import WebSocketRoute

from eigen.api.graphql.http import make_router
from eigen.api.graphql.schema import make_schema
from eigen.api.graphql.sockets import Sockets

if TYPE_CHECKING:
    from fastapi import FastAPI


def mount(app: FastAPI) -> None:
    """Answer GraphQL at /graphql."""
    schema = make_schema()
    app.include_router(make_router(schema))
    app.router.routes.append(WebSocketRoute("/graphql", Sockets(schema)))
