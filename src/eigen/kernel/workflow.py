"""What becomes of a workflow: `advance` says which steps are skipped, submitted, recorded or ended next. Pure.

It is asked again after everything that happens, and what it sees decides alone: the records of the steps that have
ended, in the journal of the workflow, and the counts of the jobs of those that run. The order in which jobs end changes
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from eigen._core import derive_seed
from eigen.errors import EigenError
from eigen.jobspec.spec import CompilerOptions, JobSpec
from eigen.jobspec.workflow.conditions import holds
from eigen.jobspec.workflow.plan import FAILURE, STOP, SUCCESS
from eigen.jobspec.workflow.references import Scope, resolved
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec.workflow.plan import Step, Workflow
    from eigen.types import Json

SKIPPED = "SKIPPED"
DONE = JobState.DONE.value
FAILED = frozenset({JobState.ERROR.value, JobState.CANCELLED.value, JobState.TIMEOUT.value})
STOPPED = "the workflow stopped before it began"
MAX_ITEMS = 10_000
MAX_JOBS = 100_000
NAME_BYTES = 128
TAKEN_OVER = (
    "target",
    "shots",
    "max_iters",
    "noise_model",
    "policy",
    "min_qubits",
    "delivery",
    "cache",
    "max_fidelity_loss",
)
"""What a step that says nothing takes from its workflow, beside the seed."""

Record = dict[str, Any]
"""How a step ended: `step`, `state`, `outputs`, `counts`, `error`, `jobs`, `shots_used`, `cost`."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The jobs of a step: how many were submitted, how many of them have not ended, how many ended without success."""

    submitted: int = 0
    waiting: int = 0
    failed: int = 0

    @property
    def ended(self) -> int:
        """How many have ended."""
        return self.submitted - self.waiting


@dataclass(frozen=True, slots=True)
class Wanted:
    """A job to submit: of which step and, with `foreach`, for which item."""

    step: str
    index: int | None
    spec: JobSpec


@dataclass(frozen=True, slots=True)
class Ended:
    """A step whose jobs have all ended: `submitted` of the `total` that it was to have (None: one, and no list), and
    the error of one that could not be submitted."""

    step: str
    submitted: int
    total: int | None
    error: EigenError | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do next. `records` are of steps that never ran; `ended` are those whose jobs have all ended.

    Nothing is submitted while any of these are there: they are kept, and `advance` is asked again.
    """

    records: tuple[Record, ...] = ()
    ended: tuple[Ended, ...] = ()
    submit: tuple[Wanted, ...] = ()
    cancel: frozenset[str] = frozenset()
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a workflow stands: the specification of its job with the `entropy` of that, the `records` of ended steps in
    the order of their ends, the `tallies` of those that began. `refused` are the errors of jobs that the kernel would
    not store, by step; with `stopping` nothing begins any more."""

    spec: JobSpec
    records: Mapping[str, Record] = field(default_factory=dict[str, Record])
    tallies: Mapping[str, Tally] = field(default_factory=dict[str, Tally])
    refused: Mapping[str, EigenError] = field(default_factory=dict[str, EigenError])
    stopping: bool = False

    @property
    def plan(self) -> Workflow:
        """The steps."""
        plan = self.spec.workflow
        assert plan is not None
        return plan

    @property
    def scope(self) -> Scope:
        """What references can name now."""
        return Scope(self.spec.inputs, self.records)

    @property
    def progress(self) -> float:
        """The share that is done: each step counts alike, and within one each job."""
        shares = [self._share(step) for step in self.plan.steps]
        return sum(shares) / len(shares)

    def _share(self, step: Step) -> float:
        if step.name in self.records:
            return 1.0
        tally = self.tallies.get(step.name)
        return 0.0 if tally is None else tally.ended / max(_total(step, self) or 1, 1)


