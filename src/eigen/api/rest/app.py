"""`make_app`: the HTTP door as one ASGI app: REST under /v1, GraphQL, health, metrics and the OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from eigen import __version__
from eigen.api.graphql.app import mount
from eigen.api.rest import compilation, devices, events, jobs, operations, refusals, sessions
from eigen.api.rest.door import Door
from eigen.api.rest.edge import Edge
from eigen.api.rest.openapi import describe

if TYPE_CHECKING:
    from eigen.api.caller import Authenticator
    from eigen.api.service import Service
    from eigen.config import Settings


class App(FastAPI):
    """FastAPI with our own OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if not self.openapi_schema:
            self.openapi_schema = describe(self)
        return self.openapi_schema


def make_app(service: Service, authenticator: Authenticator, *, settings: Settings) -> FastAPI:
    """The app of one server. It opens nothing and starts nothing; `app.state.door.draining` ends its streams."""
    app = App(version=__version__, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.door = Door(service, authenticator, settings)
    app.add_middleware(Edge)
    refusals.install(app)
    for part in (jobs, events, devices, compilation, sessions, operations):
        app.include_router(part.router)
    mount(app)
    return app
