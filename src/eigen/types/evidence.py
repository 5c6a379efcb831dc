"""What a finished job can prove: its signature, and what was found when it was checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.types.json import Json


@dataclass(frozen=True, slots=True)
class Signature:
    """An Ed25519 signature (RFC 8032) and the public key it was made with, both in base64."""

    key_id: str
    public_key: str
    value: str


class Verdict(StrEnum):
    """What a check found: it holds, it does not, or it could not be made."""

    PASS = "pass"
    FAIL = "fail"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked of a finished job: what was found, and how or why not."""

    name: str
    verdict: Verdict
    detail: str

    @staticmethod
    def of(name: str, faults: Sequence[str], detail: str) -> Check:
        """A check that fails with its first faults, and passes without any."""
        if not faults:
            return Check(name, Verdict.PASS, detail)
        more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
        return Check(name, Verdict.FAIL, "; ".join(faults[:5]) + more)


@dataclass(frozen=True, slots=True)
class Verification:
    """What `eigen verify` found of a finished job; it holds when no check failed."""

    job_id: str
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether no check failed."""
        return not self.failures

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.verdict is Verdict.FAIL)

    def to_json(self) -> dict[str, Json]:
        """The verification as JSON, as every surface gives it."""
        checks = [{"name": each.name, "verdict": each.verdict.value, "detail": each.detail} for each in self.checks]
        return {"job_id": self.job_id, "verified": self.holds, "checks": checks}

    @staticmethod
    def from_json(value: Mapping[str, Json]) -> Verification:
        """The verification that `to_json` wrote."""
        checks = (Check(each["name"], Verdict(each["verdict"]), each["detail"]) for each in value["checks"])
        return Verification(value["job_id"], tuple(checks))
