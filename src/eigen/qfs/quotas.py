"""Quotas: how much a tenant, or one of its projects, may have under way at a time, keep, and submit in a period.

`queued` jobs, `bytes` of their inputs, `shots` that they ask for and what they may `cost` are refused in the
transaction that would store a job too many, as is what is submitted in a period (`shots/day`) and kept (`storage`);
`running` jobs, in the one that would claim it. Whoever has no quota is not counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Float, case, cast, false, func, select

from eigen.errors import EigenError
from eigen.qfs import schema
from eigen.qfs.periods import PERIODS, written
from eigen.qfs.usage import MOST, STORAGE, Meter
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from eigen.qfs.store import JobRow

UNDER_WAY = ("queued", "bytes", "shots", "cost")
IN_A_PERIOD = ("jobs", "bytes", "shots", "cost")
KINDS = frozenset({"running", STORAGE, *UNDER_WAY, *(f"{what}/{period}" for what in IN_A_PERIOD for period in PERIODS)})
EVERYBODY = "*"
MICROS = 1_000_000
"""What a cost is counted in: millionths."""
JOB = schema.job.c
ENDED = tuple(state.value for state in JobState if state.is_terminal)
WHAT = {
    "queued": "jobs that wait",
    "bytes": "bytes of inputs of jobs that have not ended",
    "shots": "shots of jobs that have not ended",
    "cost": "as the cost of jobs that have not ended",
    STORAGE: "bytes in files of jobs",
}
NOUNS = {"jobs": "jobs", "bytes": "bytes of inputs", "shots": "shots", "cost": "as cost"}

Owner = tuple[str, str]
"""A tenant and one of its projects; all of them when the project is empty."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """The limits by owner and kind. A tenant that has none of a kind has that of everybody, if there is one.
    `all_queued` bounds the jobs that wait, of all tenants together; 0: nothing does."""

    limits: Mapping[Owner, Mapping[str, int]] = field(default_factory=dict[Owner, Any])
    all_queued: int = 0

    def of(self, tenant: str, project: str = "") -> dict[str, int]:
        """What holds for all of a tenant, or for one project of it."""
        own = self.limits.get((tenant, project), {})
        return dict(own) if project else {**self.limits.get((EVERYBODY, ""), {}), **own}

    def limits_running(self) -> bool:
        """Whether anybody's running jobs are limited."""
        return any("running" in own for own in self.limits.values())

    def limits_storage(self) -> bool:
        """Whether anybody's kept bytes are limited."""
        return any(STORAGE in own for own in self.limits.values())

    def limits_storing(self, tenant: str, project: str) -> bool:
        """Whether a new job of that owner could be one too many."""
        return bool(self.all_queued or {*self.of(tenant), *self.of(tenant, project)} - {"running"})

    def full(self, running: Mapping[Owner, int]) -> list[str]:
        """Who runs as much as it may: tenants, and projects as `tenant/project`. `running` counts jobs by project."""
        tenants: dict[str, int] = {}
        for (tenant, _), count in running.items():
            tenants[tenant] = tenants.get(tenant, 0) + count
        found = [name for name, count in tenants.items() if count >= self.of(name).get("running", MOST)]
        return found + [
            f"{tenant}/{project}"
            for (tenant, project), count in running.items()
            if count >= self.of(tenant, project).get("running", MOST)
        ]


