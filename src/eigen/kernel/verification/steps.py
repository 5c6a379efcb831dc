"""The steps of a workflow: the receipts of its jobs are those that it names, and its outputs follow from theirs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.jobspec import JobSpec
from eigen.kernel.recorded_parts import recorded_parts
from eigen.kernel.results import STEPS
from eigen.kernel.sealing import results_of
from eigen.kernel.workflow import Standing, outputs_of
from eigen.types import Check, JobState, Verdict

if TYPE_CHECKING:
    from eigen.kernel.ports import Ports
    from eigen.kernel.verification.evidence import Evidence
    from eigen.qfs.store import JobRow
    from eigen.types import Json

NAME = "steps"


@dataclass(frozen=True, slots=True)
class Part:
    """A job of a workflow as it is kept: the digest of its receipt in the ledger, its outputs, or what is wrong."""

    job_id: str
    step: str
    item: int
    state: str
    receipt: str | None
    outputs: Json
    fault: str = ""


def parts_of(ports: Ports, row: JobRow) -> tuple[Part, ...]:
    """The jobs of a workflow; none of another job."""
    if row.spec.get("workflow") is None:
        return ()
    found: list[Part] = []
    for part in recorded_parts(ports.jobs, row.job_id):
        entry, its_row = ports.ledger.get(part.job_id), ports.jobs.get(part.job_id)
        outputs, fault = None, ""
        try:
            if its_row is not None and part.state.is_terminal:
                outputs = results_of(ports, its_row).outputs
        except EigenError as error:
            fault = error.message
        receipt = None if entry is None else entry.sha256
        found.append(Part(part.job_id, part.step, part.item, part.state.value, receipt, outputs, fault))
    return tuple(found)


def check_steps(evidence: Evidence) -> Check:
    """What the workflow says of its steps against their jobs, and its outputs against what it says of them."""
    named = evidence.listing(STEPS)
    if named is None:
        return Check(NAME, Verdict.FAIL, f"`{STEPS}` is gone or cannot be read")
    records: dict[str, dict[str, Any]] = {entry.value["step"]: entry.value for entry in evidence.journal}
    parts = {part.job_id: part for part in evidence.parts}
    faults: list[str] = []
    for entry in named if evidence.has_ledger else []:
        part = parts.get(str(entry.get("job_id")))
        if part is None:
            faults.append(f"the job `{entry.get('job_id')}` of the step `{entry.get('step')}` is gone")
        elif (part.state, part.receipt) != (entry.get("state"), entry.get("receipt")):
            faults.append(f"the receipt of `{part.job_id}` is not the one that the workflow names")
        else:
            faults += _against_record(part, records.get(part.step))
    for name, record in records.items():
        if record["jobs"] != sum(entry.get("step") == name for entry in named):
            faults.append(f"the jobs of the step `{name}` are not those that were recorded")
    faults += _outputs(evidence, records)
    if not evidence.has_ledger and not faults:
        detail = "the outputs follow from those of the steps; the jobs of the steps lie elsewhere"
        return Check(NAME, Verdict.NOT_CHECKED, detail)
    detail = f"{len(records)} steps, {len(named)} jobs by their receipts; the outputs follow from theirs"
    return Check.of(NAME, faults, detail)


def _against_record(part: Part, record: dict[str, Any] | None) -> list[str]:
    if record is None:
        return [f"the step `{part.step}` was not recorded"]
    if part.fault:
        return [f"`{part.job_id}`: {part.fault}"]
    said = record["outputs"]
    if said is None:  # a step that gave more than a workflow keeps, or nothing
        return []
    if (said[part.item] if part.item >= 0 else said) != part.outputs:
        return [f"the outputs of `{part.job_id}` are not those that the workflow took from it"]
    return []


def _outputs(evidence: Evidence, records: dict[str, dict[str, Any]]) -> list[str]:
    if evidence.row.state is not JobState.DONE or evidence.results is None:
        return []
    try:
        found = outputs_of(Standing(JobSpec.from_json(evidence.row.spec), records))
    except (EigenError, KeyError) as error:
        return [f"the outputs cannot be made from the steps: {error}"]
    same = json.loads(json.dumps(found)) == evidence.results.get("outputs")
    return [] if same else ["the outputs do not follow from those of the steps"]
