"""When snapshots of simulators' states are taken."""

from __future__ import annotations

from dataclasses import dataclass

LOOK_SECONDS = 0.25
MOST_PART = 0.1
LEAST_AMPLITUDES = 1 << 28
"""Work that touches fewer amplitudes takes well under a second, and is not looked after."""


@dataclass(frozen=True, slots=True)
class SnapshotPolicy:
    """When snapshots are taken: about every `seconds` (0: never), by jobs that have at most `most_bytes` of them at a
    time. They take at most `most_part` of the time of a run, as far as can be told before; with 1 they cost nothing."""

    seconds: float = 30.0
    most_bytes: int = 32 << 30
    most_part: float = MOST_PART
    look_seconds: float = LOOK_SECONDS
    least_amplitudes: int = LEAST_AMPLITUDES
