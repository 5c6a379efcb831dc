"""API keys: 256 secret bits that are kept nowhere, and a revocation that holds from the next request on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from doubles.forgeries import forged_keys
from eigen.api.identity.api_keys import key_caller, make_key
from eigen.api.identity.refusal import RefusedError
from eigen.errors import EigenError
from eigen.types import ApiKey, Caller

if TYPE_CHECKING:
    from collections.abc import Callable

    from doubles.key_ring import KeyRing

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_key_is_its_caller(ask: Callable[..., Caller], ring: KeyRing) -> None:
    token = ring.make(tenant="acme", roles=("user", "readonly"), project="p")
    key_id = token.split("_")[1]
    assert ask(token) == Caller(subject=f"key:{key_id}", roles=("user", "readonly"), tenant="acme", project="p")


def test_the_secret_is_long_random_and_not_kept() -> None:
    made = [make_key("n", tenant="t", roles=("user",), at=NOW) for _ in range(50)]
    secrets = [token.split("_")[2] for _, token in made]
    assert all(len(bytes.fromhex(secret)) >= 32 for secret in secrets)
    assert len(set(secrets)) == len({key.key_id for key, _ in made}) == 50
    for (key, _), secret in zip(made, secrets, strict=True):
        assert secret not in repr(key)
        assert len(key.secret_sha256) == 64


def test_what_is_not_quite_the_key_is_refused_with_the_same_words(ask: Callable[..., Caller], ring: KeyRing) -> None:
    token = ring.make()
    answers: set[str] = set()
    for what, forged in forged_keys(token).items():
        with pytest.raises(EigenError) as error:
            ask(forged)
        assert error.value.code == "EIGEN_AUTH_REQUIRED", what
        answers.add(str(error.value.to_json()))
    revoked = ring.make()
    ring.revoke(revoked)
    with pytest.raises(EigenError) as error:
        ask(revoked)
    answers.add(str(error.value.to_json()))
    assert len(answers) == 1
    assert ask(token)


def test_a_revocation_holds_from_the_next_request_on(ask: Callable[..., Caller], ring: KeyRing) -> None:
    token = ring.make()
    assert ask(token)
    assert ask(token)
    assert ring.asked == 2  # nothing is remembered
    ring.revoke(token)
    with pytest.raises(EigenError):
        ask(token)


def test_a_key_expires_to_the_moment() -> None:
    key, token = make_key("n", tenant="t", roles=("user",), at=NOW, expires=NOW + timedelta(days=1))

    async def find(_key_id: str) -> ApiKey:
        return key

    last = NOW + timedelta(days=1) - timedelta(milliseconds=1)
    assert asyncio.run(key_caller(token, find, last)).tenant == "t"
    with pytest.raises(RefusedError, match="expired"):
        asyncio.run(key_caller(token, find, NOW + timedelta(days=1)))


def test_a_key_without_a_tenant_does_not_make_an_operator() -> None:
    key, token = make_key("n", tenant="", roles=("admin",), at=NOW)

    async def find(_key_id: str) -> ApiKey:
        return key

    with pytest.raises(RefusedError, match="no tenant"):
        asyncio.run(key_caller(token, find, NOW))
