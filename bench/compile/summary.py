"""The arithmetic of the tables: counts and times of a cell, and what stands beside what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.compile.protocol import Job

if TYPE_CHECKING:
    from collections.abc import Iterable

OURS = "eigen"
DEFAULT = f"{OURS}-2"
BEST = f"{OURS}-3"


@dataclass(frozen=True, slots=True)
class Cell:
    """One measured cell."""

    job: Job
    rivals: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, record: dict[str, Any]) -> Cell:
        """From the store."""
        return cls(Job(**record["job"]), record["rivals"])

    def has(self, rival: str) -> bool:
        """Whether a setting gave a circuit, and none that was found to be another one."""
        record = self.rivals.get(rival, {})
        return "two_qubit_gates" in record and record["agreement"]["ok"] is not False

    def count(self, rival: str, what: str = "two_qubit_gates") -> int | None:
        """Gates on two qubits (or `two_qubit_depth`, `gates`) of a setting."""
        return self.rivals[rival][what] if self.has(rival) else None

    def seconds(self, rival: str) -> float | None:
        """The least of a setting's samples."""
        return min(self.rivals[rival]["seconds"], default=None) if self.has(rival) else None

    def best_peer(self, what: str = "two_qubit_gates") -> str | None:
        """The peer's setting with the fewest gates on two qubits, whatever time it takes; of those the fastest."""
        found = [name for name in self.rivals if not name.startswith(OURS) and self.has(name)]
        return min(found, key=lambda name: (self.count(name, what) or 0, self.seconds(name) or 0), default=None)

    def ratio(self, ours: str, theirs: str | None, what: str = "two_qubit_gates") -> float | None:
        """Our count by theirs, one added to both, for there may be none at all."""
        mine, other = self.count(ours, what), None if theirs is None else self.count(theirs, what)
        return None if mine is None or other is None else (mine + 1) / (other + 1)

    def time_ratio(self, ours: str, theirs: str | None) -> float | None:
        """Our time by theirs."""
        mine, other = self.seconds(ours), None if theirs is None else self.seconds(theirs)
        return None if mine is None or other is None else mine / other


def geometric_mean(ratios: Iterable[float | None]) -> float | None:
    """Of those that are there; None of nothing."""
    found = [math.log(ratio) for ratio in ratios if ratio is not None]
    return math.exp(sum(found) / len(found)) if found else None
