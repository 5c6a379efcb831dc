"""An issuer on loopback, a ring of keys, and the authenticator over both."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from doubles.key_ring import KeyRing
from doubles.oidc import AUDIENCE, LocalIssuer
from eigen.api.identity import authenticator
from eigen.config import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eigen.types import Caller


@pytest.fixture
def issuer() -> Iterator[LocalIssuer]:
    with LocalIssuer() as issuer:
        yield issuer


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing()


@pytest.fixture
def ask(issuer: LocalIssuer, ring: KeyRing) -> Callable[..., Caller]:
    """The caller that tokens lead to: each through the same authenticator, in one loop; the last one's is returned."""
    settings = Settings(auth="required", oidc_issuer=issuer.url, oidc_audience=AUDIENCE)
    door = authenticator(settings, ring)  # pyright: ignore[reportArgumentType]

    def caller(token: str, **headers: str) -> Caller:
        return asyncio.run(door.caller({"authorization": f"Bearer {token}"} | headers))

    return caller
