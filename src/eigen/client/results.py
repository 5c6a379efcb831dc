"""`Results`: what a job left, with counts that are a mapping and, when asked, arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.client.counts import Counts
from eigen.client.table import Table
from eigen.types import JobResults

if TYPE_CHECKING:
    from eigen.types import Json


@dataclass(frozen=True, slots=True)
class Results(JobResults):
    """The results of an ended job, whatever its end: `error` says what went wrong, when something did."""

    counts: Counts | None = None

    @staticmethod
    def of(kept: JobResults) -> Results:
        """The results as a transport hands them over."""
        return Results(
            job_id=kept.job_id,
            state=kept.state,
            outputs=kept.outputs,
            counts=None if kept.counts is None else Counts(kept.counts),
            circuits=kept.circuits,
            metadata=kept.metadata,
            error=kept.error,
            completed_at=kept.completed_at,
        )

    @property
    def table(self) -> Table | None:
        """The points of a sweep as columns; None for a job that has none."""
        return None if self.outputs is None or "sweep" not in self.metadata else Table(self.outputs)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the run had to say: everything approximate, and what was not as asked."""
        said: Json = self.metadata.get("warnings", ())
        return tuple(str(text) for text in said)
