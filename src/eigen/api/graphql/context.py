"""`Context`: what the resolvers of one request or one connection share, and who asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from strawberry.types import Info

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.api.rest.door import Door
    from eigen.api.service import Service
    from eigen.types import Caller

SURFACE = "graphql"


@dataclass(slots=True)
class Context:
    """The door, and the headers that say who asks. `connection_params` is what a socket said when it connected."""

    door: Door
    headers: Mapping[str, str]
    connection_params: dict[str, Any] = field(default_factory=dict[str, Any])
    caller: Caller | None = None

    @property
    def service(self) -> Service:
        """What answers."""
        return self.door.service

    async def identify(self) -> Caller:
        """Who asks, found out anew: a socket lives longer than a token. EIGEN_AUTH_REQUIRED."""
        headers = dict(self.headers)
        given = self.connection_params.get("authorization", self.connection_params.get("Authorization"))
        if given is not None:
            if not isinstance(given, str) or "authorization" in headers:
                raise EigenError("EIGEN_AUTH_REQUIRED", "`authorization` is no text, or it is given twice")
            headers["authorization"] = given
        self.caller = await self.door.authenticator.caller(headers)
        return self.caller


def asked(info: Info[Context, None]) -> tuple[Service, Caller]:
    """The service and the caller of a resolver."""
    caller = info.context.caller
    assert caller is not None  # `identify` comes before every operation
    return info.context.service, caller
