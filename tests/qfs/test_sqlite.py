"""The job database as a file: created once, migrated, refused when newer, shared by processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import bindparam, column, func, insert, literal_column, select, table, text

from eigen.errors import EigenError
from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import jobs
from eigen.qfs import file_systems, rows, schema
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.migrate import upgrade
from eigen.qfs.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from sqlalchemy import Connection

NEW_SINCE_0001 = {
    *("traceparent", "reservation_id", "subject", "input_bytes", "shots", "deadline"),
    *("workflow", "step", "item", "cost"),
}


def shape(database: SqliteDatabase) -> dict[str, object]:
    """Every column and index as SQLite sees them, whatever the wording they were made with."""
    return database.read(_shape)


def _shape(connection: Connection) -> dict[str, object]:
    found: dict[str, object] = {}
    names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")).scalars()
    for name in names.all():
        found[name] = [tuple(row)[1:] for row in connection.execute(text(f'PRAGMA table_info("{name}")'))]
        found[f"{name} keys"] = sorted(
            tuple(row)[2:] for row in connection.execute(text(f'PRAGMA foreign_key_list("{name}")'))
        )
        indexes = connection.execute(text(f'PRAGMA index_list("{name}")')).all()
        for index in indexes:
            columns = connection.execute(text(f'PRAGMA index_xinfo("{index[1]}")'))
            found[f"{name} {index[1]}"] = (tuple(index)[2:], [tuple(row)[2:] for row in columns])
    where = text("SELECT name, substr(sql, instr(sql, 'WHERE')) FROM sqlite_master WHERE sql LIKE '%INDEX%WHERE%'")
    found["partial"] = sorted(tuple(row) for row in connection.execute(where))
    return found


def empty(connection: Connection) -> None:
    schema.metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))


def test_migrations_lead_to_the_schema_that_a_new_database_gets(tmp_path: Path) -> None:
    new = SqliteDatabase(tmp_path / "new.db")
    old = SqliteDatabase(tmp_path / "old.db")
    old.write(empty)
    old.write(lambda connection: upgrade(connection, None))
    assert shape(old) == shape(new)
    query = text("SELECT version_num FROM alembic_version")
    assert old.read(lambda connection: connection.execute(query).scalars().all()) == [schema.REVISION]


def test_a_database_of_the_first_schema_is_led_to_the_newest_with_its_jobs(tmp_path: Path) -> None:
    path = tmp_path / "eigen.db"
    old = SqliteDatabase(path)
    old.write(empty)
    old.write(lambda connection: upgrade(connection, None, "0001"))
    row, event = jobs.create("job_1", JobSpec(name="old", program=ProgramRef(sha256="0" * 64)), at=1.0, entropy=2)
    values = {name: value for name, value in rows.job_columns(row).items() if name not in NEW_SINCE_0001}
    old.write(lambda connection: connection.execute(insert(schema.job).values(values)))
    old.write(lambda connection: connection.execute(insert(schema.event).values(rows.event_columns(event))))
    old.close()
    store = SqlJobStore(SqliteDatabase(path))
    assert store.get("job_1") == row
    assert store.changes(0) == ((1, event),)
    assert store.claim("w", 2.0, 10.0) is not None
    store.close()


def test_the_newest_migration_is_the_revision_of_the_schema() -> None:
    versions = Path(schema.__file__).parent / "migrations/versions"
    assert max(path.name for path in versions.glob("[0-9]*.py")).startswith(f"{schema.REVISION}_")


def test_a_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "eigen.db"
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    database = SqliteDatabase(path)
    database.write(lambda connection: connection.execute(newer))
    database.close()
    before = path.read_bytes()
    with pytest.raises(EigenError) as error:
        SqliteDatabase(path)
    assert error.value.code == "EIGEN_STORE_UNAVAILABLE"
    assert "`9999`" in error.value.message
    assert "newer" in error.value.hint
    assert path.read_bytes() == before


def test_a_foreign_database_is_refused(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "eigen.db") as connection:
        connection.execute("CREATE TABLE job (x)")
    connection.close()
    with pytest.raises(EigenError) as error:
        SqliteDatabase(tmp_path / "eigen.db")
    assert "not made by Eigen OS" in error.value.message


def test_an_existing_database_opens_without_alembic(tmp_path: Path) -> None:
    path = tmp_path / "eigen.db"
    script = (
        "import sys; from pathlib import Path; from eigen.qfs.sqlite import SqliteDatabase;"
        "SqliteDatabase(Path(sys.argv[1])); sys.exit('alembic' in sys.modules)"
    )
    for _ in range(2):  # made, then found
        assert subprocess.run([sys.executable, "-c", script, str(path)], check=False).returncode == 0


def test_processes_that_create_it_at_once_agree(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from eigen.qfs.sqlite import SqliteDatabase;"
        "SqliteDatabase(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "eigen.db")]
    processes = [subprocess.Popen(command, env=os.environ) for _ in range(4)]
    assert [process.wait(timeout=60) for process in processes] == [0] * 4
    assert SqliteDatabase(tmp_path / "eigen.db").check() == []


def test_settings_that_durability_rests_on(tmp_path: Path) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys")
    found = SqliteDatabase(tmp_path / "eigen.db").read(
        lambda connection: {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in names}
    )
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_failed_block_leaves_nothing(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "eigen.db")
    insert = text("INSERT INTO idempotency VALUES ('t', 'p', 'k', 'h', 'job_x', 'now')")
    with pytest.raises(EigenError) as error:
        database.write(lambda connection: connection.execute(insert))  # its job does not exist
    assert error.value.code == "EIGEN_INTERNAL"

    def change_and_fail(connection: Connection) -> None:
        connection.execute(text("UPDATE alembic_version SET version_num = 'x'"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(change_and_fail)

    def found(words: str) -> object:
        return database.read(lambda connection: connection.execute(text(words)).scalar())

    assert found("SELECT count(*) FROM idempotency") == 0
    assert found("SELECT version_num FROM alembic_version") == schema.REVISION


def test_only_what_must_survive_a_loss_of_power_by_itself_is_flushed(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "eigen.db")

    def mode(connection: Connection) -> int:
        return connection.exec_driver_sql("PRAGMA synchronous").scalar_one()

    for flush, wanted in ((False, 1), (True, 2), (False, 1), (True, 2)):  # NORMAL and FULL
        assert database.write(mode, flush=flush) == wanted
    assert database.write(mode) == 2
    database.close()


def test_what_is_looked_up_is_always_the_newest_and_holds_nobody_up(tmp_path: Path) -> None:
    ours, theirs = SqliteDatabase(tmp_path / "eigen.db"), SqliteDatabase(tmp_path / "eigen.db")
    versions = table("alembic_version", column("version_num"))
    counted = ours.lookup(select(func.count()).select_from(versions))
    one = select(literal_column("1")).select_from(versions)
    known = ours.lookup(one.where(versions.c.version_num == bindparam("it")))
    for number in range(3):
        theirs.write(lambda connection, it=str(number): connection.execute(insert(versions).values(version_num=it)))
        assert counted() == (2 + number,)
        assert known(str(number)) == (1,)
    assert known("9") is None
    checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)"  # nothing of ours keeps the log from being emptied
    assert theirs.read(lambda connection: connection.exec_driver_sql(checkpoint).scalar()) == 0
    with pytest.raises(EigenError, match="EIGEN_STORE_UNAVAILABLE"):
        ours.lookup(select(table("nowhere", column("x"))))()
    ours.close()
    theirs.close()


def test_a_file_system_of_the_network_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number = tmp_path.stat().st_dev
    mounts = tmp_path / "mounts"
    line = f"36 35 {os.major(number)}:{os.minor(number)} / {tmp_path} rw,noatime master:1 - {{}} server:/data rw\n"
    monkeypatch.setattr(file_systems, "MOUNTS", mounts)
    mounts.write_text(line.format("ext4"))
    SqliteDatabase(tmp_path / "local" / "eigen.db").close()
    mounts.write_text(line.format("nfs4"))
    with pytest.raises(EigenError) as error:
        SqliteDatabase(tmp_path / "far" / "eigen.db")
    assert error.value.code == "EIGEN_STORE_UNAVAILABLE"
    assert "`nfs4`" in error.value.message
    assert not (tmp_path / "far" / "eigen.db").exists()


def test_closing_waits_for_the_transaction_at_hand(tmp_path: Path) -> None:
    """Its connection is not closed under a statement that runs: SQLite's library would take the process down."""
    database = SqliteDatabase(tmp_path / "eigen.db")
    began, may_end = threading.Event(), threading.Event()
    said: list[str] = []

    def work(connection: Connection) -> None:
        began.set()
        assert may_end.wait(30)
        connection.execute(text("SELECT 1"))
        said.append("the transaction ends")

    def close() -> None:
        database.close()
        said.append("the database is closed")

    with ThreadPoolExecutor(2) as pool:
        working = pool.submit(database.write, work)
        assert began.wait(30)
        closing = pool.submit(close)
        assert not closing.done()
        may_end.set()
        working.result()
        closing.result()
    assert said == ["the transaction ends", "the database is closed"]


def test_a_process_that_closes_the_database_under_its_writers_lives_on(tmp_path: Path) -> None:
    script = """
import sys, threading
from pathlib import Path
from sqlalchemy import text
from eigen.qfs.sqlite import SqliteDatabase

many = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT sum(i) FROM n")
for turn in range(20):
    database = SqliteDatabase(Path(sys.argv[1]))
    started = threading.Barrier(4)

    def write():
        started.wait()
        for _ in range(5):
            database.write(lambda connection: connection.execute(many).all())

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    started.wait()
    database.close()
    for thread in threads:
        thread.join()
    database.close()
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "eigen.db")], check=False, timeout=120)
    assert done.returncode == 0
