"""The Protocol of what a relay of events keeps: how far it told the log, and each job. No implementation here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Reign:
    """The time in which one relay tells a sink the log: from a `place` in it on, in the name of `source`. The next one
    has a higher `epoch`, and ends this one."""

    sink: str
    epoch: int
    place: int
    source: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a sink was told of a job: its `state` at the last event (empty before the first), its `attempt`, so many
    lines of its log. The rest is fixed at its submission."""

    job_id: str
    name: str
    target: str
    tenant: str
    project: str
    traceparent: str
    state: str = ""
    attempt: int = 0
    log_lines: int = 0
    ended: bool = False


class Outbox(Protocol):
    """What was told to each sink. Every method is one transaction."""

    def begin(self, sink: str) -> Reign:
        """Relay to a sink from now on; whoever did before can save nothing more."""
        ...

    def save(self, reign: Reign, place: int, told: Collection[Told], forgotten: Collection[str] = ()) -> bool:
        """Record that the log was told up to a place, and how far each of these jobs was; the jobs `forgotten` are
        told to their end. False when another reign has begun. It may be lost with the power, back to an earlier one.
        """
        ...

    def told(self, sink: str, job_ids: Sequence[str]) -> Mapping[str, Told]:
        """What the sink was told of these jobs, by id; all of them are there."""
        ...

    def closing(self, sink: str, limit: int) -> tuple[Told, ...]:
        """Jobs of which the sink knows that they ended, whose files are written, and which are not forgotten."""
        ...

    def lag(self, sink: str, most: int) -> int:
        """How many events the sink was not told yet, counted up to `most`."""
        ...
