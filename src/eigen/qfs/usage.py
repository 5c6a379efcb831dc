"""What was submitted in a period, and how many bytes are kept: a number for each quota that asks, in the table `usage`.

A number that is there is exact: it changes in the transactions that store and seal the jobs, while no other one of the
tenant does (`Database.alone`). One that is not is counted from the jobs. Whoever opens the database without a quota
forgets its numbers, which it will not keep.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Float, and_, bindparam, cast, delete, func, literal, select, text, update

from eigen.qfs import schema
from eigen.qfs.periods import Period, period_of
from eigen.qfs.prepared import Prepared

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from eigen.qfs.db import Database
    from eigen.qfs.quotas import Quotas

STORAGE = "storage"
MOST = 10**15
"""What a limit is less than. Whatever is counted beyond it is as good as twice of it."""
JOB = schema.job.c
USAGE = schema.usage.c
ITS = and_(
    USAGE.tenant == bindparam("its_tenant"),
    USAGE.project == bindparam("its_project"),
    USAGE.kind == bindparam("its_kind"),
)
KNOWN = Prepared(select(USAGE.amount).where(ITS, USAGE.began == bindparam("its_began")))
EARLIER = Prepared(select(USAGE.amount).where(ITS, USAGE.began < bindparam("its_began")).limit(1))
PUT = text(
    "INSERT INTO usage (tenant, project, kind, began, amount)"
    " VALUES (:its_tenant, :its_project, :its_kind, :its_began, :amount)"
    " ON CONFLICT (tenant, project, kind, began) DO UPDATE SET amount = excluded.amount"
)
PRUNE = Prepared(delete(schema.usage).where(ITS, USAGE.began < bindparam("its_began")))
GROW = Prepared(update(schema.usage).where(ITS).values(amount=USAGE.amount + bindparam("more")))
KEPT = Prepared(select(JOB.tenant, JOB.project, JOB.stored_bytes).where(JOB.job_id == bindparam("id")))
COUNTED = {"jobs": literal(1), "bytes": JOB.input_bytes, "shots": JOB.shots, "cost": func.coalesce(JOB.cost, 0)}


@dataclass(frozen=True, slots=True)
class Meter:
    """One number: of a tenant or one of its projects, `storage`, or what is counted in which period (`shots/day`)."""

    tenant: str
    project: str
    kind: str
    period: Period | None = None

    @staticmethod
    def at(tenant: str, project: str, kind: str, created_at: str) -> Meter:
        """The one that a job submitted at that time counts in."""
        _, slash, name = kind.partition("/")
        period = period_of(name, datetime.fromisoformat(created_at)) if slash else None
        return Meter(tenant, project, kind, period)

    @property
    def began(self) -> int:
        """The beginning of the period, in Unix seconds."""
        return int(self.period.began.timestamp()) if self.period else 0

    def read(self, connection: Connection) -> int:
        """What it says."""
        its = self._its(self.began)
        known = KNOWN.value(connection, its)
        if known is not None:
            return int(known)
        if self.period is not None and EARLIER.value(connection, its) is not None:
            return 0  # it was counted before the period began, so nothing was submitted in it yet
        return self._recounted(connection)

    def put(self, connection: Connection, amount: int) -> None:
        """Have it say so from now on. Whoever read it for that was alone since."""
        connection.execute(PUT, self._its(self.began) | {"amount": min(amount, 2 * MOST)})
        if self.period is not None:
            _, _, name = self.kind.partition("/")
            PRUNE.count(connection, self._its(int(period_of(name, self.period.before).began.timestamp())))

    def grow(self, connection: Connection, more: int) -> None:
        """Add to what it says, if it says anything."""
        GROW.count(
            connection, {name: its for name, its in self._its(0).items() if name != "its_began"} | {"more": more}
        )

    def _recounted(self, connection: Connection) -> int:
        what, _, _ = self.kind.partition("/")
        counted = JOB.stored_bytes if what == STORAGE else COUNTED[what]
        theirs: list[ColumnElement[bool]] = [JOB.tenant == self.tenant]
        if self.project:
            theirs.append(JOB.project == self.project)
        if self.period is not None:
            theirs += [JOB.created_at >= _bound(self.period.began), JOB.created_at < _bound(self.period.ends)]
        total = connection.execute(select(func.sum(cast(counted, Float(53)))).where(*theirs)).scalar()
        return min(int(total or 0), 2 * MOST)

    def _its(self, began: int) -> dict[str, str | int]:
        return {
            "its_tenant": self.tenant,
            "its_project": self.project,
            "its_kind": self.kind,
            "its_began": began,
        }


def kept_before(connection: Connection, job_id: str) -> tuple[str, str, int]:
    """The owner of a job, and how many bytes count as kept of it."""
    row = KEPT.first(connection, {"id": job_id})
    return ("", "", 0) if row is None else (row["tenant"], row["project"], row["stored_bytes"])


def forget(database: Database, quotas: Quotas) -> None:
    """Forget the numbers that these quotas do not keep."""
    owners = select(USAGE.tenant, USAGE.project, USAGE.kind).distinct()
    found = database.read(lambda connection: connection.execute(owners).all())
    lost = [
        {"its_tenant": tenant, "its_project": project, "its_kind": kind}
        for tenant, project, kind in found
        if kind not in quotas.of(tenant, project)
    ]
    if lost:
        database.write(lambda connection: connection.execute(delete(schema.usage).where(ITS), lost))


def _bound(at: datetime) -> str:
    """Less than every time of that second on, as jobs have them in text."""
    return f"{at:%Y-%m-%dT%H:%M:%S}"
