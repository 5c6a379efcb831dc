"""Workflows done again and gone on with: compared step by step, and what was done or paid for is not done twice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doubles import house, kill_places
from doubles.metered import METERED, MeteredDriver
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError
from eigen.jobspec import Budget
from eigen.kernel.failpoints import EXIT_STATUS
from eigen.kernel.kernel import Kernel
from eigen.kernel.repeated_steps import taken_over
from eigen.kernel.worker import Worker
from eigen.kernel.workflow import STOPPED, record_of
from eigen.types import JobState, ResumeLimits, Verdict

if TYPE_CHECKING:
    from conftest import Bench
    from eigen.jobspec import JobSpec
    from eigen.types import JobResults


def submit(bench: Bench, job: JobSpec) -> str:
    return bench.kernel.submit(job, house.files(job))


def parts(bench: Bench, job_id: str) -> dict[tuple[str, int], str]:
    return {(part.step, part.item): part.job_id for part in bench.ports.jobs.jobs_of(job_id)}


def states(results: JobResults) -> dict[str, str]:
    return {name: step["state"] for name, step in results.metadata["workflow"]["steps"].items()}


def at_the_provider(job: JobSpec, *names: str) -> JobSpec:
    """The workflow with these steps on the device that charges."""
    assert job.workflow is not None
    steps = tuple(
        replace(step, job=replace(step.job, target=METERED.id)) if step.name in names else step
        for step in job.workflow.steps
    )
    return replace(job, workflow=replace(job.workflow, steps=steps))


def without_the_provider(bench: Bench) -> Bench:
    native = NativeDriver()
    native.initialize({})
    return bench.having(devices=house.Drivers(native))


def holds(bench: Bench, job_id: str) -> bool:
    checks = {check.name: check for check in bench.kernel.verify(job_id).checks}
    assert checks["steps"].verdict is Verdict.PASS, checks["steps"]
    return bench.kernel.verify(job_id).holds


def test_a_replay_repeats_every_step_to_the_bit(bench: Bench) -> None:
    first = submit(bench, house.three_steps("sim:statevector"))
    before = bench.run(first)
    again = bench.kernel.replay(first)
    results = bench.run(again)
    said = results.metadata["replay"]
    assert (said["replay_of"], said["verdict"], said["test"]) == (first, "identical", "step by step")
    assert {name: step["verdict"] for name, step in said["steps"].items()} == dict.fromkeys(
        ("first", "each", "last"), "identical"
    )
    assert results.outputs == before.outputs
    old, new = parts(bench, first), parts(bench, again)
    assert old.keys() == new.keys()
    for name, job_id in new.items():
        row = bench.ports.jobs.get(job_id)
        assert row is not None
        assert (row.spec["replay_of"], row.spec["cache"]) == (old[name], "off")
    assert bench.kernel.get(again).replay_of == first
    assert holds(bench, again)


def test_a_replay_of_a_failure_that_fails_alike_is_identical(bench: Bench) -> None:
    steps = (house.step("good", "bell"), house.step("bad", "division", "good"), house.step("last", "bell", "bad"))
    first = submit(bench, house.workflow(*steps))
    bench.run(first)
    results = bench.run(bench.kernel.replay(first))
    assert (results.error or {})["code"] == "EIGEN_WORKFLOW_STEP"
    assert results.metadata["replay"]["verdict"] == "identical"
    assert set(results.metadata["replay"]["steps"]) == {"good", "bad", "last"}


def test_a_replay_that_ends_otherwise_differs_and_names_the_step(bench: Bench) -> None:
    job = at_the_provider(house.workflow(house.step("a", "bell"), house.step("b", "bell", "a")), "b")
    first = submit(bench, job)
    assert without_the_provider(bench).run(first).state is JobState.ERROR
    results = bench.run(bench.kernel.replay(first))
    assert results.state is JobState.DONE
    said = results.metadata["replay"]
    assert said["verdict"] == "differs"
    assert (said["steps"]["a"]["verdict"], said["steps"]["b"]["verdict"]) == ("identical", "differs")
    assert "step `b`" in said["detail"]


def test_what_is_resumed_takes_good_steps_over_and_runs_the_others(bench: Bench) -> None:
    steps = (house.step("a", "vqe-shots"), house.step("b", "bell", "a"), house.step("c", "bell", "b"))
    job = at_the_provider(house.workflow(*steps), "b")
    whole = bench.run(submit(bench, job))
    stopped = submit(bench, job)
    assert states(without_the_provider(bench).run(stopped)) == {"a": "DONE", "b": "ERROR", "c": "SKIPPED"}
    resumed = bench.kernel.resume(stopped)
    results = bench.run(resumed)
    assert results.state is JobState.DONE
    assert states(results) == dict.fromkeys("abc", "DONE")
    assert results.outputs == whole.outputs
    assert {step for step, _ in parts(bench, resumed)} == {"b", "c"}
    assert results.metadata["workflow"]["steps"]["a"]["taken_from"] == stopped
    assert results.metadata["shots_used"] == whole.metadata["shots_used"]
    explained = {step["name"]: step for step in bench.kernel.explain(resumed)["steps"]}
    assert explained["a"]["job_ids"] == [parts(bench, stopped)["a", -1]]
    assert (explained["a"]["jobs"], explained["a"]["ended"]) == (1, 1)
    told = [event.message for event in bench.kernel.events(resumed)]
    assert f"step `a` was taken over from job `{stopped}`" in told
    assert bench.kernel.get(resumed).resumed_from == stopped
    assert holds(bench, resumed)
    with pytest.raises(EigenError) as caught:
        bench.kernel.resume(resumed)
    assert caught.value.code == "EIGEN_JOB_FINISHED"


def test_what_was_paid_for_in_a_stopped_step_is_not_paid_again(bench: Bench) -> None:
    one = house.step("each", "bell", foreach=[1, 2, 3], inputs={"x": "${item}"})
    job = at_the_provider(house.workflow(one, parallel=1), "each")
    stopped = submit(bench, replace(job, shots=40, budget=Budget(max_shots=100)))
    short = bench.run(stopped)
    assert "budget.max_shots" in (short.error or {})["message"]
    ledger = MeteredDriver(bench.root / "ledger")
    assert len(ledger.rows()) == 2
    resumed = bench.kernel.resume(stopped, ResumeLimits(max_shots=0))
    results = bench.run(resumed)
    assert results.state is JobState.DONE
    assert len(ledger.rows()) == 3, "two were paid for before"
    for name, job_id in parts(bench, resumed).items():
        assert bench.kernel.get(job_id).resumed_from == parts(bench, stopped)[name]
    assert holds(bench, resumed)


@pytest.fixture(scope="module")
def stopped_one(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workflow that its budget stopped, after one step and one item of the next one were paid for."""
    root = tmp_path_factory.mktemp("stopped")
    outside = house.ports(root)
    steps = (
        house.step("first", "bell"),
        house.step("each", "bell", "first", foreach=[1, 2, 3], inputs={"x": "${item}"}),
        house.step("last", "bell", "each", inputs={"all": "${steps.each.counts}"}),
    )
    job = at_the_provider(house.workflow(*steps, parallel=1), "first", "each", "last")
    job = replace(job, shots=40, budget=Budget(max_shots=100))
    job_id = Kernel(outside).submit(job, house.files(job))
    assert Worker(outside).run_until(job_id)
    assert states(Kernel(outside).results(job_id)) == {"first": "DONE", "each": "ERROR", "last": "SKIPPED"}
    assert len(MeteredDriver(root / "ledger").rows()) == 2
    house.close_databases()
    outside.jobs.close()
    return root, job_id


