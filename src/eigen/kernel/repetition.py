"""A new job from an old one: `replay` does it all again, `resume` goes on where it stopped. What is kept decides both.

Neither changes the old job. The new one is drawn from the stored inputs, with the seed and the entropy of the old.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.jobspec import JobSpec
from eigen.types import JobState

if TYPE_CHECKING:
    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JobRow
    from eigen.types import ResumeLimits

INPUTS = "input/"
SPEC_FILE = "input/spec.json"
COMPILED = ("compiled/program.json", "compiled/report.json", "compiled/circuit.aqo.json")


@dataclass(frozen=True, slots=True)
class Repetition:
    """What is submitted for an old job: the specification, the files, and what the new row takes from the old one.

    `origin` is the old job whose journal is taken over, empty for a replay. A workflow takes of that itself
    what it can.
    """

    spec: JobSpec
    files: dict[str, bytes]
    entropy: int
    origin: str = ""
    device_id: str = ""

    @property
    def journal_of(self) -> str:
        """The job whose journal is the beginning of the new one's."""
        return "" if self.spec.workflow is not None else self.origin


def replayed(ports: Ports, row: JobRow, asked: JobSpec | None = None) -> Repetition:
    """The old job once more, compiled anew from its inputs; EIGEN_JOB_NOT_FINISHED, EIGEN_QFS_DATA_LOSS.

    `asked` may name it otherwise and give it another priority; the rest is the old job's.
    """
    spec = replace(_spec(row), replay_of=row.job_id, dependencies=(), deadline=None)
    if asked is not None:
        texts = ("name", "namespace", "labels", "annotations", "metadata", "priority", "dependencies")
        spec = replace(spec, **{name: getattr(asked, name) for name in texts})
    return Repetition(spec, _inputs(ports, row), row.entropy)


def resumed(ports: Ports, row: JobRow, limits: ResumeLimits) -> Repetition:
    """The old job from where it stopped, with other limits.

    Its compiled program is taken along, so that it asks what is recorded. Raises EIGEN_JOB_NOT_FINISHED,
    EIGEN_JOB_FINISHED when there is nothing left to do, EIGEN_RUN_BUDGET when it would stop at once again, and
    EIGEN_QFS_DATA_LOSS when its inputs are not what they were.
    """
    if row.state is JobState.DONE:
        message = f"job `{row.job_id}` ran to its end: there is nothing to resume"
        raise EigenError("EIGEN_JOB_FINISHED", message, where=row.job_id, hint="`eigen replay` runs it again")
    old = _spec(row)
    spec = replace(
        old,
        budget=replace(
            old.budget,
            max_shots=_changed(old.budget.max_shots, limits.max_shots),
            max_seconds=_changed(old.budget.max_seconds, limits.max_seconds),
            max_cost=_changed(old.budget.max_cost, limits.max_cost),
        ),
        timeout=replace(
            old.timeout,
            queue_seconds=_changed(old.timeout.queue_seconds, limits.queue_seconds),
            execution_seconds=_changed(old.timeout.execution_seconds, limits.execution_seconds),
        ),
        dependencies=(),
        deadline=None,
    )
    _check_budget(row, old, spec)
    compiled = compiled_files(ports, row.job_id)
    files = {**_inputs(ports, row), **compiled}
    return Repetition(spec, files, row.entropy, row.job_id, row.device_id if row.evaluations or compiled else "")


def compiled_files(ports: Ports, job_id: str) -> dict[str, bytes]:
    """What a job was compiled to, as its files; none when it was not."""
    known = {info.path for info in ports.artifacts.list(job_id)}
    compiled = {path: ports.artifacts.get(job_id, path) for path in COMPILED if path in known}
    return compiled if COMPILED[0] in compiled else {}


def _spec(row: JobRow) -> JobSpec:
    if not row.state.is_terminal:
        raise EigenError("EIGEN_JOB_NOT_FINISHED", f"job `{row.job_id}` is {row.state.value}", where=row.job_id)
    return JobSpec.from_json(row.spec)


def _inputs(ports: Ports, row: JobRow) -> dict[str, bytes]:
    """The files that the old job came with, each checked by its digest; the description of a replay is its own."""
    paths = [info.path for info in ports.artifacts.list(row.job_id) if info.path.startswith(INPUTS)]
    if not paths:
        raise EigenError("EIGEN_QFS_DATA_LOSS", f"the files of job `{row.job_id}` are gone from the data directory")
    return {path: ports.artifacts.get(row.job_id, path) for path in paths if path != SPEC_FILE}


def _changed(old: Any, wanted: Any) -> Any:
    """A limit as it was, another one, or none (0)."""
    return old if wanted is None else (wanted or None)


def _check_budget(row: JobRow, old: JobSpec, new: JobSpec) -> None:
    """Shots and money that were spent count on: as much of them would end the new job where the old one ended."""
    error = row.error or {}
    if error.get("code") != "EIGEN_RUN_BUDGET":
        return
    for name in ("max_shots", "max_cost"):
        before, most = getattr(old.budget, name), getattr(new.budget, name)
        if before is None or f"`budget.{name}`" not in str(error.get("message", "")):
            continue
        if most is not None and most <= before:
            message = f"job `{row.job_id}` stopped at `budget.{name}` of `{before:g}`, which counts on"
            raise EigenError("EIGEN_RUN_BUDGET", message, where=name, hint="give more, or 0 for no limit")
