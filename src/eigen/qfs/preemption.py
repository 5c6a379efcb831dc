"""Which running job gives way to a waiting one, and how they change places. When a run can stop is not known here."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Float, and_, bindparam, false, func, or_, select, update

from eigen.qfs import schema
from eigen.qfs.claims import is_full, needs_work
from eigen.qfs.db import again
from eigen.qfs.prepared import Prepared
from eigen.qfs.store import Preemption
from eigen.qfs.turns import before, exchanged, urgency_since

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from eigen.qfs.db import Database
    from eigen.qfs.prepared import Row
    from eigen.qfs.quotas import Quotas

JOB = schema.job.c
POINTS = 20
"""By how many points of priority a waiting job must exceed a running one of its project."""


class Preemptions:
    """The preemptions of one database. What is looked through is what runs, and the front of the queue."""

    def __init__(self, database: Database, quotas: Quotas, weights: Mapping[str, float]) -> None:
        self._quotas = quotas
        self._weights = weights
        lease_now = database.lease_now
        now = bindparam("now", type_=Float)
        wants = [
            JOB.made_way == "",
            JOB.cancel_requested == false(),
            or_(JOB.queue_until.is_(None), JOB.queue_until >= now),
            needs_work(lease_now),
        ]
        if quotas.limits_running():
            wants.append(~is_full())
        held = (JOB.job_id, JOB.tenant, JOB.project, JOB.priority, JOB.deadline, JOB.started_at)
        self._held = Prepared(select(*held).where(JOB.owner != "", JOB.lease_until > lease_now))
        waiting = select(JOB.job_id, JOB.tenant, JOB.project).where(*wants).limit(1)
        of_tenant = JOB.tenant == bindparam("tenant")
        of_project = and_(of_tenant, JOB.project == bindparam("project"), JOB.sealed == false())
        urgent = and_(JOB.priority >= bindparam("least"), JOB.urgency < bindparam("limit", type_=Float))
        self._urgent = Prepared(waiting.where(of_project, urgent).order_by(JOB.urgency, JOB.job_id))
        since = bindparam("since", type_=Float)
        patient = waiting.where(JOB.queued_at <= since, JOB.not_before <= since)
        strangers = patient.where(JOB.tenant.not_in(bindparam("run", expanding=True)))
        self._tenant = Prepared(strangers.order_by(JOB.turn, JOB.job_id))
        others = patient.where(of_tenant, JOB.project.not_in(bindparam("run", expanding=True)))
        self._project = Prepared(others.order_by(JOB.project_turn, JOB.job_id))
        its = (JOB.job_id == bindparam("its_id"), JOB.fence == bindparam("its_fence"), JOB.owner != "")
        both = (JOB.tenant, JOB.project, JOB.turn, JOB.project_turn)
        self._runs = Prepared(select(*both, JOB.priority, JOB.deadline).where(*its).with_for_update())
        waits = and_(JOB.job_id == bindparam("its_id"), JOB.sealed == false())
        free = or_(JOB.owner == "", JOB.lease_until <= lease_now)
        mark = update(schema.job).where(waits, free, JOB.made_way == "").values(made_way=bindparam("for_it"))
        self._mark = Prepared(mark.returning(*both, JOB.urgency))
        self._front = Prepared(select(JOB.urgency).where(of_project).order_by(JOB.urgency, JOB.job_id).limit(1))
        self._made = Prepared(select(func.count()).where(waits, JOB.made_way == bindparam("for_it")))
        its_turn = update(schema.job).where(JOB.job_id == bindparam("its_id"))
        names = ("turn", "project_turn", "urgency")
        self._set = {name: Prepared(its_turn.values({name: bindparam("value")})) for name in names}

    def choose(self, connection: Connection, running: Sequence[str], now: float, patience: float) -> Preemption | None:
        """See `store.JobStore.to_preempt`."""
        held = self._held.all(connection)
        mine = sorted(
            (row for row in held if row["job_id"] in running),
            key=lambda row: (row["priority"], -row["started_at"], row["job_id"]),
        )
        if not mine:
            return None
        return self._by_priority(connection, held, mine, now) or self._by_share(connection, held, mine, now, patience)

    def exchange(self, connection: Connection, preemption: Preemption, fence: int, now: float) -> bool:
        """See `store.JobStore.give_way`."""
        runs = self._runs.first(connection, {"its_id": preemption.job_id, "its_fence": fence})
        if runs is None:
            return False
        marks = {"its_id": preemption.to, "for_it": preemption.job_id}
        waits = self._mark.first(connection, marks)
        if waits is None:
            return again(connection) and bool(self._made.value(connection, marks))
        name = next((name for name in ("tenant", "project") if runs[name] != waits[name]), "")
        changed = {"tenant": "turn", "project": "project_turn", "": "urgency"}[name]
        if name:
            values = exchanged(runs[changed], waits[changed])
        else:  # the worker goes to this one, whoever has waited longer without being worth it
            front = self._front.value(connection, {"tenant": runs["tenant"], "project": runs["project"]})
            values = urgency_since(now, runs["priority"], runs["deadline"]), before(waits["urgency"], front)
        for job_id, value in zip((preemption.job_id, preemption.to), values, strict=True):
            self._set[changed].count(connection, {"its_id": job_id, "value": value})
        return True

    def _by_priority(
        self, connection: Connection, held: Sequence[Row], mine: Sequence[Row], now: float
    ) -> Preemption | None:
        for tenant, project in dict.fromkeys((row["tenant"], row["project"]) for row in mine):
            row = next(row for row in mine if (row["tenant"], row["project"]) == (tenant, project))
            given = {"now": now, "tenant": tenant, "project": project, "least": row["priority"] + POINTS}
            limit = {"limit": urgency_since(now, row["priority"], row["deadline"])}
            others = [other for other in held if other is not row]
            best = self._urgent.first(connection, given | limit | self._full(others))
            if best is not None:
                return Preemption(row["job_id"], best["job_id"], same_tenant=True)
        return None

    def _by_share(
        self, connection: Connection, held: Sequence[Row], mine: Sequence[Row], now: float, patience: float
    ) -> Preemption | None:
        given = {"now": now, "since": now - patience}
        runs = [row["tenant"] for row in held]
        first = self._tenant.first(connection, given | {"run": runs} | self._full(held))
        if first is not None:
            row = self._greediest(mine, runs, first["tenant"], _tenant)
            if row is not None:
                return Preemption(row["job_id"], first["job_id"], same_tenant=False)
        for tenant in dict.fromkeys(row["tenant"] for row in mine):
            theirs = [row for row in held if row["tenant"] == tenant]
            own = [row for row in mine if row["tenant"] == tenant]
            others = [row for row in held if row is not own[0]]  # what a quota of the tenant has room for then
            asked = {"tenant": tenant, "run": [row["project"] for row in theirs]}
            first = self._project.first(connection, given | asked | self._full(others))
            if first is not None:
                row = self._greediest(own, [_project(row) for row in theirs], _project(first), _project)
                if row is not None:
                    return Preemption(row["job_id"], first["job_id"], same_tenant=True)
        return None

    def _greediest(
        self, mine: Sequence[Row], running: Sequence[str], other: str, share: Callable[[Row], str]
    ) -> Row | None:
        """Whose share of what runs is exceeded most, by the weights of those that run and of the other one."""
        runs = Counter(running)
        weights = {name: self._weights.get(name, 1.0) for name in (*runs, other)}
        each = len(running) / sum(weights.values())
        excess = {name: count - each * weights[name] for name, count in runs.items()}
        row = max(mine, key=lambda row: excess[share(row)])
        return row if excess[share(row)] > 1e-9 else None

    def _full(self, held: Sequence[Row]) -> dict[str, Any]:
        if not self._quotas.limits_running():
            return {}
        return {"full": self._quotas.full(Counter((row["tenant"], row["project"]) for row in held))}


def _tenant(row: Row) -> str:
    return row["tenant"]


def _project(row: Row) -> str:
    return f"{row['tenant']}/{row['project']}"
