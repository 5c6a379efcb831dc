"""Quotas: how much a tenant, or one of its projects, may have under way at a time. What has ended does not count.

`queued` jobs, `bytes` of their inputs and `shots` that they ask for are refused in the transaction that would store a
job too many; `running` jobs, in the one that would claim it. Whoever has no quota is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import false, func, select

from eigen.errors import EigenError
from eigen.qfs import schema
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from eigen.qfs.store import JobRow

KINDS = ("queued", "running", "bytes", "shots")
EVERYBODY = "*"
MOST = 10**15
JOB = schema.job.c
ENDED = tuple(state.value for state in JobState if state.is_terminal)
WHAT = {
    "queued": "jobs that wait",
    "bytes": "bytes of inputs of jobs that have not ended",
    "shots": "shots of jobs that have not ended",
}

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


def check(connection: Connection, rows: Sequence[JobRow], quotas: Quotas) -> None:
    """Refuse jobs that would together be one too many: EIGEN_QUOTA_EXCEEDED. What is too large by itself, however long
    it waits: EIGEN_LIMIT_EXCEEDED."""
    if quotas.all_queued and rows:
        _check_all(connection, quotas.all_queued, len(rows))
    theirs: dict[Owner, list[JobRow]] = {}
    for row in rows:
        for project in ("", row.project):
            theirs.setdefault((row.tenant, project), []).append(row)
    for (tenant, project), added in theirs.items():
        limits = quotas.of(tenant, project)
        if not limits.keys() - {"running"}:
            continue
        under_way = _under_way(connection, tenant, project)
        adds = {
            "queued": len(added),
            "bytes": sum(row.input_bytes for row in added),
            "shots": sum(row.shots for row in added),
        }
        for kind, more in adds.items():
            limit = limits.get(kind, MOST)
            if under_way[kind] + more > limit:
                asks = "the job asks" if len(rows) == 1 else f"the batch of {len(rows)} jobs asks"
                raise _refusal(tenant, project, kind, limit, under_way[kind], more, asks)


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
    columns = (JOB.state, func.count(), func.sum(JOB.input_bytes), func.sum(JOB.shots))
    found = connection.execute(select(*columns).where(*theirs).group_by(JOB.state)).all()
    waiting = sum(int(count) for state, count, _, _ in found if state != JobState.RUNNING.value)
    size, shots = (sum(int(row[position]) for row in found) for position in (2, 3))
    return {"queued": waiting, "bytes": size, "shots": shots}


def _refusal(tenant: str, project: str, kind: str, limit: int, has: int, more: int, asks: str) -> EigenError:
    owner = f"project `{project}` of tenant `{tenant}`" if project else f"tenant `{tenant}`"
    details: dict[str, Any] = {"quota": kind, "limit": limit, "has": has, "asked": more}
    if more > limit:
        message = f"{asks} for `{more}` {kind}, and {owner} may have `{limit}` under way"
        return EigenError("EIGEN_LIMIT_EXCEEDED", message, where=kind, hint=_HINT, details=details)
    message = f"{owner} has `{has}` {WHAT[kind]}, and may have `{limit}`"
    return EigenError("EIGEN_QUOTA_EXCEEDED", message, where=kind, details=details)


_HINT = "whoever runs the server sets `tenant_quotas`"


def quotas_of(written: str) -> Quotas:
    """The quotas that a setting names, `acme.queued=1000,acme/lab.running=2,*.shots=1000000`; EIGEN_CONFIG_INVALID."""
    limits: dict[Owner, dict[str, int]] = {}
    for entry in filter(None, (part.strip() for part in written.split(","))):
        left, mark, number = entry.rpartition("=")
        name, dot, kind = left.strip().rpartition(".")
        tenant, slash, project = name.partition("/")
        limit = int(number) if number.strip().isascii() and number.strip().isdigit() and len(number) < 20 else -1
        is_owner = bool(tenant) and bool(project) == bool(slash) and not (tenant == EVERYBODY and project)
        if not (mark and dot and is_owner and kind in KINDS and 0 <= limit < MOST):
            message = f"`tenant_quotas` has `{entry[:60]}`, not a tenant or project, a kind and a whole number"
            hint = "for example `acme.queued=1000,acme/lab.running=2,*.shots=1000000`"
            raise EigenError("EIGEN_CONFIG_INVALID", message, where="tenant_quotas", hint=hint)
        limits.setdefault((tenant, project), {})[kind] = limit
    return Quotas(limits)
