"""What jobs of workflows used, remembered by the process: what an ended one took never changes, and is read once."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_JOBS = 100_000
"""How many jobs are remembered, of all workflows; beyond, those of the one that was looked at least recently go."""


@dataclass(frozen=True, slots=True)
class Used:
    """What a job used, or may use while it `runs`, by the bounds of a budget."""

    amounts: Mapping[str, float]
    runs: bool


class UsedByJobs:
    """The jobs of the steps in progress, by workflow. Safe for threads; it may forget, and knows nothing wrong."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._workflows: dict[str, dict[str, Used]] = {}

    def of(self, workflow: str) -> dict[str, Used]:
        """What is remembered of a workflow, by job."""
        with self._lock:
            return dict(self._workflows.get(workflow, {}))

    def remember(self, workflow: str, used: Mapping[str, Used]) -> None:
        """Remember this, and nothing else, of a workflow."""
        with self._lock:
            self._workflows.pop(workflow, None)
            self._workflows[workflow] = dict(used)
            count = sum(map(len, self._workflows.values()))
            while count > MOST_JOBS:
                count -= len(self._workflows.pop(next(iter(self._workflows))))

    def forget(self, workflow: str) -> None:
        """The workflow has ended."""
        with self._lock:
            self._workflows.pop(workflow, None)
