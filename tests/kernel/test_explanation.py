"""Why a job is where it is: what the rationale says before, while and after it runs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from doubles import house
from doubles.clocks import FakeClock
from doubles.flaky import FlakyDriver, failing
from eigen.jobspec import Retry
from eigen.kernel.clock import rfc3339
from eigen.kernel.worker import Worker
from eigen.router.policy import VERSION

if TYPE_CHECKING:
    from conftest import Bench


def test_a_job_that_waits_says_how_many_are_ahead(bench: Bench) -> None:
    first, second = bench.submit("bell"), bench.submit("bell")
    urgent = bench.submit("bell", priority=90)
    ahead = {job_id: bench.kernel.explain(job_id)["queue"]["ahead"] for job_id in (urgent, first, second)}
    assert ahead == {urgent: 0, first: 1, second: 2}
    explained = bench.kernel.explain(first)
    assert explained["placement"] is None
    assert explained["reason_codes"] == []
    assert explained["policy_version"] is None
    assert explained["queue"] == {
        "name": "sim:statevector",
        "priority": 50,
        "ahead": 1,
        "not_before": None,
        "reserved": False,
        "deadline": None,
        "undecided": None,
    }


def test_a_job_that_ended_says_what_decided(bench: Bench) -> None:
    job_id = bench.submit("vqe-gradient")
    bench.run(job_id)
    explained = bench.kernel.explain(job_id)
    placement = explained["placement"]
    assert explained["policy_version"] == placement["policy_version"] == VERSION
    assert explained["reason_codes"] == [
        "TARGET_NAMED",
        "QUBITS_FIT",
        "FEATURES_FIT",
        "GRADIENT_EXACT",
        "TIME_PREDICTED",
        "ONLY_DEVICE",
    ]
    assert explained["queue"]["ahead"] is None
    assert explained["queue"]["name"] == "sim:statevector"
    assert [move["state"] for move in explained["history"]] == ["PENDING", "COMPILING", "QUEUED", "RUNNING", "DONE"]
    refs = explained["refs"]
    assert refs == {
        name: f"qfs://jobs/{job_id}/{path}"
        for name, path in {
            "logs": "logs/job.jsonl",
            "report": "compiled/report.json",
            "results": "results/results.json",
            "receipt": "results/receipt.json",
        }.items()
    }


def test_an_open_target_says_that_the_score_decided(bench: Bench) -> None:
    job_id = bench.submit("bell", "auto")
    bench.run(job_id)
    codes = bench.kernel.explain(job_id)["reason_codes"]
    assert codes[0] == "TARGET_OPEN"
    assert codes[-1] == "LOWEST_SCORE"


def test_a_job_in_retry_wait_says_until_when(bench: Bench) -> None:
    clock = FakeClock()
    flaky = bench.having(devices=house.Drivers(failing(1)), clock=clock)
    job_id = flaky.submit("bell", retry=Retry(max_attempts=2, backoff_seconds=50.0))
    Worker(flaky.ports).run_next()
    queue = flaky.kernel.explain(job_id)["queue"]
    assert queue["not_before"] == rfc3339(clock.at + 50)
    assert not queue["reserved"]


def test_a_job_that_goes_on_says_so(bench: Bench) -> None:
    stop = threading.Event()
    slow = bench.having(devices=house.Drivers(FlakyDriver(lambda number: stop.set() if number == 3 else None)))
    job_id = slow.submit("vqe-shots")
    Worker(slow.ports).run_until(job_id, stop=stop)
    bench.run(job_id)
    assert "RESUMED" in bench.kernel.explain(job_id)["reason_codes"]


def test_a_job_that_depends_on_others_names_those_that_have_not_ended(bench: Bench) -> None:
    first, second = bench.submit("bell"), bench.submit("bell")
    job_id = bench.submit("bell", dependencies=(first, second))
    bench.run(first)
    assert bench.kernel.explain(job_id)["waits_for"] == [second]
