"""`survey`: whether the identity that the settings ask for would work, and who could ask. For `eigen doctor`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import TYPE_CHECKING

from eigen.api.identity import tls
from eigen.api.identity.binding import check_public
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.config import Settings
    from eigen.types import ApiKey

SOON = timedelta(days=14)


def survey(settings: Settings, keys: Sequence[ApiKey], now: datetime) -> str:
    """Who is asked, the issuer and the certificates in one line; EIGEN_CONFIG_INVALID for what would not start,
    EIGEN_SERVER_UNREACHABLE for an issuer without keys. It asks the issuer."""
    check_public(settings, any_key=bool(keys))
    parts = [_asked(settings, keys, now)]
    if settings.oidc_issuer and settings.auth != "off":
        parts.append(f"keys of the issuer: {_issuer_keys(settings)}")
    pairs = {"the public ports": tls.public_pair(settings), "roles": tls.internal_pair(settings)}
    parts += [f"TLS of {name}: {_validity(pair, now)}" for name, pair in pairs.items() if pair is not None]
    return "; ".join(parts)


def _asked(settings: Settings, keys: Sequence[ApiKey], now: datetime) -> str:
    if settings.auth == "off" or (settings.auth == "auto" and not keys and not settings.oidc_issuer):
        return "nobody is asked for a token: loopback only"
    active = [
        key
        for key in keys
        if not key.revoked_at and not (key.expires_at and datetime.fromisoformat(key.expires_at) <= now)
    ]
    return f"a token is needed; active API keys: {len(active)}"


def _issuer_keys(settings: Settings) -> int:
    from eigen.api.identity.issuer import Issuer
    from eigen.api.identity.tokens import open_tokens

    open_tokens(settings)
    try:
        return len(Issuer(settings.oidc_issuer).download())
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        message = f"the keys of the issuer `{settings.oidc_issuer}` cannot be had: {error}"
        hint = "its tokens are refused until they can; API keys work"
        raise EigenError("EIGEN_SERVER_UNREACHABLE", message, hint=hint) from error


def _validity(pair: tls.KeyPair, now: datetime) -> str:
    """How long the certificate of a pair is good; EIGEN_CONFIG_INVALID when it is not."""
    try:
        from cryptography import x509
    except ModuleNotFoundError:
        return "the files fit"
    found = x509.load_pem_x509_certificate(pair.certificate)
    begin, end = found.not_valid_before_utc, found.not_valid_after_utc
    if not begin <= now < end:
        message = f"the certificate `{pair.certificate_file}` is good from {_day(begin)} to {_day(end)} only"
        raise EigenError("EIGEN_CONFIG_INVALID", message, hint="renew it, and restart the server")
    soon = ", which is soon: renew it and restart" if end - now < SOON else ""
    return f"good until {_day(end)}{soon}"


def _day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()