def advance(now: Standing) -> Decision:
    """What is to be done next."""
    records, alive = _sort(now)
    slots = now.plan.parallel - sum(tally.waiting for tally in now.tallies.values())
    room = MAX_JOBS - sum(tally.submitted for tally in now.tallies.values())
    errors = dict(now.refused)
    wanted: dict[str, list[Wanted]] = {}
    for step in alive:
        if step.name in errors:
            continue
        try:
            found = _next(step, now, min(slots, room + 1))
            if len(found) > room:
                raise EigenError("EIGEN_LIMIT_EXCEEDED", f"the workflow has more than {MAX_JOBS:,} jobs")
        except EigenError as error:
            errors[step.name] = error
            continue
        wanted[step.name] = found
        slots -= len(found)
        room -= len(found)
    halting = now.plan.on_failure == STOP and (bool(errors) or _is_failing(now))
    ended: list[Ended] = []
    cancel: set[str] = set()
    submit: list[Wanted] = []
    for step in alive:
        tally, total = now.tallies.get(step.name, Tally()), _total(step, now)
        stopped = now.stopping or (halting and (step.after == SUCCESS or step.name in errors))
        if not stopped and step.name not in errors and tally.submitted < (1 if total is None else total):
            submit += wanted[step.name]
        elif not tally.waiting:
            ended.append(Ended(step.name, tally.submitted, total, errors.get(step.name)))
        elif stopped:
            cancel.add(step.name)
    if records or ended:
        return Decision(tuple(records), tuple(ended), cancel=frozenset(cancel))
    return Decision(submit=tuple(submit), cancel=frozenset(cancel), finished=not alive and _is_over(now))


def _sort(now: Standing) -> tuple[list[Record], list[Step]]:
    """Records of the steps that will not run, and the steps that run or may begin."""
    records: list[Record] = []
    alive: list[Step] = []
    halting = now.plan.on_failure == STOP and _is_failing(now)
    for step in now.plan.steps:
        if step.name in now.records:
            continue
        if step.name in now.tallies or step.name in now.refused:
            alive.append(step)
            continue
        stopped = now.stopping or (halting and step.after == SUCCESS)
        if any(need not in now.records for need in step.needs) and not stopped:
            continue
        record = _unbegun(step, now, stopped=stopped)
        if record is None:
            alive.append(step)
        else:
            records.append(record)
    return records, alive


def _unbegun(step: Step, now: Standing, *, stopped: bool) -> Record | None:
    """The record of a step that does not run: it is skipped, has nothing to do or cannot begin; None: it begins."""
    if stopped:
        return record_of(step.name, SKIPPED, why=STOPPED)
    states = {need: now.records[need]["state"] for need in step.needs}
    if step.after == SUCCESS and (other := next((need for need in step.needs if states[need] != DONE), None)):
        return record_of(step.name, SKIPPED, why=f"`{other}` ended as {states[other]}")
    if step.after == FAILURE and not FAILED.intersection(states.values()):
        return record_of(step.name, SKIPPED, why="nothing that it needs failed")
    try:
        if step.when is not None and not holds(step.when, now.scope):
            return record_of(step.name, SKIPPED, why=f"`{step.when}` does not hold")
        if _total(step, now) == 0:
            return record_of(step.name, DONE, outputs=[], counts=[])
    except EigenError as error:
        return record_of(step.name, JobState.ERROR.value, error=error.to_json())
    return None


def record_of(
    step: str,
    state: str,
    *,
    outputs: Json = None,
    counts: Json = None,
    error: Mapping[str, Json] | None = None,
    jobs: int = 0,
    why: str = "",
    used: Mapping[str, Json] | None = None,
) -> Record:
    """The record of an ended step, of which references see the state, the outputs, the counts and the error."""
    found: Record = {"step": step, "state": state, "outputs": outputs, "counts": counts, "error": error, "jobs": jobs}
    return {**found, **({"why": why} if why else {}), **(used or {})}


def failure(records: Mapping[str, Record]) -> Record | None:
    """The step that a failed workflow failed by: the first that failed by itself, else the first that was stopped."""
    failed = [record for record in records.values() if record["state"] in FAILED]
    by_itself = (record for record in failed if record["state"] != JobState.CANCELLED.value)
    return next(by_itself, failed[0] if failed else None)


def outputs_of(now: Standing) -> dict[str, Json]:
    """What a workflow gives: its declared outputs, or those of its steps by their names; EIGEN_WORKFLOW_REFERENCE."""
    declared = now.plan.outputs
    if declared is None:
        return {step.name: now.records[step.name]["outputs"] for step in now.plan.steps if step.name in now.records}
    return {name: resolved(value, now.scope) for name, value in declared.items()}


