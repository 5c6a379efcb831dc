"""API keys: how one is made, read and checked. The secret is shown once and kept by nobody but its owner.

A key is `eigen_<key id>_<secret>`: 48 public bits that find it and 256 secret bits. The store holds the secret's
sha256; a plain digest is enough, because nobody can try 2^256 secrets.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from eigen.api.identity.refusal import RefusedError
from eigen.types import ApiKey, Caller

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PREFIX = "eigen_"
ID_BYTES = 6
SECRET_BYTES = 32
TOKEN = re.compile(rf"{PREFIX}([0-9a-f]{{{2 * ID_BYTES}}})_([0-9a-f]{{{2 * SECRET_BYTES}}})")
NO_DIGEST = "0" * 64
"""Compared against when there is no such key, so that the answer takes as long."""


def make_key(
    name: str, *, tenant: str, roles: tuple[str, ...], at: datetime, project: str = "", expires: datetime | None = None
) -> tuple[ApiKey, str]:
    """A new key as it is kept, and the token to hand out once. An empty project sees every project of the tenant."""
    key_id, secret = secrets.token_hex(ID_BYTES), secrets.token_hex(SECRET_BYTES)
    key = ApiKey(
        key_id=key_id,
        secret_sha256=_digest(secret),
        name=name,
        tenant=tenant,
        project=project,
        roles=roles,
        created_at=_stamp(at),
        expires_at=_stamp(expires) if expires else "",
    )
    return key, f"{PREFIX}{key_id}_{secret}"


async def key_caller(token: str, find: Callable[[str], Awaitable[ApiKey | None]], now: datetime) -> Caller:
    """Who holds this key, asking `find` each time, so that a revocation holds at once; raises RefusedError."""
    match = TOKEN.fullmatch(token)
    if match is None:
        raise RefusedError("the token begins like an API key and is none")
    key_id, secret = match.groups()
    key = await find(key_id)
    right = hmac.compare_digest(_digest(secret), key.secret_sha256 if key else NO_DIGEST)
    if key is None or not right:
        raise RefusedError("no API key has that id and secret", key_id=key_id)
    if key.revoked_at:
        raise RefusedError(f"the API key was revoked at {key.revoked_at}", key_id=key_id)
    if key.expires_at and now >= datetime.fromisoformat(key.expires_at):
        raise RefusedError(f"the API key expired at {key.expires_at}", key_id=key_id)
    if not key.tenant:  # an empty tenant is the operator, which no token from outside may become
        raise RefusedError("the API key has no tenant", key_id=key_id)
    return Caller(subject=f"key:{key_id}", roles=key.roles, tenant=key.tenant, project=key.project)


def _digest(secret: str) -> str:
    return sha256(secret.encode("ascii")).hexdigest()


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
