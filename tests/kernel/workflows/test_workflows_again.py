"""Workflows done again and gone on with: compared step by step, and what was done or paid for is not done twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from doubles import house
from doubles.metered import METERED, MeteredDriver
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError
from eigen.jobspec import Budget
from eigen.kernel.repeated_steps import taken_over
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
