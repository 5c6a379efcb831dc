"""What holds of the workflows of a history, and why a job may end as it does not end alone in the world."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from eigen.jobspec import JobSpec
from eigen.jobspec.workflow.plan import STOP
from eigen.kernel.effects.parts import part_id
from eigen.kernel.results import RESULTS, from_bytes
from eigen.types import JobState
from simulation.history import ending, records, undisturbed
from simulation.wishes import Ask

if TYPE_CHECKING:
    from collections.abc import Generator

    from eigen.qfs.store import JobRow
    from simulation.history import History
    from simulation.wishes import Wish


def broken(history: History, wish: Wish, row: JobRow) -> Generator[str]:
    """Each step is done once and recorded, no job of it is unknown, the budget is kept, and the results are those of an
    undisturbed run unless something is the cause of others."""
    spec = JobSpec.from_json(row.spec)
    plan = spec.workflow
    assert plan is not None
    parts = parts_of(history, row)
    places = Counter((part.step, part.item) for part in parts)
    if any(count > 1 for count in places.values()) or {step for step, _ in places} - plan.by_name().keys():
        yield f"its jobs are {sorted(places.elements())}"
    for part in parts:
        if part.job_id != part_id(row, part.step, None if part.item < 0 else part.item):
            yield f"{part.job_id} is no job of it"
        if part.tenant != row.tenant or part.project != row.project:
            yield f"{part.job_id} is another's"
    journal = history.outside.store.journal(row.job_id)
    if [entry.index for entry in journal] != list(range(len(journal))):
        yield f"its records are numbered {[entry.index for entry in journal]}"
    found = records(journal)
    if len(found) != len(journal):
        yield f"its records are {[entry.key for entry in journal]}"
    for step, record in found.items():
        if record[4] != sum(part.step == step for part in parts):
            yield f"`{step}` is recorded with {record[4]} jobs"
    if len(found) < len({part.step for part in parts}):
        yield f"it has jobs of {sorted({part.step for part in parts})}, and records of {sorted(found)}"
    used = sum(_shots_of(history, part) for part in parts)
    if spec.budget.max_shots is not None and used > spec.budget.max_shots:
        yield f"its steps used {used} shots of {spec.budget.max_shots}"
    yield from _end(history, wish, row, found)


def _end(history: History, wish: Wish, row: JobRow, found: dict[str, object]) -> Generator[str]:
    expected = undisturbed(wish.ask)
    results = from_bytes(history.outside.artifacts.get(row.job_id, RESULTS))
    if row.attempt and set(results.metadata["workflow"]["steps"]) != set(found):
        yield f"its results tell of {results.metadata['workflow']['steps']}, its records of {sorted(found)}"
    if ending(results) == expected.ending and found == expected.records:
        return
    code = None if row.error is None else row.error["code"]
    deviates = any(not _is_as_alone(part) for part in parts_of(history, row))
    timed = bool(wish.queue_seconds or wish.execution_seconds or wish.deadline is not None)
    causes = {
        (JobState.CANCELLED, "EIGEN_RUN_CANCELLED"): wish.was_cancelled,
        (JobState.TIMEOUT, "EIGEN_RUN_TIMEOUT"): timed,
        (JobState.ERROR, "EIGEN_WORKFLOW_STEP"): deviates or timed,
        (JobState.DONE, None): False,
        (JobState.ERROR, "EIGEN_JOB_DEPENDENCY"): _failed_needs(history, wish),
    }
    if not causes.get((row.state, code)):
        alone = f"undisturbed with {expected.ending} {expected.records}"
        yield f"it ended {row.state} with {row.error} and {found}, {alone}"


def has_cause(history: History, wish: Wish, row: JobRow) -> bool:
    """Whether a job may end as it did, although it ends otherwise alone in the world."""
    code = None if row.error is None else row.error["code"]
    timed = bool(wish.queue_seconds or wish.execution_seconds or wish.deadline is not None)
    decided = {
        event.data["decision"] for event in history.outside.memory.events[row.job_id] if event.stage == "decided"
    }
    causes = {
        (JobState.CANCELLED, "EIGEN_RUN_CANCELLED"): wish.was_cancelled or _was_stopped(history, wish, row),
        (JobState.TIMEOUT, "EIGEN_RUN_TIMEOUT"): timed,
        (JobState.ERROR, "EIGEN_RUN_BUDGET"): (wish.max_seconds and out_of_time(row)) or wish.ask.program == "budget",
        (JobState.ERROR, "EIGEN_DEVICE_FAILED"): _failures(history, row) >= row.spec["retry"]["max_attempts"],
        (JobState.ERROR, "EIGEN_RUN_UNDECIDED"): "give_up" in decided,
        (JobState.ERROR, "EIGEN_JOB_DEPENDENCY"): not row.workflow and _failed_needs(history, wish),
    }
    return bool(causes.get((row.state, code)))


def _was_stopped(history: History, wish: Wish, row: JobRow) -> bool:
    """Whether it is of a workflow in which another one failed, or which ran out of time."""
    if not row.workflow or not row.cancel_requested:
        return False
    whole = history.outside.memory.jobs[row.workflow]
    stops = whole.spec["workflow"]["on_failure"] == STOP
    failed = any(part.state in {JobState.ERROR, JobState.TIMEOUT} for part in parts_of(history, whole))
    return (stops and failed) or bool(wish.execution_seconds or wish.deadline is not None)


def _failed_needs(history: History, wish: Wish) -> bool:
    ids = [history.wishes[other].job_id for other in wish.needs]
    return any(history.outside.memory.jobs[job_id].state is not JobState.DONE for job_id in ids)


def _failures(history: History, row: JobRow) -> int:
    return history.outside.provider.failures.get(row.job_id, 0)


def out_of_time(row: JobRow) -> bool:
    """Whether it ended for its budget of seconds."""
    return "max_seconds" in str((row.error or {}).get("message"))


def _is_as_alone(row: JobRow) -> bool:
    code = None if row.error is None else row.error["code"]
    return (row.state, code) == undisturbed(ask_of(row)).ending[:2]


def ask_of(row: JobRow) -> Ask:
    """What a job of a step asks for."""
    return Ask.of(JobSpec.from_json(row.spec))


def parts_of(history: History, row: JobRow) -> list[JobRow]:
    """The jobs of a workflow."""
    return [part for part in history.outside.memory.jobs.values() if part.workflow == row.job_id]


def _shots_of(history: History, part: JobRow) -> int:
    results = from_bytes(history.outside.artifacts.get(part.job_id, RESULTS))
    return results.metadata.get("shots_used", 0)
