"""Look at the jobs that a job waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.kernel.events import DependenciesChecked
from eigen.types import JobState

if TYPE_CHECKING:
    from eigen.kernel.events import CheckDependencies
    from eigen.kernel.ports import Ports


def check_dependencies(ports: Ports, effect: CheckDependencies) -> DependenciesChecked:
    """Which of the jobs have not ended, and which ended without success."""
    waiting: list[str] = []
    failed: list[tuple[str, str]] = []
    for job_id in effect.job_ids:
        row = ports.jobs.get(job_id)
        if row is None:
            failed.append((job_id, "gone"))
        elif not row.state.is_terminal:
            waiting.append(job_id)
        elif row.state is not JobState.DONE:
            failed.append((job_id, row.state.value))
    return DependenciesChecked(ports.clock.now(), tuple(waiting), tuple(failed))
