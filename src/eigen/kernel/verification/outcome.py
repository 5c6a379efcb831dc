"""The results file against the row: the verdict is the row's, and what it says twice it says alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.kernel.results import ERROR, RESULTS, document
from eigen.types import Check, Verdict

if TYPE_CHECKING:
    from eigen.kernel.verification.evidence import Evidence


def check_results(evidence: Evidence) -> Check:
    """results.json and error.json say what the database says, and agree with themselves."""
    results, row = evidence.results, evidence.row
    if results is None:
        return Check("results", Verdict.FAIL, "there are no results that can be read")
    faults: list[str] = []
    if evidence.files[RESULTS] != document(results):
        faults.append("results.json is not written as results are")
    error = None if row.error is None else dict(row.error)
    said = (results.get("job_id"), results.get("state"), results.get("error"), results.get("completed_at"))
    if said != (row.job_id, row.state.value, error, row.updated_at):
        faults.append("results.json says another end than the database")
    if evidence.document(ERROR) != error:
        faults.append("error.json is not the error of the job")
    circuits: list[dict[str, Any]] = results.get("circuits") or []
    for run in circuits:
        if sum(run["counts"].values()) != run["shots"]:
            faults.append(f"the counts of `{run['label']}` are not its {run['shots']} shots")
    if results.get("counts") != (circuits[-1]["counts"] if circuits else None):
        faults.append("the counts are not those of the last circuit")
    receipt = evidence.receipt or {}
    metadata: dict[str, Any] = results.get("metadata") or {}
    run: dict[str, Any] = receipt.get("run") or {}
    for name in ("device_id", "device_digest", "seed", "seed_source"):
        if metadata.get(name) != run.get(name):
            faults.append(f"results and receipt differ in `{name}`")
    detail = f"the end is {row.state.value} in results, database and events; the counts add up"
    return Check.of("results", faults, detail)
