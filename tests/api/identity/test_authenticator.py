"""When somebody is asked: the modes of `auth`, headers that mean nothing, and pages in the operator's browser."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from doubles.key_ring import KeyRing
from doubles.oidc import AUDIENCE, LocalIssuer
from eigen.api.identity import authenticator
from eigen.config import Settings
from eigen.errors import EigenError
from eigen.types import OPERATOR, Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.api.caller import Authenticator


def door(ring: KeyRing, **settings: str) -> Authenticator:
    return authenticator(Settings(**settings), ring)  # pyright: ignore[reportArgumentType]


def who(at: Authenticator, headers: Mapping[str, str]) -> Caller:
    return asyncio.run(at.caller(headers))


def refused(at: Authenticator, headers: Mapping[str, str]) -> None:
    with pytest.raises(EigenError) as error:
        who(at, headers)
    assert error.value.code == "EIGEN_AUTH_REQUIRED"
    assert error.value.message == "the request carries no valid token"


def test_auto_asks_from_the_first_key_on_and_never_stops(ring: KeyRing) -> None:
    at = door(ring)
    assert who(at, {}) == OPERATOR
    assert who(at, {"authorization": "Bearer whatever"}) == OPERATOR
    token = ring.make()
    refused(at, {})
    assert who(at, {"authorization": f"Bearer {token}"}).tenant == "acme"
    ring.revoke(token)
    refused(at, {})
    refused(door(ring), {})  # after a restart too
    refused(at, {"authorization": f"Bearer {token}"})


def test_auto_asks_when_there_is_an_issuer(ring: KeyRing) -> None:
    with LocalIssuer() as issuer:
        at = door(ring, oidc_issuer=issuer.url, oidc_audience=AUDIENCE)
        refused(at, {})
        assert who(at, {"authorization": f"Bearer {issuer.token()}"}).tenant == "acme"


def test_required_asks_without_any_key(ring: KeyRing) -> None:
    refused(door(ring, auth="required"), {})


def test_off_asks_nobody(ring: KeyRing) -> None:
    ring.make()
    assert who(door(ring, auth="off"), {}) == OPERATOR


@pytest.mark.parametrize(
    "value",
    [
        "{token}",
        "Basic {token}",
        "Bearer",
        "Bearer ",
        "Bearer\t{token}",
        "Bearer {token} x",
        "Token {token}",
        "Bearer x, Bearer {token}",
    ],
)
def test_another_form_of_authorization_is_refused(ring: KeyRing, value: str) -> None:
    refused(door(ring), {"authorization": value.format(token=ring.make())})


def test_the_scheme_has_no_case(ring: KeyRing) -> None:
    assert who(door(ring), {"authorization": f"bEaReR {ring.make()}"}).tenant == "acme"


def test_identity_headers_from_outside_mean_nothing(ring: KeyRing) -> None:
    claimed = {"x-eigen-sub": "root", "x-eigen-roles": "admin", "x-eigen-tenant": "other"}
    token = ring.make(roles=("readonly",))
    caller = who(door(ring), {"authorization": f"Bearer {token}"} | claimed)
    assert (caller.tenant, caller.roles) == ("acme", ("readonly",))
    refused(door(ring), claimed)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.invalid"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1.evil.invalid:8080"},
        {"host": "evil.invalid:8080"},
        {"host": "localhost.evil.invalid"},
        {"host": "[::1"},
    ],
    ids=str,
)
def test_a_page_in_the_operators_browser_is_not_the_operator(ring: KeyRing, headers: Mapping[str, str]) -> None:
    refused(door(ring), headers)
    refused(door(ring, auth="off"), headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://localhost:3000", "host": "localhost:8080"},
        {"host": "127.0.0.1:8080"},
        {"host": "[::1]:8080"},
    ],
    ids=str,
)
def test_this_machine_is(ring: KeyRing, headers: Mapping[str, str]) -> None:
    assert who(door(ring), headers) == OPERATOR
