"""`Issuer`: the signing keys of an OpenID provider, discovered, cached and renewed. It verifies no token.

OpenID Connect Discovery 1.0 (section 4) and JSON Web Key (RFC 7517).
"""

from __future__ import annotations

import asyncio
import time
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, cast

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from eigen.api.identity.fetch import fetch_json, is_safe
from eigen.api.identity.refusal import RefusedError
from eigen.errors import EigenError
from eigen.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Fetch = Callable[[str], dict[str, Any]]

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that are accepted: asymmetric ones only, so that no public key can serve as a secret."""
KEY_TYPES = {"RSA", "EC", "OKP"}
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth"}
MIN_RSA_BITS = 2048
MAX_KEYS = 100

FRESH_SECONDS = 300.0
"""How long keys are used without asking again: a key that the issuer withdrew is refused after that."""
KEPT_SECONDS = 3600.0
"""How long they are used when the issuer does not answer."""
PAUSE_SECONDS = 30.0
"""The shortest time between two questions, whatever key ids tokens name."""
IMPATIENT_SECONDS = 2.0
"""The same while there is no key at all."""
PATIENCE_SECONDS = 2.0
"""How long a request waits for new keys while there are old ones."""


class Issuer:
    """The keys of one issuer, by key id. For one event loop; the network is asked in a thread."""

    def __init__(self, url: str, *, fetch: Fetch = fetch_json, clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        self.version = 0
        """Counts every change of the keys: what was verified under another version must be verified again."""
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, PyJWK] = {}
        self._fetched = self._asked = float("-inf")
        self._renewal: asyncio.Task[None] | None = None

    async def renew_when_stale(self) -> None:
        """Ask for the keys again when it is time; EIGEN_SERVER_UNREACHABLE when there are none to use."""
        if self._clock() - self._fetched > FRESH_SECONDS:
            await self._renew()
        if self._clock() - self._fetched > KEPT_SECONDS:
            raise EigenError(
                "EIGEN_SERVER_UNREACHABLE", "the issuer of tokens does not answer", hint="try again; API keys work"
            )

    async def key(self, key_id: str, algorithm: str) -> PyJWK:
        """The key of that id for that algorithm, or RefusedError; an unknown id asks the issuer again, at most every
        PAUSE_SECONDS."""
        await self.renew_when_stale()
        if key_id not in self._keys:
            await self._renew()
        key = self._keys.get(key_id)
        if key is None:
            raise RefusedError("the issuer has no key of the id that the token names", kid=key_id[:100])
        if key.algorithm_name != algorithm:
            raise RefusedError("the algorithm of the token is not that of the key", kid=key_id[:100])
        return key

    async def _renew(self) -> None:
        if self._renewal is None or self._renewal.done():
            if self._clock() - self._asked < (PAUSE_SECONDS if self._keys else IMPATIENT_SECONDS):
                return
            self._asked = self._clock()
            self._renewal = asyncio.create_task(self._ask())
        waiting = PATIENCE_SECONDS if self._keys else None
        await asyncio.wait({self._renewal}, timeout=waiting)

    async def _ask(self) -> None:
        """Replace the keys by the issuer's; a failure is logged, and the old ones stay."""
        try:
            keys = await asyncio.to_thread(self.download)
        except (OSError, HTTPException, ValueError, RecursionError) as error:
            log("warning", f"the keys of the issuer `{self.url}` cannot be had: {type(error).__name__}: {error}")
            return
        if _material(keys) != _material(self._keys):
            self.version += 1
        self._keys, self._fetched = keys, self._clock()

    def download(self) -> dict[str, PyJWK]:
        """The issuer's keys as they are now; it waits for the network. OSError, HTTPException or ValueError."""
        loopback = is_safe(self.url, loopback=True) and not self.url.startswith("https:")
        found = self._fetch(f"{self.url.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.url:
            raise ValueError(f"it calls itself `{str(found.get('issuer'))[:200]}`")
        address = found.get("jwks_uri")
        if not isinstance(address, str) or not is_safe(address, loopback=loopback):
            raise ValueError("its `jwks_uri` is no https address")
        return signing_keys(self._fetch(address))


def signing_keys(document: Mapping[str, Any]) -> dict[str, PyJWK]:
    """The usable keys of a JWK set by id, each for one algorithm: the one it names, else the usual one of its type.

    Symmetric, weak, nameless and unknown ones are left out; ValueError when none is left.
    """
    entries: object = document.get("keys")
    if not isinstance(entries, list):
        raise ValueError("its key set is no list")
    keys: dict[str, PyJWK] = {}
    doubled: set[str] = set()
    for entry in cast("list[object]", entries)[:MAX_KEYS]:
        key = _signing_key(cast("dict[str, Any]", entry)) if isinstance(entry, dict) else None
        if key is None or key.key_id is None:
            continue
        if key.key_id in keys:
            doubled.add(key.key_id)
        keys[key.key_id] = key
    if not keys:
        raise ValueError("its key set holds no usable key")
    return {key_id: key for key_id, key in keys.items() if key_id not in doubled}  # which of two is meant?


def _material(keys: Mapping[str, PyJWK]) -> dict[str, dict[str, Any]]:
    return {key_id: key._jwk_data for key_id, key in keys.items()}  # pyright: ignore[reportPrivateUsage]


def _signing_key(entry: dict[str, Any]) -> PyJWK | None:
    kind, key_id = entry.get("kty"), entry.get("kid")
    if kind not in KEY_TYPES or not isinstance(key_id, str) or not key_id or entry.get("use", "sig") != "sig":
        return None
    public = {name: value for name, value in entry.items() if name not in PRIVATE}
    try:
        key = PyJWK.from_dict(public)
    except (PyJWTError, ValueError, TypeError, KeyError):
        return None
    if key.algorithm_name not in ALGORITHMS or (kind == "RSA" and key.key.key_size < MIN_RSA_BITS):
        return None
    return key
