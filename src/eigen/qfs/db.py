"""`Database`: one SQLite file (or memory), opened, brought to the newest schema, read and written in transactions.

Writers take turns: one lock inside a process, `BEGIN IMMEDIATE` between processes. It knows no table's meaning.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from eigen.errors import EigenError
from eigen.qfs import schema

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from sqlalchemy import Connection, Engine
    from sqlalchemy.pool import PoolProxiedConnection

BUSY_SECONDS = 30.0
"""How long a transaction waits for another process before the database counts as unusable."""


class Database:
    """An open job database. `path=None` is a private one in memory, which ends with the object."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._peeking = threading.Lock()
        self._peek: PoolProxiedConnection | None = None
        with self._guard():
            if path is not None:
                _make_directory(path.parent)
            self._engine = _engine(path)
            self._open()

    @contextmanager
    def write(self, *, flush: bool = True) -> Generator[Connection]:
        """A transaction that may write; it commits when the block ends without an exception.

        What is committed survives any death of this process, and with `flush` a loss of power. Without, it survives
        that from the next flushed commit on: commits are never lost but from the end, all of them.
        """
        with self._lock, self._guard(), self._engine.connect() as connection:
            connection.execution_options(eigen_write=True, eigen_flush=flush)
            with connection.begin():
                yield connection

    @contextmanager
    def read(self) -> Generator[Connection]:
        """A transaction that only reads; it sees one moment of the database and waits for nobody."""
        if self.path is None:  # one connection for all threads
            with self._lock, self._guard(), self._engine.connect() as connection:
                yield connection
            return
        with self._guard(), self._engine.connect() as connection:
            yield connection

    def peek(self, query: str, *values: str) -> tuple[Any, ...] | None:
        """The first row of a query, on a connection that is kept for that. It takes microseconds, which is for what is
        asked before everything else; a transaction of SQLAlchemy takes hundreds."""
        # In memory there is one connection for all threads.
        with self._peeking if self.path is not None else self._lock, self._guard():
            if self._peek is None:
                self._peek = self._engine.raw_connection()
            cursor = self._peek.cursor()
            try:
                cursor.execute(query, values)
                return cursor.fetchone()
            finally:
                cursor.close()  # with it the transaction ends

    def check(self) -> list[str]:
        """What SQLite's own integrity check complains about; empty when all is well."""
        with self.read() as connection:
            lines = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check"))]
            lines += [
                f"dangling reference: {tuple(row)}" for row in connection.execute(text("PRAGMA foreign_key_check"))
            ]
        return [line for line in lines if line != "ok"]

    def close(self) -> None:
        """Close every connection."""
        with self._peeking:
            if self._peek is not None:
                self._peek.close()
            self._peek = None
        self._engine.dispose()

    def _open(self) -> None:
        revision = self._revision()
        if revision == schema.REVISION:
            return
        if revision is None:
            self._create()
        else:
            from eigen.qfs.migrate import upgrade

            with self._lock:
                upgrade(self._engine, revision)

    def _revision(self) -> str | None:
        with self.read() as connection:
            return _read_revision(connection)

    def _create(self) -> None:
        """Make all tables at once: the same schema as all migrations in a row, without importing Alembic."""
        from importlib import import_module

        for tables in ("identity_schema", "reservation_schema"):  # they add themselves to the metadata
            import_module(f"eigen.qfs.{tables}")
        with self.write() as connection:
            if _read_revision(connection) is not None:
                return  # another process was faster
            schema.metadata.create_all(connection)
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": schema.REVISION})

    @contextmanager
    def _guard(self) -> Generator[None]:
        try:
            yield
        except IntegrityError as error:
            raise EigenError("EIGEN_INTERNAL", f"the job database refused a row: {error.orig}") from error
        except SQLAlchemyError as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise _unavailable(self.path, str(cause)) from error
        except sqlite3.Error as error:
            raise _unavailable(self.path, str(error)) from error
        except OSError as error:
            raise _unavailable(self.path, error.strerror or str(error)) from error


def _unavailable(path: Path | None, why: str) -> EigenError:
    return EigenError("EIGEN_STORE_UNAVAILABLE", f"the job database `{path or ':memory:'}` cannot be used: {why}")


def _make_directory(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)


def _engine(path: Path | None) -> Engine:
    if path is None:
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
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
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
    ):
        cursor.execute(statement)
    cursor.close()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("eigen_write", False):
        connection.exec_driver_sql("BEGIN")
        return
    wanted = (
        "FULL" if options.get("eigen_flush", True) else "NORMAL"
    )  # https://sqlite.org/pragma.html#pragma_synchronous
    if connection.info.get("synchronous", "FULL") != wanted:
        connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
        connection.info["synchronous"] = wanted
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _read_revision(connection: Connection) -> str | None:
    query = text("SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('alembic_version', 'job')")
    tables = {str(row[0]) for row in connection.execute(query)}
    if "alembic_version" not in tables:
        if tables:
            raise EigenError("EIGEN_STORE_UNAVAILABLE", "the job database was not made by Eigen OS: it has no revision")
        return None
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())
