"""`Evidence`: everything that is kept of a finished job, read once, for the checks to look at."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.kernel.results import RECEIPT, RESULTS
from eigen.kernel.sealing import history
from eigen.kernel.verification.steps import parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.kernel.ports import Keys, Ports
    from eigen.kernel.verification.steps import Part
    from eigen.qfs.store import JobRow, JournalEntry, LedgerEntry
    from eigen.types import JobEvent, Json

MAX_CHAIN = 100_000
"""Entries of a chain that are walked for one verification."""

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Evidence:
    """A finished job: its row, its files (those that could be read) and what is wrong with them, its events, its
    journal, its entry in the ledger with the chain around it, and the keys of the installation.

    `default_shots` and `fuel` are the settings of the kernel that looks. Without its ledger (`has_ledger`), the entry
    is the one that the receipt claims.
    """

    row: JobRow
    files: Mapping[str, bytes]
    faults: tuple[tuple[str, str], ...]
    events: tuple[JobEvent, ...]
    journal: tuple[JournalEntry, ...]
    entry: LedgerEntry | None
    chain: tuple[LedgerEntry, ...]
    keys: Keys
    default_shots: int
    fuel: int
    has_ledger: bool = True
    parts: tuple[Part, ...] = ()

    def listing(self, path: str) -> list[dict[str, Any]] | None:
        """A file as a JSON list of objects, or None when it is none."""
        try:
            value: Json = json.loads(self.files[path])
        except (KeyError, ValueError):
            return None
        return value if isinstance(value, list) else None  # pyright: ignore[reportUnknownVariableType]

    def document(self, path: str) -> dict[str, Any] | None:
        """A file as a JSON object, or None when it is none."""
        try:
            value: Json = json.loads(self.files[path])
        except (KeyError, ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType]

    @property
    def receipt(self) -> dict[str, Any] | None:
        """The receipt, or None when there is none that can be read."""
        return self.document(RECEIPT)

    @property
    def run(self) -> dict[str, Any]:
        """What the receipt says of the run: device, seed, shots, versions."""
        found: dict[str, Any] = (self.receipt or {}).get("run") or {}
        return found

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata of the results."""
        found: dict[str, Any] = (self.results or {}).get("metadata") or {}
        return found

    @property
    def engines(self) -> list[dict[str, Any]]:
        """What the engines that ran said of themselves."""
        found: list[dict[str, Any]] = self.metadata.get("engines") or []
        return found

    @property
    def results(self) -> dict[str, Any] | None:
        """The results, or None when there are none that can be read."""
        return self.document(RESULTS)


def evidence_of(ports: Ports, row: JobRow) -> Evidence:
    """All that is kept of a job that has ended and is sealed."""
    files: dict[str, bytes] = {}
    faults = ports.artifacts.faults(row.job_id)
    damaged = {path for path, _ in faults}
    if "meta.json" not in damaged or len(damaged) > 1 or _readable(ports, row):
        for info in ports.artifacts.list(row.job_id):
            if info.path not in damaged:
                files[info.path] = ports.artifacts.get(row.job_id, info.path)
    entry = ports.ledger.get(row.job_id)
    return Evidence(
        row=row,
        files=files,
        faults=faults,
        events=tuple(history(ports, row.job_id)),
        journal=ports.jobs.journal(row.job_id),
        entry=entry,
        chain=() if entry is None else _chain(ports, entry),
        keys=ports.keys,
        default_shots=ports.default_shots,
        fuel=ports.fuel,
        parts=parts_of(ports, row),
    )


def _readable(ports: Ports, row: JobRow) -> bool:
    try:
        ports.artifacts.list(row.job_id)
    except EigenError:
        return False
    return True


def _chain(ports: Ports, entry: LedgerEntry) -> tuple[LedgerEntry, ...]:
    """The chain from its beginning, or from `MAX_CHAIN` before the entry, to the one after it."""
    found: list[LedgerEntry] = []
    after = max(0, entry.position - MAX_CHAIN)
    while after <= entry.position:
        page = ports.ledger.entries(entry.tenant, after, min(PAGE, entry.position + 1 - after))
        if not page:
            break
        found += page
        after = page[-1].position
    return tuple(found)
