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
from eigen.qfs.turns import exchanged, urgency_since

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from eigen.qfs.db import Database
    from eigen.qfs.prepared import Row
    from eigen.qfs.quotas import Quotas

JOB = schema.job.c
POINTS = 20
"""By how many points of priority a waiting job must exceed a running one of its tenant."""


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
        of_tenant = (JOB.tenant == bindparam("tenant"), *wants[1:])
        waiting = select(JOB.job_id, JOB.tenant, JOB.priority, JOB.urgency, JOB.made_way).limit(1)
        self._next_of = Prepared(waiting.where(*of_tenant).order_by(JOB.urgency, JOB.job_id))
        since = bindparam("since", type_=Float)
        strangers = JOB.tenant.not_in(bindparam("tenants", expanding=True))
        patient = and_(JOB.queued_at <= since, JOB.not_before <= since, strangers)
        self._first_patient = Prepared(waiting.where(patient, *wants).order_by(JOB.turn, JOB.job_id))
        its = (JOB.job_id == bindparam("its_id"), JOB.fence == bindparam("its_fence"), JOB.owner != "")
        self._runs = Prepared(select(JOB.turn, JOB.priority, JOB.deadline).where(*its).with_for_update())
        waits = and_(JOB.job_id == bindparam("its_id"), JOB.sealed == false())
        free = or_(JOB.owner == "", JOB.lease_until <= lease_now)
        mark = update(schema.job).where(waits, free, JOB.made_way == "").values(made_way=bindparam("for_it"))
        self._mark = Prepared(mark.returning(JOB.turn))
        self._made = Prepared(select(func.count()).where(waits, JOB.made_way == bindparam("for_it")))
        its_turn = update(schema.job).where(JOB.job_id == bindparam("its_id"))
        self._turn = Prepared(its_turn.values(turn=bindparam("its_turn")))
        self._urgency = Prepared(its_turn.values(urgency=bindparam("its_urgency")))

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
        if preemption.same_tenant:
            urgency = urgency_since(now, runs["priority"], runs["deadline"])
            self._urgency.count(connection, {"its_id": preemption.job_id, "its_urgency": urgency})
        else:
            for name, turn in zip(
                (preemption.job_id, preemption.to), exchanged(runs["turn"], waits["turn"]), strict=True
            ):
                self._turn.count(connection, {"its_id": name, "its_turn": turn})
        return True

    def _by_priority(
        self, connection: Connection, held: Sequence[Row], mine: Sequence[Row], now: float
    ) -> Preemption | None:
        for tenant in dict.fromkeys(row["tenant"] for row in mine):
            row = next(row for row in mine if row["tenant"] == tenant)
            others = [other for other in held if other is not row]
            best = self._next_of.first(connection, {"now": now, "tenant": tenant, **self._full(others)})
            if best is None or best["made_way"] or best["priority"] < row["priority"] + POINTS:
                continue
            if best["urgency"] < urgency_since(now, row["priority"], row["deadline"]):
                return Preemption(row["job_id"], best["job_id"], same_tenant=True)
        return None

    def _by_share(
        self, connection: Connection, held: Sequence[Row], mine: Sequence[Row], now: float, patience: float
    ) -> Preemption | None:
        runs = Counter(row["tenant"] for row in held)
        given = {"now": now, "since": now - patience, "tenants": list(runs), **self._full(held)}
        first = self._first_patient.first(connection, given)
        if first is None:
            return None
        weights = {tenant: self._weights.get(tenant, 1.0) for tenant in (*runs, first["tenant"])}
        each = len(held) / sum(weights.values())
        excess = {tenant: count - each * weights[tenant] for tenant, count in runs.items()}
        row = max(mine, key=lambda row: excess[row["tenant"]])
        if excess[row["tenant"]] <= 1e-9:
            return None
        return Preemption(row["job_id"], first["job_id"], same_tenant=False)

    def _full(self, held: Sequence[Row]) -> dict[str, Any]:
        if not self._quotas.limits_running():
            return {}
        return {"full": self._quotas.full(Counter((row["tenant"], row["project"]) for row in held))}
