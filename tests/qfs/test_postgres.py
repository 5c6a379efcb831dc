"""The job database in PostgreSQL: made once by whoever is first, shared, and used through crashes of the server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import inspect, text

from doubles.postgres import start
from eigen.errors import EigenError
from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import jobs
from eigen.qfs import cache_schema, identity_schema, ledger_schema, outbox_schema, postgres, reservation_schema, schema
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.postgres import PostgresDatabase
from eigen.qfs.prepared import Prepared
from eigen.qfs.store import JournalEntry
from eigen.types import ApiKey, AuditEntry, JobState, Reservation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.postgres_server import PostgresServer
    from sqlalchemy import Connection

    from eigen.qfs.store import JobRow
    from eigen.types import JobEvent


@pytest.fixture
def database(postgres_url: str) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(postgres_url)
    yield database
    database.close()


@pytest.fixture
def store(database: PostgresDatabase) -> SqlJobStore:
    return SqlJobStore(database)


def new(job_id: str) -> tuple[JobRow, JobEvent]:
    return jobs.create(job_id, JobSpec(name="x", program=ProgramRef(sha256="0" * 64)), at=100.0, entropy=1)


def test_processes_that_create_it_at_once_agree(postgres: PostgresServer) -> None:
    url = postgres.url()
    script = "import sys; from eigen.qfs.postgres import PostgresDatabase; PostgresDatabase(sys.argv[1])"
    processes = [subprocess.Popen([sys.executable, "-c", script, url], env=os.environ) for _ in range(3)]
    assert [process.wait(timeout=120) for process in processes] == [0] * 3
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(schema.REVISION,)]


def test_migrations_make_the_tables_that_the_stores_know(database: PostgresDatabase) -> None:
    assert (
        identity_schema.metadata
        is outbox_schema.metadata
        is cache_schema.metadata
        is reservation_schema.metadata
        is ledger_schema.metadata
        is schema.metadata
    )

    def columns(connection: Any) -> dict[str, set[str]]:
        found = inspect(connection)
        return {name: {entry["name"] for entry in found.get_columns(name)} for name in found.get_table_names()}

    found = database.read(columns)
    assert found.pop("alembic_version") == {"version_num"}
    assert found.pop("event") - {"tx"} == set(schema.event.c.keys())
    assert found == {name: set(made.c.keys()) for name, made in schema.metadata.tables.items() if name != "event"}


def test_a_newer_and_a_foreign_database_are_refused(postgres: PostgresServer) -> None:
    newer = postgres.url()
    PostgresDatabase(newer).close()
    foreign = postgres.url()
    for url, words in (
        (newer, "UPDATE alembic_version SET version_num = '9999'"),
        (foreign, "CREATE TABLE job (x int)"),
    ):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(words)
    with pytest.raises(EigenError, match="`9999`"):
        PostgresDatabase(newer)
    with pytest.raises(EigenError, match="not made by Eigen OS"):
        PostgresDatabase(foreign)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://u:secret@h/d", "`mysql://`"),
        ("postgresql+psycopg://u:secret@h/d", "`postgresql+psycopg://`"),
        ("no url: secret", "no URL"),
    ],
)
def test_what_is_no_address_of_a_postgresql_is_refused(url: str, said: str) -> None:
    with pytest.raises(EigenError) as error:
        PostgresDatabase(url)
    assert error.value.code == "EIGEN_CONFIG_INVALID"
    assert said in error.value.message
    assert "secret" not in str(error.value)


def test_a_server_that_is_not_there_is_named_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "OPEN_SECONDS", 0.0)
    with pytest.raises(EigenError) as error:
        PostgresDatabase("postgresql://eigen:secret@127.0.0.1:1/jobs")
    assert error.value.code == "EIGEN_STORE_UNAVAILABLE"
    assert "postgresql://eigen:***@127.0.0.1:1/jobs" in error.value.message
    assert "secret" not in str(error.value)


def test_without_its_library_it_says_which_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(EigenError) as error:
        PostgresDatabase("postgresql://eigen@127.0.0.1:1/jobs")
    assert error.value.code == "EIGEN_NOT_AVAILABLE"
    assert "eigen-os[postgres]" in error.value.hint


def test_a_session_is_durable_bounded_and_read_committed(database: PostgresDatabase) -> None:
    names = [*postgres.SESSION, "synchronous_commit", "transaction_isolation"]
    found = database.write(
        lambda connection: {name: connection.execute(text(f"SHOW {name}")).scalar_one() for name in names}
    )
    assert found["synchronous_commit"] == "on"
    assert found["transaction_isolation"] == "read committed"
    assert {found[name] for name in postgres.SESSION if name.endswith("timeout")} == {"1min", "5s"}


def test_a_server_that_does_not_flush_is_complained_of(database: PostgresDatabase) -> None:
    assert database.check() == ["the server has fsync=off: a crash can lose or damage jobs"]
    assert database.describe().startswith("PostgreSQL ")


def test_an_event_that_commits_late_is_not_skipped(store: SqlJobStore, postgres_url: str) -> None:
    """The trap of every outbox that is read by number: the lower number may be committed after the higher one."""
    late = (
        "INSERT INTO event (job_id, seq, state, stage, progress, message, timestamp, data)"
        " VALUES ('job_0', 2, 'PENDING', 'late', 0, '', 'now', '{}')"
    )
    store.insert(*new("job_0"))
    place = store.last_change()
    with psycopg.connect(postgres_url) as connection:
        connection.execute(late)
        store.insert(*new("job_1"))
        assert store.changes(place) == ()
        assert store.last_change() == place
        connection.commit()
    told = store.changes(place)
    assert [(event.job_id, event.seq) for _, event in told] == [("job_0", 2), ("job_1", 1)]
    assert store.changes(told[0][0]) == told[1:]
    assert store.last_change() == told[-1][0]


def test_a_log_that_was_restored_elsewhere_is_told_all_the_same(store: SqlJobStore, postgres_url: str) -> None:
    for number in range(3):
        store.insert(*new(f"job_{number}"))
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("UPDATE event SET tx = tx + 1000000000")  # the other server had come further
    restored = PostgresDatabase(postgres_url)
    log = SqlJobStore(restored).changes(0)
    assert [event.job_id for _, event in log] == ["job_0", "job_1", "job_2"]
    SqlJobStore(restored).insert(*new("job_3"))
    assert [event.job_id for _, event in SqlJobStore(restored).changes(log[-1][0])] == ["job_3"]
    restored.close()


def test_a_job_that_somebody_is_taking_is_passed_over(store: SqlJobStore, postgres_url: str) -> None:
    store.insert(*new("job_0"))
    store.insert(*new("job_1"))
    with psycopg.connect(postgres_url) as connection:
        connection.execute("SELECT 1 FROM job WHERE job_id = 'job_0' FOR UPDATE")
        row = store.claim("a", 200.0, 10.0)
        assert row is not None
        assert row.job_id == "job_1"
        assert store.claim("b", 200.0, 10.0) is None
    again = store.claim("b", 200.0, 10.0)
    assert again is not None
    assert again.job_id == "job_0"


def test_a_claim_reads_no_whole_queue(store: SqlJobStore, database: PostgresDatabase) -> None:
    """Ten thousand jobs of a hundred tenants, and a planner that knows of them: it sorts nobody's queue."""
    store.insert(*new("job_0"))
    more = text(
        "INSERT INTO job SELECT (jsonb_populate_record(job, jsonb_build_object('job_id', 'job_' || n, 'turn', n,"
        " 'urgency', n, 'tenant', n % 100))).* FROM job, generate_series(1, 10000) n"
    )
    database.write(lambda c: c.execute(more))
    database.read(lambda c: c.execute(text("ANALYZE")))
    assert store.claim("a", 200.0, 10.0) is not None
    chosen = store._claims._at_once
    assert chosen is not None
    words = chosen._words["postgresql"]
    given = words.values({"now": 200.0, "its_owner": "b", "seconds": 10.0})

    def plan(connection: Connection) -> str:
        raw: Any = connection.connection.dbapi_connection
        return "\n".join(row[0] for row in raw.execute(f"EXPLAIN {words.text}", given))

    assert "Sort" not in database.read(plan)


