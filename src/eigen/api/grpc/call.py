"""`Call`: what every method is handed beside its request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from eigen.api.service import Service
    from eigen.types import Caller

SURFACE = "grpc"


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks for what, and the service that answers. `draining` is set when the server is about to stop."""

    service: Service
    caller: Caller
    idempotency_key: str | None
    heartbeat_seconds: float
    draining: asyncio.Event
