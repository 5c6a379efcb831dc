"""Who asks, from the headers of a request: the `Authenticator` Protocol, and the one that asks nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from eigen.types import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types import Caller

IDENTITY_PREFIX = "x-eigen-"
"""Headers that carry an identity between roles; from outside they are dropped unread."""


class Authenticator(Protocol):
    """Tells who asks."""

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        """The caller of a request with these headers (lower-case names); EIGEN_AUTH_REQUIRED."""
        ...


class NobodyAsked:
    """For a server on loopback: everybody is the operator of the machine."""

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        """The operator; a token that was sent is not looked at, because nothing could be known from it."""
        del headers
        return OPERATOR
