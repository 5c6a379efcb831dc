"""`PostgresDatabase`: a PostgreSQL of version 14 or later, shared by any number of servers on any number of hosts.

READ COMMITTED throughout: what must not be interleaved says so (`alone`, row locks, unique keys). A transaction that
lost a race or its connection is tried again for a while; `db.again` tells its body when it may have been committed.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import create_engine, event, literal_column, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError

from eigen.errors import EigenError
from eigen.qfs import schema
from eigen.qfs.db import AGAIN, guarded, unavailable
from eigen.qfs.postgres_bell import PostgresBell

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL, ColumnElement, Connection, Engine, Select

    from eigen.qfs.db import Kind
    from eigen.qfs.holds import SessionHold

T = TypeVar("T")
OLDEST = 14
SCHEMES = ("postgresql", "postgres")
OPEN_SECONDS = 2.0
RETRY_SECONDS = 20.0
"""For how long a transaction is tried again: while the database is opened, and later."""
FIRST_PAUSE, MOST_PAUSE, SHARE = 0.01, 1.0, 0.5
"""Seconds between two tries, doubled each time up to the second one; each spread by this share of itself."""
POOL, OVERFLOW = 8, 24
SESSION = {
    "statement_timeout": "60s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "TimeZone": "UTC",
    "default_transaction_isolation": "read committed",
    # A claim wants the first row of an index. Of the conditions on a job the planner expects to hold for one in a
    # thousand, it would rather read a tenant's whole queue and sort it.
    "enable_bitmapscan": "off",
}
CONNECTING = {
    "application_name": "eigen",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""Parameters of libpq, unless the URL says others."""

LOST_RACE = frozenset({"40001", "40P01", "55P03"})
"""Certainly rolled back: a serialization failure, a deadlock, a lock that was not to be had."""
AWAY = frozenset({"57P01", "57P02", "57P03", "53300"})
"""The server stops, starts, or has no connection to spare."""
TAKEN = "23505"
SCHEMA_PART = "schema"
DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"


class PostgresDatabase:
    """The job database behind a URL, `postgresql://user@host/name`; parameters of libpq may follow after `?`.

    Everything is flushed, `flush` or not: other hosts live on when this server's power is lost, and nobody may hold a
    lease that the database forgot. Raises EIGEN_CONFIG_INVALID for a URL that is none, EIGEN_NOT_AVAILABLE without
    the extra `postgres`, EIGEN_STORE_UNAVAILABLE.
    """

    kind: Kind = "postgresql"
    one_host = False

    def __init__(self, url: str) -> None:
        address = _address(url)
        self.name = address.set(drivername=SCHEMES[0]).render_as_string(hide_password=True)
        self.lease_now: ColumnElement[float] = literal_column(
            "CAST(extract(epoch FROM statement_timestamp()) AS double precision)"
        )
        self._patience = OPEN_SECONDS
        self._closed = False
        with guarded(self.name):
            self._engine = _engine(address)
            event.listen(self._engine, "checkin", self._keep_or_close)
            self._alone = self._engine.execution_options(isolation_level="AUTOCOMMIT")  # each statement by itself
            self._bell = PostgresBell(self._apart)
            try:
                self._open()
            except BaseException:
                self.close()
                raise
        self._patience = RETRY_SECONDS

    def write(self, body: Callable[[Connection], T], *, flush: bool = True, single: bool = False) -> T:
        """Run the body in a transaction and return its value once it is committed and flushed. One of a single
        statement travels without the journeys of BEGIN and COMMIT."""

        def at_once(repeated: bool) -> T:
            with self._alone.connect() as connection:
                connection.execution_options(**{AGAIN: repeated})
                return body(connection)

        def attempt(repeated: bool) -> T:
            with self._engine.connect() as connection:
                connection.execution_options(**{AGAIN: repeated})
                with connection.begin():
                    return body(connection)

        return self._tried(at_once if single else attempt)

    def read(self, body: Callable[[Connection], T]) -> T:
        """Run a body that only reads; each of its queries sees one moment of the database."""

        def attempt(_repeated: bool) -> T:
            with self._alone.connect() as connection:
                return body(connection)

        return self._tried(attempt)

    def lookup(self, query: Select[Any]) -> Callable[..., tuple[Any, ...] | None]:
        """A function that answers the query's first row, given its parameters in order."""
        names = list(query.compile().params)

        def first(*values: Any) -> tuple[Any, ...] | None:
            given = dict(zip(names, values, strict=True))
            row = self.read(lambda connection: connection.execute(query, given).first())
            return None if row is None else tuple(row)

        return first

    def alone(self, connection: Connection, part: str) -> None:
        """Take the advisory lock of that name; it is given back with the transaction."""
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:part, 0))"), {"part": f"eigen.{part}"})

    def lead(self, part: str) -> SessionHold | None:
        """Hold an advisory lock in a session of its own."""
        from eigen.qfs.holds import SessionHold

        with guarded(self.name):
            try:
                return SessionHold.of(self._apart, f"eigen.lead.{part}")
            except SQLAlchemyError:
                raise
            except Exception as error:  # of psycopg itself: this session is not SQLAlchemy's
                raise unavailable(self.name, str(error).strip().partition("\n")[0]) from error

    def ring(self) -> None:
        """Tell the other servers that there may be work; returns at once."""
        self._bell.ring()

    def listen(self, heard: Callable[[], object]) -> Callable[[], None]:
        """Have `heard` called soon after another process rang."""
        return self._bell.listen(heard)

    def check(self) -> list[str]:
        """Settings of the server under which what is committed can be lost."""
        wanted = {"fsync": "on", "full_page_writes": "on"}
        query = text("SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes')")
        found = self.read(lambda connection: {str(name): str(value) for name, value in connection.execute(query)})
        return [
            f"the server has {name}={value}: a crash can lose or damage jobs"
            for name, value in sorted(found.items())
            if value != wanted[name]
        ]

    def describe(self) -> str:
        """Version, place and speed of the server, in a line for people."""
        version = self.read(lambda connection: connection.execute(text("SHOW server_version")).scalar())
        started = time.perf_counter()
        self.read(lambda connection: connection.execute(text("SELECT 1")).scalar())
        seconds = time.perf_counter() - started
        return f"PostgreSQL {version}, {self.name}, schema {schema.REVISION}, answers in {seconds * 1000:.1f} ms"

    def close(self) -> None:
        """Close every connection; one that a thread still uses closes once that is done."""
        self._closed = True
        self._bell.close()
        self._engine.dispose()

    def _keep_or_close(self, _connection: Any, record: Any) -> None:
        if self._closed:
            record.invalidate()

    def _apart(self) -> Any:
        """A connection of psycopg that is not the pool's."""
        borrowed = self._engine.raw_connection()
        borrowed.detach()
        connection: Any = borrowed.dbapi_connection
        connection.autocommit = True
        return connection

    def _open(self) -> None:
        self.read(self._check_server)
        if self.read(_read_revision) == schema.REVISION and self.read(_is_of_this_cluster):
            return
        self.write(self._lead)

    def _check_server(self, connection: Connection) -> None:
        version = connection.execute(text("SELECT current_setting('server_version_num')::int")).scalar() or 0
        if version < OLDEST * 10_000:
            raise unavailable(self.name, f"PostgreSQL {OLDEST} is the oldest that will do, this is {version // 10_000}")
        if connection.execute(text("SELECT pg_is_in_recovery()")).scalar():
            raise unavailable(self.name, "the server is a standby, which only reads")

    def _lead(self, connection: Connection) -> None:
        """Make or migrate the schema; of several processes that start at once, one does."""
        connection.execute(text("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0"))
        self.alone(connection, SCHEMA_PART)
        revision = _read_revision(connection)
        if revision != schema.REVISION:
            from eigen.qfs.migrate import upgrade

            upgrade(connection, revision)
        if not _is_of_this_cluster(connection):
            connection.execute(text("UPDATE event SET tx = 0"))

    def _tried(self, attempt: Callable[[bool], T]) -> T:
        until = time.monotonic() + self._patience
        pause, repeated, refusals = FIRST_PAUSE, False, 0
        with guarded(self.name):
            while True:
                if self._closed:
                    raise unavailable(self.name, "this process has closed it")
                try:
                    return attempt(repeated)
                except IntegrityError as error:  # two wanted one key at once: the second look finds it taken
                    refusals += 1
                    if refusals > 2 or _state(error) != TAKEN:
                        raise
                except DBAPIError as error:
                    broken = _is_broken(error)
                    if not (broken or _state(error) in LOST_RACE) or time.monotonic() + pause > until:
                        raise
                    repeated = repeated or broken
                time.sleep(pause * random.uniform(1 - SHARE, 1 + SHARE))
                pause = min(2 * pause, MOST_PAUSE)


