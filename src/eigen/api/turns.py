"""`Turns`: a few places for long work, shared by tenants so that none of them can keep the others out.

It counts and orders, for one event loop; what is done at a place is not its business.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque

from eigen.errors import EigenError


class Turns:
    """`places` at a time, of which one tenant has all but one; `waiting` calls of a tenant wait for theirs.

    Whoever has the least gets the next free place, and of those with as little who has waited longest for one.
    """

    def __init__(self, places: int, *, waiting: int) -> None:
        self._free = places
        self._share = max(1, places - 1)
        self._waiting = waiting
        self._running: Counter[str] = Counter()
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}  # who got a place last stands last

    async def take(self, tenant: str) -> None:
        """A place, when it is the tenant's turn; `give` it back. EIGEN_LIMIT_EXCEEDED when too many of it wait."""
        queue = self._queues.get(tenant, ())
        if len(queue) >= self._waiting:
            message = f"`{len(queue)}` compilations and evaluations of the tenant wait; the limit is {self._waiting}"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message, hint="wait for some of them")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(tenant, deque()).append(turn)
        self._call()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:  # called and gone at the same moment
                self.give(tenant)
            else:
                self._drop(tenant, turn)
            raise

    def give(self, tenant: str) -> None:
        """The place is free again."""
        self._free += 1
        self._running[tenant] -= 1
        if not self._running[tenant]:
            del self._running[tenant]
        self._call()

    def close(self, error: EigenError) -> None:
        """Whoever still waits gets this error."""
        for turn in [turn for queue in self._queues.values() for turn in queue if not turn.done()]:
            turn.set_exception(error)
        self._queues.clear()

    def _call(self) -> None:
        while self._free:
            found = min(
                (tenant for tenant in self._queues if self._running[tenant] < self._share),
                key=lambda tenant: self._running[tenant],
                default=None,
            )
            if found is None:
                return
            queue = self._queues.pop(found)
            turn = queue.popleft()
            if queue:
                self._queues[found] = queue
            if not turn.done():
                self._free -= 1
                self._running[found] += 1
                turn.set_result(None)

    def _drop(self, tenant: str, turn: asyncio.Future[None]) -> None:
        queue = self._queues.get(tenant)
        if queue is None or turn not in queue:
            return
        queue.remove(turn)
        if not queue:
            del self._queues[tenant]
