"""`SqlJobStore`: the job database of `store.JobStore` in SQL. Every method is one transaction.

Leases and seals are not flushed by themselves: after a loss of power no worker lives, and sealing again writes the
same bytes.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Float, and_, bindparam, delete, exists, false, func, insert, or_, select, update

from eigen.errors import EigenError
from eigen.qfs import rows, schema
from eigen.qfs.store import WAITING_RESERVATION, Ran, Waiting
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

    from eigen.qfs.db import Database
    from eigen.qfs.store import JobRow, JournalEntry
    from eigen.types import JobEvent, Json

JOB = schema.job.c
NEED = schema.dependency.c
BY_ID = select(schema.job).where(JOB.job_id == bindparam("id"))
NEEDED_BY = select(NEED.depends_on).where(NEED.job_id == bindparam("id")).order_by(NEED.position)
"""The queries of a status, which is asked for more often than anything else: built once."""
TERMINAL = tuple(state.value for state in JobState if state.is_terminal)
STEP = update(schema.job).where(
    JOB.job_id == bindparam("its_id"), JOB.version == bindparam("its_version"), JOB.fence == bindparam("its_fence")
)


def _needs_work() -> ColumnElement[bool]:
    """What a worker may claim at the moments `now` (of the calendar) and `lease_now` (of the leases)."""
    other = schema.job.alias("other")
    unmet = exists().where(NEED.job_id == JOB.job_id, other.c.job_id == NEED.depends_on, other.c.state.not_in(TERMINAL))
    now, lease_now = bindparam("now", type_=Float), bindparam("lease_now", type_=Float)
    due = and_(JOB.not_before <= now, or_(JOB.state != JobState.PENDING.value, ~unmet))
    overdue = JOB.queue_until < now
    free = or_(JOB.owner == "", JOB.lease_until <= lease_now)
    return and_(JOB.sealed == false(), free, or_(due, overdue, JOB.cancel_requested))


NEXT = select(JOB.job_id).where(_needs_work()).order_by(JOB.priority.desc(), JOB.job_id).limit(1)
NEXT_IF = NEXT.where(JOB.job_id == bindparam("id"))
OWNERS = select(JOB.owner).where(JOB.owner != "").distinct().order_by(JOB.owner)
"""What an idle worker asks all the time: built once."""


class SqlJobStore:
    """Jobs, events, journals and outcomes in the tables of `schema`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert(self, row: JobRow, event: JobEvent, *, idempotency: tuple[str, str] | None = None) -> str:
        """Insert a job with its first event, once per idempotency key."""
        with self._database.write() as connection:
            if idempotency is not None:
                known = _known_request(connection, row, *idempotency)
                if known is not None:
                    return known
            _check_dependencies(connection, row.dependencies)
            connection.execute(insert(schema.job), rows.job_columns(row))
            connection.execute(insert(schema.event), rows.event_columns(event))
            if row.dependencies:
                pairs = [
                    {"job_id": row.job_id, "depends_on": other, "position": position}
                    for position, other in enumerate(row.dependencies)
                ]
                connection.execute(insert(schema.dependency), pairs)
            if idempotency is not None:
                key, request_hash = idempotency
                connection.execute(
                    insert(schema.idempotency).values(
                        tenant=row.tenant,
                        project=row.project,
                        key=key,
                        request_hash=request_hash,
                        job_id=row.job_id,
                        created_at=row.created_at,
                    )
                )
        return row.job_id

    def requested(self, row: JobRow, idempotency: tuple[str, str]) -> str | None:
        """The job that an equal earlier request under the key made, or None."""
        with self._database.read() as connection:
            return _known_request(connection, row, *idempotency)

    def get(self, job_id: str) -> JobRow | None:
        """The row, or None."""
        with self._database.read() as connection:
            return _get(connection, job_id)

    def update(
        self, row: JobRow, events: Sequence[JobEvent], *, expected_version: int, fence: int, outcome: Json = None
    ) -> bool:
        """Replace a row, append events and keep an outcome iff version and fence still match."""
        kept = rows.LEASE_COLUMNS | rows.FIXED_COLUMNS
        columns = {name: value for name, value in rows.job_columns(row).items() if name not in kept}
        columns["version"] = expected_version + 1
        mine = {"its_id": row.job_id, "its_version": expected_version, "its_fence": fence}
        with self._database.write() as connection:
            if connection.execute(STEP, columns | mine).rowcount != 1:
                return False
            if events:
                connection.execute(insert(schema.event), [rows.event_columns(event) for event in events])
            if outcome is not None:
                _record_outcome(connection, row.job_id, fence, outcome, accepted=True)
        return True

    def claim(
        self, owner: str, now: float, lease_now: float, lease_seconds: float, *, job_id: str | None = None
    ) -> JobRow | None:
        """Claim the next job that needs work, or this one, and return it with its new fence."""
        moments: dict[str, Any] = {"now": now, "lease_now": lease_now}
        query, values = (NEXT, moments) if job_id is None else (NEXT_IF, moments | {"id": job_id})
        # Looking first without the write lock keeps idle workers from disturbing the others.
        with self._database.read() as connection:
            if connection.execute(query, values).first() is None:
                return None
        with self._database.write(flush=False) as connection:
            found = connection.execute(query, values).scalar()
            if found is None:
                return None
            lease = {"owner": owner, "lease_until": lease_now + lease_seconds, "fence": JOB.fence + 1}
            connection.execute(update(schema.job).where(JOB.job_id == found).values(lease))
            return _get(connection, found)

    def heartbeat(self, job_id: str, fence: int, lease_until: float) -> bool:
        """Extend a lease; False when it was lost."""
        return self._with_lease(job_id, fence, {"lease_until": lease_until})

    def release(self, job_id: str, fence: int) -> None:
        """Give a lease back; a lost one is nobody's to give."""
        self._with_lease(job_id, fence, {"owner": "", "lease_until": 0.0})

    def seal(self, job_id: str, fence: int, *, keep_outcome: bool = False) -> bool:
        """Mark a finished job's files as written, drop its kept outcome and give the lease back."""
        with self._database.write(flush=False) as connection:
            held = and_(JOB.job_id == job_id, JOB.fence == fence, JOB.owner != "", JOB.state.in_(TERMINAL))
            sealed = {"sealed": True, "owner": "", "lease_until": 0.0}
            if connection.execute(update(schema.job).where(held).values(sealed)).rowcount != 1:
                return False
            kept = and_(schema.outcome.c.job_id == job_id, schema.outcome.c.accepted)
            if not keep_outcome:
                connection.execute(update(schema.outcome).where(kept).values(data=None))
        return True

    def break_leases(self, owners: Sequence[str]) -> int:
        """End the leases of owners known to be dead; returns how many."""
        if not owners:
            return 0
        theirs = JOB.owner.in_(list(owners))
        with self._database.write(flush=False) as connection:
            # Who died on the way to waiting may have missed that the reservation ended: look again.
            waiting = and_(theirs, JOB.stage == WAITING_RESERVATION)
            connection.execute(update(schema.job).where(waiting).values(not_before=0.0))
            return connection.execute(update(schema.job).where(theirs).values(owner="", lease_until=0.0)).rowcount

    def owners(self) -> tuple[str, ...]:
        """Owners that hold a lease now."""
        with self._database.read() as connection:
            return tuple(connection.execute(OWNERS).scalars())

    def unfinished(self) -> int:
        """How many jobs still need a worker."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).where(JOB.sealed == false())).scalar() or 0

    def request_cancel(self, job_id: str) -> bool:
        """Record the wish to cancel; False when the job is terminal or unknown."""
        with self._database.write() as connection:
            alive = and_(JOB.job_id == job_id, JOB.state.not_in(TERMINAL))
            return connection.execute(update(schema.job).where(alive).values(cancel_requested=True)).rowcount == 1

    def list(
        self,
        *,
        states: Sequence[JobState] = (),
        limit: int = 50,
        before: str | None = None,
        name: str | None = None,
        tenant: str = "",
        project: str = "",
    ) -> tuple[JobRow, ...]:
        """Newest first; `before` is a job id for the next page; an empty tenant or project means all of them."""
        query = select(schema.job).order_by(JOB.job_id.desc()).limit(limit)
        if states:
            query = query.where(JOB.state.in_([state.value for state in states]))
        if before is not None:
            query = query.where(JOB.job_id < before)
        if name is not None:
            query = query.where(JOB.name == name)
        if tenant:
            query = query.where(JOB.tenant == tenant)
        if project:
            query = query.where(JOB.project == project)
        with self._database.read() as connection:
            found = connection.execute(query).mappings().all()
            needed = _dependencies(connection, [columns["job_id"] for columns in found])
        return tuple(_row(columns, needed.get(columns["job_id"], ())) for columns in found)

    def events(self, job_id: str, after_seq: int = 0, limit: int = 1000) -> tuple[JobEvent, ...]:
        """The event log after a sequence number."""
        table = schema.event.c
        query = (
            select(schema.event).where(table.job_id == job_id, table.seq > after_seq).order_by(table.seq).limit(limit)
        )
        with self._database.read() as connection:
            return tuple(rows.job_event(_plain(columns)) for columns in connection.execute(query).mappings())

    def changes(self, after_id: int, limit: int = 1000) -> tuple[tuple[int, JobEvent], ...]:
        """The events of all jobs after an id of the whole log, each with its id.

        Ids follow the order of commits because SQLite has one writer at a time.
        """
        table = schema.event.c
        query = select(schema.event).where(table.id > after_id).order_by(table.id).limit(limit)
        with self._database.read() as connection:
            found = connection.execute(query).mappings().all()
        return tuple((columns["id"], rows.job_event(_plain(columns))) for columns in found)

    def last_change(self) -> int:
        """The id of the newest event of all jobs; 0 when there is none."""
        with self._database.read() as connection:
            return connection.execute(select(func.max(schema.event.c.id))).scalar() or 0

    def next_due(self, now: float) -> float | None:
        """When the first job that waits for its next attempt is due; None: no such job."""
        later = and_(JOB.sealed == false(), JOB.not_before > now, JOB.stage != WAITING_RESERVATION)
        with self._database.read() as connection:
            return connection.execute(select(func.min(JOB.not_before)).where(later)).scalar()

    def ahead(self, row: JobRow) -> int:
        """How many waiting jobs of all tenants would be claimed before this one, if all were due."""
        before = or_(JOB.priority > row.priority, and_(JOB.priority == row.priority, JOB.job_id < row.job_id))
        waiting = and_(JOB.sealed == false(), JOB.state.not_in((*TERMINAL, JobState.RUNNING.value)))
        with self._database.read() as connection:
            return connection.execute(select(func.count()).where(waiting, before)).scalar() or 0

    def waiting(self) -> tuple[Waiting, ...]:
        """The jobs that have not ended, counted by state, target and device."""
        alive = and_(JOB.sealed == false(), JOB.state.not_in(TERMINAL))
        group = (JOB.state, JOB.target, JOB.device_id)
        query = select(*group, func.count()).where(alive).group_by(*group)
        with self._database.read() as connection:
            found = connection.execute(query).all()
        return tuple(Waiting(JobState(state), target, device, count) for state, target, device, count in found)

    def ran(self, limit: int = 200) -> tuple[Ran, ...]:
        """The newest jobs that ran to their end, newest first."""
        query = (
            select(JOB.target, JOB.device_id, JOB.started_at, JOB.updated_at)
            .where(JOB.state == JobState.DONE.value)
            .order_by(JOB.job_id.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            found = connection.execute(query).all()
        return tuple(
            Ran(target, device, max(0.0, datetime.fromisoformat(ended).timestamp() - started))
            for target, device, started, ended in found
        )

    def journal_append(self, job_id: str, fence: int, entries: Sequence[JournalEntry], *, flush: bool = True) -> bool:
        """Append evaluations durably; False when the lease was lost."""
        with self._database.write(flush=flush) as connection:
            held = select(JOB.job_id).where(JOB.job_id == job_id, JOB.fence == fence, JOB.owner != "")
            if connection.execute(held).first() is None:
                return False
            if entries:
                columns = [rows.journal_columns(job_id, entry) for entry in entries]
                connection.execute(insert(schema.journal), columns)
        return True

    def journal(self, job_id: str) -> tuple[JournalEntry, ...]:
        """All evaluations recorded so far, in order."""
        table = schema.journal.c
        query = select(schema.journal).where(table.job_id == job_id).order_by(table.position)
        with self._database.read() as connection:
            return tuple(rows.journal_entry(_plain(columns)) for columns in connection.execute(query).mappings())

    def journal_length(self, job_id: str) -> int:
        """How many evaluations are recorded."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).where(schema.journal.c.job_id == job_id)).scalar() or 0

    def outcome(self, job_id: str) -> Json:
        """The outcome kept with a finished job until it is sealed; None when there is none."""
        table = schema.outcome.c
        with self._database.read() as connection:
            data = connection.execute(select(table.data).where(table.job_id == job_id, table.accepted)).scalar()
        return None if data is None else rows.from_text(data)

    def refuse(self, job_id: str, fence: int, outcome: Json) -> None:
        """Record the outcome of a lost lease beside the job; the first one of each fence stays."""
        table = schema.outcome.c
        with self._database.write() as connection:
            known = connection.execute(select(table.fence).where(table.job_id == job_id, table.fence == fence)).first()
            if known is None:
                _record_outcome(connection, job_id, fence, outcome, accepted=False)

    def close(self) -> None:
        """Release the database."""
        self._database.close()

    def _with_lease(self, job_id: str, fence: int, values: Mapping[str, Any]) -> bool:
        held = and_(JOB.job_id == job_id, JOB.fence == fence, JOB.owner != "")
        with self._database.write(flush=False) as connection:
            return connection.execute(update(schema.job).where(held).values(**values)).rowcount == 1


