"""A job as anybody sees it: its states and events, where it was placed, its files, its results."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types.json import Json


class JobState(StrEnum):
    """The states of a job; `eigen.kernel.jobs` holds the table of legal moves."""

    PENDING = "PENDING"
    COMPILING = "COMPILING"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    ERROR = "ERROR"
    CANCELLED = "CANCELLED"
    TIMEOUT = "TIMEOUT"

    @property
    def is_terminal(self) -> bool:
        """Whether the job has ended for good."""
        return self in {JobState.DONE, JobState.ERROR, JobState.CANCELLED, JobState.TIMEOUT}


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One row of a job's event log; `seq` starts at 1 and has no gaps."""

    job_id: str
    seq: int
    state: JobState
    stage: str
    progress: float
    message: str
    timestamp: str  # RFC 3339, UTC
    data: Mapping[str, Json] = field(default_factory=dict[str, Any])

    def to_json(self) -> dict[str, Json]:
        """As a JSON object, by the names of the fields."""
        return {
            "job_id": self.job_id,
            "seq": self.seq,
            "state": self.state.value,
            "stage": self.stage,
            "progress": self.progress,
            "message": self.message,
            "timestamp": self.timestamp,
            "data": dict(self.data),
        }


@dataclass(frozen=True, slots=True)
class JobView:
    """What anyone may see of a job at one moment. A workflow has `steps`; a job of one names its `workflow`, the `step`
    and, where the step has items, the `item` from 0 on."""

    job_id: str
    name: str
    state: JobState
    stage: str
    progress: float
    message: str
    created_at: str
    updated_at: str
    target: str
    priority: int
    device_id: str = ""
    error: Mapping[str, Json] | None = None
    event_seq: int = 0
    attempts: int = 0
    resumed_from: str = ""
    tenant: str = "default"
    project: str = "default"
    reservation_id: str = ""
    replay_of: str = ""
    steps: int = 0
    workflow: str = ""
    step: str = ""
    item: int = -1


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs to list, newest first; `before` is the last job id of the page before. The jobs of a workflow's steps
    are listed only where `workflow` names it."""

    states: tuple[JobState, ...] = ()
    name: str | None = None
    limit: int = 50
    before: str | None = None
    workflow: str | None = None

    def to_arguments(self) -> dict[str, Any]:
        """The fields by their names, for who takes them as arguments."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ResumeLimits:
    """The limits of a job that goes on: None keeps the old one, 0 lifts it. `max_shots` and `max_cost` count what was
    spent before too."""

    max_shots: int | None = None
    max_seconds: float | None = None
    queue_seconds: float | None = None
    execution_seconds: float | None = None
    max_cost: float | None = None

    def to_json(self) -> dict[str, Json]:
        """The limits that are given, as JSON."""
        given = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Placement:
    """Which device runs a program, why, and which rivals were refused or outscored.

    `codes` say the reasons to machines; `policy_version` names the rules they come from.
    """

    device_id: str
    device_digest: str
    policy: str
    reasons: tuple[str, ...]
    rivals: tuple[tuple[str, str], ...] = ()  # (device id, why not)
    codes: tuple[str, ...] = ()
    policy_version: str = ""

    def to_json(self) -> dict[str, Json]:
        """The placement as JSON, as `eigen explain` prints it."""
        return {
            "device_id": self.device_id,
            "device_digest": self.device_digest,
            "policy": self.policy,
            "policy_version": self.policy_version,
            "reasons": list(self.reasons),
            "codes": list(self.codes),
            "rivals": [{"device_id": device, "reason": reason} for device, reason in self.rivals],
        }


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows of features with one label each; identified by the sha256 of its canonical bytes."""

    name: str
    features: tuple[tuple[float, ...], ...]
    labels: tuple[float, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class ArtifactInfo:
    """One stored file of a job; `ref` is `qfs://jobs/<id>/<path>`."""

    path: str
    ref: str
    sha256: str
    size_bytes: int
    media_type: str


@dataclass(frozen=True, slots=True)
class JobResults:
    """The results of a finished job, as kept in results.json.

    `outputs` is the program's return value as JSON; `counts` those of its last sampled circuit.
    """

    job_id: str
    state: JobState
    outputs: Json = None
    counts: Mapping[str, int] | None = None
    circuits: tuple[Mapping[str, Json], ...] = ()
    metadata: Mapping[str, Json] = field(default_factory=dict[str, Any])
    error: Mapping[str, Json] | None = None
    completed_at: str = ""

    def to_json(self) -> dict[str, Json]:
        """The results as JSON, the form of results.json."""
        return {
            "job_id": self.job_id,
            "state": self.state.value,
            "outputs": self.outputs,
            "counts": None if self.counts is None else dict(self.counts),
            "circuits": [dict(circuit) for circuit in self.circuits],
            "metadata": dict(self.metadata),
            "error": None if self.error is None else dict(self.error),
            "completed_at": self.completed_at,
        }

    @staticmethod
    def from_json(value: Mapping[str, Json]) -> JobResults:
        """The results that `to_json` wrote; KeyError, TypeError or ValueError for something else."""
        return JobResults(
            job_id=value["job_id"],
            state=JobState(value["state"]),
            outputs=value["outputs"],
            counts=value["counts"],
            circuits=tuple(value["circuits"]),
            metadata=value["metadata"],
            error=value["error"],
            completed_at=value["completed_at"],
        )
