"""The files of an ended job: results.json, error.json and the receipt over all of them, from what is stored.

Making them enters the receipt into the ledger, which fixes its content and place: they are the same bytes ever after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.kernel.digests import history_digest, journal_digest
from eigen.kernel.receipt import chained, content_of, signed_bytes, to_text, with_signature
from eigen.kernel.results import ERROR, RECEIPT, RESULTS, compose, document, to_bytes

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JobRow, LedgerEntry
    from eigen.types import ArtifactInfo, JobEvent, Json


def final_files(ports: Ports, row: JobRow) -> dict[str, bytes]:
    """The files by path. Empty when they are stored already: all of them are stored in one step."""
    known = ports.artifacts.list(row.job_id)
    if any(info.path == RECEIPT for info in known):
        return {}
    outcome: Mapping[str, Any] = ports.jobs.outcome(row.job_id) or {}
    files = {RESULTS: to_bytes(compose(row, outcome))}
    if row.error is not None:
        files[ERROR] = document(dict(row.error))
    entry = ports.ledger.get(row.job_id) or _enter(ports, row, outcome, known, files)
    receipt = chained(entry)
    files[RECEIPT] = document(with_signature(receipt, ports.keys.sign(signed_bytes(receipt))))
    return files


def history(ports: Ports, job_id: str) -> Generator[JobEvent]:
    """The whole event log of a job."""
    after = 0
    while page := ports.jobs.events(job_id, after):
        yield from page
        after = page[-1].seq


def _enter(
    ports: Ports, row: JobRow, outcome: Mapping[str, Json], known: tuple[ArtifactInfo, ...], files: Mapping[str, bytes]
) -> LedgerEntry:
    content = content_of(
        row,
        outcome,
        known,
        files,
        events=history_digest(history(ports, row.job_id)),
        journal=journal_digest(ports.jobs.journal(row.job_id)),
    )
    return ports.ledger.enter(row.tenant, row.job_id, to_text(content))
