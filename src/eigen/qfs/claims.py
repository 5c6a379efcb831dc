"""What a worker may claim, in which order (`turns`), and the claim itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Float, and_, bindparam, exists, false, or_, select, update

from eigen.qfs import schema
from eigen.qfs.db import again
from eigen.types import JobState

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Executable, GenerativeSelect

    from eigen.qfs.db import Database

JOB = schema.job.c
NEED = schema.dependency.c
Chosen = TypeVar("Chosen", bound="GenerativeSelect")
NO_TURN = 0.0
"""The turn of a job that was asked for by its name: it is before every other, and moves nobody's."""
TERMINAL = tuple(state.value for state in JobState if state.is_terminal)


class Claims:
    """The claims of one database. Statements are built once: idle workers ask all the time."""

    def __init__(self, database: Database) -> None:
        self._lease_now = database.lease_now
        needs_work = _needs_work(self._lease_now)
        chosen = select(JOB.job_id, JOB.tenant, JOB.turn).where(needs_work).limit(1)
        self._first = _held(chosen.order_by(JOB.turn, JOB.job_id))
        self._best = _held(chosen.where(JOB.tenant == bindparam("tenant")).order_by(JOB.urgency, JOB.job_id))
        self._this = _held(chosen.where(JOB.job_id == bindparam("id")))
        self._lease = self._leasing()
        self._give = update(schema.job).where(JOB.job_id == bindparam("its_id")).values(turn=bindparam("its_turn"))
        self._mine = select(JOB.job_id).where(JOB.owner == bindparam("its_owner"))

    def any(self, connection: Connection, now: float, job_id: str | None) -> bool:
        """Whether there is a job to claim, or whether this is one. For SQLite alone: it would lock the row."""
        query = self._first if job_id is None else self._this
        return connection.execute(query, _given(now, job_id)).first() is not None

    def take(
        self, connection: Connection, owner: str, now: float, lease_seconds: float, job_id: str | None
    ) -> str | None:
        """Give the owner a lease of the next job, or of this one; returns its id, or None when there is none to have.

        In PostgreSQL, a job that another claim is about to take is passed over; SQLite has one claim at a time.
        """
        if again(connection):  # an owner works on one job at a time: what is its own is what the first try took
            taken = connection.execute(self._mine, {"its_owner": owner}).scalar()
            if taken is not None:
                return taken
        given = _given(now, job_id)
        first = connection.execute(self._first if job_id is None else self._this, given).first()
        if first is None:
            return None
        chosen, turn = first, NO_TURN
        if job_id is None:
            chosen, turn = connection.execute(self._best, given | {"tenant": first.tenant}).first() or first, first.turn
        if chosen.job_id != first.job_id:  # the most urgent one goes on the first turn, and leaves its own
            connection.execute(self._give, {"its_id": first.job_id, "its_turn": chosen.turn})
        lease = {"its_id": chosen.job_id, "its_owner": owner, "its_turn": turn, "seconds": lease_seconds}
        connection.execute(self._lease, lease)
        return chosen.job_id

    def _leasing(self) -> Executable:
        until = self._lease_now + bindparam("seconds", type_=Float)
        lease: dict[str, Any] = {
            "owner": bindparam("its_owner"),
            "lease_until": until,
            "fence": JOB.fence + 1,
            "turn": bindparam("its_turn"),
        }
        return update(schema.job).where(JOB.job_id == bindparam("its_id")).values(lease)


def _held(query: Chosen) -> Chosen:
    """Lock what is found, and pass over what another claim has locked."""
    return query.with_for_update(skip_locked=True, key_share=True)


def _needs_work(lease_now: ColumnElement[float]) -> ColumnElement[bool]:
    """What a worker may claim at the moment `now` of the calendar."""
    other = schema.job.alias("other")
    unmet = exists().where(NEED.job_id == JOB.job_id, other.c.job_id == NEED.depends_on, other.c.state.not_in(TERMINAL))
    now = bindparam("now", type_=Float)
    due = and_(JOB.not_before <= now, or_(JOB.state != JobState.PENDING.value, ~unmet))
    overdue = JOB.queue_until < now
    free = or_(JOB.owner == "", JOB.lease_until <= lease_now)
    return and_(JOB.sealed == false(), free, or_(due, overdue, JOB.cancel_requested))


def _given(now: float, job_id: str | None) -> dict[str, Any]:
    return {"now": now} if job_id is None else {"now": now, "id": job_id}
