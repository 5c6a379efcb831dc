"""Workflows in a whole kernel: their jobs, results, receipts, limits and ends, and a death of the process anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doubles import house, kill_places
from doubles.clocks import FakeClock
from doubles.metered import METERED, MeteredDriver
from eigen.errors import EigenError
from eigen.jobspec import Budget, Timeout
from eigen.kernel import failpoints
from eigen.kernel.failpoints import EXIT_STATUS
from eigen.kernel.kernel import Kernel
from eigen.kernel.used import UsedByJobs
from eigen.kernel.worker import Worker
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.quotas import quotas_of
from eigen.qfs.sqlite import SqliteDatabase
from eigen.types import JobState, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Bench
    from eigen.jobspec import JobSpec
    from eigen.qfs.store import JobStore
    from eigen.types import JobResults

TESTS = Path(__file__).parents[2]


def submit(bench: Bench, job: JobSpec) -> str:
    return bench.kernel.submit(job, house.files(job))


def run(bench: Bench, job: JobSpec) -> JobResults:
    return bench.run(submit(bench, job))


def states(results: JobResults) -> dict[str, str]:
    return {name: step["state"] for name, step in results.metadata["workflow"]["steps"].items()}


def test_three_steps_with_items(bench: Bench) -> None:
    job_id = submit(bench, house.three_steps("sim:statevector"))
    results = bench.run(job_id)
    assert results.state is JobState.DONE
    assert set(results.outputs) == {"first", "each", "last"}
    assert len(results.outputs["each"]) == 3
    events = bench.kernel.events(job_id)
    told = [(event.data["step"], event.data["state"]) for event in events if "step" in event.data]
    assert told == [(name, state) for name in ("first", "each", "last") for state in ("RUNNING", "DONE")]
    assert [event.progress for event in events] == sorted(event.progress for event in events)
    assert [view.job_id for view in bench.kernel.list()] == [job_id]
    parts = bench.kernel.list(workflow=job_id)
    assert sorted((part.step, part.item) for part in parts) == [
        ("each", 0), ("each", 1), ("each", 2), ("first", -1), ("last", -1),
    ]  # fmt: skip
    assert {part.workflow for part in parts} == {job_id}
    first = next(part for part in parts if part.step == "first")
    item = next(part for part in parts if (part.step, part.item) == ("each", 0))
    value = bench.kernel.results(first.job_id).outputs["optimal_value"]
    row = bench.ports.jobs.get(item.job_id)
    assert row is not None
    assert row.spec["inputs"] == {"x": value}
    verification = bench.kernel.verify(job_id)
    assert verification.holds
    assert {check.name: check.verdict for check in verification.checks}["steps"] is Verdict.PASS
    named = json.loads(bench.kernel.artifact(job_id, "results/steps.json"))
    entries = {part.job_id: bench.ports.ledger.get(part.job_id) for part in parts}
    assert {each["job_id"]: each["receipt"] for each in named} == {k: e.sha256 for k, e in entries.items() if e}
    explained = bench.kernel.explain(job_id)
    assert [(step["name"], step["state"], step["ended"]) for step in explained["steps"]] == [
        ("first", "DONE", 1), ("each", "DONE", 3), ("last", "DONE", 1),
    ]  # fmt: skip
    assert bench.kernel.explain(first.job_id)["workflow"] == job_id


def test_a_workflow_at_rest_holds_no_lease_and_is_due_when_a_job_of_it_ends(bench: Bench) -> None:
    job_id = submit(bench, house.workflow(house.step("a", "bell"), house.step("b", "bell", "a")))
    worker = Worker(bench.ports)
    assert worker.run_next(job_id)
    row = bench.ports.jobs.get(job_id)
    assert row is not None
    assert (row.state, row.owner) == (JobState.RUNNING, "")
    assert bench.ports.jobs.claim("other", 1e12, 30.0, job_id=job_id) is None
    (part,) = bench.ports.jobs.jobs_of(job_id)
    assert worker.run_next(part.job_id)
    woken = bench.ports.jobs.claim("other", 1e12, 30.0, job_id=job_id)
    assert woken is not None


class Meanwhile:
    """A job store in which something happens just before the jobs of a workflow are counted for the second time."""

    def __init__(self, real: JobStore, act: Callable[[], object]) -> None:
        self._real = real
        self._act = act
        self._looks = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def step_jobs(self, workflow: str) -> Any:
        self._looks += 1
        if self._looks == 2:
            self._act()
        return self._real.step_jobs(workflow)


def test_a_job_that_ends_after_the_decision_and_before_the_rest_wakes_its_workflow(bench: Bench) -> None:
    job_id = submit(bench, house.workflow(house.step("a", "bell"), house.step("b", "bell", "a")))

    def end() -> None:
        (part,) = bench.ports.jobs.jobs_of(job_id)
        assert Worker(bench.ports).run_next(part.job_id)

    meanwhile = bench.having(jobs=Meanwhile(bench.ports.jobs, end))
    assert Worker(meanwhile.ports).run_next(job_id)
    assert [part.state for part in bench.ports.jobs.jobs_of(job_id)] == [JobState.DONE]
    assert Worker(bench.ports).run_next(job_id), "the workflow rests, and nobody wakes it"
    assert bench.run(job_id).state is JobState.DONE


def test_a_failed_step_ends_the_workflow_and_names_itself(bench: Bench) -> None:
    steps = (
        house.step("bad", "division"),
        house.step("other", "vqe-long", "bad"),
        house.step("rescue", "bell", "bad", after="failure", inputs={"code": "${steps.bad.error.code}"}),
        house.step("always", "bell", "other", after="any"),
    )
    job_id = submit(bench, house.workflow(*steps))
    results = bench.run(job_id)
    assert results.state is JobState.ERROR
    assert results.error is not None
    assert results.error["code"] == "EIGEN_WORKFLOW_STEP"
    assert results.error["where"] == "bad"
    assert states(results) == {"bad": "ERROR", "other": "SKIPPED", "rescue": "DONE", "always": "DONE"}
    rescue = next(part for part in bench.kernel.list(workflow=job_id) if part.step == "rescue")
    row = bench.ports.jobs.get(rescue.job_id)
    assert row is not None
    assert row.spec["inputs"] == {"code": "EIGEN_RUN_FAILED"}
    assert bench.kernel.verify(job_id).holds


def test_what_does_not_need_a_failed_step_goes_on_where_that_is_wanted(bench: Bench) -> None:
    steps = (house.step("bad", "division"), house.step("a", "bell"), house.step("b", "bell", "a"))
    stopped = run(bench, house.workflow(*steps, parallel=1))
    assert states(stopped) == {"bad": "ERROR", "a": "SKIPPED", "b": "SKIPPED"}
    results = run(bench, house.workflow(*steps, on_failure="continue", parallel=1))
    assert results.state is JobState.ERROR
    assert states(results) == {"bad": "ERROR", "a": "DONE", "b": "DONE"}
    assert set(results.outputs) == {"a", "b"}


def test_a_condition_that_does_not_hold_skips_a_step_and_what_needs_it(bench: Bench) -> None:
    steps = (
        house.step("a", "vqe"),
        house.step("b", "bell", "a", when="steps.a.outputs.optimal_value > 100"),
        house.step("c", "bell", "b"),
        house.step("d", "bell", "c", after="any"),
    )
    outputs = {"best": "${steps.a.outputs.optimal_value}", "none": "${steps.b.outputs.x}", "state": "${steps.c.state}"}
    results = run(bench, house.workflow(*steps, outputs=outputs))
    assert results.state is JobState.DONE
    assert states(results) == {"a": "DONE", "b": "SKIPPED", "c": "SKIPPED", "d": "DONE"}
    assert (results.outputs["none"], results.outputs["state"]) == (None, "SKIPPED")


def test_a_reference_to_nothing_fails_its_step_by_name(bench: Bench) -> None:
    steps = (house.step("a", "vqe"), house.step("b", "bell", "a", inputs={"x": "${steps.a.outputs.optimum}"}))
    results = run(bench, house.workflow(*steps))
    assert results.error is not None
    assert results.error["where"] == "b"
    assert "did you mean `optimal_value`" in results.error["message"]


def test_an_empty_list_is_done_at_once(bench: Bench) -> None:
    steps = (house.step("a", "bell", foreach=[]), house.step("b", "bell", "a", inputs={"x": "${steps.a.outputs}"}))
    results = run(bench, house.workflow(*steps))
    assert (results.state, results.outputs["a"]) == (JobState.DONE, [])


def test_cancelling_a_workflow_ends_its_jobs_before_itself(bench: Bench) -> None:
    job_id = submit(bench, house.workflow(house.step("a", "bell", foreach=[1, 2, 3]), house.step("b", "bell", "a")))
    worker = Worker(bench.ports)
    assert worker.run_next(job_id)
    bench.kernel.cancel(job_id)
    assert bench.kernel.get(job_id).state is JobState.CANCELLED
    parts = bench.kernel.list(workflow=job_id)
    assert [part.state for part in parts] == [JobState.CANCELLED] * 3
    results = bench.kernel.results(job_id)
    assert states(results) == {"a": "CANCELLED", "b": "SKIPPED"}
    assert bench.kernel.verify(job_id).holds
    with pytest.raises(EigenError, match="has ended"):
        bench.kernel.cancel(job_id)


def test_a_workflow_that_runs_too_long_ends_with_its_jobs(bench: Bench) -> None:
    job = house.workflow(house.step("a", "bell"), house.step("b", "bell", "a"))
    job_id = submit(bench, replace(job, timeout=Timeout(execution_seconds=1e-6)))
    results = bench.run(job_id)
    assert results.state is JobState.TIMEOUT
    assert states(results) == {"a": "SKIPPED", "b": "SKIPPED"}


def test_what_was_stopped_for_its_time_ends_for_its_time_although_the_calendar_goes_back(bench: Bench) -> None:
    clock = FakeClock(1_800_000_000.0)
    bench = bench.having(clock=clock)
    job = house.workflow(house.step("a", "bell", foreach=[1]), house.step("b", "bell", "a"))
    job_id = submit(bench, replace(job, timeout=Timeout(execution_seconds=100.0)))
    worker = Worker(bench.ports)
    assert worker.run_next(job_id)
    clock.pass_(200.0)

    def die(name: str) -> None:
        if name == "steps.recorded":
            raise KeyboardInterrupt

    with failpoints.watched(die), pytest.raises(KeyboardInterrupt):
        worker.run_until(job_id)
    clock.pass_(-200.0)
    assert bench.run(job_id).state is JobState.TIMEOUT


def test_the_budget_is_kept_over_all_steps(bench: Bench) -> None:
    steps = [house.step(f"s{index}", "bell") for index in range(4)]
    job = replace(house.workflow(*steps, on_failure="continue"), shots=40, budget=Budget(max_shots=100))
    job_id = submit(bench, job)
    results = bench.run(job_id)
    assert results.error is not None
    assert "budget.max_shots" in results.error["message"]
    assert results.metadata["shots_used"] == 80
    assert [list(states(results).values()).count(state) for state in ("DONE", "ERROR")] == [2, 2]
    own = [replace(step, job=replace(step.job, budget=Budget(max_shots=50))) for step in steps]
    again = run(bench, replace(house.workflow(*own[:2]), shots=50, budget=Budget(max_shots=100)))
    assert again.metadata["shots_used"] == 100
    assert again.state is JobState.DONE


@pytest.mark.parametrize("target", [METERED.id, "auto"])
def test_a_step_that_finds_no_money_left_ends_for_the_budget(bench: Bench, target: str) -> None:
    bench = bench.having(devices=house.Drivers(MeteredDriver(bench.root / "ledger")))
    steps = [house.step(f"s{index}", "bell") for index in range(3)]
    job = replace(house.workflow(*steps, on_failure="continue", target=target), shots=40, budget=Budget(max_cost=0.08))
    results = run(bench, job)
    assert list(states(results).values()) == ["DONE", "DONE", "ERROR"]
    assert (results.error or {})["details"]["error"]["code"] == "EIGEN_RUN_BUDGET"
    assert "used all of `budget.max_cost` of `0.08`, and `double:metered` charges" in (results.error or {})["message"]
    assert results.metadata["shots_used"] == 80


@pytest.mark.parametrize(("whole", "own"), [(0.08, 0.0), (0.0, None)])
def test_a_step_that_may_cost_nothing_finds_no_device_that_charges(
    bench: Bench, whole: float, own: float | None
) -> None:
    bench = bench.having(devices=house.Drivers(MeteredDriver(bench.root / "ledger")))
    step = house.step("s", "bell")
    step = replace(step, job=replace(step.job, budget=Budget(max_cost=own)))
    results = run(bench, replace(house.workflow(step, target=METERED.id), shots=40, budget=Budget(max_cost=whole)))
    assert (results.error or {})["details"]["error"]["code"] == "EIGEN_ROUTER_NO_DEVICE"


class Reads:
    """A job store that counts what is read of single jobs."""

    def __init__(self, jobs: Any) -> None:
        self._jobs = jobs
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        self.count += name in {"get", "events", "outcome", "journal"}
        return getattr(self._jobs, name)


def test_a_step_reads_no_more_of_a_budget_for_the_jobs_that_ended_before_it(bench: Bench) -> None:
    one = house.step("many", "bell", foreach=list(range(12)))
    one = replace(one, job=replace(one.job, budget=Budget(max_shots=50)))
    job = replace(house.workflow(one, parallel=1), shots=50, budget=Budget(max_shots=12 * 50, max_cost=1.0))
    job_id = submit(bench, job)
    reads = Reads(bench.ports.jobs)
    looking = Worker(replace(bench.ports, jobs=reads))
    looks: list[int] = []
    while (row := bench.ports.jobs.get(job_id)) is not None and not row.state.is_terminal:
        before = reads.count
        assert looking.run_next(job_id)
        if bench.ports.jobs.jobs_of(job_id, alive=True):
            looks.append(reads.count - before)
            (part,) = bench.ports.jobs.jobs_of(job_id, alive=True)
            assert Worker(bench.ports).run_next(part.job_id)
    assert len(looks) == 12
    assert len(set(looks[3:])) == 1, looks
    results = bench.kernel.results(job_id)
    assert (results.state, results.metadata["shots_used"]) == (JobState.DONE, 600)


def test_a_process_that_remembers_nothing_grants_the_same_budget(bench: Bench) -> None:
    steps = [house.step(f"s{index}", "bell") for index in range(4)]
    job = replace(house.workflow(*steps, on_failure="continue"), shots=40, budget=Budget(max_shots=100))
    job_id = submit(bench, job)
    for _ in range(40):
        Worker(replace(bench.ports, used=UsedByJobs())).run_next(job_id)
    results = bench.kernel.results(job_id)
    assert results.metadata["shots_used"] == 80
    assert [list(states(results).values()).count(state) for state in ("DONE", "ERROR")] == [2, 2]


def test_steps_wait_for_a_quota_that_is_full(tmp_path: Path) -> None:
    outside = house.ports(tmp_path)
    database = SqliteDatabase(tmp_path / "eigen.db")
    outside = replace(outside, jobs=SqlJobStore(database, quotas=quotas_of("default.queued=2")))
    job = house.workflow(house.step("a", "bell", foreach=[1, 2, 3, 4]))
    job_id = Kernel(outside).submit(job, house.files(job))
    worker = Worker(outside)
    assert worker.run_next(job_id)
    assert len(outside.jobs.jobs_of(job_id)) == 2
    assert worker.run_until(job_id, wait_seconds=60)
    assert Kernel(outside).results(job_id).state is JobState.DONE


def test_files_of_steps_are_checked(bench: Bench) -> None:
    job = house.workflow(house.step("a", "bell"))
    with pytest.raises(EigenError, match="comes without its file"):
        bench.kernel.submit(job, {})
    with pytest.raises(EigenError, match="is not an input"):
        bench.kernel.submit(job, {**house.files(job), "input/steps/b/program.eigen.py": b""})
    with pytest.raises(EigenError) as caught:
        bench.kernel.submit(job, dict.fromkeys(house.files(job), b"ghz"))
    assert caught.value.code == "EIGEN_INPUT_DIGEST"


def summary(outside: Any, job_id: str) -> dict[str, Any]:
    kernel = Kernel(outside)
    parts = kernel.list(workflow=job_id)
    return {
        "outputs": kernel.results(job_id).outputs,
        "parts": sorted((part.step, part.item, part.state.value) for part in parts),
        "shots": kernel.results(job_id).metadata["shots_used"],
        "told": [(event.data["step"], event.data["state"]) for event in kernel.events(job_id) if "step" in event.data],
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    outside = house.ports(tmp_path_factory.mktemp("whole"))
    job = house.three_steps("double:metered")
    job_id = Kernel(outside).submit(job, house.files(job))
    assert Worker(outside).run_until(job_id)
    return summary(outside, job_id)


AROUND = [name for name in kill_places.PAID_JOB if name.startswith(("commit.", "seal.", "claimed"))]


@pytest.mark.parametrize(("database", "passage"), [("sqlite", 1), ("sqlite", 3), ("postgresql", 2)])
@pytest.mark.parametrize("name", [*kill_places.WORKFLOW, *AROUND, "submit.committed"])
def test_a_crash_anywhere_loses_and_doubles_no_step(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    undisturbed: dict[str, Any],
    name: str,
    database: str,
    passage: int,
) -> None:
    if database == "postgresql":
        (tmp_path / "database.url").write_text(request.getfixturevalue("postgres_url"))
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "EIGEN_FAILPOINT": f"{name}:{passage}"}
    command = [sys.executable, "-m", "doubles.house", str(tmp_path), "three-steps", "double:metered"]
    status = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, timeout=120, check=False).returncode
    assert status in {0, EXIT_STATUS}
    assert status == EXIT_STATUS or (name == "submit.committed" and passage > 1)
    outside = house.ports(tmp_path)
    try:
        Worker(outside).run_until()
        (view,) = Kernel(outside).list()
        assert view.state is JobState.DONE
        assert summary(outside, view.job_id) == undisturbed
        log = Kernel(outside).events(view.job_id)
        assert [event.seq for event in log] == list(range(1, len(log) + 1))
        assert Kernel(outside).verify(view.job_id).holds
    finally:
        outside.jobs.close()
    provider = MeteredDriver(tmp_path / "ledger")
    keys = [row["key"] for row in provider.rows()]
    assert len(keys) == len(set(keys)), "something was paid twice"
    assert sum(provider.paid_shots().values()) == undisturbed["shots"]
