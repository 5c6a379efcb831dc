"""Statements that are put into words once: the same answers and the same errors as SQLAlchemy's, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import bindparam, insert, select, update

from eigen.errors import EigenError
from eigen.qfs import schema
from eigen.qfs.postgres import PostgresDatabase
from eigen.qfs.prepared import Prepared
from eigen.qfs.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from eigen.qfs.db import Database

SHARE = schema.share.c
ADD = Prepared(insert(schema.share).inline(), ["tenant", "turn"])
OF = Prepared(select(SHARE.tenant, SHARE.turn).where(SHARE.tenant == bindparam("tenant")))
ALL = Prepared(select(SHARE.turn).order_by(SHARE.turn))
AMONG = Prepared(select(SHARE.turn).where(SHARE.tenant.in_(bindparam("names", expanding=True))).order_by(SHARE.turn))
MOVE = Prepared(update(schema.share).where(SHARE.turn > 1.5).values(turn=bindparam("to")))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    found: Any = (
        SqliteDatabase(tmp_path / "jobs.db")
        if request.param == "sqlite"
        else PostgresDatabase(request.getfixturevalue("postgres_url"))
    )
    yield found
    found.close()


def fill(connection: Connection) -> None:
    for turn, tenant in enumerate("abc"):
        assert ADD.count(connection, {"tenant": tenant, "turn": float(turn)}) == 1


def test_it_answers_rows_values_and_counts(database: Database) -> None:
    database.write(fill)
    assert database.read(lambda c: OF.first(c, {"tenant": "b"})) == {"tenant": "b", "turn": 1.0}
    assert database.read(lambda c: OF.first(c, {"tenant": "z"})) is None
    assert database.read(lambda c: OF.value(c, {"tenant": "c"})) == "c"
    assert database.read(ALL.all) == [{"turn": 0.0}, {"turn": 1.0}, {"turn": 2.0}]
    assert database.write(lambda c: MOVE.count(c, {"to": 7.0})) == 1
    assert database.read(lambda c: OF.first(c, {"tenant": "c"})) == {"tenant": "c", "turn": 7.0}


def test_lists_of_any_length_are_parameters(database: Database) -> None:
    database.write(fill)
    for names, turns in ((["a", "c"], [0.0, 2.0]), ([], []), (["b"], [1.0])):
        found = database.read(lambda c, names=names: AMONG.all(c, {"names": names}))
        assert [row["turn"] for row in found] == turns


def test_a_refused_row_takes_the_whole_transaction_back(database: Database) -> None:
    database.write(fill)

    def twice(connection: Connection) -> None:
        ADD.count(connection, {"tenant": "d", "turn": 4.0})
        ADD.count(connection, {"tenant": "a", "turn": 5.0})

    with pytest.raises(EigenError, match="refused a row") as error:
        database.write(twice)
    assert error.value.code == "EIGEN_INTERNAL"
    assert database.read(lambda c: OF.first(c, {"tenant": "d"})) is None


def test_a_connection_that_the_server_closed_is_replaced(postgres_url: str) -> None:
    database = PostgresDatabase(postgres_url)
    database.write(fill)
    tries: list[int] = []

    def look(connection: Connection) -> Any:
        tries.append(1)
        if len(tries) == 1:
            end(postgres_url, _pid(connection))
        return OF.value(connection, {"tenant": "a"})

    assert database.read(look) == "a"
    assert len(tries) == 2
    database.close()


def _pid(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar() or 0)


def end(url: str, pid: int) -> None:
    """Have the server close a connection."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
