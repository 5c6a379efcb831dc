"""`GroupCommit`: writers of one SQLite connection, many to a commit.

The first writer leads: it runs its own transaction and those of the writers that came meanwhile, each in a savepoint of
its own, commits once, and wakes them. Nobody waits for company, so a lone writer pays nothing; the slower the disk, the
more share a flush. Flat combining: Hendler, Incze, Shavit and Tzafrir, SPAA 2010.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

T = TypeVar("T")
MOST = 256
SECONDS = 0.002
"""How many transactions share a commit, and for how long a group takes more in."""

PATIENCE_SECONDS = 30.0
"""How long the end waits for a transaction."""


def interruption(error: BaseException, outer: BaseException | None = None) -> KeyboardInterrupt | None:
    """The Ctrl-C that an error hides: SQLAlchemy raises others where one comes to it at some moments. What was handled
    already when that began is `outer`."""
    found: BaseException | None = error
    while found is not None and found is not outer:
        if isinstance(found, KeyboardInterrupt):
            return found
        found = found.__context__
    return None


class Transactions(Protocol):
    """The transactions of one connection, which only one thread uses at a time."""

    def begin(self, *, flush: bool) -> Connection:
        """Begin one that may write; `flush` says what its commit survives."""
        ...

    def save(self) -> None:
        """Begin a part that can be taken back by itself."""
        ...

    def back(self) -> bool:
        """Take that part back; False when the database took everything back already."""
        ...

    def commit(self) -> None:
        """Commit; when it raises, nothing of it is there."""
        ...

    def rollback(self) -> None:
        """Take everything back."""
        ...


class _Write:
    """One caller's transaction on its way, and the bell its caller waits for."""

    __slots__ = ("bell", "body", "error", "flush", "group", "is_over", "leads", "value")

    def __init__(self, body: Callable[[Connection], Any], flush: bool) -> None:
        self.body = body
        self.flush = flush
        self.bell = threading.Lock()
        self.bell.acquire()
        self.leads = False
        self.group: list[_Write] = []  # of a leader: what its commit is for
        self.is_over = False
        self.value: Any = None
        self.error: BaseException | None = None

    def end(self, error: BaseException | None = None) -> None:
        """Let the caller go on, with an error or with what the body returned."""
        if not self.is_over:
            self.error = error
            self.is_over = True
            self.bell.release()


class GroupCommit:
    """Runs bodies one after another in shared transactions."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._mutex = threading.Lock()
        self._idle = threading.Condition(self._mutex)
        self._waiting: deque[_Write] = deque()
        self._led = False  # no leader: nobody waits

    def run(self, body: Callable[[Connection], T], *, flush: bool) -> T:
        """Run the body and return its value once it is committed. What it raises is its caller's alone."""
        write = _Write(body, flush)
        try:
            with self._mutex:
                self._waiting.append(write)
                write.leads = is_first = not self._led
                self._led = True
            if not is_first:
                write.bell.acquire()  # until it is over, or its caller's turn to lead
            if not write.is_over:
                self._run_group(write)
                self._leave(write)
        except BaseException as error:  # Ctrl-C may come anywhere: what is on its way goes its way, the rest is undone
            cause = interruption(error) or error
            self._leave(write, cause)
            raise cause from None
        if write.error is not None:
            raise write.error
        return write.value

    def close(self, act: Callable[[], object]) -> None:
        """Close the connection by `act`, between two groups: closed while a statement runs on it, SQLite's library
        takes the process down. A transaction that does not end keeps its connection open."""
        with self._mutex:
            if self._idle.wait_for(lambda: not self._led, PATIENCE_SECONDS):
                act()

    def _leave(self, own: _Write, error: BaseException | None = None) -> None:
        """The end of a write, and of all that it led: the others are told, and the next one leads."""
        if own.leads and error is not None:
            with suppress(Exception):  # what is closed cannot be undone, and need not be
                self._transactions.rollback()
        with self._mutex:
            if own in self._waiting:
                self._waiting.remove(own)
            if own.leads:
                self._pass_on()
                own.leads = False
        for write in own.group:
            write.end(error if error is None or isinstance(error, Exception) else InterruptedError("the leader"))

    def _pass_on(self) -> None:
        """Make the next waiting writer the leader."""
        if not self._waiting:
            self._led = False
            self._idle.notify_all()
            return
        heir = self._waiting[0]
        heir.leads = True
        heir.bell.release()

    def _run_group(self, own: _Write) -> None:
        """Run what waits and commit it."""
        group, flush = own.group, self._wants_flush()
        try:
            connection = self._transactions.begin(flush=flush)
        except Exception:
            with self._mutex:  # who waits behind it would wait as long, for the same answer
                group.extend(self._waiting)
                self._waiting.clear()
            raise
        until = time.perf_counter() + SECONDS
        write: _Write | None = own
        with self._mutex:
            self._waiting.remove(own)
        while write is not None:
            self._run_one(write, connection, group)
            write = self._next(flush) if len(group) < MOST and time.perf_counter() < until else None
        self._transactions.commit()

    def _run_one(self, write: _Write, connection: Connection, group: list[_Write]) -> None:
        group.append(write)
        self._transactions.save()
        try:
            write.value = write.body(connection)
        except Exception as error:
            if not self._transactions.back():
                raise  # it took the others with it
            group.remove(write)
            write.end(error)

    def _wants_flush(self) -> bool:
        with self._mutex:
            return any(write.flush for write in self._waiting)

    def _next(self, flush: bool) -> _Write | None:
        with self._mutex:
            if not self._waiting or (self._waiting[0].flush and not flush):
                return None
            return self._waiting.popleft()
