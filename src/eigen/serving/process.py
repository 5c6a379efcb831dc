"""One server process from its start to its end: telemetry, signals, probes, readiness, and an orderly stop."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from eigen import telemetry
from eigen.errors import EigenError
from eigen.serving.notify import notify
from eigen.serving.probes import Probes
from eigen.serving.role import METRICS_PORTS, WHOLE
from eigen.telemetry import log

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from eigen.config import Settings
    from eigen.serving.role import ServedRole

SIGNALS = (signal.SIGTERM, signal.SIGINT)
SWITCH_SECONDS = 0.0005
"""How long a thread that computes keeps the others from running: a request passes through three or four threads, and
Python's own 5 ms, at each of them, were most of what it took while workers work."""


def run(
    settings: Settings,
    name: str,
    make: Callable[[], ServedRole],
    *,
    announce: Callable[[Mapping[str, str]], None],
) -> None:
    """Serve until SIGTERM or Ctrl-C, then drain; a second signal ends the process at once. Raises EigenError."""
    sys.setswitchinterval(SWITCH_SECONDS)
    telemetry.start("eigen" if name == WHOLE else f"eigen-{name}", settings)
    try:
        asyncio.run(_Process(settings, name).serve(make, announce))
    finally:
        telemetry.stop()


class _Process:
    """The life of one server in one event loop."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._settings = settings
        self._name = name
        self._asked = asyncio.Event()

    async def serve(self, make: Callable[[], ServedRole], announce: Callable[[Mapping[str, str]], None]) -> None:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._signalled, number)
        role = make()
        probes = self._probes(role)
        started = False
        try:
            addresses = await self._unless_asked(role.start())
            if addresses is not None:
                addresses = dict(addresses)
                if probes is not None:
                    addresses["metrics"] = await probes.start()
                started = True
                gc.freeze()  # what was loaded stays: a whole pass over it held every thread up for 40 ms
                log("info", f"serving {self._name}", addresses=addresses)
                announce(addresses)
                notify("READY=1")
                await self._asked.wait()
        finally:
            notify("STOPPING=1")
            await role.stop(self._settings.drain_seconds if started else 0.0)
            if probes is not None:
                await probes.close()
            log("info", f"stopped {self._name}")

    async def _unless_asked(self, starting: Coroutine[Any, Any, Mapping[str, str]]) -> Mapping[str, str] | None:
        """The addresses of a role that starts; None when the end is asked for first: it may be waiting for another."""
        start, asked = asyncio.ensure_future(starting), asyncio.ensure_future(self._asked.wait())
        await asyncio.wait((start, asked), return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if start.done():
            return start.result()
        start.cancel()
        with suppress(asyncio.CancelledError):
            await start
        return None

    def _signalled(self, number: int) -> None:
        """The first signal asks for an orderly end, the second takes it: every job continues at the next start."""
        if self._asked.is_set():
            os._exit(128 + number)
        self._asked.set()

    def _probes(self, role: ServedRole) -> Probes | None:
        """The probes of a split role; the whole system answers them on its public HTTP port."""
        port = self._settings.metrics_port
        if self._name == WHOLE and not port:
            return None
        return Probes(port or METRICS_PORTS[self._name], lambda: self._ready(role))

    async def _ready(self, role: ServedRole) -> None:
        if self._asked.is_set():
            raise EigenError("EIGEN_SERVER_UNREACHABLE", "the server is stopping")
        await role.ready()
