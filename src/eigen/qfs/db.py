"""`Database`: what the stores ask of a job database, whichever it is. SQLite and PostgreSQL stand in their own files.

It knows no table's meaning. What goes wrong becomes an EigenError here, in the same words for both.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from eigen.errors import EigenError
from eigen.qfs.group_commit import interruption

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sqlalchemy import ColumnElement, Connection, Select

T = TypeVar("T")
Kind = Literal["sqlite", "postgresql"]
AGAIN = "eigen_again"


class Hold(Protocol):
    """What one process at a time has."""

    def held(self) -> bool:
        """Whether it is still had: a connection to a server can be lost, and the hold with it."""
        ...

    def release(self) -> None:
        """Let others have it."""
        ...


class Database(Protocol):
    """An open job database of the newest schema. A body may be run more than once: it touches nothing but its
    connection. Raises EIGEN_STORE_UNAVAILABLE when the database cannot be used, EIGEN_INTERNAL for a row it refused.
    """

    kind: Kind
    """Which database it is."""

    one_host: bool
    """Whether every process that can open it is of this host."""

    lease_now: ColumnElement[float]
    """Now, on the clock that leases of this database are on, in seconds. It never jumps with the calendar of a host:
    the monotonic clock of the only one, or the database's own."""

    def write(self, body: Callable[[Connection], T], *, flush: bool = True, single: bool = False) -> T:
        """Run the body in a transaction and return its value once it is committed; an exception leaves nothing.
        `single` says that it writes in one statement, which may then be a transaction by itself.

        What is committed survives any death of this process, and with `flush` a loss of power. Without, it may
        survive that only from the next flushed commit on: commits are never lost but from the end.
        """
        ...

    def read(self, body: Callable[[Connection], T]) -> T:
        """Run a body that only reads; each of its queries sees one moment of the database and waits for nobody."""
        ...

    def lookup(self, query: Select[Any]) -> Callable[..., tuple[Any, ...] | None]:
        """A function that answers the query's first row, given its parameters in order: for what is asked before
        everything else."""
        ...

    def alone(self, connection: Connection, part: str) -> None:
        """Until this transaction ends, no other one is in the part of that name."""
        ...

    def lead(self, part: str) -> Hold | None:
        """Be the only process that has the part of that name, until the hold is released or this process ends; None
        while another one has it."""
        ...

    def ring(self) -> None:
        """Tell the other processes, where they can be told, that there may be work: a hint, which may be lost."""
        ...

    def listen(self, heard: Callable[[], object]) -> Callable[[], None]:
        """Have `heard` called, in some thread, soon after another process rang, until what is returned is called."""
        ...

    def check(self) -> list[str]:
        """What is wrong with the database; empty when all is well."""
        ...

    def describe(self) -> str:
        """Which database it is and how it answers, in a line for people. No secret is in it."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


def again(connection: Connection) -> bool:
    """Whether the same body may have been committed before: the connection broke while it was asked to."""
    return bool(connection.get_execution_options().get(AGAIN, False))


@contextmanager
def guarded(name: str) -> Generator[None]:
    """Errors of a database as those of the system; `name` is shown and holds no secret."""
    outer = sys.exc_info()[1]
    try:
        try:
            yield
        except Exception as error:
            if (hidden := interruption(error, outer)) is not None:
                raise hidden from None
            raise
    except IntegrityError as error:
        raise EigenError("EIGEN_INTERNAL", f"the job database refused a row: {_first_line(error.orig)}") from error
    except SQLAlchemyError as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise unavailable(name, _first_line(cause)) from error
    except OSError as error:
        raise unavailable(name, error.strerror or str(error)) from error


def unavailable(name: str, why: str) -> EigenError:
    """The error of a database that cannot be used."""
    return EigenError("EIGEN_STORE_UNAVAILABLE", f"the job database `{name}` cannot be used: {why}")


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0]