def check(connection: Connection, rows: Sequence[JobRow], quotas: Quotas) -> dict[Meter, int]:
    """Refuse jobs that would together be one too many: EIGEN_QUOTA_EXCEEDED. What is too large by itself, however long
    it waits: EIGEN_LIMIT_EXCEEDED. Returns what the meters say once the jobs are stored.

    A workflow that has no job under way gets its next one however many others are: they may wait for the workflow.
    """
    goes_on = len(rows) == 1 and _goes_on(connection, rows[0])
    if quotas.all_queued and rows and not goes_on:
        _check_all(connection, quotas.all_queued, len(rows))
    theirs: dict[Owner, list[JobRow]] = {}
    for row in rows:
        for project in ("", row.project):
            theirs.setdefault((row.tenant, project), []).append(row)
    metered: dict[Meter, int] = {}
    for owner, added in theirs.items():
        limits = {kind: limit for kind, limit in quotas.of(*owner).items() if kind != "running"}
        if any(kind.startswith("cost") for kind in limits) and any(row.cost is None for row in added):
            raise _unpriced(owner)
        under_way = _under_way(connection, *owner) if limits.keys() & set(UNDER_WAY) else {}
        for kind, limit in limits.items():
            if kind in UNDER_WAY:
                _admit(Asked(owner, kind, added, len(rows)), limit, 0 if goes_on else under_way[kind])
                continue
            meters: dict[Meter, list[JobRow]] = {}
            for row in added:
                meters.setdefault(Meter.at(*owner, kind, row.created_at), []).append(row)
            for meter, its in meters.items():
                asked = Asked(owner, kind, its, len(rows), meter)
                metered[meter] = _admit(asked, limit, meter.read(connection))
    return metered


@dataclass(frozen=True, slots=True)
class Asked:
    """What some of the jobs of a submission, which has so many in all, ask for of one quota."""

    owner: Owner
    kind: str
    rows: Sequence[JobRow]
    together: int
    meter: Meter | None = None

    @property
    def amount(self) -> int:
        """How much."""
        match self.kind.partition("/")[0]:
            case "bytes" | "storage":
                return sum(row.input_bytes for row in self.rows)
            case "shots":
                return sum(row.shots for row in self.rows)
            case "cost":
                return sum(row.cost or 0 for row in self.rows)
            case _:
                return len(self.rows)


def _admit(asked: Asked, limit: int, has: int) -> int:
    """What is counted with these jobs; the error when that is more than the limit."""
    if has + asked.amount > limit:
        raise _refusal(asked, limit, has)
    return has + asked.amount


def _goes_on(connection: Connection, row: JobRow) -> bool:
    """Whether a job is of a workflow that has no other one under way."""
    if not row.workflow:
        return False
    alive = (
        select(JOB.job_id).where(JOB.workflow == row.workflow, JOB.sealed == false(), JOB.state.not_in(ENDED)).limit(1)
    )
    return connection.execute(alive).first() is None


def _check_all(connection: Connection, limit: int, more: int) -> None:
    """Refuse so many jobs where with them too many would wait, whoever's they are."""
    waits = (JOB.sealed == false(), JOB.state.not_in((*ENDED, JobState.RUNNING.value)))
    waiting = connection.execute(select(func.count()).where(*waits)).scalar() or 0
    if waiting + more > limit:
        details: dict[str, Any] = {"quota": "all_queued", "limit": limit, "has": waiting, "asked": more}
        message = f"`{waiting}` jobs wait, and the server takes `{limit}` at a time (`max_queued_jobs`)"
        code = "EIGEN_LIMIT_EXCEEDED" if more > limit else "EIGEN_QUOTA_EXCEEDED"
        raise EigenError(code, message, where="queued", details=details)


def _under_way(connection: Connection, tenant: str, project: str) -> dict[str, int]:
    """What counts of the jobs that have not ended."""
    theirs = [JOB.tenant == tenant, JOB.sealed == false(), JOB.state.not_in(ENDED)]
    if project:
        theirs.append(JOB.project == project)
    waits = case((JOB.state == JobState.RUNNING.value, 0), else_=1)
    counted = {"queued": waits, "bytes": JOB.input_bytes, "shots": JOB.shots, "cost": func.coalesce(JOB.cost, 0)}
    sums = [func.sum(cast(column, Float(53))).label(kind) for kind, column in counted.items()]
    found = connection.execute(select(*sums).where(*theirs)).mappings().one()
    return {kind: int(found[kind] or 0) for kind in counted}


