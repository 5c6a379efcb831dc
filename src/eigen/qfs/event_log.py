"""The log of the events of all jobs, in the order of their commits, and the places in it.

In SQLite, with one writer at a time, ids follow that order and a place is an id. In PostgreSQL an id is drawn before
its transaction commits: who remembered the last id would skip what commits late. There the order is that of
transactions, then ids, and a transaction is told of only when every older one has ended; a place is both in one number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, column, func, literal_column, select, tuple_

from eigen.qfs import rows, schema

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from eigen.qfs.db import Kind
    from eigen.types import JobEvent

EVENT = schema.event.c
TX = column("tx", BigInteger)  # of PostgreSQL's table alone, made by a migration
HORIZON: ColumnElement[int] = literal_column("(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)", BigInteger)
"""The oldest transaction that has not ended; what is older is final."""
BITS = 64

LATER = select(schema.event).where(EVENT.id > bindparam("id")).order_by(EVENT.id).limit(bindparam("count"))
LAST = select(EVENT.id).order_by(EVENT.id.desc()).limit(1)
AFTER_TOLD = tuple_(TX, EVENT.id) > tuple_(bindparam("tx", type_=BigInteger), bindparam("id", type_=BigInteger))
LATER_TOLD = (
    select(TX, schema.event).where(AFTER_TOLD).where(TX < HORIZON).order_by(TX, EVENT.id).limit(bindparam("count"))
)
HOW_MANY = select(func.count()).select_from(
    select(EVENT.id).where(EVENT.id > bindparam("id")).limit(bindparam("count")).subquery()
)
HOW_MANY_TOLD = select(func.count()).select_from(
    select(EVENT.id).where(AFTER_TOLD, TX < HORIZON).limit(bindparam("count")).subquery()
)
LAST_TOLD = select(TX, EVENT.id).where(TX < HORIZON).order_by(TX.desc(), EVENT.id.desc()).limit(1)


def changes(connection: Connection, kind: Kind, after: int, limit: int) -> tuple[tuple[int, JobEvent], ...]:
    """The events after a place, each with its own."""
    if kind == "sqlite":
        found: list[Any] = list(connection.execute(LATER, {"id": after, "count": limit}).mappings())
        return tuple((columns["id"], rows.job_event(columns)) for columns in found)
    found = list(connection.execute(LATER_TOLD, _place(after, limit)).mappings())
    return tuple((columns["tx"] << BITS | columns["id"], rows.job_event(columns)) for columns in found)


def last(connection: Connection, kind: Kind) -> int:
    """A place that everything comes after which `changes` has not told yet; 0 before everything."""
    if kind == "sqlite":
        return connection.execute(LAST).scalar() or 0
    row = connection.execute(LAST_TOLD).first()
    return 0 if row is None else row[0] << BITS | row[1]


def count_after(connection: Connection, kind: Kind, after: int, most: int) -> int:
    """How many events `changes` has to tell after a place, counted up to `most`."""
    if kind == "sqlite":
        return connection.execute(HOW_MANY, {"id": after, "count": most}).scalar() or 0
    return connection.execute(HOW_MANY_TOLD, _place(after, most)).scalar() or 0


def _place(after: int, count: int) -> dict[str, int]:
    return {"tx": after >> BITS, "id": after & (1 << BITS) - 1, "count": count}
