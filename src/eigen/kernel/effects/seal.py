"""Write the files of a finished job: results.json, receipt.json, error.json. The row is the truth they show."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.kernel import logs
from eigen.kernel.effects.compile import PROGRAM
from eigen.kernel.failpoints import hit
from eigen.kernel.lease import LeaseLostError
from eigen.kernel.results import ERROR, RECEIPT, RESULTS, compose, document, to_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JobRow
    from eigen.types import ArtifactInfo, Json


def seal(ports: Ports, lease: Lease) -> None:
    """Write the files and mark the job as sealed; done again after a crash, it writes the same bytes."""
    row = lease.job
    written = True
    try:
        _write(ports, row)
    except EigenError as error:
        if error.code == "EIGEN_STORE_UNAVAILABLE":
            raise
        # The verdict stands in the database, and the outcome stays there; the files must not hold the job back.
        written = False
        logs.write(ports, row.job_id, "error", f"the result files could not be written: {error.message}")
    hit("seal.stored")
    if not ports.jobs.seal(row.job_id, row.fence, keep_outcome=not written):
        raise LeaseLostError(row.job_id)
    hit("seal.committed")


def _write(ports: Ports, row: JobRow) -> None:
    outcome: Mapping[str, Any] = ports.jobs.outcome(row.job_id) or {}
    results = to_bytes(compose(row, outcome))
    files = {RESULTS: results}
    if row.error is not None:
        files[ERROR] = document(dict(row.error))
    known = {info.path: info for info in ports.artifacts.list(row.job_id) if not info.path.startswith("results/")}
    files[RECEIPT] = document(_receipt(row, outcome, known, results))
    ports.artifacts.put_all(row.job_id, files)


def _receipt(
    row: JobRow, outcome: Mapping[str, Any], known: Mapping[str, ArtifactInfo], results: bytes
) -> dict[str, Json]:
    """What went in, what came out and what was used, by digest. Unsigned."""
    program = known.get(PROGRAM)
    return {
        "version": 1,
        "job_id": row.job_id,
        "state": row.state.value,
        "created_at": row.created_at,
        "completed_at": row.updated_at,
        "inputs": {path: info.sha256 for path, info in known.items() if path.startswith("input/")},
        "compiled": {path: info.sha256 for path, info in known.items() if path.startswith("compiled/")},
        "program_sha256": None if program is None else program.sha256,
        "placement": None if row.placement is None else dict(row.placement),
        "attempts": row.attempt,
        "run": dict(outcome.get("provenance", {})),
        "results_sha256": sha256(results).hexdigest(),
    }
