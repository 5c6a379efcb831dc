"""Ctrl-C at any call within the job database: it comes out as what it is, and who comes next finds all in order."""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import bindparam, insert, select

from eigen.qfs import schema
from eigen.qfs.group_commit import GroupCommit
from eigen.qfs.prepared import Prepared
from eigen.qfs.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

SHARE = schema.share.c
ADD = Prepared(insert(schema.share).inline(), ["tenant", "turn"])
TURN = Prepared(select(SHARE.turn).where(SHARE.tenant == bindparam("tenant")))
MOST_CALLS = 2000

pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # one comes to finalizers, too


class Interrupted:
    """KeyboardInterrupt at the call number `at` of this thread: Python takes signals where functions begin."""

    def __init__(self, at: int) -> None:
        self._left = at
        self._outer: Any = None

    @property
    def came(self) -> bool:
        return self._left <= 0

    def __enter__(self) -> Interrupted:
        self._outer = sys.gettrace()
        sys.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._outer)

    def _called(self, frame: FrameType, event: str, argument: object) -> None:
        if frame.f_code is Interrupted.__exit__.__code__:
            return
        self._left -= 1
        if self._left == 0:
            sys.settrace(None)
            raise KeyboardInterrupt


def each_interrupt(act: Callable[[], object], prepare: Callable[[], object] = lambda: None) -> Iterator[bool]:
    """Interrupt each call of `act` in turn, until one run is over before; whether each run came to its end. Before each
    one, `prepare` is called."""
    for at in range(1, MOST_CALLS):
        prepare()
        interrupted, ended = Interrupted(at), False
        try:
            with interrupted:
                act()
            ended = True
        except KeyboardInterrupt:
            pass
        yield ended
        if not interrupted.came:
            assert ended
            return
    pytest.fail(f"more than {MOST_CALLS} calls")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    found = SqliteDatabase(tmp_path / "eigen.db")
    yield found
    found.close()


def test_a_read_is_interrupted_and_the_next_one_answers(database: SqliteDatabase) -> None:
    database.write(lambda c: ADD.count(c, {"tenant": "a", "turn": 3.0}))

    def read() -> object:
        return database.read(lambda c: TURN.value(c, {"tenant": "a"}))

    assert read() == 3.0
    for _ in each_interrupt(read):
        assert read() == 3.0


def test_a_write_is_interrupted_and_is_there_or_not(database: SqliteDatabase) -> None:
    """What came to its end is there; what was interrupted may be, and the next write goes on."""
    number = iter(range(MOST_CALLS))
    names: list[str] = []

    def write() -> None:
        name = f"tenant-{next(number)}"
        names.append(name)
        database.write(lambda c: ADD.count(c, {"tenant": name, "turn": 1.0}))

    def there(name: str) -> bool:
        return database.read(lambda c: TURN.value(c, {"tenant": name})) is not None

    write()
    for ended in each_interrupt(write):
        name = names[-1]
        assert there(name) or not ended
        write()
        assert there(names[-1])
    assert database.check() == []


class Silent:
    """Transactions of no database: what was committed, and how often they were taken back."""

    def __init__(self) -> None:
        self.open: list[object] = []
        self.kept: list[object] = []

    def begin(self, *, flush: bool) -> Any:
        assert not self.open, "the last transaction was not ended"
        return self.open

    def save(self) -> None:
        pass

    def back(self) -> bool:
        return True

    def commit(self) -> None:
        self.kept += self.open
        self.open.clear()

    def rollback(self) -> None:
        self.open.clear()


def test_whoever_leads_is_interrupted_and_the_others_go_on() -> None:
    """A writer that waits behind the interrupted one always comes to an end, and so does the next one."""
    transactions = Silent()
    group = GroupCommit(transactions)

    def add(value: object) -> Callable[[Any], None]:
        return lambda opened: opened.append(value)

    gates: list[threading.Lock] = []  # locks, and nothing that is written in Python: the interrupt comes there too
    opened_gates: list[threading.Lock] = []

    def follow() -> None:
        gates[-1].acquire()
        with suppress(InterruptedError):  # who was in the same commit is told
            group.run(add("follower"), flush=True)

    def led(opened: Any) -> None:
        opened_gates.append(gates[-1])
        gates[-1].release()
        while not group._waiting:
            pass
        opened.append("leader")

    followers: list[threading.Thread] = []

    def finish() -> None:
        if len(opened_gates) < len(gates):  # the leader did not come so far
            opened_gates.append(gates[-1])
            gates[-1].release()
        followers[-1].join(30)
        assert not followers[-1].is_alive()

    def prepare() -> None:
        if followers:
            finish()
            group.run(add("next"), flush=True)
            assert transactions.kept[-1] == "next"
        gates.append(threading.Lock())
        gates[-1].acquire()
        followers.append(threading.Thread(target=follow, daemon=True))
        followers[-1].start()

    for _ in each_interrupt(lambda: group.run(led, flush=True), prepare):
        pass
    finish()
    assert "leader" in transactions.kept
