"""The submissions to devices that charge, in SQL: what was about to be made, and what came of it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from sqlalchemy import case, insert, select, update

from eigen.qfs import schema
from eigen.qfs.store import Intent, IntentState

if TYPE_CHECKING:
    from sqlalchemy import Connection

TABLE = schema.submission
KEPT = TABLE.c


def keep(connection: Connection, intent: Intent, instead_of: str) -> None:
    """Keep what is about to be submitted, and that it is instead of an earlier one."""
    values = asdict(intent) | {"state": intent.state.value}
    if connection.execute(select(KEPT.key).where(KEPT.key == intent.key)).first() is None:
        connection.execute(insert(TABLE).values(values))
    else:
        connection.execute(update(TABLE).where(KEPT.key == intent.key).values(values))
    if instead_of:
        connection.execute(update(TABLE).where(KEPT.key == instead_of).values(state=IntentState.REPEATED.value))


def answered(connection: Connection, key: str, state: IntentState, handle: str) -> None:
    """Keep what the device said."""
    repeated = IntentState.REPEATED.value
    now = case((KEPT.state == repeated, repeated), else_=state.value)
    connection.execute(update(TABLE).where(KEPT.key == key).values(state=now, handle=handle))


def of(connection: Connection, origin: str) -> tuple[Intent, ...]:
    """Those of a job and of the ones that go on for it."""
    query = select(TABLE).where(KEPT.origin == origin).order_by(KEPT.asked_at, KEPT.key)
    found = [dict(row) for row in connection.execute(query).mappings()]
    return tuple(replace(Intent(**row), state=IntentState(row["state"])) for row in found)
