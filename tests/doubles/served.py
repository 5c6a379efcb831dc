"""The whole system in this process, on free ports of loopback, in a thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from eigen.config import Settings
from eigen.serving.outer import WholeSystem

if TYPE_CHECKING:
    from pathlib import Path


class Served:
    """A server for tests that need a real one but not a process; `addresses` are the bound ones."""

    def __init__(self, root: Path, **settings: Any) -> None:
        given = {"grpc_address": "127.0.0.1:0", "http_address": "127.0.0.1:0", "drain_seconds": 5.0, **settings}
        self._settings = Settings(qfs_root=str(root), **given)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="served", daemon=True)
        self._system: WholeSystem | None = None
        self.addresses: dict[str, str] = {}

    @property
    def grpc_address(self) -> str:
        return self.addresses["grpc_address"]

    @property
    def http_address(self) -> str:
        return self.addresses["http_address"]

    def __enter__(self) -> Served:
        self._thread.start()
        self.addresses = dict(self._run(self._start()))
        return self

    def __exit__(self, *_: object) -> None:
        assert self._system is not None
        self._run(self._system.stop(5.0))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self) -> Any:
        self._system = WholeSystem(self._settings)
        return await self._system.start()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)
