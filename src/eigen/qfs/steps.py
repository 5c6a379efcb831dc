"""The step of a job and its event in one statement, for a database that is a journey away: one instead of four."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from eigen.qfs import rows, schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Executable

    from eigen.types import JobEvent

JOB = schema.job.c
KEPT = rows.LEASE_COLUMNS | rows.FIXED_COLUMNS | {"turn", "project_turn", "urgency", "stored_bytes", "made_way"}
STEPPED = tuple(column.name for column in JOB if column.name not in KEPT)
TOLD = tuple(column.name for column in schema.event.c if column.name != "id")


def step_and_tell() -> Executable:
    """Replace what a step changes of a row iff version and fence match, and add its event iff it was replaced."""
    mine = (
        JOB.job_id == bindparam("its_id"),
        JOB.version == bindparam("its_version"),
        JOB.fence == bindparam("its_fence"),
    )
    values = {name: bindparam(f"new_{name}", type_=JOB[name].type) for name in STEPPED}
    stepped = update(schema.job).where(*mine).values(values).returning(JOB.job_id).cte("stepped")
    told = (bindparam(f"event_{name}", type_=schema.event.c[name].type) for name in TOLD)
    telling = insert(schema.event).from_select(TOLD, select(*told).select_from(stepped))
    return telling.returning(schema.event.c.id)


def given(columns: Mapping[str, Any], mine: Mapping[str, Any], event: JobEvent) -> dict[str, Any]:
    """What the statement is given: the columns of the new row, which row it replaces, and the event."""
    told = rows.event_columns(event)
    return {
        **mine,
        **{f"new_{name}": columns[name] for name in STEPPED},
        **{f"event_{name}": told[name] for name in TOLD},
    }
