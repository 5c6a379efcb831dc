"""What happens to a job (events, each with its time `at`) and what is to be done next (effects). Plain values.

`eigen.kernel.jobs.step` turns one into the other; `eigen.kernel.effects` does what the effects say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types import JobEvent, Json


@dataclass(frozen=True, slots=True)
class Claimed:
    """A worker took the job; `evaluations` are recorded in its journal."""

    at: float
    evaluations: int = 0


@dataclass(frozen=True, slots=True)
class DependenciesChecked:
    """The jobs this one waits for were looked at: those not ended, and those that ended without success."""

    at: float
    waiting: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()  # (job id, state)


@dataclass(frozen=True, slots=True)
class Compiled:
    """The program is stored; `data` says what it is (circuits, warnings, digest)."""

    at: float
    message: str = ""
    data: Mapping[str, Json] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Placed:
    """A device was chosen and the circuits are lowered to it."""

    at: float
    placement: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Withheld:
    """Every device that fits is reserved by others: `until` is when the first of those reservations ends."""

    at: float
    until: float
    devices: tuple[str, ...]
    reservations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Crowded:
    """The device has no region for the job now, `why`: it looks again at `until`, or when one of the jobs in `seen`
    (each with its fence) gives its region back."""

    at: float
    until: float
    device_id: str
    why: str
    seen: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Progressed:
    """The running program came further; `stage`, `progress` in [0, 1] and `message` are for watchers."""

    at: float
    stage: str
    progress: float
    message: str
    data: Mapping[str, Json] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Rested:
    """The workflow did all that is to be done now: `ended` of its jobs have ended. `until` is when it must look again
    even when no other one does."""

    at: float
    ended: int
    until: float


@dataclass(frozen=True, slots=True)
class Executed:
    """The program ran to its end; `outcome` is what is kept of it."""

    at: float
    outcome: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Failed:
    """An effect failed: `error` as `EigenError.to_json`, `outcome` whatever partial results there are; so many
    evaluations are recorded."""

    at: float
    error: Mapping[str, Json]
    retryable: bool = False
    outcome: Mapping[str, Json] | None = None
    evaluations: int = 0


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The wish to cancel was met."""

    at: float
    outcome: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class TimedOut:
    """A time-out ran out; `limit` names it (`queue_seconds` or `execution_seconds`), `seconds` is its value. Of a
    `deadline` that passed, `seconds` is the moment (Unix seconds)."""

    at: float
    limit: str
    seconds: float
    outcome: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The worker gives the job back in an orderly way: it stops, or another process that the job needs is away.
    `until` is when the job may be claimed again."""

    at: float
    until: float = 0.0
    message: str = "the worker stopped; the job continues later"


@dataclass(frozen=True, slots=True)
class Preempted:
    """The running job gave way to another one of its tenant, `by`; to a job of another tenant when that is empty."""

    at: float
    by: str = ""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A device that charges was given work, and nobody knows what became of it: `about` is what is known."""

    at: float
    about: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Decided:
    """Somebody decided what is done about the submission of this key: `again` or `give_up`."""

    at: float
    decision: str
    by: str
    key: str


Event = (
    Claimed
    | DependenciesChecked
    | Compiled
    | Placed
    | Withheld
    | Crowded
    | Progressed
    | Rested
    | Executed
    | Failed
    | Cancelled
    | TimedOut
    | Stopped
    | Preempted
    | Undecided
    | Decided
)


@dataclass(frozen=True, slots=True)
class Announce:
    """Append to the job's event log, in the transaction of the new row."""

    event: JobEvent


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep the outcome of the finished job, in the transaction of the new row."""

    outcome: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class CheckDependencies:
    """Look at the states of the jobs this one waits for."""

    job_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compile:
    """Turn the source into a stored `Program`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Choose a device and lower the circuits to it; `prefer` is where an interrupted run was."""

    prefer: str = ""


@dataclass(frozen=True, slots=True)
class Execute:
    """Run the program on its device, answered first from the journal."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Write the files of the finished job and give the lease back."""


@dataclass(frozen=True, slots=True)
class Release:
    """Give the lease back: another claim follows when the job is due."""


@dataclass(frozen=True, slots=True)
class Await:
    """Give the lease back until these reservations end; one that has ended meanwhile makes the job due at once."""

    reservations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AwaitRegion:
    """Give the lease back until a region of the device comes free; one that did meanwhile makes the job due at once."""

    device_id: str
    seen: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Advance:
    """Look at the jobs of a workflow, record what ended and submit what is next."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Give the lease of a workflow back until more than `ended` of its jobs have ended, or until that moment."""

    ended: int
    until: float


Effect = (
    Announce
    | Keep
    | CheckDependencies
    | Compile
    | Place
    | Execute
    | Seal
    | Release
    | Await
    | AwaitRegion
    | Advance
    | Rest
)
