"""Digests of what the database keeps of a job: its event log and its journal, each as one chain. Pure.

A chain is `sha256(digest before + canonical JSON of the next)`, from the empty text on: a prefix has its own digest.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from eigen._core import canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eigen.qfs.store import JournalEntry
    from eigen.types import JobEvent, Json


def history_digest(events: Iterable[JobEvent]) -> tuple[int, str]:
    """How many events there are, and their digest."""
    return _chained(event.to_json() for event in events)


def journal_digest(entries: Iterable[JournalEntry]) -> tuple[int, str]:
    """How many evaluations are recorded, and their digest."""
    return _chained([entry.index, entry.key, entry.value] for entry in entries)


def _chained(values: Iterable[Json]) -> tuple[int, str]:
    count, digest = 0, ""
    for value in values:
        digest = sha256(digest.encode() + canonical_json(value)).hexdigest()
        count += 1
    return count, digest
