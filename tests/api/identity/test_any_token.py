"""Whatever is sent as a token, the answer is a refusal: no other exception, and no caller."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles.key_ring import KeyRing
from doubles.oidc import segment
from eigen.api.identity import authenticator
from eigen.api.identity.jws import read_token
from eigen.api.identity.refusal import RefusedError
from eigen.config import Settings
from eigen.errors import EigenError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
NAMES = st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "exp", "iat", "nbf", "aud", "iss", "sub", "tid", "roles"])
OBJECTS = st.dictionaries(NAMES, JSON, max_size=8) | st.just({"alg": "RS256", "kid": "one"})
SEGMENTS = (
    OBJECTS.map(lambda value: segment(json.dumps(value))) | st.binary(max_size=60).map(segment) | st.text(max_size=30)
)
TOKENS = st.text(max_size=200) | st.lists(SEGMENTS, min_size=2, max_size=4).map(".".join)
HEADERS = TOKENS | TOKENS.map(lambda token: f"Bearer {token}") | TOKENS.map(lambda token: f"Bearer eigen_{token}")


@given(TOKENS)
def test_reading_a_token_gives_its_parts_or_refuses(token: str) -> None:
    try:
        header, claims = read_token(token)
    except RefusedError:
        return
    assert isinstance(header.algorithm, str)
    assert isinstance(claims, dict)


@given(HEADERS)
def test_no_authorization_is_a_crash_or_a_caller(value: str) -> None:
    door = authenticator(Settings(auth="required"), KeyRing())  # pyright: ignore[reportArgumentType]
    with pytest.raises(EigenError) as error:
        asyncio.run(door.caller({"authorization": value}))
    assert error.value.code == "EIGEN_AUTH_REQUIRED"
