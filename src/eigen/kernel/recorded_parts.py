"""The jobs that the records of a workflow tell of: its own, and those of steps that it took over from another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eigen.qfs.store import JobStore, StepJob


def recorded_parts(jobs: JobStore, workflow: str) -> Iterator[StepJob]:
    """The jobs of the steps that are recorded, by step and item."""
    taken = {entry.value["step"]: entry.value.get("taken_from", "") for entry in jobs.journal(workflow)}
    for step in sorted(taken):
        yield from jobs.jobs_of(taken[step] or workflow, step=step)