RESUMING = """
import sys
from pathlib import Path
from doubles import house
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.types import ResumeLimits

ports = house.ports(Path(sys.argv[1]))
Worker(ports).run_until(Kernel(ports).resume(sys.argv[2], ResumeLimits(max_shots=0)))
"""
PAYING = ("place.placed", "submission.kept", "submission.made", "execute.journaled", "execute.finished")
AROUND = [name for name in kill_places.PAID_JOB if name.startswith(("commit.", "seal.", "claimed", "compile."))]


def gone_on(root: Path, stopped: str, failpoint: str) -> dict[str, Any]:
    """What came of resuming the workflow in a process that died there, and then of whoever came after it."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "EIGEN_FAILPOINT": failpoint}
    command = [sys.executable, "-c", RESUMING, str(root), stopped]
    assert subprocess.run(command, env=environment, timeout=120, check=False).returncode == EXIT_STATUS
    return ended(root, stopped)


def ended(root: Path, stopped: str) -> dict[str, Any]:
    outside = house.ports(root)
    kernel = Kernel(outside)
    try:
        Worker(outside).run_until()
        (view,) = (view for view in kernel.list() if view.resumed_from == stopped)
        assert view.state is JobState.DONE
        results, events = kernel.results(view.job_id), kernel.events(view.job_id)
        assert kernel.verify(view.job_id).holds
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        rows = MeteredDriver(root / "ledger").rows()
        assert len({row["key"] for row in rows}) == len(rows), "something was paid twice"
        parts = kernel.list(workflow=view.job_id)
        return {
            "outputs": results.outputs,
            "taken": results.metadata["workflow"]["steps"]["first"]["taken_from"],
            "parts": sorted((part.step, part.item, part.state.value) for part in parts),
            "shots": results.metadata["shots_used"],
            "told": [(event.data["step"], event.data["state"]) for event in events if "step" in event.data],
            "paid": sum(row["shots"] for row in rows),
        }
    finally:
        outside.jobs.close()


@pytest.fixture(scope="module")
def resumed_undisturbed(stopped_one: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = tmp_path_factory.mktemp("whole") / "root"
    shutil.copytree(stopped_one[0], root)
    outside = house.ports(root)
    Kernel(outside).resume(stopped_one[1], ResumeLimits(max_shots=0))
    outside.jobs.close()
    found = ended(root, stopped_one[1])
    assert (found["paid"], found["taken"]) == (5 * 40, stopped_one[1])
    return found


@pytest.mark.parametrize(
    ("name", "passage"),
    [
        *((name, passage) for name in kill_places.WORKFLOW for passage in (1, 2)),
        *((name, 2) for name in (*AROUND, *PAYING)),
    ],
)
def test_a_crash_anywhere_while_it_is_resumed_loses_and_pays_nothing_twice(
    tmp_path: Path, stopped_one: tuple[Path, str], resumed_undisturbed: dict[str, Any], name: str, passage: int
) -> None:
    root, stopped = stopped_one
    shutil.copytree(root, tmp_path / "root")
    assert gone_on(tmp_path / "root", stopped, f"{name}:{passage}") == resumed_undisturbed


def test_a_resumed_workflow_is_resumed_and_replayed_like_any_other(bench: Bench) -> None:
    steps = (house.step("a", "bell"), house.step("b", "bell", "a"), house.step("c", "division", "b"))
    job = at_the_provider(house.workflow(*steps), "b")
    first = submit(bench, job)
    without_the_provider(bench).run(first)
    second = bench.kernel.resume(first)
    assert states(bench.run(second)) == {"a": "DONE", "b": "DONE", "c": "ERROR"}
    third = bench.kernel.resume(second)
    results = bench.run(third)
    assert states(results) == {"a": "DONE", "b": "DONE", "c": "ERROR"}
    steps_taken = results.metadata["workflow"]["steps"]
    assert (steps_taken["a"]["taken_from"], steps_taken["b"]["taken_from"]) == (first, second)
    assert {step for step, _ in parts(bench, third)} == {"c"}
    assert holds(bench, third)
    said = bench.run(bench.kernel.replay(third)).metadata["replay"]
    assert said["verdict"] == "identical", said


def test_a_workflow_that_runs_is_not_repeated(bench: Bench) -> None:
    job_id = submit(bench, house.workflow(house.step("a", "bell")))
    for ask in (bench.kernel.replay, bench.kernel.resume):
        with pytest.raises(EigenError) as caught:
            ask(job_id)
        assert caught.value.code == "EIGEN_JOB_NOT_FINISHED"


def test_a_step_is_taken_over_with_all_that_it_needs_or_not_at_all() -> None:
    steps = (
        house.step("good", "bell"),
        house.step("bad", "bell"),
        house.step("rescue", "bell", "bad", after="failure"),
        house.step("after", "bell", "rescue"),
        house.step("unwanted", "bell", "good", when="1 > 2"),
        house.step("stopped", "bell", "good"),
        house.step("unbegun", "bell", "good"),
    )
    records: dict[str, Any] = {
        **{name: record_of(name, "DONE", jobs=1) for name in ("good", "rescue", "after")},
        "bad": record_of("bad", "ERROR"),
        "unwanted": record_of("unwanted", "SKIPPED", why="`1 > 2` does not hold"),
        "stopped": record_of("stopped", "SKIPPED", why=STOPPED),
    }
    records["good"] |= {"late": True}
    plan = house.workflow(*steps).workflow
    assert plan is not None
    found = {record["step"]: record for record in taken_over(plan, "job_old", records)}
    assert set(found) == {"good", "unwanted"}
    assert found["good"] == {"taken_from": "job_old", **record_of("good", "DONE", jobs=1)}
