"""The Protocols of storage: what the kernel asks of artifacts and of the job database. No implementation here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.types import ArtifactInfo, JobEvent, JobState, Json


class ArtifactStore(Protocol):
    """Level 3 of QFS: files of a job, written once, atomic, checked by digest on every read."""

    def put(self, job_id: str, path: str, data: bytes, *, media_type: str = "application/octet-stream") -> ArtifactInfo:
        """Store bytes; the same bytes again are accepted, others raise EIGEN_QFS_EXISTS."""
        ...

    def get(self, job_id: str, path: str) -> bytes:
        """The bytes; EIGEN_QFS_NOT_FOUND, or EIGEN_QFS_DATA_LOSS when they do not match the recorded digest."""
        ...

    def info(self, job_id: str, path: str) -> ArtifactInfo | None:
        """What is recorded of an artifact, or None."""
        ...

    def list(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        """All artifacts of a job, sorted by path."""
        ...


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as the database keeps it. `version` counts every change; `fence` counts every claim."""

    job_id: str
    name: str
    state: JobState
    stage: str
    progress: float
    message: str
    spec: Mapping[str, Json]
    target: str
    priority: int
    created_at: str
    updated_at: str
    version: int = 1
    event_seq: int = 0
    attempt: int = 0
    fence: int = 0
    owner: str = ""
    lease_until: float = 0.0
    cancel_requested: bool = False
    device_id: str = ""
    error: Mapping[str, Json] | None = None
    resumed_from: str = ""
    tenant: str = "default"
    project: str = "default"
    placement: Mapping[str, Json] | None = None
    started_at: float = 0.0
    queued_at: float = 0.0


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One quantum evaluation of a running program, in the order the program asked for it.

    `key` is a digest of what was asked (circuit, values, observable, shots, seed); `value` is its result as
    JSON. On resume the program is run again and answered from these entries.
    """

    index: int
    key: str
    value: Json


class JobStore(Protocol):
    """The job database. Every method is one transaction; a lost race returns False or None, never raises."""

    def insert(self, row: JobRow, event: JobEvent, *, idempotency: tuple[str, str] | None = None) -> str:
        """Insert a job with its first event; with `(key, request_hash)` an equal earlier request returns its
        job id and another payload raises EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT. Returns the job id that holds."""
        ...

    def get(self, job_id: str) -> JobRow | None:
        """The row, or None."""
        ...

    def update(
        self, row: JobRow, events: Sequence[JobEvent], *, expected_version: int, fence: int | None = None
    ) -> bool:
        """Replace a row and append events iff version (and fence, when given) still match."""
        ...

    def claim(self, owner: str, now: float, lease_seconds: float, *, job_id: str | None = None) -> JobRow | None:
        """Claim the next job that needs work: not terminal, not leased (or its lease ran out); fence + 1."""
        ...

    def heartbeat(self, job_id: str, fence: int, lease_until: float) -> bool:
        """Extend a lease; False when it was lost."""
        ...

    def release(self, job_id: str, fence: int) -> None:
        """Give a lease back."""
        ...

    def break_leases(self, owners: Sequence[str]) -> int:
        """End the leases of owners known to be dead; returns how many."""
        ...

    def owners(self) -> tuple[str, ...]:
        """Owners that hold a lease now."""
        ...

    def request_cancel(self, job_id: str) -> bool:
        """Record the wish to cancel; False when the job is terminal or unknown."""
        ...

    def list(
        self,
        *,
        states: Sequence[JobState] = (),
        limit: int = 50,
        before: str | None = None,
        name: str | None = None,
    ) -> tuple[JobRow, ...]:
        """Newest first; `before` is a job id for the next page (ids sort by time)."""
        ...

    def events(self, job_id: str, after_seq: int = 0, limit: int = 1000) -> tuple[JobEvent, ...]:
        """The event log after a sequence number."""
        ...

    def journal_append(self, job_id: str, fence: int, entries: Sequence[JournalEntry]) -> bool:
        """Append evaluations durably; False when the lease was lost."""
        ...

    def journal(self, job_id: str) -> tuple[JournalEntry, ...]:
        """All evaluations recorded so far, in order."""
        ...

    def close(self) -> None:
        """Release the database."""
        ...
