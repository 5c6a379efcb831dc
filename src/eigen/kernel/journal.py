"""The journal of a run: every quantum evaluation or piece of a loop, in order, so that an interrupted run can go on.

It keeps entries and compares keys; where they are stored is handed in.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from eigen._core import canonical_json
from eigen.errors import EigenError
from eigen.qfs.store import JournalEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.types import Json

FLUSH_SECONDS = 1.0
FIRST_FLUSH_SECONDS = FLUSH_SECONDS / 16


class Journal:
    """Answers evaluations from the entries of an earlier attempt, and records new ones.

    `append` stores entries durably and in order; what it raises ends the run. New entries are handed to it about
    once a second by `clock` (seconds, monotonic), or each at once when `immediate` (metered devices). The first
    ones go sooner, so that an attempt which lives for a moment still brings the run forward.
    """

    def __init__(
        self,
        recorded: Sequence[JournalEntry],
        append: Callable[[Sequence[JournalEntry]], None],
        *,
        clock: Callable[[], float],
        immediate: bool = False,
        flush_seconds: float = FLUSH_SECONDS,
    ) -> None:
        for position, entry in enumerate(recorded):
            if entry.index != position:
                raise _mismatch(f"entry {position} carries the number {entry.index}")
        self._recorded = tuple(recorded)
        self._append = append
        self._clock = clock
        self._longest = 0.0 if immediate else flush_seconds
        self._interval = min(self._longest, FIRST_FLUSH_SECONDS)
        self._pending: list[JournalEntry] = []
        self._next = 0
        self._flushed_at = clock()

    @property
    def position(self) -> int:
        """How many requests the run has made so far."""
        return self._next

    @property
    def replaying(self) -> bool:
        """Whether the next evaluation is answered from the journal."""
        return self._next < len(self._recorded)

    def recorded(self, request: Json) -> bool:
        """Whether the next evaluation is recorded, and under this request."""
        return self.replaying and self._recorded[self._next].key == _key(request)

    def ask(self, request: Json, perform: Callable[[str], Json]) -> Json:
        """The answer to a request: the recorded one, or what `perform(key)` gives, recorded.

        `key` is unique to this evaluation of this run and the same in every attempt, so that a device that
        deduplicates runs it once. Raises EIGEN_RUN_JOURNAL_MISMATCH when the recorded request was another.
        """
        index = self._next
        key = _key(request)
        if index < len(self._recorded):
            entry = self._recorded[index]
            if entry.key != key:
                raise _mismatch(f"evaluation {index} asks for something else than was recorded")
            self._next += 1
            return entry.value
        value = perform(f"{index}-{key}")
        self._next += 1
        self._pending.append(JournalEntry(index=index, key=key, value=value))
        if self._clock() - self._flushed_at >= self._interval:
            self.flush()
        return value

    def flush(self) -> None:
        """Hand over what is not stored yet."""
        if self._pending:
            self._append(tuple(self._pending))
            self._pending.clear()
            self._interval = min(2 * self._interval, self._longest)
        self._flushed_at = self._clock()


def _key(request: Json) -> str:
    return sha256(canonical_json(request)).hexdigest()


def _mismatch(message: str) -> EigenError:
    return EigenError(
        "EIGEN_RUN_JOURNAL_MISMATCH",
        message,
        hint="the program, its inputs or the versions of the installed libraries changed; submit the job again",
    )
