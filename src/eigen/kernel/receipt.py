"""The files of an ended job: results.json, receipt.json, error.json. They follow from what is stored; pure."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen.kernel.results import ERROR, RECEIPT, RESULTS, compose, document, to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eigen.qfs.store import JobRow
    from eigen.types import ArtifactInfo, Json

PROGRAM = "compiled/program.json"
FOLDER = "results/"


def final_files(row: JobRow, outcome: Mapping[str, Any], known: Iterable[ArtifactInfo]) -> dict[str, bytes]:
    """The files by path, the same bytes whenever they are asked for; `known` are the artifacts stored so far."""
    results = to_bytes(compose(row, outcome))
    files = {RESULTS: results}
    if row.error is not None:
        files[ERROR] = document(dict(row.error))
    inputs = {info.path: info.sha256 for info in known if not info.path.startswith(FOLDER)}
    files[RECEIPT] = document(_receipt(row, outcome, inputs, results))
    return files


def _receipt(row: JobRow, outcome: Mapping[str, Any], digests: Mapping[str, str], results: bytes) -> dict[str, Json]:
    """What went in, what came out and what was used, by digest. Unsigned."""
    return {
        "version": 1,
        "job_id": row.job_id,
        "state": row.state.value,
        "created_at": row.created_at,
        "completed_at": row.updated_at,
        "inputs": {path: digest for path, digest in digests.items() if path.startswith("input/")},
        "compiled": {path: digest for path, digest in digests.items() if path.startswith("compiled/")},
        "program_sha256": digests.get(PROGRAM),
        "placement": None if row.placement is None else dict(row.placement),
        "attempts": row.attempt,
        "run": dict(outcome.get("provenance", {})),
        "results_sha256": sha256(results).hexdigest(),
    }
