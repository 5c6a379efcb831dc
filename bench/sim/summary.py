"""The arithmetic of the tables: times of a cell, ratios to the best peer, geometric means, losses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.sim.peers.protocol import Job

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OURS = "eigen"
CHOSEN = "sim:auto"
STRUCTURED = ("ddsim", "stim")
"""Engines of another kind, which stand beside our choice of engines and not beside the state vector.

Records of Clifford circuits are Stim's own field, in which it is the peer.
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One measured cell."""

    job: Job
    engines: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, record: dict[str, Any]) -> Cell:
        return cls(Job(**record["job"]), record["engines"])

    @property
    def key(self) -> str:
        return self.job.key

    def seconds(self, engine: str) -> float | None:
        """The least of the samples of a call; None where there is none. An engine whose result disagrees has none."""
        record = self.engines.get(engine, {})
        if not record.get("seconds") or (record.get("agreement") or {}).get("ok") is False:
            return None
        return min(record["seconds"])

    def middle(self, engine: str) -> float | None:
        """The median of the samples."""
        record = self.engines.get(engine, {})
        return median(record["seconds"]) if record.get("seconds") else None

    def best_peer(self) -> tuple[str, float] | None:
        """The fastest dense peer and its seconds."""
        found = [(seconds, name) for name in self.engines if (seconds := self._rival(name)) is not None]
        return (min(found)[1], min(found)[0]) if found else None

    def ratio(self) -> float | None:
        """How many times faster we are than the best dense peer."""
        ours, best = self.seconds(OURS), self.best_peer()
        return best[1] / ours if ours and best else None

    def _rival(self, name: str) -> float | None:
        apart = name in STRUCTURED and self.job.output != "frames"
        return None if name in (OURS, CHOSEN) or apart else self.seconds(name)


def geometric_mean(ratios: Iterable[float]) -> float | None:
    """None of nothing."""
    found = [math.log(ratio) for ratio in ratios]
    return math.exp(sum(found) / len(found)) if found else None


def losses(cells: Sequence[Cell]) -> list[tuple[Cell, str, float]]:
    """Every cell in which any engine is faster than we are, and the ratio of its time to ours.

    Those for structure are compared with what `sim:auto` chooses, where that was measured.
    """
    found: list[tuple[Cell, str, float]] = []
    for cell in cells:
        for name in cell.engines:
            ours = (cell.seconds(CHOSEN) if name in STRUCTURED else None) or cell.seconds(OURS)
            theirs = cell.seconds(name)
            if ours and theirs and name not in (OURS, CHOSEN) and theirs < ours:
                found.append((cell, name, theirs / ours))
    return sorted(found, key=lambda loss: loss[2])


def disagreements(cells: Sequence[Cell]) -> list[tuple[Cell, str, dict[str, Any]]]:
    """Results that are not those of the reference."""
    return [
        (cell, name, record["agreement"])
        for cell in cells
        for name, record in cell.engines.items()
        if (record.get("agreement") or {}).get("ok") is False
    ]
