"""`Connection`: uvicorn's HTTP/1.1 connection for callers that may be slow on purpose.

A request must arrive within a time, and a server holds only so many connections: one too many costs the one that has
kept us waiting longest, which under a flood of idle connections is never the honest caller's.
"""

from __future__ import annotations

import asyncio
import resource
from typing import TYPE_CHECKING, Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

HEAD_SECONDS = 60.0
"""From the start of a connection, or the end of the last answer, to the end of a request's headers."""

BODY_SECONDS = 300.0
"""From the end of the headers to the end of the body."""

MAX_CONNECTIONS = 8192
_SECONDS: dict[Any, float] = {h11.IDLE: HEAD_SECONDS, h11.SEND_BODY: BODY_SECONDS}


def connection_limit() -> int:
    """How many connections a server holds: the half of the files that it may open, and at most MAX_CONNECTIONS."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_CONNECTIONS if soft == resource.RLIM_INFINITY else max(1, min(MAX_CONNECTIONS, soft // 2))


class Crowd:
    """The connections of one server that we wait for, the one that has kept us waiting longest first."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.waiting: dict[Connection, None] = {}

    def make_room(self, held: int) -> None:
        """Cut off whom we have waited for longest when more connections are held than may be."""
        if held > self.limit and self.waiting:
            next(iter(self.waiting)).cut_off()


class Connection(H11Protocol):
    """One connection; `crowd` is that of its server."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        crowd: Crowd,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._crowd = crowd
        self._awaited: Any = None  # the state of h11 that the timer is for
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._watch()
        self._crowd.make_room(len(self.connections))

    def data_received(self, data: bytes) -> None:
        """A piece of a request."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the rest of one that was answered before all of it came."""
        self._rest()
        super().on_response_complete()
        self._watch()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """A socket bounds its times itself."""
        self._rest()
        self._awaited = h11.SWITCHED_PROTOCOL
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        self._rest()
        self._awaited = h11.CLOSED
        super().connection_lost(exc)

    def cut_off(self) -> None:
        """End the connection without a word: the caller has said nothing that could be answered."""
        self._rest()
        self.transport.abort()

    def _watch(self) -> None:
        """Start the clock when something new is waited for, stop it when nothing is; a trickle does not turn it
        back."""
        state = self.conn.their_state
        if self._awaited in (state, h11.SWITCHED_PROTOCOL, h11.CLOSED):
            return
        self._rest()
        self._awaited = state
        if state in _SECONDS and not self.transport.is_closing():
            self._timer = self.loop.call_later(_SECONDS[state], self.cut_off)
            self._crowd.waiting[self] = None

    def _rest(self) -> None:
        self._awaited = None
        self._crowd.waiting.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
