"""What an estimate means for the budget of the job: whether the job would be stopped before its end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.estimate.candidate import Candidate
    from eigen.jobspec import Budget


class Verdict(StrEnum):
    """Whether the job keeps to a limit: for certain, perhaps not, usually not, or nothing tells."""

    WITHIN = "within"
    PERHAPS = "may exceed"
    EXCEEDS = "exceeds"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit of the budget beside what the job would take of it: usually, and at most (infinite when nothing bounds
    it). Both are None when they are not known, with the reason in `why`."""

    name: str
    limit: float
    usual: float | None
    most: float | None
    unit: str
    why: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether the job keeps to it."""
        if self.usual is None or self.most is None:
            return Verdict.UNKNOWN
        if self.usual > self.limit:
            return Verdict.EXCEEDS
        return Verdict.PERHAPS if self.most > self.limit else Verdict.WITHIN

    def to_json(self) -> dict[str, Any]:
        """As a JSON object; what has no bound, or is not known, is null."""
        most = self.most if self.most is not None and isfinite(self.most) else None
        return {
            "limit": self.name,
            "allowed": self.limit,
            "usual": self.usual,
            "most": most,
            "unit": self.unit,
            "verdict": self.verdict.value,
            "why": self.why,
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Bound:
        """The bound that `to_json` wrote; its verdict follows from the rest."""
        usual = value["usual"]
        most = None if usual is None else unbounded(value["most"])
        return Bound(value["limit"], value["allowed"], usual, most, value["unit"], value["why"])


def bounds(budget: Budget, found: Candidate) -> tuple[Bound, ...]:
    """Every limit of the budget, beside the estimate of a device that can run the job."""
    limits: list[Bound] = []
    if budget.max_shots is not None:
        limits.append(Bound("max_shots", budget.max_shots, *found.shots, "shots"))
    reasons = dict(found.why)
    if budget.max_seconds is not None:
        seconds = found.seconds
        taken = (None, None) if seconds is None else (seconds.usual, _unless_none(seconds.most, seconds.high))
        why = "" if seconds is not None else reasons.get("seconds", "nothing tells the time")
        limits.append(Bound("max_seconds", budget.max_seconds, *taken, "s", why))
    if budget.max_cost is not None:
        cost = found.cost
        free = (0.0, 0.0)  # what charges by a tariff that nobody knows runs no job with such a limit
        charged = free if cost is None else (cost.usual, _unless_none(cost.most, cost.usual))
        limits.append(Bound("max_cost", budget.max_cost, *charged, "" if cost is None else cost.currency))
    return tuple(limits)


def unbounded(most: float | None) -> float:
    """What JSON says of a bound: null where there is none."""
    return float("inf") if most is None else most


def _unless_none(most: float | None, least: float) -> float:
    """The most, which is at least so much; infinite where nothing bounds it."""
    return max(unbounded(most), least)
