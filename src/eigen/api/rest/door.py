"""`Door`: what the routes of one app share. It hangs on `app.state.door`; the dependencies of the routes are here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, cast, get_type_hints

from fastapi import Depends, Request
from fastapi.params import Query as QueryParameter

from eigen.api.caller import IDENTITY_PREFIX
from eigen.api.service import Service
from eigen.errors import EigenError, suggest
from eigen.types import Caller

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.datastructures import Headers
    from starlette.requests import HTTPConnection

    from eigen.api.caller import Authenticator
    from eigen.config import Settings

SURFACE = "rest"
REPEATABLE = frozenset({"state"})
"""Query parameters that may be given more than once."""


@dataclass(frozen=True, slots=True)
class Door:
    """The service, who tells callers apart, the settings, and whether the server is about to stop."""

    service: Service
    authenticator: Authenticator
    settings: Settings
    draining: asyncio.Event = field(default_factory=asyncio.Event)


def door_of(connection: HTTPConnection) -> Door:
    """The door that a request came through."""
    return cast("Door", connection.app.state.door)


def plain_headers(headers: Headers) -> dict[str, str]:
    """Headers by lower-case name; one that was sent twice reads as both, joined by a comma, and identities of others
    are dropped."""
    plain: dict[str, str] = {}
    for name, value in headers.items():
        if not name.startswith(IDENTITY_PREFIX):
            plain[name] = f"{plain[name]}, {value}" if name in plain else value
    return plain


async def _caller(request: Request) -> Caller:
    return await door_of(request).authenticator.caller(plain_headers(request.headers))


async def _service(request: Request) -> Service:
    return door_of(request).service


async def known_query(request: Request) -> None:
    """Refuse query parameters that the route does not know, or knows once and was given twice."""
    if not request.query_params:
        return
    known = _query_parameters(request.scope["endpoint"])
    for name in request.query_params:
        shown = name[:60]
        if name not in known:
            hint = suggest(name, known)
            raise EigenError("EIGEN_REQUEST_INVALID", f"unknown query parameter `{shown}`", hint=hint, where=shown)
        if name not in REPEATABLE and len(request.query_params.getlist(name)) > 1:
            raise EigenError("EIGEN_REQUEST_INVALID", f"query parameter `{shown}` is given twice", where=shown)


@cache
def _query_parameters(endpoint: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the parameters that an endpoint declares as `Query`."""
    found = get_type_hints(endpoint, include_extras=True).items()
    return tuple(
        name
        for name, hint in found
        if any(isinstance(mark, QueryParameter) for mark in getattr(hint, "__metadata__", ()))
    )


Asking = Annotated[Caller, Depends(_caller)]
Serving = Annotated[Service, Depends(_service)]
