"""`Feed`: hands the events of all jobs to whoever watches one. One query a tick, however many watch; none when nobody
does. What a watcher gets is its job's whole log from a cursor on: no event lost, none twice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from eigen.kernel.kernel import Kernel
    from eigen.qfs.store import JobStore
    from eigen.types import JobEvent

    Run = Callable[..., Awaitable[Any]]

TICK_SECONDS = 0.03
PAGE = 1000
BACKLOG = 256
"""Events that wait for a slow watcher in memory; it reads what fell off from the store."""


class _Watcher:
    """What came for one watcher, newest kept, and the bell that says so."""

    def __init__(self) -> None:
        self.news: deque[JobEvent] = deque(maxlen=BACKLOG)
        self.bell = asyncio.Event()
        self.failure: EigenError | None = None


class Feed:
    """Events of the jobs of one store, for the watchers of one event loop.

    `run(function, *args)` calls a synchronous function without blocking the loop.
    """

    def __init__(self, jobs: JobStore, run: Run) -> None:
        self._jobs = jobs
        self._run = run
        self._watchers: dict[str, set[_Watcher]] = {}
        self._poller: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._closed = False

    async def watch(self, kernel: Kernel, job_id: str, after: int) -> AsyncGenerator[JobEvent]:
        """The job's events after `after` as they happen, to the terminal one.

        Raises what `Kernel.events` raises, and EIGEN_SERVER_UNREACHABLE when the server stops first: whoever asks
        again after the last event seen misses nothing.
        """
        watcher = _Watcher()
        self._watchers.setdefault(job_id, set()).add(watcher)
        try:
            await self._start()
            async for event in self._follow(watcher, kernel, job_id, after):
                yield event
        finally:
            self._forget(job_id, watcher)

    async def close(self) -> None:
        """End every stream and take no more; the watchers are told to come back."""
        self._closed = True
        self._fail(_stopping())
        if self._poller is not None:
            self._poller.cancel()
            with suppress(asyncio.CancelledError):
                await self._poller

    async def _follow(self, watcher: _Watcher, kernel: Kernel, job_id: str, last: int) -> AsyncGenerator[JobEvent]:
        """First what the store has, then what the poller brings; a gap between them is read from the store."""
        if await self._is_over(kernel, job_id, last):
            return
        behind = True
        while True:
            page = await self._run(kernel.events, job_id, last, limit=PAGE) if behind else _drained(watcher)
            gap = False
            for event in page:
                if event.seq <= last:
                    continue
                if gap := event.seq > last + 1:  # the oldest news of a slow watcher fell off
                    break
                last = event.seq
                yield event
                if event.state.is_terminal:
                    return
            behind = gap or (behind and len(page) == PAGE)
            if not behind and not watcher.news:
                await self._ring(watcher)

    async def _is_over(self, kernel: Kernel, job_id: str, last: int) -> bool:
        """Whether the job had ended when this cursor was taken: nothing more will come."""
        job = await self._run(kernel.get, job_id)
        return job.state.is_terminal and job.event_seq == last

    async def _ring(self, watcher: _Watcher) -> None:
        """Wait for news."""
        if watcher.failure is None:
            await watcher.bell.wait()
            watcher.bell.clear()
        if watcher.failure is not None and not watcher.news:
            raise watcher.failure

    async def _start(self) -> None:
        """See to it that the poller runs, from a place in the log that is no later than now."""
        if self._closed:
            raise _stopping()
        async with self._starting:
            if self._poller is None or self._poller.done():
                cursor = await self._run(self._jobs.last_change)
                self._poller = asyncio.create_task(self._poll(cursor), name="feed")

    async def _poll(self, cursor: int) -> None:
        try:
            while self._watchers:
                changes = await self._run(self._jobs.changes, cursor, PAGE)
                for cursor, event in changes:  # noqa: B007  # the last id is where the next look begins
                    for watcher in self._watchers.get(event.job_id, ()):
                        watcher.news.append(event)
                        watcher.bell.set()
                if len(changes) < PAGE:
                    await asyncio.sleep(TICK_SECONDS)
        except EigenError as error:
            self._fail(error)
        except Exception as error:  # a defect: nobody may wait for a poller that is gone
            self._fail(EigenError("EIGEN_INTERNAL", f"{type(error).__name__}: {error}"))

    def _fail(self, error: EigenError) -> None:
        for watchers in self._watchers.values():
            for watcher in watchers:
                watcher.failure = error
                watcher.bell.set()

    def _forget(self, job_id: str, watcher: _Watcher) -> None:
        others = self._watchers[job_id]
        others.discard(watcher)
        if not others:
            del self._watchers[job_id]


def _drained(watcher: _Watcher) -> list[JobEvent]:
    news = list(watcher.news)
    watcher.news.clear()
    return news


def _stopping() -> EigenError:
    return EigenError(
        "EIGEN_SERVER_UNREACHABLE", "the server is stopping", hint="ask again after the last event that came"
    )