class Cut:
    """Breaks the connection once, when the next transaction has just been committed, or the next statement that is one
    by itself."""

    def __init__(self, database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
        dialect = database._engine.dialect
        self.count = 0
        commits, executes = dialect.do_commit, dialect.do_execute

        def cut(connection: Any) -> None:
            if self.count == 0:
                self.count = 1
                connection.close()
                raise psycopg.OperationalError("the connection is lost")

        def commit(connection: Any) -> None:
            commits(connection)
            cut(connection.dbapi_connection)

        def execute(cursor: Any, statement: str, *rest: Any) -> None:
            executes(cursor, statement, *rest)
            if cursor.connection.autocommit and statement.startswith(("WITH", "UPDATE")):
                cut(cursor.connection)

        monkeypatch.setattr(dialect, "do_commit", commit)
        monkeypatch.setattr(dialect, "do_execute", execute)


def test_a_commit_of_which_nobody_knows_counts_once(
    store: SqlJobStore, database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every write of a job's life, each cut off after its commit: the caller gets the answer all the same."""

    def cut(call: Callable[[], Any]) -> Any:
        with monkeypatch.context() as patch:
            broken = Cut(database, patch)
            answer = call()
        assert broken.count == 1
        return answer

    assert cut(lambda: store.insert(*new("job_0"))) == "job_0"
    assert cut(lambda: store.insert(*new("job_1"), idempotency=("key", "hash"))) == "job_1"
    assert store.insert(*new("job_2"), idempotency=("key", "hash")) == "job_1"
    row = cut(lambda: store.claim("w", 200.0, 10.0))
    assert (row.job_id, row.fence) == ("job_0", 1)
    assert cut(lambda: store.heartbeat("job_0", 1, 10.0))
    entries = [JournalEntry(0, "k", 1.5), JournalEntry(1, "l", 2.5)]
    assert cut(lambda: store.journal_append("job_0", 1, entries))
    assert store.journal("job_0") == tuple(entries)
    running, ended = replace(row, state=JobState.RUNNING), replace(row, state=JobState.DONE)
    begun = replace(new("job_0")[1], seq=2, state=JobState.RUNNING)
    assert cut(lambda: store.update(running, [begun], expected_version=1, fence=1))
    assert not store.update(running, [begun], expected_version=1, fence=1)
    event = replace(begun, seq=3, state=JobState.DONE)
    assert cut(lambda: store.update(ended, [event], expected_version=2, fence=1, outcome={"x": 1}))
    assert [entry.seq for entry in store.events("job_0")] == [1, 2, 3]
    assert cut(lambda: store.seal("job_0", 1))
    assert not store.seal("job_0", 1)
    assert cut(lambda: store.request_cancel("job_1"))
    assert store.get("job_1").cancel_requested  # type: ignore[union-attr]


def test_identity_and_reservations_survive_a_commit_of_which_nobody_knows(
    database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eigen.qfs.audit import SqlAuditLog
    from eigen.qfs.keys import SqlKeyStore
    from eigen.qfs.reservations import SqlReservations

    keys, audit, held = SqlKeyStore(database), SqlAuditLog(database), SqlReservations(database)
    key = ApiKey("k", "0" * 64, "n", "t", "p", ("user",), "2030-01-01T00:00:00.000Z")
    entry = AuditEntry("2030", "s", "t", "a", "x", "ok", "rest", "ab")
    wanted = Reservation("res_1", "d", "t", "p", "s", "", "2030-01-01T00:00:00.000000Z", "2030-01-02T00:00:00.000000Z")
    calls: list[tuple[Callable[[], Any], Any]] = [
        (lambda: keys.add(key), None),
        (lambda: keys.revoke("k", "2030-01-02"), True),
        (lambda: audit.append(entry), None),
        (lambda: held.reserve(wanted), wanted),
        (lambda: held.release("res_1"), True),
    ]
    for call, answer in calls:
        with monkeypatch.context() as patch:
            broken = Cut(database, patch)
            assert call() == answer
        assert broken.count == 1
    assert not keys.revoke("k", "2030-01-03")
    assert audit.newest(10) == (entry,)
    assert not held.release("res_1")


def test_a_server_that_is_killed_and_restarted_under_load_loses_and_doubles_nothing() -> None:
    """Every submission that was answered is there once, with one event; the callers saw no error."""
    server = start()
    try:
        database = PostgresDatabase(server.url())
        store = SqlJobStore(database)
        names = [f"job_{number:03}" for number in range(400)]
        with ThreadPoolExecutor(4) as pool:
            answers = [pool.submit(store.insert, *new(name)) for name in names]
            for _ in range(2):
                time.sleep(0.2)
                server.restart()
            assert [answer.result() for answer in answers] == names
        assert {row.job_id for row in store.list(limit=1000)} == set(names)
        assert sorted(event.job_id for _, event in store.changes(0)) == names
        database.close()
    finally:
        server.stop()


def test_a_connection_in_use_when_the_database_is_closed_closes_with_its_transaction(postgres_url: str) -> None:
    """Nothing stays open behind a database that is closed while a thread of it still works."""
    database = PostgresDatabase(postgres_url)
    used: list[Any] = []
    began, may_end = threading.Event(), threading.Event()

    def work(connection: Connection) -> None:
        used.append(connection.connection.driver_connection)
        began.set()
        assert may_end.wait(30)

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(database.write, work)
        assert began.wait(30)
        database.close()
        may_end.set()
        working.result()
    assert [connection.closed for connection in used] == [True]
    with pytest.raises(EigenError, match="has closed it") as error:
        database.read(lambda connection: connection.execute(text("SELECT 1")).scalar())
    assert error.value.code == "EIGEN_STORE_UNAVAILABLE"


def test_a_connection_in_use_when_another_one_breaks_is_closed_with_the_database(postgres_url: str) -> None:
    """Whoever finds its connection broken has the others replaced, and none of them is forgotten."""
    database = PostgresDatabase(postgres_url)
    used: list[Any] = []
    began, may_end = threading.Event(), threading.Event()
    end_of_itself = Prepared(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    tries: list[int] = []

    def work(connection: Connection) -> None:
        used.append(connection.connection.driver_connection)
        began.set()
        assert may_end.wait(30)

    def break_once(connection: Connection) -> None:
        tries.append(len(tries))
        if len(tries) == 1:
            end_of_itself.value(connection)

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(database.write, work)
        assert began.wait(30)
        database.write(break_once)
        may_end.set()
        working.result()
    database.close()
    assert len(tries) == 2
    assert [connection.closed for connection in used] == [True]


def test_a_statement_that_takes_too_long_ends(database: PostgresDatabase) -> None:
    def sleep(connection: Any) -> None:
        connection.execute(text("SET LOCAL statement_timeout = '50ms'"))
        connection.execute(text("SELECT pg_sleep(30)"))

    with pytest.raises(EigenError, match="statement timeout") as error:
        database.write(sleep)
    assert error.value.code == "EIGEN_STORE_UNAVAILABLE"
