"""Fair shares of the queue: which turn a job gets among all tenants' jobs, and what makes it urgent among its own.

Start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996): the queue's time is the latest turn that was served, and
a job's turn comes one share after its tenant's last one, or now when the tenant was idle. Who has queued thousands has
thousands of turns before him; who comes with one job has the next. Within a tenant, a claim takes the most urgent job
on the tenant's first turn, and leaves it its own.
"""

from __future__ import annotations

from datetime import datetime
from math import inf, nextafter
from typing import TYPE_CHECKING

from sqlalchemy import and_, false, func, or_, select, text

from eigen.errors import EigenError
from eigen.qfs import schema
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from eigen.qfs.db import Kind
    from eigen.qfs.store import JobRow

JOB = schema.job.c
SECONDS_A_POINT = 60.0
"""How long a job must have waited to go before one of its tenant that is a point of priority higher."""
SECONDS_NEAR = 86_400.0
"""How long before its deadline a job counts as submitted."""
HEAVIEST = 1_000.0
NEXT_FREE = text(
    "INSERT INTO share (tenant, turn)"
    " VALUES (:tenant, coalesce((SELECT max(turn) FROM job WHERE fence > 0), 0) + :share)"
    " ON CONFLICT (tenant) DO UPDATE SET turn ="
    " CASE WHEN share.turn + :share > excluded.turn THEN share.turn + :share ELSE excluded.turn END"
    " RETURNING turn"
)
UNFLUSHED = text("SET LOCAL synchronous_commit = off")
WAITS = and_(
    JOB.sealed == false(),
    JOB.owner == "",
    JOB.state.not_in([state.value for state in JobState if state.is_terminal or state is JobState.RUNNING]),
)


def next_turns(
    connection: Connection, kind: Kind, tenant: str, weights: Mapping[str, float], count: int
) -> Iterator[float]:
    """Take the tenant's next turns, so many; the heavier it weighs, the sooner they come. PostgreSQL need not flush
    them: a turn that a crash forgets is given again."""
    if kind == "postgresql":
        connection.execute(UNFLUSHED)
    share = 1.0 / weights.get(tenant, 1.0)
    behind = connection.execute(NEXT_FREE, {"tenant": tenant, "share": count * share}).scalar_one()
    return (behind - left * share for left in range(count, 0, -1))


def urgency(row: JobRow) -> float:
    """What orders the jobs of one tenant, the least first: when a job was submitted, less a minute for each point of
    its priority, or a day before its deadline if that is earlier. So the nearest deadline goes first, but before who
    has waited for a day. It changes only when the job gives way to another one (`preemption`), and yet whoever waits
    long enough goes before anybody."""
    return urgency_since(datetime.fromisoformat(row.created_at).timestamp(), row.priority, row.deadline)


def urgency_since(moment: float, priority: int, deadline: float | None) -> float:
    """The urgency of a job that waits since a moment, all in Unix seconds."""
    waited = moment - SECONDS_A_POINT * priority
    return waited if deadline is None else min(waited, deadline - SECONDS_NEAR)


def exchanged(running: float, waiting: float) -> tuple[float, float]:
    """The turns of a running job that gives way and of the one that waits: that one is before it from now on."""
    first, last = sorted((running, waiting))
    return max(last, nextafter(first, inf)), first


def ahead(connection: Connection, job_id: str) -> int:
    """How many waiting jobs would be claimed before this one, if all were due and nobody submitted any more."""
    own = select(JOB.tenant, JOB.urgency, JOB.turn).where(JOB.job_id == job_id)
    found = connection.execute(own).first()
    if found is None:
        return 0
    tenant, its_urgency, its_turn = found
    sooner = or_(JOB.urgency < its_urgency, and_(JOB.urgency == its_urgency, JOB.job_id < job_id))
    theirs = and_(WAITS, JOB.tenant == tenant)
    before = connection.execute(select(func.count()).where(theirs, sooner)).scalar() or 0
    turns = select(JOB.turn, JOB.job_id).where(theirs).order_by(JOB.turn, JOB.job_id).offset(before).limit(1)
    turn, holder = connection.execute(turns).first() or (its_turn, job_id)
    earlier = or_(JOB.turn < turn, and_(JOB.turn == turn, JOB.job_id < holder))
    return connection.execute(select(func.count()).where(WAITS, earlier)).scalar() or 0


def weights_of(written: str) -> dict[str, float]:
    """The weights that a setting names, `acme=3,lab=0.5`; EIGEN_CONFIG_INVALID."""
    found: dict[str, float] = {}
    for entry in filter(None, (part.strip() for part in written.split(","))):
        tenant, mark, number = entry.rpartition("=")
        try:
            weight = float(number)
        except ValueError:
            weight = 0.0
        if not mark or not tenant or not 1 / HEAVIEST <= weight <= HEAVIEST:
            message = f"`tenant_weights` has `{entry[:60]}`, not a tenant and a weight from 0.001 to 1,000"
            raise EigenError("EIGEN_CONFIG_INVALID", message, where="tenant_weights", hint="for example `acme=3,lab=1`")
        found[tenant.strip()] = weight
    return found
