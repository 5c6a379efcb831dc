"""Quotas in memory: the job too many is refused with the words of `eigen.qfs.quotas`, counted over rows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.qfs.quotas import UNDER_WAY, Asked, _admit
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eigen.qfs.quotas import Owner, Quotas
    from eigen.qfs.store import JobRow


def check(there: Iterable[JobRow], rows: Sequence[JobRow], quotas: Quotas) -> None:
    """Refuse jobs that would together be one too many. Of kinds there are those of what is under way."""
    alive = [row for row in there if not row.sealed and not row.state.is_terminal]
    goes_on = len(rows) == 1 and bool(rows[0].workflow) and all(row.workflow != rows[0].workflow for row in alive)
    if quotas.all_queued and rows and not goes_on:
        _check_all(sum(row.state is not JobState.RUNNING for row in alive), quotas.all_queued, len(rows))
    theirs: dict[Owner, list[JobRow]] = {}
    for row in rows:
        for project in ("", row.project):
            theirs.setdefault((row.tenant, project), []).append(row)
    for owner, added in theirs.items():
        under_way = _under_way([row for row in alive if row.tenant == owner[0] and owner[1] in ("", row.project)])
        for kind, limit in quotas.of(*owner).items():
            if kind in UNDER_WAY:
                _admit(Asked(owner, kind, added, len(rows)), limit, 0 if goes_on else under_way[kind])


def is_full(there: Iterable[JobRow], row: JobRow, quotas: Quotas, now: float) -> bool:
    """Whether the tenant or the project of a job runs as much as it may; `now` is that of the leases."""
    if not quotas.limits_running():
        return False
    held = (other for other in there if other.owner and other.lease_until > now)
    full = quotas.full(Counter((other.tenant, other.project) for other in held))
    return row.tenant in full or f"{row.tenant}/{row.project}" in full


def _check_all(waiting: int, limit: int, more: int) -> None:
    if waiting + more > limit:
        code = "EIGEN_LIMIT_EXCEEDED" if more > limit else "EIGEN_QUOTA_EXCEEDED"
        details = {"quota": "all_queued", "limit": limit, "has": waiting, "asked": more}
        raise EigenError(code, f"`{waiting}` jobs wait", where="queued", details=details)


def _under_way(rows: Sequence[JobRow]) -> dict[str, int]:
    return {
        "queued": sum(row.state is not JobState.RUNNING for row in rows),
        "bytes": sum(row.input_bytes for row in rows),
        "shots": sum(row.shots for row in rows),
        "cost": sum(row.cost or 0 for row in rows),
    }
