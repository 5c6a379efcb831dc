"""`Tokens`: callers by the JWTs of an OpenID issuer. It decides what a token must look like; PyJWT checks signatures.

JSON Web Token (RFC 7519) after the best practices of RFC 8725: one list of asymmetric algorithms, keys only from the
issuer's own set, issuer and audience always compared, every claim typed, and a longest lifetime.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeGuard

from eigen.api.identity.fetch import is_safe
from eigen.api.identity.jws import read_token
from eigen.api.identity.refusal import RefusedError
from eigen.api.identity.role_map import RoleMap
from eigen.errors import EigenError
from eigen.types import Caller

try:
    import jwt

    from eigen.api.identity.issuer import Issuer
except ModuleNotFoundError as error:
    raise EigenError(
        "EIGEN_NOT_AVAILABLE",
        "tokens of an issuer (`oidc_issuer`) need PyJWT and cryptography",
        hint="pip install 'eigen-os[server]'",
    ) from error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.config import Settings

LEEWAY_SECONDS = 60
MAX_LIFETIME_SECONDS = 24 * 3600
REQUIRED = ["exp", "iat", "aud", "iss", "sub"]
MAX_SUBJECT_CHARACTERS = 255  # OpenID Connect Core 1.0, section 2
MAX_TENANT_CHARACTERS = 128
REMEMBERED = 1024


def open_tokens(settings: Settings) -> Tokens:
    """The tokens of the issuer in the settings; EIGEN_CONFIG_INVALID when these do not make sense."""
    url = settings.oidc_issuer
    if not is_safe(url, loopback=True) or "?" in url:
        message = f"`oidc_issuer` must be an https address (http on loopback only), not `{url[:200]}`"
        raise EigenError("EIGEN_CONFIG_INVALID", message)
    if not settings.oidc_audience:
        message = "`oidc_audience` is not set: tokens that were made for other services would be accepted"
        hint = "set it to what the issuer puts into `aud`, with Entra ID the application's id"
        raise EigenError("EIGEN_CONFIG_INVALID", message, hint=hint)
    for name in ("oidc_tenant_claim", "oidc_roles_claim"):
        if not getattr(settings, name):
            raise EigenError("EIGEN_CONFIG_INVALID", f"`{name}` is empty")
    return Tokens(
        Issuer(url),
        audience=settings.oidc_audience,
        tenant_claim=settings.oidc_tenant_claim,
        roles_claim=settings.oidc_roles_claim,
        roles=RoleMap.read(settings.oidc_role_map),
    )


class Tokens:
    """Verifies tokens and remembers the last ones until they expire, or the issuer changes its keys."""

    def __init__(
        self,
        issuer: Issuer,
        *,
        audience: str,
        tenant_claim: str,
        roles_claim: str,
        roles: RoleMap,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._tenant_claim = tenant_claim
        self._roles_claim = roles_claim
        self._roles = roles
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[Caller, float, int]] = OrderedDict()

    async def caller(self, token: str) -> Caller:
        """Whom the token names; RefusedError, or EIGEN_SERVER_UNREACHABLE while the issuer's keys cannot be had."""
        digest = sha256(token.encode("utf-8", "replace")).digest()
        known = await self._remembered(digest)
        if known is not None:
            return known
        header, claims = read_token(token)
        key = await self._issuer.key(header.key_id, header.algorithm)
        self._verify(token, key)
        self._check_lifetime(claims)
        caller = self._name(claims)
        self._known[digest] = caller, float(claims["exp"]), self._issuer.version
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return caller

    async def _remembered(self, digest: bytes) -> Caller | None:
        if digest not in self._known:
            return None
        await self._issuer.renew_when_stale()
        caller, expires, version = self._known.get(digest, (None, 0.0, 0))
        if caller is None or version != self._issuer.version or self._clock() >= expires:
            return None
        self._known.move_to_end(digest)
        return caller

    def _verify(self, token: str, key: jwt.PyJWK) -> None:
        """Signature, audience, issuer and times. The algorithm is the key's, whatever the token says."""
        try:
            jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._audience,
                issuer=self._issuer.url,
                leeway=LEEWAY_SECONDS,
                options={"require": REQUIRED},
            )
        except jwt.InvalidTokenError as error:
            raise RefusedError(f"{type(error).__name__}: {error}"[:200]) from error

    def _check_lifetime(self, claims: Mapping[str, Any]) -> None:
        if claims["exp"] - claims["iat"] > MAX_LIFETIME_SECONDS:
            raise RefusedError(f"the token lives longer than {MAX_LIFETIME_SECONDS // 3600} hours")

    def _name(self, claims: Mapping[str, Any]) -> Caller:
        subject, tenant = claims["sub"], claims.get(self._tenant_claim)
        if not _is_name(subject, MAX_SUBJECT_CHARACTERS):
            raise RefusedError("`sub` is no name")
        if not _is_name(tenant, MAX_TENANT_CHARACTERS):
            raise RefusedError(f"`{self._tenant_claim}` names no tenant")
        return Caller(subject=f"oidc:{subject}", roles=self._roles.of(claims.get(self._roles_claim)), tenant=tenant)


def _is_name(value: object, longest: int) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= longest and value.isprintable() and value == value.strip()