def items_of(step: Step, now: Standing) -> list[Json] | None:
    """What a step is done for, or None when it is done once; EIGEN_WORKFLOW_REFERENCE, EIGEN_LIMIT_EXCEEDED."""
    if step.foreach is None:
        return None
    items = resolved(step.foreach, now.scope)
    if not isinstance(items, list):
        message = f"`foreach` of the step `{step.name}` gives no list"
        raise EigenError("EIGEN_WORKFLOW_REFERENCE", message, where=f"{step.name}.foreach")
    found: list[Json] = items  # pyright: ignore[reportUnknownVariableType]
    if len(found) > MAX_ITEMS:
        message = f"`foreach` of the step `{step.name}` has {len(found):,} entries; the limit is {MAX_ITEMS:,}"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, where=f"{step.name}.foreach")
    return found


def _next(step: Step, now: Standing, most: int) -> list[Wanted]:
    """The next jobs of a step, `most` at most. The first that cannot be made raises; those before it are given."""
    items = items_of(step, now)
    begun = now.tallies.get(step.name, Tally()).submitted
    found: list[Wanted] = []
    for number in range(begun, min(begun + max(most, 0), 1 if items is None else len(items))):
        index = None if items is None else number
        try:
            found.append(Wanted(step.name, index, spec_of(now, step, index, None if items is None else items[number])))
        except EigenError:
            if not found:
                raise
            break
    return found


def spec_of(now: Standing, step: Step, index: int | None, item: Json) -> JobSpec:
    """The job of a step, or of its item of that index: its inputs with every reference replaced, what it does not say
    taken from the workflow. EIGEN_WORKFLOW_REFERENCE, EIGEN_JOBSPEC_INVALID for inputs that no job takes."""
    whole, job = now.spec, step.job
    scope = now.scope if index is None else replace(now.scope, item=item, index=index)
    inputs = _checked(resolved(dict(job.inputs), scope), step.name)
    taken = {name: getattr(whole, name) for name in TAKEN_OVER if getattr(job, name) is None}
    compiler = CompilerOptions.of({**whole.compiler.asked(), **job.compiler.asked()})
    return replace(
        job,
        **taken,
        name=_name(whole.name, step.name, index),
        namespace=whole.namespace,
        labels={**whole.labels, **job.labels},
        inputs=inputs,
        seed=_seed(whole, step, index),
        compiler=compiler,
        device_options={**whole.device_options, **job.device_options},
        dependencies=(),
    )


def entropy_of(entropy: int, step: str, index: int | None) -> int:
    """What an unseeded job of a workflow draws from, 53 bits: it follows from the workflow's own."""
    return derive_seed(entropy, "step", step, 0 if index is None else index) >> 11


def _seed(whole: JobSpec, step: Step, index: int | None) -> int | None:
    """A step's own seed, else one of its own from the workflow's; each item one of its own from that."""
    seed = step.job.seed
    if seed is None and whole.seed is not None:
        seed = derive_seed(whole.seed, "step", step.name)
    return seed if seed is None or index is None else derive_seed(seed, "item", index)


def _name(whole: str, step: str, index: int | None) -> str:
    ending = f"/{step}" if index is None else f"/{step}[{index}]"
    kept = whole.encode()[: NAME_BYTES - len(ending.encode())]
    return kept.decode("utf-8", "ignore") + ending


def _checked(inputs: dict[str, Json], step: str) -> dict[str, Json]:
    from eigen.jobspec.complaints import Complaints
    from eigen.jobspec.parts import INPUTS

    complaints = Complaints(f"step {step}")
    INPUTS.check(inputs, (step, "inputs"), complaints)
    complaints.raise_if_any()
    return inputs


def _total(step: Step, now: Standing) -> int | None:
    items = items_of(step, now)
    return None if items is None else len(items)


def _is_failing(now: Standing) -> bool:
    """Whether a step has failed, or is about to: one of its jobs did, or could not be stored."""
    failed = any(record["state"] in FAILED for record in now.records.values())
    return failed or bool(now.refused) or any(tally.failed for tally in now.tallies.values())


def _is_over(now: Standing) -> bool:
    return len(now.records) == len(now.plan.steps)
