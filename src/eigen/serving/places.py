"""What answers at the addresses of the settings: one of our servers, somebody else, or nobody. It only looks."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError

if TYPE_CHECKING:
    from eigen.config import Settings

ADDRESSES = ("grpc_address", "http_address", "kernel_address", "drivers_address", "compiler_address")
LOOK_SECONDS = 2.0
HEALTH = "/grpc.health.v1.Health/Check"
SERVING = b"\x08\x01"
"""A HealthCheckResponse whose status is SERVING."""

FREE, READY, NOT_READY, FOREIGN = "free", "ready", "not ready", "taken by another program"


@dataclass(frozen=True, slots=True)
class Place:
    """One address: the setting that names it, and what is there (FREE, READY, NOT_READY or FOREIGN)."""

    setting: str
    address: str
    state: str


def look_around(settings: Settings) -> tuple[Place, ...]:
    """What is at each address now; EIGEN_CONFIG_INVALID for one that is none, or certificates that are wrong."""
    return tuple(Place(name, getattr(settings, name), _state(settings, name)) for name in ADDRESSES)


def _state(settings: Settings, name: str) -> str:
    from eigen.api.identity.binding import split_address

    address: str = getattr(settings, name)
    host, port = split_address(name, address)
    try:
        socket.create_connection((_reachable(host), port), LOOK_SECONDS).close()
    except OSError:
        return FREE
    place = f"{_reachable(host)}:{port}"
    return _http(settings, place) if name == "http_address" else _grpc(settings, name, place)


def _reachable(host: str) -> str:
    """Where one asks a server that answers on every address."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)


def _grpc(settings: Settings, name: str, place: str) -> str:
    import grpc

    from eigen.api.identity.tls import internal_channel_credentials

    if name == "grpc_address" and settings.tls_cert:
        credentials = grpc.ssl_channel_credentials(_authority(settings))
    else:
        credentials = None if name == "grpc_address" else internal_channel_credentials(settings)
    options = (("grpc.enable_http_proxy", 0),)
    opened: Any = (
        grpc.insecure_channel(place, options)
        if credentials is None
        else grpc.secure_channel(place, credentials, options)
    )
    with opened as channel:
        try:
            answer: bytes = channel.unary_unary(HEALTH)(b"", timeout=LOOK_SECONDS)
        except grpc.RpcError:
            return FOREIGN
    return READY if answer == SERVING else NOT_READY


def _http(settings: Settings, place: str) -> str:
    import http.client
    import ssl

    if settings.tls_cert:
        context = ssl.create_default_context(cafile=settings.tls_ca or None)
        connection = http.client.HTTPSConnection(place, timeout=LOOK_SECONDS, context=context)
    else:
        connection = http.client.HTTPConnection(place, timeout=LOOK_SECONDS)
    try:
        connection.request("GET", "/readyz")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return FOREIGN
    finally:
        connection.close()
    return {200: READY, 503: NOT_READY}.get(status, FOREIGN)


def _authority(settings: Settings) -> bytes | None:
    if not settings.tls_ca:
        return None
    try:
        with open(settings.tls_ca, "rb") as file:
            return file.read()
    except OSError as error:
        raise EigenError("EIGEN_CONFIG_INVALID", f"`tls_ca` cannot be read: {error.strerror}") from error
