"""A job from submission to its files: what is stored, announced, explained, and refused."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from doubles import house
from doubles.flaky import FlakyDriver
from eigen.drivers.engines import ENGINES
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError
from eigen.jobspec import Retry
from eigen.kernel.worker import Worker
from eigen.types import JobState

if TYPE_CHECKING:
    from conftest import Bench
    from eigen.types import Work, WorkResult

MOVES = [JobState.PENDING, JobState.COMPILING, JobState.QUEUED, JobState.RUNNING, JobState.DONE]


def test_bell_runs_to_its_results(bench: Bench) -> None:
    job_id = bench.submit("bell", shots=500)
    with pytest.raises(EigenError) as error:
        bench.kernel.results(job_id)
    assert error.value.code == "EIGEN_JOB_NOT_FINISHED"
    results = bench.run(job_id)
    assert results.state is JobState.DONE
    assert results.counts is not None
    assert set(results.counts) == {"00", "11"}
    assert sum(results.counts.values()) == 500
    assert results.outputs == dict(results.counts)
    assert results.metadata["seed"] == 7
    assert results.metadata["device_id"] == "sim:statevector"
    assert results.circuits[0]["shots"] == 500
    view = bench.kernel.get(job_id)
    assert (view.state, view.progress, view.attempts, view.device_id) == (JobState.DONE, 1.0, 1, "sim:statevector")


def test_the_event_log_tells_every_move_once(bench: Bench) -> None:
    job_id = bench.submit("bell")
    bench.run(job_id)
    log = bench.kernel.events(job_id)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert [event.state for event in log] == MOVES
    assert bench.kernel.events(job_id, after=len(log)) == ()
    for cursor in (-1, len(log) + 1):
        with pytest.raises(EigenError) as error:
            bench.kernel.events(job_id, after=cursor)
        assert error.value.code == "EIGEN_STREAM_CURSOR"


def test_the_files_of_a_job(bench: Bench) -> None:
    job_id = bench.submit("bell")
    results = bench.run(job_id)
    paths = {info.path for info in bench.kernel.artifacts(job_id)}
    assert {
        "input/program.eigen.py",
        "input/spec.json",
        "compiled/program.json",
        "compiled/circuit.aqo.json",
        "compiled/report.json",
        "results/results.json",
        "results/receipt.json",
    } <= paths
    data = bench.kernel.artifact(job_id, "results.json")
    assert json.loads(data)["counts"] == results.counts
    receipt = json.loads(bench.kernel.artifact(job_id, "results/receipt.json"))
    assert receipt["results_sha256"] == sha256(data).hexdigest()
    assert receipt["inputs"]["input/program.eigen.py"] == sha256(b"bell").hexdigest()
    assert receipt["program_sha256"] == sha256(bench.kernel.artifact(job_id, "compiled/program.json")).hexdigest()
    assert receipt["placement"]["device_id"] == "sim:statevector"
    assert receipt["run"]["seed"] == 7
    messages = [line["message"] for line in bench.kernel.logs(job_id)]
    assert messages[0] == "submitted"
    assert messages[-1] == "done"


def test_explain_names_reasons_and_rivals(bench: Bench) -> None:
    job_id = bench.submit("bell", "sim:auto")
    bench.run(job_id)
    told = bench.kernel.explain(job_id)
    assert told["placement"]["device_id"] == "sim:statevector"
    assert told["placement"]["reasons"]
    rivals = {rival["device_id"] for rival in told["placement"]["rivals"]}
    assert rivals == {"double:chip", "double:metered", *(e.device_id for e in ENGINES)} - {"sim:statevector"}
    assert [move["state"] for move in told["history"]] == [state.value for state in MOVES]


def test_the_seed_decides_the_counts(bench: Bench) -> None:
    def counts(seed: int) -> object:
        return bench.run(bench.submit("bell", seed=seed)).counts

    assert counts(1) == counts(1)
    assert counts(1) != counts(2)


def test_a_job_without_a_seed_records_the_entropy_it_drew(bench: Bench) -> None:
    first = bench.run(bench.submit("bell", seed=None))
    second = bench.run(bench.submit("bell", seed=None))
    assert first.metadata["seed_source"] == "entropy"
    assert first.metadata["seed"] != second.metadata["seed"]
    again = bench.run(bench.submit("bell", seed=first.metadata["seed"]))
    assert again.counts == first.counts


def test_a_rejected_program_ends_in_error(bench: Bench) -> None:
    job_id = bench.submit("nonsense")
    results = bench.run(job_id)
    assert results.state is JobState.ERROR
    assert results.error is not None
    assert results.error["code"] == "EIGEN_LANG_REJECTED"
    assert json.loads(bench.kernel.artifact(job_id, "error.json")) == results.error
    assert bench.kernel.events(job_id)[-1].data["error"] == results.error


def test_a_program_that_fails_names_its_line(bench: Bench) -> None:
    results = bench.run(bench.submit("division"))
    assert results.state is JobState.ERROR
    assert results.error is not None
    assert results.error["code"] == "EIGEN_RUN_FAILED"
    assert results.error["where"] == "line 3"


def test_an_impossible_target_ends_in_error(bench: Bench) -> None:
    results = bench.run(bench.submit("vqe", "double:chip"))  # exact values from a chip that counts
    assert results.error is not None
    assert results.error["code"] == "EIGEN_ROUTER_NO_DEVICE"


def test_a_defect_is_a_verdict_and_its_trace_is_in_the_log(bench: Bench) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a defect")

    bench = bench.having(lower=broken)
    job_id = bench.submit("bell")
    results = bench.run(job_id)
    assert results.error is not None
    assert results.error["code"] == "EIGEN_INTERNAL"
    assert any("ZeroDivisionError: a defect" in str(line.get("traceback")) for line in bench.kernel.logs(job_id))


def test_a_minimisation_reports_its_trajectory(bench: Bench) -> None:
    results = bench.run(bench.submit("vqe"))
    assert results.state is JobState.DONE
    (found,) = results.metadata["minimizations"]
    exact = min_eigenvalue()
    assert exact - 1e-9 <= found["optimal_value"] < -0.9  # the ansatz does not reach the ground state
    assert results.metadata["evaluations"] == found["evaluations"] == 60
    assert len(bench.ports.jobs.journal(results.job_id)) == 1  # one piece, done by the engine itself


def min_eigenvalue() -> float:
    import numpy

    return float(numpy.linalg.eigvalsh(house.vqe().observables[0].matrix())[0])


def test_files_must_be_those_of_the_job(bench: Bench) -> None:
    job = house.spec("bell")
    for wrong, code in (
        ({}, "EIGEN_QFS_NOT_FOUND"),
        ({**house.files(job), "results/results.json": b"{}"}, "EIGEN_QFS_PATH"),
        ({job.program.artifact: b"other"}, "EIGEN_INPUT_DIGEST"),
    ):
        with pytest.raises(EigenError) as error:
            bench.kernel.submit(job, wrong)
        assert error.value.code == code
    assert bench.kernel.list() == ()


@pytest.mark.parametrize("key", ["", "x" * 257, "a\x00b", "\udcff"])
def test_a_key_that_is_no_key_is_refused(key: str, bench: Bench) -> None:
    job = house.spec("bell")
    with pytest.raises(EigenError, match="idempotency key") as error:
        bench.kernel.submit(job, house.files(job), idempotency_key=key)
    assert error.value.code == "EIGEN_JOBSPEC_INVALID"
    assert bench.kernel.list() == ()


def test_the_same_request_twice_is_one_job(bench: Bench) -> None:
    job = house.spec("bell")
    first = bench.kernel.submit(job, house.files(job), idempotency_key="k")
    assert bench.kernel.submit(job, house.files(job), idempotency_key="k") == first
    other = house.spec("bell", shots=3)
    with pytest.raises(EigenError) as error:
        bench.kernel.submit(other, house.files(other), idempotency_key="k")
    assert error.value.code == "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT"
    assert len(bench.kernel.list()) == 1
    assert [path.name for path in (bench.root / "jobs").iterdir()] == [first]


def test_unknown_jobs_are_not_found(bench: Bench) -> None:
    kernel = bench.kernel
    for ask in (
        kernel.get,
        kernel.results,
        kernel.cancel,
        kernel.events,
        kernel.explain,
        kernel.logs,
        kernel.artifacts,
    ):
        with pytest.raises(EigenError) as error:
            ask("job_nope")
        assert error.value.code == "EIGEN_JOB_NOT_FOUND"
    with pytest.raises(EigenError) as error:
        Worker(bench.ports).run_until("job_nope")
    assert error.value.code == "EIGEN_JOB_NOT_FOUND"


def test_a_waiting_job_runs_after_what_it_depends_on(bench: Bench) -> None:
    first = bench.submit("bell", priority=0)
    second = bench.submit("bell", priority=100, dependencies=(first,))
    results = bench.run(second)
    assert results.state is JobState.DONE
    assert bench.kernel.results(first).completed_at < results.completed_at


def test_a_failed_dependency_fails_the_job(bench: Bench) -> None:
    first = bench.submit("division")
    second = bench.submit("bell", dependencies=(first,))
    results = bench.run(second)
    assert results.error is not None
    assert results.error["code"] == "EIGEN_JOB_DEPENDENCY"
    assert first in results.error["message"]


def test_the_queue_is_emptied_by_priority(bench: Bench) -> None:
    low, high = bench.submit("bell", priority=1), bench.submit("bell", priority=99)
    assert Worker(bench.ports).run_until()
    assert bench.kernel.results(high).completed_at < bench.kernel.results(low).completed_at
    assert [view.job_id for view in bench.kernel.list(states=[JobState.DONE])] == [high, low]


def test_budgets_stop_a_job_with_what_it_has(bench: Bench) -> None:
    from eigen.jobspec import Budget

    results = bench.run(bench.submit("vqe-shots", budget=Budget(max_shots=1000)))
    assert results.error is not None
    assert results.error["code"] == "EIGEN_RUN_BUDGET"
    assert results.metadata["shots_used"] == 1000


def test_metadata_that_is_no_json_is_a_verdict_not_a_crash(bench: Bench) -> None:
    class Strange(NativeDriver):
        def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
            return replace(super().execute_circuit(device_id, work), metadata={"engine": object()})

    driver = Strange()
    driver.initialize({})
    bench = bench.having(devices=house.Drivers(driver))
    results = bench.run(bench.submit("bell"))
    assert results.state is JobState.ERROR
    assert results.error is not None
    assert results.error["code"] == "EIGEN_INTERNAL"


def test_a_device_that_answers_nonsense_has_failed(bench: Bench) -> None:
    class Nonsense(FlakyDriver):
        def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
            return replace(super().execute_circuit(device_id, work), value=float("nan"), counts=None)

    bench = bench.having(devices=house.Drivers(Nonsense(lambda number: None)))
    for program in ("bell", "vqe"):
        results = bench.run(bench.submit(program, retry=Retry(max_attempts=1)))
        assert results.error is not None
        assert results.error["code"] == "EIGEN_DEVICE_FAILED"
