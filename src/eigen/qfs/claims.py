"""What a worker may claim, in which order (`turns`), and the claim itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Float, Text, and_, bindparam, case, false, func, literal, or_, select, update

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
"""The turns of a job that was asked for by its name: it is before every other, and moves nobody's."""
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
        chosen = select(JOB.job_id, JOB.tenant, JOB.project, JOB.turn, JOB.project_turn).where(claimable).limit(1)
        first = _held(chosen.order_by(JOB.turn, JOB.job_id))
        following = chosen.order_by(JOB.project_turn, JOB.job_id)
        best = chosen.order_by(JOB.urgency, JOB.job_id)
        of_tenant = JOB.tenant == bindparam("tenant")
        self._first = Prepared(first)
        self._this = Prepared(_held(chosen.where(JOB.job_id == bindparam("id"))))
        self._next_of = Prepared(_held(following.where(of_tenant)))
        self._best_of = Prepared(_held(best.where(of_tenant, JOB.project == bindparam("project"))))
        its_turn, its_project_turn = (bindparam(name, type_=Float) for name in ("its_turn", "its_project_turn"))
        self._lease = Prepared(self._leasing(JOB.job_id == bindparam("its_id"), its_turn, its_project_turn))
        which = tuple(bindparam(name, type_=Text) for name in ("first", "next", "best"))
        self._give = Prepared(_giving(which, (its_turn, its_project_turn)))
        self._mine = Prepared(select(schema.job).where(JOB.owner == bindparam("its_owner")))
        self._at_once = None if database.kind == "sqlite" else Prepared(self._in_one(first, following, best))

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
            return None if found is None else self._give_lease(connection, found["job_id"], NO_TURN, NO_TURN, lease)
        if self._at_once is not None:
            return self._at_once.first(connection, given | lease)
        first = self._first.first(connection, given)
        if first is None:
            return None
        following = self._next_of.first(connection, given | {"tenant": first["tenant"]}) or first
        of_project = {"tenant": first["tenant"], "project": following["project"]}
        best = self._best_of.first(connection, given | of_project) or following
        which = {"first": first["job_id"], "next": following["job_id"], "best": best["job_id"]}
        if len(set(which.values())) > 1:  # the most urgent one goes on the first turns, and leaves its own
            its = {"its_turn": best["turn"], "its_project_turn": best["project_turn"]}
            self._give.count(connection, which | its)
        return self._give_lease(connection, best["job_id"], first["turn"], following["project_turn"], lease)

    def _given(self, connection: Connection, now: float, job_id: str | None) -> dict[str, Any]:
        given: dict[str, Any] = {"now": now} if job_id is None else {"now": now, "id": job_id}
        if self._quotas.limits_running():
            self._database.alone(connection, "running")  # who counts and then claims is alone with that
            running = {(tenant, project): count for tenant, project, count in connection.execute(self._running)}
            given["full"] = self._quotas.full(running)
        return given

    def _give_lease(
        self, connection: Connection, job_id: str, turn: float, project_turn: float, lease: Mapping[str, Any]
    ) -> Row | None:
        given = {"its_id": job_id, "its_turn": turn, "its_project_turn": project_turn, **lease}
        return self._lease.first(connection, given)

    def _in_one(self, choice: Any, following: Any, order: Any) -> Any:
        """The same in one statement, where each is a journey: a locking query of a WITH is run once."""

        def its(found: Any, name: str) -> Any:
            return select(found.c[name]).scalar_subquery()

        first = choice.cte("first")
        of_tenant = JOB.tenant == its(first, "tenant")
        after = _held(following.where(of_tenant)).cte("following")
        best = _held(order.where(of_tenant, JOB.project == its(after, "project"))).cte("best")
        which = tuple(its(found, "job_id") for found in (first, after, best))
        given = _giving(which, (its(best, "turn"), its(best, "project_turn"))).returning(JOB.job_id).cte("given")
        turns = (its(first, "turn"), its(after, "project_turn"))
        return self._leasing(JOB.job_id == its(best, "job_id"), *turns).add_cte(given)

    def _leasing(self, which: ColumnElement[bool], turn: ColumnElement[Any], project_turn: ColumnElement[Any]) -> Any:
        until = self._lease_now + bindparam("seconds", type_=Float)
        lease: dict[str, Any] = {
            "owner": bindparam("its_owner"),
            "lease_until": until,
            "fence": JOB.fence + 1,
            "turn": turn,
            "project_turn": project_turn,
        }
        return update(schema.job).where(which).values(lease).returning(schema.job)


def _giving(which: tuple[Any, ...], turns: tuple[Any, Any]) -> Any:
    """Give the turns of the best job to those that were first among all and among their tenant's; one change of a row,
    for they may be the same."""
    first, following, best = which
    turn, project_turn = turns
    return (
        update(schema.job)
        .where(JOB.job_id.in_((first, following)), JOB.job_id != best)  # an OR, PostgreSQL would read all jobs for
        .values(
            turn=case((JOB.job_id == first, turn), else_=JOB.turn),
            project_turn=case((JOB.job_id == following, project_turn), else_=JOB.project_turn),
        )
    )


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
