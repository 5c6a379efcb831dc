"""`connect`: a client of a server, or of the kernel in this process; it picks the transport."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.app.judge import LocalJudge
from eigen.client.client import Client
from eigen.config import load_settings
from eigen.errors import EigenError

if TYPE_CHECKING:
    from pathlib import Path

    from eigen.client.aio import AsyncClient
    from eigen.client.endpoint import Server
    from eigen.config import Settings


def connect(
    endpoint: str | None = None,
    *,
    data_dir: Path | str | None = None,
    token: str | None = None,
    tls_ca: Path | str | None = None,
    timeout: float | None = None,
) -> Client:
    """A client of the server at `endpoint`, or of the kernel in this process on `data_dir`.

    An endpoint is `grpcs://host:port` with TLS, `grpc://host:port` without, or `host:port`, which means TLS but on
    loopback. The authority is the one in the PEM file `tls_ca`, else the system's. What is not given is taken from the
    settings; an empty endpoint means this process in any case. `timeout` bounds each call to a server, its repetitions
    included, in seconds. Nothing is sent before the first call.

    Raises EIGEN_CONFIG_INVALID, and for the kernel in this process EIGEN_STORE_UNAVAILABLE.
    """
    return connect_with(_settings(endpoint, data_dir, token, tls_ca), timeout=timeout)


def connect_async(
    endpoint: str | None = None,
    *,
    data_dir: Path | str | None = None,
    token: str | None = None,
    tls_ca: Path | str | None = None,
    timeout: float | None = None,
) -> AsyncClient:
    """The same for asyncio; see `connect`. The kernel in this process is asked in threads."""
    from eigen.client.aio import AsyncClient

    settings = _settings(endpoint, data_dir, token, tls_ca)
    _trace(settings)
    if settings.endpoint:
        from eigen.client.grpc_aio import AsyncGrpcTransport

        return AsyncClient(AsyncGrpcTransport(_server(settings, timeout)), LocalJudge(settings))
    from eigen.app.embedded import EmbeddedTransport
    from eigen.client.threads import ThreadedTransport

    return AsyncClient(ThreadedTransport(EmbeddedTransport(settings)), LocalJudge(settings))


def connect_with(settings: Settings, *, timeout: float | None = None) -> Client:
    """The client of these settings: of their endpoint, or of the kernel in this process when they name none."""
    _trace(settings)
    if settings.endpoint:
        from eigen.client.grpc_sync import GrpcTransport

        return Client(GrpcTransport(_server(settings, timeout)), LocalJudge(settings))
    from eigen.app.embedded import EmbeddedTransport

    return Client(EmbeddedTransport(settings), LocalJudge(settings))


def _trace(settings: Settings) -> None:
    """Send the spans of this process away when the settings name a collector."""
    if settings.otlp_endpoint:
        from eigen.telemetry import start

        start("eigen-client", settings, metrics=False)


def _settings(
    endpoint: str | None, data_dir: Path | str | None, token: str | None, tls_ca: Path | str | None
) -> Settings:
    if endpoint and data_dir is not None:
        message = f"a data directory and the endpoint `{endpoint[:80]}` exclude each other"
        raise EigenError("EIGEN_CONFIG_INVALID", message, hint="the server has its own data directory")
    flags = {
        "endpoint": "" if data_dir is not None else endpoint,
        "token": token,
        "qfs_root": None if data_dir is None else str(data_dir),
        "tls_ca": None if tls_ca is None else str(tls_ca),
    }
    return load_settings(flags)[0]


def _server(settings: Settings, timeout: float | None) -> Server:
    from eigen.client.endpoint import Server

    return Server.of(settings, timeout=timeout)
