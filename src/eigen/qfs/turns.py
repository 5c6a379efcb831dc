"""Fair shares of the queue: which turn a job gets among all tenants' jobs and among its tenant's, and what makes it
urgent among its project's own.

Start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996): the queue's time is the latest turn that was served, and
a job's turn comes one share after its tenant's last one, or now when the tenant was idle. Who has queued thousands has
thousands of turns before him; who comes with one job has the next. The projects of a tenant share its turns in the
same way, by turns and a time of their own: a tree of servers (Bennett and Zhang, Hierarchical packet fair queueing
algorithms, SIGCOMM 1996), each of which is one of these. So a claim goes to the tenant of the first turn, within it to
the project of the first turn, and there to the most urgent job, which leaves its own turns to those that were first.
"""

from __future__ import annotations

from datetime import datetime
from math import inf, nextafter
from typing import TYPE_CHECKING

from sqlalchemy import and_, false, func, or_, select, text

from eigen.errors import EigenError
from eigen.qfs import schema
from eigen.qfs.prepared import Prepared
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Column, ColumnElement, Connection

    from eigen.qfs.db import Kind
    from eigen.qfs.store import JobRow

JOB = schema.job.c
SECONDS_A_POINT = 60.0
"""How long a job must have waited to go before one of its tenant that is a point of priority higher."""
SECONDS_NEAR = 86_400.0
"""How long before its deadline a job counts as submitted."""
HEAVIEST = 1_000.0
SERVED = "fence > 0 AND (sealed OR owner <> '')"
"""What moves the queue's time: a job that went back to the queue has a turn that is still to come."""
NEXT_FREE = Prepared(
    text(
        "INSERT INTO share (tenant, turn)"
        f" VALUES (:tenant, coalesce((SELECT max(turn) FROM job WHERE {SERVED}), 0) + :share)"
        " ON CONFLICT (tenant) DO UPDATE SET turn ="
        " CASE WHEN share.turn + :share > excluded.turn THEN share.turn + :share ELSE excluded.turn END"
        " RETURNING turn"
    )
)
NEXT_OF_PROJECT = Prepared(
    text(
        "INSERT INTO project_share (tenant, project, turn)"
        " VALUES (:tenant, :project,"
        f" coalesce((SELECT max(project_turn) FROM job WHERE tenant = :tenant AND {SERVED}), 0) + :share)"
        " ON CONFLICT (tenant, project) DO UPDATE SET turn ="
        " CASE WHEN project_share.turn + :share > excluded.turn THEN project_share.turn + :share ELSE excluded.turn END"
        " RETURNING turn"
    )
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
    behind = float(NEXT_FREE.value(connection, {"tenant": tenant, "share": count * share}))
    return (behind - left * share for left in range(count, 0, -1))


def next_of_project(
    connection: Connection, tenant: str, project: str, weights: Mapping[str, float], count: int
) -> Iterator[float]:
    """Take the project's next turns among those of its tenant, after `next_turns` in the same transaction."""
    share = 1.0 / weights.get(f"{tenant}/{project}", 1.0)
    given = {"tenant": tenant, "project": project, "share": count * share}
    behind = float(NEXT_OF_PROJECT.value(connection, given))
    return (behind - left * share for left in range(count, 0, -1))


def urgency(row: JobRow) -> float:
    """What orders the jobs of one project, the least first: when a job was submitted, less a minute for each point of
    its priority, or a day before its deadline if that is earlier. So the nearest deadline goes first, but before who
    has waited for a day. It changes only when a job gives way to another one (`preemption`), and yet whoever waits
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


def before(waiting: float, front: float) -> float:
    """The urgency of a waiting job to which a running one of its project gives way: it goes before the front."""
    return min(waiting, nextafter(front, -inf))


def ahead(connection: Connection, job_id: str) -> int:
    """How many waiting jobs would be claimed before this one, if all were due and nobody submitted any more."""
    own = select(JOB.tenant, JOB.project, JOB.urgency, JOB.project_turn, JOB.turn).where(JOB.job_id == job_id)
    found = connection.execute(own).first()
    if found is None:
        return 0
    tenant, project, its_urgency, its_place, its_turn = found
    of_tenant = and_(WAITS, JOB.tenant == tenant)
    of_project = and_(of_tenant, JOB.project == project)
    sooner = _count(connection, of_project, JOB.urgency, (its_urgency, job_id))
    place = _nth(connection, of_project, JOB.project_turn, sooner) or (its_place, job_id)
    sooner = _count(connection, of_tenant, JOB.project_turn, place)
    turn = _nth(connection, of_tenant, JOB.turn, sooner) or (its_turn, job_id)
    return _count(connection, WAITS, JOB.turn, turn)


def _count(connection: Connection, among: ColumnElement[bool], by: Column[float], least: tuple[float, str]) -> int:
    """How many are before this number and job."""
    number, name = least
    before = or_(by < number, and_(by == number, JOB.job_id < name))
    return connection.execute(select(func.count()).where(among, before)).scalar() or 0


def _nth(connection: Connection, among: ColumnElement[bool], by: Column[float], place: int) -> tuple[float, str] | None:
    """The number and the job that so many are before."""
    found = connection.execute(select(by, JOB.job_id).where(among).order_by(by, JOB.job_id).offset(place).limit(1))
    row = found.first()
    return None if row is None else (row[0], row[1])


def weights_of(written: str) -> dict[str, float]:
    """The weights of tenants, and of the projects within theirs, that a setting names: `acme=3,lab=0.5,acme/demo=2`;
    EIGEN_CONFIG_INVALID."""
    found: dict[str, float] = {}
    for entry in filter(None, (part.strip() for part in written.split(","))):
        tenant, mark, number = entry.rpartition("=")
        try:
            weight = float(number)
        except ValueError:
            weight = 0.0
        name, slash, project = tenant.partition("/")
        if not mark or not name or bool(slash) != bool(project) or not 1 / HEAVIEST <= weight <= HEAVIEST:
            message = f"`tenant_weights` has `{entry[:60]}`, not a tenant or project and a weight from 0.001 to 1,000"
            hint = "for example `acme=3,acme/demo=2`"
            raise EigenError("EIGEN_CONFIG_INVALID", message, where="tenant_weights", hint=hint)
        found[tenant.strip()] = weight
    return found
