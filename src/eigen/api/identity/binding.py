"""Which addresses a server may answer on: beyond loopback only with callers that are asked who they are."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.telemetry import log

if TYPE_CHECKING:
    from eigen.config import Settings


def split_address(name: str, address: str) -> tuple[str, int]:
    """Host and port of `host:port` or `[ipv6]:port` in the setting `name`; EIGEN_CONFIG_INVALID."""
    host, colon, port = address.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = ""  # an IPv6 address without its brackets: where it ends cannot be told
    if not colon or not host or not port.isdecimal() or not port.isascii() or len(port) > 5 or int(port) > 65535:
        message = f"`{name}` must be an address like `127.0.0.1:8080` or `[::1]:8080`, not `{address[:100]}`"
        raise EigenError("EIGEN_CONFIG_INVALID", message)
    return host, int(port)


def is_loopback_host(host: str) -> bool:
    """Whether only this machine reaches the host: `localhost` or a loopback address; other names are not trusted."""
    if host.lower() == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def check_public(settings: Settings, *, any_key: bool) -> None:
    """Refuse to answer the public ports beyond loopback when nobody would be asked for a token (EIGEN_CONFIG_INVALID);
    warn when tokens would travel as plain text."""
    open_to_all = settings.auth == "off" or (settings.auth == "auto" and not any_key and not settings.oidc_issuer)
    for name in ("grpc_address", "http_address"):
        address: str = getattr(settings, name)
        host, _ = split_address(name, address)
        if is_loopback_host(host):
            continue
        if open_to_all:
            why = "`auth` is `off`" if settings.auth == "off" else "there is no API key and no issuer"
            message = f"`{name}` is `{address}`, which others can reach, and {why}: anyone could run jobs"
            hint = (
                "make an API key with `eigen auth create-key`, or set `oidc_issuer`; or bind to 127.0.0.1"
                if settings.auth != "off"
                else "set `auth` to `required`, or bind to 127.0.0.1"
            )
            raise EigenError("EIGEN_CONFIG_INVALID", message, hint=hint)
        if not settings.tls_cert:
            log(
                "warning",
                f"`{name}` is `{address}` without TLS: tokens and results travel as plain text. Set `tls_cert` and "
                "`tls_key`, unless a proxy on this machine ends TLS",
            )


def check_internal(settings: Settings, name: str) -> None:
    """Refuse to answer other roles beyond loopback without mutual TLS: roles believe each other who asks."""
    from eigen.api.identity.tls import has_internal

    address: str = getattr(settings, name)
    host, _ = split_address(name, address)
    if not is_loopback_host(host) and not has_internal(settings):
        message = f"`{name}` is `{address}`, which others can reach, without mutual TLS: anyone could act as anyone"
        hint = "set `internal_ca`, `internal_cert` and `internal_key`, or bind to 127.0.0.1"
        raise EigenError("EIGEN_CONFIG_INVALID", message, hint=hint)
