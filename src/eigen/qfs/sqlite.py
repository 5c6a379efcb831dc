"""`SqliteDatabase`: one SQLite file, opened, brought to the newest schema, read and written in transactions.

Writers of a process share commits (`group_commit`); writers of several processes take turns (`BEGIN IMMEDIATE`).
"""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Float, bindparam, create_engine, event, text
from sqlalchemy.dialects import sqlite

from eigen.errors import EigenError
from eigen.qfs import schema
from eigen.qfs.db import guarded, unavailable
from eigen.qfs.file_systems import network_file_system
from eigen.qfs.group_commit import GroupCommit

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection, Engine, RootTransaction, Select
    from sqlalchemy.pool import PoolProxiedConnection

    from eigen.qfs.db import Kind
    from eigen.qfs.holds import FileHold

T = TypeVar("T")
BUSY_SECONDS = 30.0
"""How long a transaction waits for another process before the database counts as unusable."""


class SqliteDatabase:
    """The job database in a file. A file system of a network is refused: its locks and its shared memory do not keep
    what SQLite needs of them (https://sqlite.org/wal.html)."""

    kind: Kind = "sqlite"
    one_host = True

    def __init__(self, path: Path, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self.lease_now: ColumnElement[float] = bindparam("lease_now", callable_=monotonic, type_=Float, unique=True)
        self._peeking = threading.Lock()
        self._peek: PoolProxiedConnection | None = None
        with self._guard():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _refuse_network(path)
            self._engine = _engine(path)
            self._writer = _Writer(self._engine)
            self._group = GroupCommit(self._writer)
            self._open()

    def write(self, body: Callable[[Connection], T], *, flush: bool = True, single: bool = False) -> T:
        """Run the body in a transaction and return its value once it is committed."""
        with self._guard():
            return self._group.run(body, flush=flush)

    def read(self, body: Callable[[Connection], T]) -> T:
        """Run a body that only reads; it sees one moment of the database and waits for nobody."""
        with self._guard(), self._engine.connect() as connection:
            return body(connection)

    def lookup(self, query: Select[Any]) -> Callable[..., tuple[Any, ...] | None]:
        """A function that answers the query's first row, on a connection that is kept for that. It takes microseconds;
        a transaction of SQLAlchemy takes hundreds."""
        words = str(query.compile(dialect=sqlite.dialect()))
        return lambda *values: self._first(words, values)

    def alone(self, connection: Connection, part: str) -> None:
        """Nothing to do: there is one writing transaction at a time."""

    def lead(self, part: str) -> FileHold | None:
        """Hold the lock of a file beside the database."""
        from eigen.qfs.holds import FileHold

        with self._guard():
            return FileHold.of(self.path.with_name(f"{self.path.name}.{part}.lock"))

    def ring(self) -> None:
        """Nothing to do: the processes of one host look often, and a look costs microseconds."""

    def listen(self, heard: Callable[[], object]) -> Callable[[], None]:
        """Nobody rings."""
        return _nothing

    def check(self) -> list[str]:
        """What SQLite's own integrity check complains about; empty when all is well."""

        def complaints(connection: Connection) -> list[str]:
            lines = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check"))]
            return lines + [
                f"dangling reference: {tuple(row)}" for row in connection.execute(text("PRAGMA foreign_key_check"))
            ]

        return [line for line in self.read(complaints) if line != "ok"]

    def describe(self) -> str:
        """Which database it is, in a line for people."""
        return f"SQLite {sqlite3.sqlite_version}, `{self.path.name}`, schema {schema.REVISION}"

    def close(self) -> None:
        """Close every connection."""
        with self._peeking:
            if self._peek is not None:
                self._peek.close()
            self._peek = None
        self._group.close(self._writer.close)
        self._engine.dispose()

    def _first(self, words: str, values: tuple[Any, ...]) -> tuple[Any, ...] | None:
        with self._peeking, self._guard():
            if self._peek is None:
                self._peek = self._engine.raw_connection()
            cursor = self._peek.cursor()
            try:
                cursor.execute(words, values)
                return cursor.fetchone()
            finally:
                cursor.close()  # with it the transaction ends

    def _open(self) -> None:
        revision = self.read(_read_revision)
        if revision == schema.REVISION:
            return
        if revision is None:
            self.write(_create)
        else:
            from eigen.qfs.migrate import upgrade

            with self._engine.connect() as connection:
                connection.execution_options(eigen_write=True)
                with connection.begin():
                    upgrade(connection, _read_revision(connection))

    @contextmanager
    def _guard(self) -> Generator[None]:
        with guarded(str(self.path)):
            try:
                yield
            except sqlite3.Error as error:
                raise unavailable(str(self.path), str(error)) from error


def _nothing() -> None:
    return None


class _Writer:
    """The transactions of the one connection that writes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._transaction: RootTransaction | None = None
        self._raw: sqlite3.Connection | None = None
        self._saved = False

    def begin(self, *, flush: bool) -> Connection:
        """Begin; waits for other processes."""
        if self._connection is None:
            self._connection = self._engine.connect()
        self._connection.execution_options(eigen_write=True, eigen_flush=flush)
        self._transaction = self._connection.begin()
        self._raw = self._connection.connection.dbapi_connection  # pyright: ignore[reportAttributeAccessIssue]
        self._saved = False
        return self._connection

    def save(self) -> None:
        """Begin a part that can be taken back by itself."""
        assert self._raw is not None
        if self._saved:
            self._raw.execute("RELEASE part")
        self._raw.execute("SAVEPOINT part")
        self._saved = True

    def back(self) -> bool:
        """Take that part back; False when SQLite took everything back (https://sqlite.org/lang_transaction.html)."""
        assert self._raw is not None
        if not self._raw.in_transaction:
            return False
        self._raw.execute("ROLLBACK TO part")
        return True

    def commit(self) -> None:
        """Commit what was not taken back."""
        assert self._transaction is not None
        self._transaction.commit()
        self._transaction = None

    def rollback(self) -> None:
        """Take everything back, and begin with a new connection next time: nobody knows what state this one is in."""
        self._let_go(forgotten=True)

    def close(self) -> None:
        """Close the connection, with whatever is open in it."""
        self._let_go(forgotten=False)

    def _let_go(self, *, forgotten: bool) -> None:
        connection, self._connection, self._transaction, self._raw = self._connection, None, None, None
        if connection is None:
            return
        if forgotten and not connection.closed:
            connection.invalidate()
        connection.close()


def _refuse_network(path: Path) -> None:
    kind = network_file_system(path.parent)
    if kind:
        raise EigenError(
            "EIGEN_STORE_UNAVAILABLE",
            f"the job database `{path}` lies on a file system of the network (`{kind}`), where SQLite can lose data",
            hint="name a local directory with EIGEN_QFS_ROOT, or a PostgreSQL with EIGEN_DATABASE_URL",
        )


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=4,
        max_overflow=60,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin and end where we say so, not where the module guesses
    cursor = connection.cursor()
    _use_wal(cursor)
    for statement in ("PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"):
        cursor.execute(statement)
    cursor.close()


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Where two processes open a new file at the same moment, SQLite refuses one at once, whatever its timeout is."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(0.01)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("eigen_write", False):
        _say(connection, "BEGIN")
        return
    wanted = (
        "FULL" if options.get("eigen_flush", True) else "NORMAL"
    )  # https://sqlite.org/pragma.html#pragma_synchronous
    if connection.info.get("synchronous", "FULL") != wanted:
        _say(connection, f"PRAGMA synchronous={wanted}")
        connection.info["synchronous"] = wanted
    _say(connection, "BEGIN IMMEDIATE")


def _say(connection: Connection, words: str) -> None:
    """Execute what answers nothing; SQLAlchemy would make five objects of it, in every transaction."""
    raw: Any = connection.connection.dbapi_connection
    raw.execute(words).close()


def _create(connection: Connection) -> None:
    """Make all tables at once: the same schema as all migrations in a row, without importing Alembic."""
    from importlib import import_module

    for tables in (
        "identity_schema",
        "cache_schema",
        "ledger_schema",
        "outbox_schema",
        "region_schema",
        "reservation_schema",
    ):  # they add themselves to the metadata
        import_module(f"eigen.qfs.{tables}")
    if _read_revision(connection) is not None:
        return  # another process was faster
    schema.metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": schema.REVISION})


def _read_revision(connection: Connection) -> str | None:
    query = text("SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('alembic_version', 'job')")
    tables = {str(row[0]) for row in connection.execute(query)}
    if "alembic_version" not in tables:
        if tables:
            raise EigenError("EIGEN_STORE_UNAVAILABLE", "the job database was not made by Eigen OS: it has no revision")
        return None
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())