def _known_request(connection: Connection, row: JobRow, key: str, request_hash: str) -> str | None:
    table = schema.idempotency.c
    query = select(table.job_id, table.request_hash).where(
        table.tenant == row.tenant, table.project == row.project, table.key == key
    )
    known = connection.execute(query).first()
    if known is None:
        return None
    if known.request_hash != request_hash:
        raise EigenError(
            "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT",
            f"the idempotency key `{key}` was used with another request, for job `{known.job_id}`",
        )
    return str(known.job_id)


def _check_dependencies(connection: Connection, needed: tuple[str, ...]) -> None:
    if not needed:
        return
    known = set(connection.execute(select(JOB.job_id).where(JOB.job_id.in_(needed))).scalars())
    for other in needed:
        if other not in known:
            raise EigenError("EIGEN_JOB_NOT_FOUND", f"the job depends on `{other}`, which does not exist")


def _record_outcome(connection: Connection, job_id: str, fence: int, outcome: Json, *, accepted: bool) -> None:
    data = rows.to_text(outcome).encode()
    if accepted:  # a refused outcome of the same fence cannot stand beside it
        same = and_(schema.outcome.c.job_id == job_id, schema.outcome.c.fence == fence)
        connection.execute(delete(schema.outcome).where(same))
    connection.execute(insert(schema.outcome).values(job_id=job_id, fence=fence, accepted=accepted, data=data))


def _get(connection: Connection, job_id: str) -> JobRow | None:
    columns = connection.execute(BY_ID, {"id": job_id}).mappings().first()
    if columns is None:
        return None
    return _row(columns, tuple(connection.execute(NEEDED_BY, {"id": job_id}).scalars()))


def _dependencies(connection: Connection, job_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    query = select(NEED.job_id, NEED.depends_on).where(NEED.job_id.in_(job_ids)).order_by(NEED.position)
    found: dict[str, tuple[str, ...]] = {}
    for owner, other in connection.execute(query):
        found[owner] = (*found.get(owner, ()), other)
    return found


def _row(columns: Mapping[Any, Any], dependencies: tuple[str, ...]) -> JobRow:
    return rows.job_row(_plain(columns), dependencies)


def _plain(columns: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in columns.items()}
