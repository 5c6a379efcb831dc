"""`Prepared`: a statement that is put into words once for each kind of database, and from then on goes to its driver as
it is. SQLAlchemy looks a statement up, and makes objects of each answer, at every execution: a third of a millisecond.
"""

from __future__ import annotations

from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

    from sqlalchemy import BindParameter, Connection, Executable

Row = dict[str, Any]
NONE: Mapping[str, Any] = {}


@dataclass(slots=True)
class _Words:
    """A statement for one kind of database, and its parameters in order; those of no value are given each time.

    `is_open`: a list among the parameters makes other words of it each time, and SQLAlchemy executes it. `columns` are
    the names of what it answers, from the first answer on.
    """

    text: str
    parameters: tuple[tuple[str, BindParameter[Any] | None], ...]
    are_named: bool
    is_open: bool
    columns: tuple[str, ...] | None = None

    def values(self, given: Mapping[str, Any]) -> Sequence[Any] | Mapping[str, Any]:
        found = {
            name: given[name] if bind is None or name in given else bind.effective_value
            for name, bind in self.parameters
        }
        return found if self.are_named else [found[name] for name, _ in self.parameters]

    def row(self, cursor: Any, values: Sequence[Any]) -> Row:
        if self.columns is None:
            self.columns = tuple(column[0] for column in cursor.description)
        return dict(zip(self.columns, values, strict=True))


class Prepared:
    """A statement for any connection of SQLAlchemy, in its transaction. `columns` are those that an INSERT or UPDATE
    without values of its own is given.

    What it answers is what the driver gives: SQLite has no truth values, only 0 and 1. Errors are SQLAlchemy's.
    """

    def __init__(self, statement: Executable, columns: Iterable[str] | None = None) -> None:
        self._statement: Any = statement
        self._columns = None if columns is None else list(columns)
        self._words: dict[str, _Words] = {}

    def first(self, connection: Connection, given: Mapping[str, Any] = NONE) -> Row | None:
        """The first row by the names of its columns, or None."""
        with self._executed(connection, given) as (words, cursor):
            values = cursor.fetchone()
            return None if values is None else words.row(cursor, values)

    def all(self, connection: Connection, given: Mapping[str, Any] = NONE) -> list[Row]:
        """All rows."""
        with self._executed(connection, given) as (words, cursor):
            return [words.row(cursor, values) for values in cursor.fetchall()]

    def value(self, connection: Connection, given: Mapping[str, Any] = NONE) -> Any:
        """The first value of the first row, or None."""
        with self._executed(connection, given) as (_, cursor):
            values = cursor.fetchone()
            return None if values is None else values[0]

    def count(self, connection: Connection, given: Mapping[str, Any] = NONE) -> int:
        """How many rows it changed."""
        with self._executed(connection, given) as (_, cursor):
            return int(cursor.rowcount)

    @contextmanager
    def _executed(self, connection: Connection, given: Mapping[str, Any]) -> Generator[tuple[_Words, Any]]:
        words = self._words.get(connection.dialect.name) or self._put(connection)
        if words.is_open:
            result: Any = connection.execute(self._statement, given)
            with closing(result):
                yield words, result.cursor
            return
        raw: Any = connection.connection.dbapi_connection
        cursor = raw.cursor()
        try:
            connection.dialect.do_execute(cursor, words.text, words.values(given))
            yield words, cursor
        except Exception as error:
            if not isinstance(error, _base(connection)):
                raise
            raise _translated(connection, raw, cursor, words.text, error) from error
        except BaseException as error:  # Ctrl-C: nobody knows what state the connection is in
            if not connection.closed:
                connection.invalidate(error)
            raise
        finally:
            with suppress(_base(connection)):  # that of a connection that was given up is gone with it
                cursor.close()

    def _put(self, connection: Connection) -> _Words:
        compiled: Any = self._statement.compile(dialect=connection.dialect, column_keys=self._columns)
        binds: dict[str, BindParameter[Any]] = compiled.binds
        parameters = tuple(
            (name, None if binds[name].required else binds[name]) for name in compiled.positiontup or binds
        )
        is_open = any(bind.expanding for bind in binds.values())
        words = _Words(str(compiled), parameters, are_named=not compiled.positional, is_open=is_open)
        self._words[connection.dialect.name] = words
        return words


def _base(connection: Connection) -> type[Exception]:
    """What all errors of the driver are."""
    dialect: Any = connection.dialect
    return dialect.loaded_dbapi.Error


def _translated(connection: Connection, raw: Any, cursor: Any, words: str, error: Exception) -> BaseException:
    """An error of the driver as SQLAlchemy would raise it; whoever finds the server gone has the idle connections to
    it replaced, too. As SQLAlchemy does it: disposed of, a pool forgets the connections that others use, unclosed."""
    dialect: Any = connection.dialect
    broken = bool(dialect.is_disconnect(error, raw, cursor))
    if broken:
        pool: Any = connection.engine.pool
        pool._invalidate(connection.connection, error)
        connection.invalidate(error)
    return DBAPIError.instance(
        words, None, error, _base(connection), connection_invalidated=broken, dialect=connection.dialect
    )
