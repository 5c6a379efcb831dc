"""Storing new jobs, in the transaction that decides: what keys know already, whose turn it is, all rows at once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, literal, select

from eigen.errors import EigenError
from eigen.qfs import rows, schema, steps, turns
from eigen.qfs.prepared import Prepared
from eigen.qfs.store import BATCH_MARK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Insert

    from eigen.qfs.db import Kind
    from eigen.qfs.store import JobRow, NewJob

JOB = schema.job.c
REQUEST = schema.idempotency.c
STORE = Prepared(insert(schema.job).inline(), [column.name for column in JOB])
TELL = Prepared(insert(schema.event).inline(), steps.TOLD)
REMEMBER = Prepared(insert(schema.idempotency).inline(), [column.name for column in REQUEST])
THEIRS = select(REQUEST.key, REQUEST.job_id, REQUEST.request_hash).where(
    REQUEST.tenant == bindparam("of"), REQUEST.project == bindparam("in")
)
KNOWN_AS = Prepared(THEIRS.where(REQUEST.key == bindparam("called")))
KNOWN_AS_ANY = Prepared(THEIRS.where(REQUEST.key.in_(bindparam("called", expanding=True))))


Asked = tuple["JobRow", "tuple[str, str] | None"]
"""A new job, with the idempotency key and the digest of its request, if it has them."""


def holders(connection: Connection, asked: Sequence[Asked]) -> list[str | None]:
    """The jobs that equal earlier requests under the keys of these made; EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT for another
    payload."""
    keys: dict[tuple[str, str], list[str]] = {}
    for row, idempotency in asked:
        if idempotency is not None:
            keys.setdefault((row.tenant, row.project), []).append(idempotency[0])
    known: dict[tuple[str, str, str], tuple[str, str]] = {}
    for (tenant, project), wanted in keys.items():
        one = len(wanted) == 1
        given = {"of": tenant, "in": project, "called": wanted[0] if one else wanted}
        for found in (KNOWN_AS if one else KNOWN_AS_ANY).all(connection, given):
            known[tenant, project, found["key"]] = (found["job_id"], found["request_hash"])
    return [_holder(row, idempotency, known) for row, idempotency in asked]


def _holder(
    row: JobRow, idempotency: tuple[str, str] | None, known: Mapping[tuple[str, str, str], tuple[str, str]]
) -> str | None:
    if idempotency is None:
        return None
    key, digest = idempotency
    holder, its_digest = known.get((row.tenant, row.project, key), (None, digest))
    if its_digest != digest:
        shown = key.partition(BATCH_MARK)[0]
        message = f"the idempotency key `{shown}` was used with another request, for job `{holder}`"
        raise EigenError("EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT", message)
    return holder


def stored(connection: Connection, job_ids: Sequence[str]) -> set[str]:
    """Those of these jobs that are there."""
    return set(connection.execute(select(JOB.job_id).where(JOB.job_id.in_(job_ids))).scalars())


def check_dependencies(connection: Connection, needed: Sequence[str]) -> None:
    """EIGEN_JOB_NOT_FOUND for a dependency that does not exist."""
    if not needed:
        return
    known = stored(connection, needed)
    for other in needed:
        if other not in known:
            raise EigenError("EIGEN_JOB_NOT_FOUND", f"the job depends on `{other}`, which does not exist")


def take_turns(
    connection: Connection, kind: Kind, wanted: Sequence[JobRow], weights: Mapping[str, float]
) -> list[tuple[float, float]]:
    """The next turns of the tenants of these jobs, and of their projects among those, one of each for each job."""
    tenants = Counter(row.tenant for row in wanted)
    projects = Counter((row.tenant, row.project) for row in wanted)
    taken = {tenant: turns.next_turns(connection, kind, tenant, weights, count) for tenant, count in tenants.items()}
    shared = {owner: turns.next_of_project(connection, *owner, weights, count) for owner, count in projects.items()}
    return [(next(taken[row.tenant]), next(shared[row.tenant, row.project])) for row in wanted]


def store(connection: Connection, jobs: Sequence[NewJob], order: Sequence[tuple[float, float]]) -> None:
    """Add the jobs, each on its turns, with their events, dependencies, journals and keys."""
    columns = [
        rows.job_columns(job.row)
        | {"turn": turn, "project_turn": project_turn, "urgency": turns.urgency(job.row)}
        | {"stored_bytes": job.row.input_bytes, "made_way": ""}
        for job, (turn, project_turn) in zip(jobs, order, strict=True)
    ]
    told = [rows.event_columns(job.event) for job in jobs]
    if len(jobs) == 1:
        STORE.count(connection, columns[0])
        TELL.count(connection, told[0])
    else:
        connection.execute(insert(schema.job), columns)
        connection.execute(insert(schema.event), told)
    needed = [columns for job in jobs for columns in rows.dependency_columns(job.row)]
    if needed:
        connection.execute(insert(schema.dependency), needed)
    for job in jobs:
        if job.journal_of:
            connection.execute(_copy_of_journal(job.journal_of, job.row.job_id))
    keyed = [rows.request_columns(job.row, *job.idempotency) for job in jobs if job.idempotency is not None]
    if len(keyed) == 1:
        REMEMBER.count(connection, keyed[0])
    elif keyed:
        connection.execute(insert(schema.idempotency), keyed)


def _copy_of_journal(old: str, new: str) -> Insert:
    table = schema.journal.c
    theirs = select(literal(new), table.position, table.key, table.value).where(table.job_id == old)
    return insert(schema.journal).from_select(["job_id", "position", "key", "value"], theirs)
