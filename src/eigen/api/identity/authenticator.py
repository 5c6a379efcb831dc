"""`authenticator`: who asks, by API key or OIDC token, as the settings say; and what holds while nobody is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from eigen.api.identity import api_keys
from eigen.api.identity.binding import is_loopback_host
from eigen.api.identity.refusal import RefusedError, answer
from eigen.types import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.api.caller import Authenticator
    from eigen.api.identity.tokens import Tokens
    from eigen.api.kernel import AsyncKernel
    from eigen.config import Settings
    from eigen.types import Caller

MAX_TOKEN_CHARACTERS = 8192


def authenticator(settings: Settings, kernel: AsyncKernel) -> Authenticator:
    """The authenticator of these settings; EIGEN_CONFIG_INVALID, and EIGEN_NOT_AVAILABLE without PyJWT."""
    if settings.auth == "off":
        return LocalOnly()
    tokens = None
    if settings.oidc_issuer:
        from eigen.api.identity.tokens import open_tokens

        tokens = open_tokens(settings)
    return BearerTokens(kernel, tokens, always=settings.auth == "required" or tokens is not None)


class LocalOnly:
    """For a server on loopback that asks nobody: whoever reaches it is the operator.

    Except a page in the operator's browser: what names a foreign origin or host (DNS rebinding) is refused.
    """

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        """The operator; a token that was sent is not looked at, because nothing could be known from it."""
        origin, host = headers.get("origin", ""), headers.get("host", "")
        try:
            if origin and not is_loopback_host(urlsplit(origin).hostname or ""):
                raise RefusedError("a page of another origin asks a server that asks nobody", origin=origin[:100])
            if host and not is_loopback_host(urlsplit(f"//{host}").hostname or ""):
                raise RefusedError("a foreign host name leads to a server that asks nobody", host=host[:100])
        except ValueError as error:
            raise answer(RefusedError("a malformed origin or host")) from error
        except RefusedError as refused:
            raise answer(refused) from None
        return OPERATOR


class BearerTokens:
    """Asks for `authorization: Bearer TOKEN`: an API key, or a token of the issuer. Everything else is not looked at.

    Unless `always`, it asks from the moment there is an API key; that it is revoked later does not open the door.
    """

    def __init__(self, kernel: AsyncKernel, tokens: Tokens | None, *, always: bool) -> None:
        self._kernel = kernel
        self._tokens = tokens
        self._always = always
        self._local = LocalOnly()

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        """The caller; EIGEN_AUTH_REQUIRED with the same words for every reason."""
        if not self._always:
            if not await self._kernel.any_key():
                return await self._local.caller(headers)
            self._always = True  # keys are never deleted: it stays so
        try:
            return await self._identify(_bearer(headers))
        except RefusedError as refused:
            raise answer(refused) from None

    async def _identify(self, token: str) -> Caller:
        if token.startswith(api_keys.PREFIX):
            return await api_keys.key_caller(token, self._kernel.find_key, datetime.now(UTC))
        if self._tokens is None:
            raise RefusedError("the token is no API key, and no issuer is configured")
        return await self._tokens.caller(token)


def _bearer(headers: Mapping[str, str]) -> str:
    value = headers.get("authorization", "")
    if not value:
        raise RefusedError("there is no `authorization`")
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer":
        raise RefusedError("`authorization` is not of the form `Bearer TOKEN`")
    token = token.strip(" ")
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise RefusedError(f"the token is longer than {MAX_TOKEN_CHARACTERS:,} characters")
    return token
