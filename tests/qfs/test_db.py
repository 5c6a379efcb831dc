"""The job database as a file: created once, migrated, refused when newer, shared by processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from eigen.errors import EigenError
from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import jobs
from eigen.qfs import rows, schema
from eigen.qfs.db import Database
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.migrate import upgrade

NEW_IN_0002 = {"traceparent", "reservation_id", "subject"}


def shape(database: Database) -> dict[str, object]:
    """Every column and index as SQLite sees them, whatever the wording they were made with."""
    found: dict[str, object] = {}
    with database.read() as connection:
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


def test_migrations_lead_to_the_schema_that_a_new_database_gets(tmp_path: Path) -> None:
    new = Database(tmp_path / "new.db")
    old = Database(tmp_path / "old.db")
    with old.write() as connection:
        schema.metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    upgrade(old._engine, None)
    assert shape(old) == shape(new)
    with old.read() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [schema.REVISION]


def test_a_database_of_the_first_schema_is_led_to_the_newest_with_its_jobs(tmp_path: Path) -> None:
    path = tmp_path / "eigen.db"
    old = Database(path)
    with old.write() as connection:
        schema.metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    upgrade(old._engine, None, "0001")
    row, event = jobs.create("job_1", JobSpec(name="old", program=ProgramRef(sha256="0" * 64)), at=1.0, entropy=2)
    values = {name: value for name, value in rows.job_columns(row).items() if name not in NEW_IN_0002}
    with old.write() as connection:
        connection.execute(insert(schema.job).values(values))
        connection.execute(insert(schema.event).values(rows.event_columns(event)))
    old.close()
    store = SqlJobStore(Database(path))
    assert store.get("job_1") == row
    assert store.changes(0) == ((1, event),)
    assert store.claim("w", 2.0, 2.0, 10.0) is not None
    store.close()


def test_the_newest_migration_is_the_revision_of_the_schema() -> None:
    versions = Path(schema.__file__).parent / "migrations/versions"
    assert max(path.name for path in versions.glob("[0-9]*.py")).startswith(f"{schema.REVISION}_")


def test_a_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "eigen.db"
    with Database(path).write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = path.read_bytes()
    with pytest.raises(EigenError) as error:
        Database(path)
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
        Database(tmp_path / "eigen.db")
    assert "not made by Eigen OS" in error.value.message


def test_an_existing_database_opens_without_alembic(tmp_path: Path) -> None:
    path = tmp_path / "eigen.db"
    script = (
        "import sys; from pathlib import Path; from eigen.qfs.db import Database;"
        "Database(Path(sys.argv[1])); sys.exit('alembic' in sys.modules)"
    )
    for _ in range(2):  # made, then found
        assert subprocess.run([sys.executable, "-c", script, str(path)], check=False).returncode == 0


def test_processes_that_create_it_at_once_agree(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from eigen.qfs.db import Database; Database(Path(sys.argv[1]))"
    command = [sys.executable, "-c", script, str(tmp_path / "eigen.db")]
    processes = [subprocess.Popen(command, env=os.environ) for _ in range(4)]
    assert [process.wait(timeout=60) for process in processes] == [0] * 4
    assert Database(tmp_path / "eigen.db").check() == []


def test_settings_that_durability_rests_on(tmp_path: Path) -> None:
    with Database(tmp_path / "eigen.db").read() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_failed_block_leaves_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "eigen.db")
    insert = text("INSERT INTO idempotency VALUES ('t', 'p', 'k', 'h', 'job_x', 'now')")
    with pytest.raises(EigenError) as error, database.write() as connection:
        connection.execute(insert)  # its job does not exist
    assert error.value.code == "EIGEN_INTERNAL"

    def change_and_fail() -> None:
        with database.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'x'"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM idempotency")).scalar() == 0
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == schema.REVISION


def test_only_what_must_survive_a_loss_of_power_by_itself_is_flushed(tmp_path: Path) -> None:
    database = Database(tmp_path / "eigen.db")
    for flush, mode in ((False, 1), (True, 2), (False, 1), (True, 2)):  # NORMAL and FULL
        with database.write(flush=flush) as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == mode
    with database.write() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    database.close()


def test_what_is_peeked_at_is_always_the_newest_and_holds_nobody_up(tmp_path: Path) -> None:
    ours, theirs = Database(tmp_path / "eigen.db"), Database(tmp_path / "eigen.db")
    for number in range(3):
        with theirs.write() as connection:
            connection.execute(text(f"INSERT INTO alembic_version VALUES ('{number}')"))
            seen = ours.peek("SELECT count(*) FROM alembic_version")
            assert seen == (1 + number,)
        assert ours.peek("SELECT 1 FROM alembic_version WHERE version_num = ?", str(number)) == (1,)
    assert ours.peek("SELECT 1 FROM alembic_version WHERE version_num = ?", "9") is None
    with theirs.read() as connection:  # nothing of ours keeps the log from being emptied
        assert connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar() == 0
    with pytest.raises(EigenError, match="EIGEN_STORE_UNAVAILABLE"):
        ours.peek("SELECT 1 FROM nowhere")
    ours.close()
    theirs.close()
