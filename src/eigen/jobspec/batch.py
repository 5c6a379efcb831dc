"""Batches: jobs that are stored together or not at all, and one error with what is wrong with each of them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from eigen.jobspec.spec import Submission

MAX_JOBS = 1000
"""The most jobs of one batch."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A job of a batch, with an idempotency key of its own and the reservation it runs on, if it has them."""

    job: Submission
    idempotency_key: str | None = None
    reservation_id: str = ""


class Refusals:
    """What is wrong with the jobs of a batch of so many; EIGEN_LIMIT_EXCEEDED for too many, EIGEN_REQUEST_INVALID for
    none."""

    def __init__(self, count: int) -> None:
        if count > MAX_JOBS:
            message = f"a batch has at most `{MAX_JOBS}` jobs, not `{count}`"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message, where="jobs", hint="submit several batches")
        if not count:
            raise EigenError("EIGEN_REQUEST_INVALID", "a batch has at least one job", where="jobs")
        self._count = count
        self._found: list[dict[str, Any]] = []

    @contextmanager
    def of(self, index: int) -> Generator[None]:
        """Note what is refused of the job at `index`, from 0. What is not the job's fault goes through."""
        try:
            yield
        except EigenError as error:
            if error.status.exit != 2:
                raise
            self._found.append({"index": index, **error.to_json()})

    def raise_if_any(self) -> None:
        """EIGEN_BATCH_REFUSED with everything that was noted."""
        if not self._found:
            return
        first = self._found[0]
        place, many = f"jobs[{first['index']}]", len(self._found)
        said = f"{many} of {self._count} jobs" if many > 1 or self._count > 1 else "the job"
        message = f"{said} cannot be taken, and none was stored; `{place}`: {first['message']}"
        raise EigenError("EIGEN_BATCH_REFUSED", message, where=place, details={"jobs": self._found})


def named(entries: Sequence[Entry]) -> str:
    """A batch in a line: how many jobs, and their names as far as there is room."""
    return f"{len(entries)} jobs: {', '.join(entry.job.spec.name for entry in entries[:10])}"
