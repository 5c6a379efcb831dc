"""Writers share commits: every one returns after its own, fails alone, and is lost only with the whole group."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from eigen.errors import EigenError
from eigen.qfs.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    database = SqliteDatabase(tmp_path / "eigen.db")
    yield database
    database.close()


def put(number: int, size: int = 1) -> Any:
    words = text("INSERT INTO reservation VALUES (:id, 'd', 't', 'p', 's', :why, 'a', 'b', 0)")

    def body(connection: Connection) -> int:
        connection.execute(words, {"id": f"{number:05}", "why": "x" * size})
        if number % 7 == 3:
            raise ZeroDivisionError(number)
        return number

    return body


def stored(database: SqliteDatabase) -> set[int]:
    query = text("SELECT reservation_id FROM reservation")
    return {int(name) for name in database.read(lambda connection: connection.execute(query).scalars().all())}


class SlowDisk:
    """Makes every commit slow, counts them, and fails those that `fails` names."""

    def __init__(self, database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
        self.commits = 0
        self.fails: set[int] = set()
        real = database._writer.commit

        def commit() -> None:
            self.commits += 1
            time.sleep(0.02)
            if self.commits in self.fails:
                raise OSError(28, "No space left on device")
            real()

        monkeypatch.setattr(database._writer, "commit", commit)


def test_a_commit_is_shared_and_a_failure_is_not(database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = SlowDisk(database, monkeypatch)

    def write(number: int) -> int:
        try:
            answer = database.write(put(number))
        except ZeroDivisionError as error:
            return -error.args[0]
        assert number in stored(database), "it was committed when its caller went on"
        return answer

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(write, range(112)))
    assert answers == [-number if number % 7 == 3 else number for number in range(112)]
    good = {number for number in answers if number >= 0}
    assert good == stored(database)
    assert disk.commits < len(good) / 3


def test_a_lone_writer_pays_for_nobody(database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = SlowDisk(database, monkeypatch)
    for number in (0, 1, 2):
        database.write(put(number))
    assert disk.commits == 3


def test_a_commit_that_fails_fails_its_whole_group_and_no_other(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(database, monkeypatch)
    disk.fails = {2, 3}

    def write(number: int) -> str:
        try:
            database.write(put(7 * number))
        except EigenError as error:
            return error.message
        return ""

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(write, range(64)))
    assert {7 * number for number, answer in enumerate(answers) if not answer} == stored(database)
    refused = [answer for answer in answers if answer]
    assert len(refused) >= 2
    assert all("No space left on device" in answer for answer in refused)


def test_a_disk_that_is_full_is_named_and_what_was_there_stays(database: SqliteDatabase) -> None:
    """SQLite ends the transaction by itself: nobody of the group was told that it is committed."""
    database.write(put(0))
    pages = database.read(lambda connection: connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    database.write(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}"))

    def write(number: int) -> str:
        try:
            return str(database.write(put(7 * number, 20_000)))
        except EigenError as error:
            return error.message

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(write, range(1, 17)))
    kept = {int(answer) for answer in answers if answer.isdigit()}
    assert stored(database) == kept | {0}
    assert all("full" in answer for answer in answers if not answer.isdigit())
    assert len(kept) < 16
    assert database.check() == []


def test_a_file_that_is_read_only_is_named(database: SqliteDatabase) -> None:
    database.write(lambda connection: connection.exec_driver_sql("PRAGMA query_only = 1"))
    with pytest.raises(EigenError, match="readonly") as error:
        database.write(put(0))
    assert error.value.code == "EIGEN_STORE_UNAVAILABLE"
    assert stored(database) == set()


def test_an_interrupted_leader_takes_nobody_with_it_for_good(database: SqliteDatabase) -> None:
    """Ctrl-C comes to the thread that commits for others: they are told, and the next writer goes on."""
    entered, followed = threading.Event(), threading.Event()

    def interrupted(_: Connection) -> None:
        entered.set()
        assert followed.wait(10)
        raise KeyboardInterrupt

    def lead() -> str:
        try:
            database.write(interrupted)
        except KeyboardInterrupt:
            return "interrupted"
        return "no"

    with ThreadPoolExecutor(3) as pool:
        leader = pool.submit(lead)
        assert entered.wait(10)
        follower = pool.submit(database.write, put(1))
        while not database._group._waiting:
            time.sleep(0.001)
        followed.set()
        assert leader.result(10) == "interrupted"
        assert follower.result(10) == 1
    assert stored(database) == {1}
    database.write(put(2))


def test_writers_of_two_processes_take_turns(database: SqliteDatabase, tmp_path: Path) -> None:
    other = SqliteDatabase(tmp_path / "eigen.db")
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit((database, other)[number % 2].write, put(7 * number)) for number in range(40)]
        assert [answer.result() for answer in answers] == [7 * number for number in range(40)]
    assert stored(database) == {7 * number for number in range(40)}
    other.close()
