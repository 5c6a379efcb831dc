"""What a worker may claim, in which order (`turns`), and the claim itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Float, Text, and_, bindparam, false, func, literal, or_, select, update

from eigen.qfs import schema
from eigen.qfs.db import again
from eigen.qfs.prepared import Prepared
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Connection, GenerativeSelect

    from eigen.qfs.db import Database
    from eigen.qfs.prepared import Row
    from eigen.qfs.quotas import Quotas

JOB = schema.job.c
NEED = schema.dependency.c
Chosen = TypeVar("Chosen", bound="GenerativeSelect")
NO_TURN = 0.0
"""The turn of a job that was asked for by its name: it is before every other, and moves nobody's."""
TERMINAL = tuple(literal(state.value) for state in JobState if state.is_terminal)


class Claims:
    """The claims of one database. Statements are built once: idle workers ask all the time.

    `are_single` says that a claim of the next job writes in one statement.
    """

    def __init__(self, database: Database, quotas: Quotas) -> None:
        self._database = database
        self._quotas = quotas
        self.are_single = database.kind == "postgresql" and not quotas.limits_running()
        self._lease_now = database.lease_now
        claimable = needs_work(self._lease_now)
        if quotas.limits_running():
            claimable = and_(claimable, or_(JOB.cancel_requested, ~is_full()))
        held = and_(JOB.owner != "", JOB.lease_until > self._lease_now)
        self._running = select(JOB.tenant, JOB.project, func.count()).where(held).group_by(JOB.tenant, JOB.project)
        chosen = select(JOB.job_id, JOB.tenant, JOB.turn).where(claimable).limit(1)
        first = _held(chosen.order_by(JOB.turn, JOB.job_id))
        best = chosen.order_by(JOB.urgency, JOB.job_id)
        self._first = Prepared(first)
        self._this = Prepared(_held(chosen.where(JOB.job_id == bindparam("id"))))
        self._best_of = Prepared(_held(best.where(JOB.tenant == bindparam("tenant"))))
        self._lease = Prepared(self._leasing(JOB.job_id == bindparam("its_id"), bindparam("its_turn")))
        self._give = Prepared(
            update(schema.job).where(JOB.job_id == bindparam("its_id")).values(turn=bindparam("its_turn"))
        )
        self._mine = Prepared(select(schema.job).where(JOB.owner == bindparam("its_owner")))
        self._at_once = None if database.kind == "sqlite" else Prepared(self._in_one(first, best))

    def any(self, connection: Connection, now: float, job_id: str | None) -> bool:
        """Whether there is a job to claim, or whether this is one. For SQLite alone: it would lock the row."""
        query = self._first if job_id is None else self._this
        return query.first(connection, self._given(connection, now, job_id)) is not None

    def take(
        self, connection: Connection, owner: str, now: float, lease_seconds: float, job_id: str | None
    ) -> Mapping[Any, Any] | None:
        """Give the owner a lease of the next job, or of this one; returns its columns, or None when there is none to
        have.

        In PostgreSQL, a job that another claim is about to take is passed over; SQLite has one claim at a time.
        """
        if again(connection):  # an owner works on one job at a time: what is its own is what the first try took
            taken = self._mine.first(connection, {"its_owner": owner})
            if taken is not None:
                return taken
        given = self._given(connection, now, job_id)
        lease = {"its_owner": owner, "seconds": lease_seconds}
        if job_id is not None:
            found = self._this.first(connection, given)
            return None if found is None else self._give_lease(connection, found["job_id"], NO_TURN, lease)
        if self._at_once is not None:
            return self._at_once.first(connection, given | lease)
        first = self._first.first(connection, given)
        if first is None:
            return None
        best = self._best_of.first(connection, given | {"tenant": first["tenant"]}) or first
        if best["job_id"] != first["job_id"]:  # the most urgent one goes on the first turn, and leaves its own
            self._give.count(connection, {"its_id": first["job_id"], "its_turn": best["turn"]})
        return self._give_lease(connection, best["job_id"], first["turn"], lease)

    def _given(self, connection: Connection, now: float, job_id: str | None) -> dict[str, Any]:
        given: dict[str, Any] = {"now": now} if job_id is None else {"now": now, "id": job_id}
        if self._quotas.limits_running():
            self._database.alone(connection, "running")  # who counts and then claims is alone with that
            running = {(tenant, project): count for tenant, project, count in connection.execute(self._running)}
            given["full"] = self._quotas.full(running)
        return given

    def _give_lease(self, connection: Connection, job_id: str, turn: float, lease: Mapping[str, Any]) -> Row | None:
        given = {"its_id": job_id, "its_turn": turn, **lease}
        return self._lease.first(connection, given)

    def _in_one(self, choice: Any, order: Any) -> Any:
        """The same in one statement, where each is a journey: a locking query of a WITH is run once."""
        first = choice.cte("first")
        best = _held(order.where(JOB.tenant == select(first.c.tenant).scalar_subquery())).cte("best")
        first_id, best_id = select(first.c.job_id).scalar_subquery(), select(best.c.job_id).scalar_subquery()
        given = (
            update(schema.job)
            .where(JOB.job_id == first_id, JOB.job_id != best_id)
            .values(turn=select(best.c.turn).scalar_subquery())
            .returning(JOB.job_id)
            .cte("given")
        )
        return self._leasing(JOB.job_id == best_id, select(first.c.turn).scalar_subquery()).add_cte(given)

    def _leasing(self, which: ColumnElement[bool], turn: ColumnElement[Any]) -> Any:
        until = self._lease_now + bindparam("seconds", type_=Float)
        lease: dict[str, Any] = {
            "owner": bindparam("its_owner"),
            "lease_until": until,
            "fence": JOB.fence + 1,
            "turn": turn,
        }
        return update(schema.job).where(which).values(lease).returning(schema.job)


def _held(query: Chosen) -> Chosen:
    """Lock what is found, and pass over what another claim has locked."""
    return query.with_for_update(skip_locked=True, key_share=True)


def needs_work(lease_now: ColumnElement[float]) -> ColumnElement[bool]:
    """What a worker may claim at the moment `now` of the calendar."""
    other = schema.job.alias("other")
    still = (NEED.job_id == JOB.job_id, other.c.job_id == NEED.depends_on, other.c.state.not_in(TERMINAL))
    # Counted, not `NOT EXISTS`: that PostgreSQL may answer by reading all jobs into a table of its own, for each claim.
    unmet = select(func.count()).select_from(schema.dependency, other).where(*still).scalar_subquery()
    now = bindparam("now", type_=Float)
    due = and_(JOB.not_before <= now, or_(JOB.state != JobState.PENDING.value, unmet == 0))
    overdue = JOB.queue_until < now
    free = or_(JOB.owner == "", JOB.lease_until <= lease_now)
    return and_(JOB.sealed == false(), free, or_(due, overdue, JOB.cancel_requested))


def is_full() -> ColumnElement[bool]:
    """Whether the tenant or the project runs as much as it may."""
    full = bindparam("full", expanding=True, type_=Text)
    return or_(JOB.tenant.in_(full), (JOB.tenant + "/" + JOB.project).in_(full))