def _refusal(asked: Asked, limit: int, has: int) -> EigenError:
    owner, kind, meter = _owner(asked.owner), asked.kind, asked.meter
    what, _, name = kind.partition("/")
    shown = [amount / MICROS if what == "cost" else amount for amount in (limit, has, asked.amount)]
    details: dict[str, Any] = dict(zip(("quota", "limit", "has", "asked"), (kind, *shown), strict=True))
    most, had, more = (f"{amount:.6f}".rstrip("0").rstrip(".") if what == "cost" else amount for amount in shown)
    who = "the job" if asked.together == 1 else f"the batch of {asked.together} jobs"
    if asked.amount > limit:
        message = f"{who} asks for `{more}` {NOUNS.get(what, what)}, and {owner} may have `{most}`"
        message += f" a {name}" if name else " kept" if kind == STORAGE else " under way"
        return EigenError("EIGEN_LIMIT_EXCEEDED", message, where=kind, hint=_HINT, details=details)
    if meter is None:
        message = f"{owner} has `{had}` {WHAT[kind]}, and may have `{most}`"
        return EigenError("EIGEN_QUOTA_EXCEEDED", message, where=kind, details=details)
    if meter.period is None:
        message = f"{owner} keeps `{had}` {WHAT[kind]}, {who} has `{more}` more, and it may keep `{most}`"
        details["retry_after_seconds"] = None
        return EigenError("EIGEN_QUOTA_EXCEEDED", message, where=kind, hint=_HINT, details=details)
    ends = written(meter.period.ends)
    left = meter.period.ends - datetime.fromisoformat(asked.rows[0].created_at)
    details |= {"period_ends": ends, "retry_after_seconds": left.total_seconds()}
    message = f"{owner} submitted `{had}` {NOUNS[what]} since `{written(meter.period.began)}`, and may submit `{most}`"
    hint = f"the next {name} begins at `{ends}`"
    return EigenError("EIGEN_QUOTA_EXCEEDED", f"{message} a {name}", where=kind, hint=hint, details=details)


def _unpriced(owner: Owner) -> EigenError:
    message = f"what {_owner(owner)} may spend is limited, and the job does not say what it may cost at most"
    hint = "give the job a `budget.max_cost`, in the currency of the price sheets"
    return EigenError("EIGEN_LIMIT_EXCEEDED", message, where="budget.max_cost", hint=hint)


def _owner(owner: Owner) -> str:
    tenant, project = owner
    return f"project `{project}` of tenant `{tenant}`" if project else f"tenant `{tenant}`"


_HINT = "whoever runs the server sets `tenant_quotas`"


_WHOLE = re.compile(r"[0-9]{1,15}")
_MONEY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")


def quotas_of(text: str) -> Quotas:
    """The quotas that a setting names, `acme.queued=1000,acme/lab.running=2,*.shots/day=1000000,acme.cost/month=99.50`;
    EIGEN_CONFIG_INVALID."""
    limits: dict[Owner, dict[str, int]] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        left, _, number = entry.rpartition("=")
        name, _, kind = left.strip().rpartition(".")
        tenant, slash, project = name.partition("/")
        limit = _limit(kind, number.strip())
        is_owner = bool(tenant) and bool(project) == bool(slash) and not (tenant == EVERYBODY and project)
        if not (is_owner and kind in KINDS and 0 <= limit < MOST):
            message = f"`tenant_quotas` has `{entry[:60]}`, not a tenant or project, a kind and a number"
            hint = (
                f"for example `acme.queued=1000,acme/lab.running=2,*.shots/day=9000`; kinds: {', '.join(sorted(KINDS))}"
            )
            raise EigenError("EIGEN_CONFIG_INVALID", message, where="tenant_quotas", hint=hint)
        limits.setdefault((tenant, project), {})[kind] = limit
    return Quotas(limits)


def _limit(kind: str, number: str) -> int:
    """A whole number, or of money the millionths; -1 for what is no number."""
    if kind.startswith("cost"):
        return int(Decimal(number) * MICROS) if _MONEY.fullmatch(number) else -1
    return int(number) if _WHOLE.fullmatch(number) else -1
