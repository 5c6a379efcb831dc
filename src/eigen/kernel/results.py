"""`JobResults` from a job's row and the outcome kept with it, as JSON and back. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.types import JobResults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.qfs.store import JobRow
    from eigen.types import Json

RESULTS = "results/results.json"
RECEIPT = "results/receipt.json"
ERROR = "results/error.json"
STEPS = "results/steps.json"


def compose(row: JobRow, outcome: Mapping[str, Json] | None) -> JobResults:
    """The results of a finished job: the verdict is the row's, what was computed is the outcome's."""
    kept: Mapping[str, Any] = outcome or {}
    return JobResults(
        job_id=row.job_id,
        state=row.state,
        outputs=kept.get("outputs"),
        counts=kept.get("counts"),
        circuits=tuple(kept.get("circuits", ())),
        metadata=kept.get("metadata", {}),
        error=row.error,
        completed_at=row.updated_at,
    )


def to_bytes(results: JobResults) -> bytes:
    """The text of results.json."""
    return document(results.to_json())


def from_bytes(data: bytes) -> JobResults:
    """The results that `to_bytes` wrote."""
    try:
        return JobResults.from_json(json.loads(data))
    except (ValueError, KeyError, TypeError) as error:
        raise EigenError("EIGEN_QFS_DATA_LOSS", f"`{RESULTS}` is damaged: {error}") from error


def document(value: Json) -> bytes:
    """JSON for people: sorted, indented, one final newline."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False).encode() + b"\n"
