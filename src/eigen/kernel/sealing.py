"""The files of an ended job: results.json, error.json and the receipt over all of them, from what is stored.

Making them enters the receipt into the ledger, which fixes its content and place: they are the same bytes ever after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.kernel.columnar import COUNTS, HISTORY, SWEEP, parquet_files
from eigen.kernel.digests import history_digest, journal_digest
from eigen.kernel.receipt import chained, content_of, signed_bytes, to_text, with_signature
from eigen.kernel.recorded_parts import recorded_parts
from eigen.kernel.results import ERROR, RECEIPT, RESULTS, STEPS, compose, document, from_bytes, to_bytes
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JobRow, LedgerEntry
    from eigen.types import ArtifactInfo, JobEvent, JobResults, Json


def final_files(ports: Ports, row: JobRow) -> dict[str, bytes]:
    """The files by path. Empty when they are stored already: all of them are stored in one step."""
    known = ports.artifacts.list(row.job_id)
    if any(info.path == RECEIPT for info in known):
        return {}
    outcome: Mapping[str, Any] = ports.jobs.outcome(row.job_id) or {}
    files = {RESULTS: to_bytes(compose(row, outcome))}
    if row.error is not None:
        files[ERROR] = document(dict(row.error))
    if row.spec.get("workflow") is not None:
        files[STEPS] = document(_jobs_of_steps(ports, row))
    entry = ports.ledger.get(row.job_id)
    if entry is None:
        columnar = _columnar(ports, row, outcome, known)
        entry = _enter(ports, row, outcome, known, {**files, **columnar})
    receipt = chained(entry)
    files[RECEIPT] = document(with_signature(receipt, ports.keys.sign(signed_bytes(receipt))))
    return files


def _columnar(
    ports: Ports, row: JobRow, outcome: Mapping[str, Any], known: tuple[ArtifactInfo, ...]
) -> dict[str, bytes]:
    """The Parquet files, stored before the ledger names them: their bytes are those of the pyarrow that wrote them."""
    stored = {info.path for info in known} & {SWEEP, COUNTS, HISTORY}
    kept = {path: ports.artifacts.get(row.job_id, path) for path in sorted(stored)}
    made = parquet_files(outcome, but=frozenset(stored))
    if made:
        ports.artifacts.put_all(row.job_id, made)
    return kept | made


def results_of(ports: Ports, row: JobRow) -> JobResults:
    """The results of an ended job, from its file or, before that is written, from what it is made of;
    EIGEN_QFS_DATA_LOSS."""
    outcome = ports.jobs.outcome(row.job_id)
    if outcome is None and ports.artifacts.info(row.job_id, RESULTS) is not None:
        return from_bytes(ports.artifacts.get(row.job_id, RESULTS))
    if outcome is None and row.sealed and row.state is JobState.DONE:
        raise EigenError("EIGEN_QFS_DATA_LOSS", f"the results of job `{row.job_id}` are gone from the data directory")
    return compose(row, outcome)


def history(ports: Ports, job_id: str) -> Generator[JobEvent]:
    """The whole event log of a job."""
    after = 0
    while page := ports.jobs.events(job_id, after):
        yield from page
        after = page[-1].seq


def _jobs_of_steps(ports: Ports, row: JobRow) -> list[Json]:
    """The jobs of the steps that a workflow recorded, each with the digest of its receipt in the ledger."""
    return [
        {
            "step": part.step,
            "item": None if part.item < 0 else part.item,
            "job_id": part.job_id,
            "state": part.state.value,
            "receipt": _entry_of(ports, part.job_id),
        }
        for part in recorded_parts(ports.jobs, row.job_id)
    ]


def _entry_of(ports: Ports, job_id: str) -> str:
    """The digest of an ended job's place in the ledger; its receipt is entered there when it was not yet."""
    entry = ports.ledger.get(job_id)
    if entry is None:
        row = ports.jobs.get(job_id)
        assert row is not None
        final_files(ports, row)
        entry = ports.ledger.get(job_id)
        assert entry is not None
    return entry.sha256


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
