"""`Kernel.replay` and `Kernel.resume`: the same job again, and on from where one stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from doubles import house
from doubles.metered import MeteredDriver
from eigen.errors import EigenError
from eigen.jobspec import Budget, Timeout
from eigen.kernel.agreement import agreement
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.types import JobResults, JobState, ResumeLimits

if TYPE_CHECKING:
    from conftest import Bench


def replayed(bench: Bench, job_id: str) -> tuple[str, dict[str, Any]]:
    again = bench.kernel.replay(job_id)
    return again, dict(bench.run(again).metadata["replay"])


@pytest.mark.parametrize("program", ["bell", "vqe", "vqe-shots", "vqe-gradient", "vqe-wide"])
def test_a_replay_on_the_same_engine_has_the_same_bits(bench: Bench, program: str) -> None:
    first = bench.submit(program, seed=None)
    original = bench.run(first)
    again, said = replayed(bench, first)
    assert said["verdict"] == "identical", said
    assert said["test"] == "bit for bit"
    repeated = bench.kernel.results(again)
    assert (repeated.outputs, repeated.counts) == (original.outputs, original.counts)
    assert bench.kernel.get(again).replay_of == first
    rows = [bench.ports.jobs.get(name) for name in (first, again)]
    assert rows[0] is not None
    assert rows[1] is not None
    assert rows[0].entropy == rows[1].entropy
    assert bench.kernel.verify(again).holds


def test_a_failure_repeats(bench: Bench) -> None:
    first = bench.submit("division")
    bench.run(first)
    again, said = replayed(bench, first)
    assert bench.kernel.results(again).state is JobState.ERROR
    assert said["verdict"] == "identical"


def test_another_precision_agrees_by_counts_or_values(bench: Bench) -> None:
    for program, test in (("bell", "G-test"), ("vqe", "exact values")):
        first = bench.submit(program)
        original = bench.run(first)
        engine = {**original.metadata["engines"][0], "instruction_set": "other"}
        other = replace(original, metadata={**original.metadata, "engines": [engine]})
        said = agreement(other, original)
        assert said["verdict"] == "agrees", said
        assert test in said["test"]
        assert "instruction_set" in said["detail"]


def results(**changes: Any) -> JobResults:
    metadata = {"engines": [{"engine": "a"}], "shots_used": 1000, "device_id": "d", "device_digest": "x", "seed": 1}
    run = {"label": "run0", "counts": {"00": 520, "11": 480}}
    return replace(
        JobResults("job_1", JobState.DONE, outputs=1.0, counts=run["counts"], circuits=(run,), metadata=metadata),
        **changes,
    )


def test_what_differs_is_found() -> None:
    first = results()
    other = {"label": "run0", "counts": {"00": 480, "11": 520}}
    assert agreement(first, results(circuits=(other,)))["verdict"] == "differs"  # the same engine: the same bits
    elsewhere = {**first.metadata, "engines": [{"engine": "b"}]}
    assert agreement(first, results(circuits=(other,), metadata=elsewhere))["verdict"] == "agrees"
    wrong = {"label": "run0", "counts": {"00": 750, "11": 250}}
    assert agreement(first, results(circuits=(wrong,), metadata=elsewhere))["verdict"] == "differs"
    assert agreement(first, results(circuits=(), metadata=elsewhere))["verdict"] == "differs"
    failed = results(state=JobState.ERROR, error={"code": "EIGEN_RUN_FAILED"})
    assert agreement(first, failed)["test"] == "how they ended"
    exact = {**elsewhere, "shots_used": 0}
    ours = results(metadata={**first.metadata, "shots_used": 0}, outputs={"a": [1.0, True, "x"]})
    for outputs, verdict in (
        ({"a": [1.0 + 1e-9, True, "x"]}, "agrees"),
        ({"a": [1.01, True, "x"]}, "differs"),
        ({"a": [1.0, 1, "x"]}, "differs"),
        ({"b": [1.0, True, "x"]}, "differs"),
    ):
        assert agreement(ours, results(metadata=exact, outputs=outputs))["verdict"] == verdict
    nothing = results(circuits=(), counts=None)
    assert agreement(nothing, replace(nothing, metadata=elsewhere))["verdict"] == "not comparable"


def test_what_has_not_ended_cannot_be_repeated(bench: Bench) -> None:
    job_id = bench.submit("bell")
    for act in (lambda: bench.kernel.replay(job_id), lambda: bench.kernel.resume(job_id)):
        with pytest.raises(EigenError) as caught:
            act()
        assert caught.value.code == "EIGEN_JOB_NOT_FINISHED"


def test_a_replay_needs_the_inputs_as_they_were(bench: Bench) -> None:
    job_id = bench.submit("bell")
    bench.run(job_id)
    (bench.root / "jobs" / job_id / "input/program.eigen.py").write_bytes(b"vqe")
    with pytest.raises(EigenError) as caught:
        bench.kernel.replay(job_id)
    assert caught.value.code == "EIGEN_QFS_DATA_LOSS"


def test_a_key_makes_one_new_job(bench: Bench) -> None:
    job_id = bench.submit("division")
    bench.run(job_id)
    again = bench.kernel.replay(job_id, idempotency_key="k")
    assert bench.kernel.replay(job_id, idempotency_key="k") == again
    with pytest.raises(EigenError) as caught:
        bench.kernel.resume(job_id, idempotency_key="k")
    assert caught.value.code == "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT"
    on = bench.kernel.resume(job_id, idempotency_key="r")
    assert bench.kernel.resume(job_id, idempotency_key="r") == on


def test_a_loop_that_reached_its_budget_has_its_best_and_goes_on_identically(bench: Bench) -> None:
    whole = bench.run(bench.submit("vqe-shots"))
    stopped = bench.submit("vqe-shots", budget=Budget(max_shots=2500))
    short = bench.run(stopped)
    assert (short.error or {})["code"] == "EIGEN_RUN_BUDGET"
    (best,) = short.metadata["minimizations"]
    assert best["success"] is False
    assert best["iterations"] > 0
    assert best["optimal_value"] <= min(whole.metadata["minimizations"][0]["history"][: best["iterations"]])
    assert bench.kernel.verify(stopped).holds
    with pytest.raises(EigenError, match="max_shots") as caught:
        bench.kernel.resume(stopped)
    assert caught.value.code == "EIGEN_RUN_BUDGET"
    on = bench.kernel.resume(stopped, ResumeLimits(max_shots=0))
    ended = bench.run(on)
    assert ended.state is JobState.DONE
    assert (ended.outputs, ended.metadata["shots_used"]) == (whole.outputs, whole.metadata["shots_used"])
    assert bench.kernel.get(on).resumed_from == stopped
    assert bench.ports.jobs.journal(on)[:12] == bench.ports.jobs.journal(stopped)[:12]
    assert bench.kernel.verify(on).holds
    assert json.loads(bench.kernel.artifact(on, "receipt.json"))["resumed_from"] == stopped


def test_what_was_paid_for_is_not_paid_again(bench: Bench) -> None:
    ledger = MeteredDriver(bench.root / "ledger")
    stopped = bench.submit("vqe-shots", "double:metered", budget=Budget(max_shots=2500))
    bench.run(stopped)
    paid = sum(ledger.paid_shots().values())
    assert 0 < paid <= 2500
    on = bench.kernel.resume(stopped, ResumeLimits(max_shots=100_000))
    ended = bench.run(on)
    assert ended.state is JobState.DONE
    assert sum(ledger.paid_shots().values()) == ended.metadata["shots_used"] > paid
    assert max(ledger.paid_shots().values()) <= 200


def test_work_in_flight_when_a_job_ended_is_adopted_by_the_one_that_goes_on(bench: Bench) -> None:
    """Paid for and never recorded: its key begins with the first job, whichever asks."""
    stopped = bench.submit("vqe-shots", "double:metered", budget=Budget(max_shots=2500))
    bench.run(stopped)
    keys = [row["key"] for row in MeteredDriver(bench.root / "ledger").rows()]
    on = bench.kernel.resume(stopped, ResumeLimits(max_shots=0))
    bench.run(on)
    later = [row["key"] for row in MeteredDriver(bench.root / "ledger").rows()][len(keys) :]
    assert later
    assert all(key.startswith(f"{stopped}:") for key in keys + later)


def test_a_cancelled_loop_goes_on_where_it_stopped(bench: Bench) -> None:
    whole = bench.run(bench.submit("vqe-long"))
    job_id = bench.submit("vqe-long", timeout=Timeout(execution_seconds=1e-6))
    assert bench.run(job_id).state is JobState.TIMEOUT
    on = bench.kernel.resume(job_id, ResumeLimits(execution_seconds=0))
    assert bench.run(on).outputs == whole.outputs


def test_what_ran_to_its_end_is_not_resumed(bench: Bench) -> None:
    job_id = bench.submit("bell")
    bench.run(job_id)
    with pytest.raises(EigenError, match="nothing to resume") as caught:
        bench.kernel.resume(job_id)
    assert caught.value.code == "EIGEN_JOB_FINISHED"


@pytest.mark.parametrize("limits", [ResumeLimits(max_shots=-1), ResumeLimits(max_seconds=float("nan"))])
def test_limits_are_checked(bench: Bench, limits: ResumeLimits) -> None:
    job_id = bench.submit("division")
    bench.run(job_id)
    with pytest.raises(EigenError) as caught:
        bench.kernel.resume(job_id, limits)
    assert caught.value.code == "EIGEN_REQUEST_INVALID"


def test_another_program_does_not_take_over_the_journal(bench: Bench) -> None:
    """The compiled program goes along; one that asks for something else is refused when it runs."""
    stopped = bench.submit("vqe-shots", budget=Budget(max_shots=2500))
    bench.run(stopped)
    on = bench.kernel.resume(stopped, ResumeLimits(max_shots=0))
    assert bench.kernel.artifact(on, "compiled/program.json") == bench.kernel.artifact(stopped, "compiled/program.json")
    other = replace(bench.ports, default_shots=1)
    assert Worker(other).run_until(on, wait_seconds=60)  # the stage names its own shots: nothing changes
    assert Kernel(other).results(on).state is JobState.DONE


def test_the_failpoints_of_a_replay_are_those_of_any_job(bench: Bench) -> None:
    first = bench.submit("bell")
    bench.run(first)
    spec = replace(house.spec("other"), replay_of=first)
    again = bench.kernel.submit(spec, {})
    assert bench.kernel.get(again).name == "other"
    assert bench.run(again).metadata["replay"]["verdict"] == "identical"