def _address(url: str) -> URL:
    hint = "for example postgresql://eigen@localhost/eigen"
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        message = "`database_url` is no URL of a database"
        raise EigenError("EIGEN_CONFIG_INVALID", message, where="database_url", hint=hint) from error
    if address.drivername not in SCHEMES:
        message = f"`database_url` begins with `{address.drivername[:20]}://`, not with `{SCHEMES[0]}://`"
        raise EigenError("EIGEN_CONFIG_INVALID", message, where="database_url", hint=hint)
    return address


def _engine(address: URL) -> Engine:
    try:
        engine = create_engine(
            address.set(drivername="postgresql+psycopg"),
            connect_args={name: value for name, value in CONNECTING.items() if name not in address.query},
            pool_size=POOL,
            max_overflow=OVERFLOW,
            pool_use_lifo=True,
        )
    except ImportError as error:
        message = "a job database in PostgreSQL needs `psycopg`, which this installation does not have"
        raise EigenError("EIGEN_NOT_AVAILABLE", message, hint="pip install 'eigen-os[postgres]'") from error
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    """The session's settings, where the URL (`options=-c…`) or the role does not set them otherwise at every start."""
    connection.autocommit = True
    pairs = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in SESSION.items())
    connection.execute(f"SELECT {pairs}").close()
    connection.execute(DURABLE).close()
    connection.autocommit = False


def _state(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")


def _is_broken(error: DBAPIError) -> bool:
    """Whether the connection went, so that nobody knows what became of the transaction."""
    state = _state(error)
    gone = error.connection_invalidated or (not state and type(error.orig).__name__ == "OperationalError")
    return gone or state in AWAY or state.startswith("08")


def _read_revision(connection: Connection) -> str | None:
    tables = set(
        connection.execute(text("SELECT to_regclass('alembic_version')::text, to_regclass('job')::text")).one()
    )
    if "alembic_version" not in tables:
        if tables != {None}:
            raise EigenError("EIGEN_STORE_UNAVAILABLE", "the job database was not made by Eigen OS: it has no revision")
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _is_of_this_cluster(connection: Connection) -> bool:
    """Whether the transactions that the log names can be those of this server: not after a restore elsewhere."""
    query = "SELECT coalesce(max(tx), 0) < pg_snapshot_xmax(pg_current_snapshot())::text::bigint FROM event"
    return bool(connection.execute(text(query)).scalar())
