"""The SDK: `Client` and `AsyncClient` over a `Transport`, to a kernel in this process or to a server.

`eigen.connect()` and `eigen.connect_async()` make them. Each name is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eigen.client.aio import AsyncClient
    from eigen.client.client import Client
    from eigen.client.counts import Counts
    from eigen.client.reading import read_job
    from eigen.client.results import Results
    from eigen.client.retry import RetryPolicy
    from eigen.client.sessions import AsyncHeldSession, HeldSession
    from eigen.client.transport import AsyncTransport, Compilation, Transport

__all__ = [
    "AsyncClient",
    "AsyncHeldSession",
    "AsyncTransport",
    "Client",
    "Compilation",
    "Counts",
    "HeldSession",
    "Results",
    "RetryPolicy",
    "Transport",
    "read_job",
]

_ROOMS = {
    "client": ("Client",),
    "aio": ("AsyncClient",),
    "counts": ("Counts",),
    "reading": ("read_job",),
    "results": ("Results",),
    "retry": ("RetryPolicy",),
    "sessions": ("AsyncHeldSession", "HeldSession"),
    "transport": ("AsyncTransport", "Compilation", "Transport"),
}


def __getattr__(name: str) -> Any:
    for room, names in _ROOMS.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(f"eigen.client.{room}"), name)
    raise AttributeError(f"module `eigen.client` has no attribute `{name}`")
