"""A job that cannot start or end by its deadline ends with TIMEOUT, wherever it is; the nearest deadline goes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doubles import house
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError
from eigen.jobspec import with_overrides
from eigen.jobspec.spec import Submission
from eigen.kernel import jobs
from eigen.kernel.clock import SystemClock
from eigen.kernel.events import Claimed, Compiled, Decided, Placed, Undecided
from eigen.kernel.worker import Worker
from eigen.types import JobState

if TYPE_CHECKING:
    from conftest import Bench
    from eigen.types import Work, WorkResult

PAST = "2001-02-03T04:05:06Z"


def test_a_job_that_cannot_start_in_time_says_so(bench: Bench) -> None:
    results = bench.run(bench.submit("bell", deadline=PAST))
    assert results.state is JobState.TIMEOUT
    assert results.error is not None
    assert results.error["code"] == "EIGEN_RUN_TIMEOUT"
    assert results.error["message"] == "the job had not ended by its deadline, 2001-02-03T04:05:06.000000Z"
    again = bench.kernel.replay(results.job_id)  # a deadline is its own job's
    assert bench.run(again).state is JobState.DONE


def test_who_waits_for_another_job_is_not_forgotten(bench: Bench) -> None:
    first = bench.submit("bell")
    second = bench.submit("bell", dependencies=(first,), deadline=PAST)
    Worker(bench.ports).settle(second)
    assert bench.kernel.get(second).state is JobState.TIMEOUT
    assert bench.kernel.get(first).state is JobState.PENDING


class Leaping:
    """The clock of this host, which can be put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._host = SystemClock()

    def now(self) -> float:
        return self._host.now() + self.ahead

    def monotonic(self) -> float:
        return self._host.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        self._host.sleep(seconds)


class Slow(NativeDriver):
    """Its third answer takes two hours."""

    def __init__(self, clock: Leaping) -> None:
        super().__init__()
        self.initialize({})
        self._clock, self._calls = clock, 0

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        self._calls += 1
        self._clock.ahead = 7200.0 if self._calls >= 3 else 0.0
        return super().execute_circuit(device_id, work)


def test_a_run_that_cannot_end_in_time_keeps_what_it_has(bench: Bench) -> None:
    clock = Leaping()
    bench = bench.having(clock=clock, devices=house.Drivers(Slow(clock)))
    job_id = bench.submit("vqe-shots", deadline=3600.0)
    explained = bench.kernel.explain(job_id)["queue"]
    row = bench.ports.jobs.get(job_id)
    assert row is not None
    assert row.deadline == row.queued_at + 3600.0
    assert explained["deadline"].startswith("20")
    results = bench.run(job_id)
    assert results.state is JobState.TIMEOUT
    assert results.metadata["evaluations"] == 3
    assert bench.kernel.get(job_id).attempts == 1


def test_whoever_waits_for_a_decision_does_not_wait_past_the_deadline() -> None:
    row, _ = jobs.create("job_1", house.spec("bell", deadline=50.0), at=100.0, entropy=1)
    for event in (Claimed(101.0), Compiled(102.0), Placed(103.0, {"device_id": "double:metered"})):
        row, _ = jobs.step(row, event)
    asked, _ = jobs.step(row, Undecided(104.0, {"key": "k", "shots": 5, "device_id": "double:metered"}))
    assert asked.queue_until == 150.0
    assert jobs.step(asked, Claimed(151.0))[0].state is JobState.TIMEOUT
    decided, _ = jobs.step(asked, Decided(110.0, "again", "anna", "k"))
    assert (decided.queue_until, decided.not_before) == (150.0, 0.0)


def test_the_earlier_of_two_limits_counts() -> None:
    for seconds, until in ((10.0, 110.0), (90.0, 150.0)):
        spec = house.spec("bell", deadline=50.0)
        timeout = type(spec.timeout)(queue_seconds=seconds)
        row, _ = jobs.create("job_1", house.spec("bell", deadline=50.0, timeout=timeout), at=100.0, entropy=1)
        assert row.queue_until == until


@pytest.mark.parametrize(
    ("written", "kept"),
    [("3600", 3600.0), (60, 60.0), ("2030-01-31T18:00:00+01:00", "2030-01-31T18:00:00+01:00")],
)
def test_a_deadline_is_a_moment_or_seconds(written: object, kept: object) -> None:
    job = Submission(house.spec("bell"), {})
    assert with_overrides(job, {"deadline": written}).spec.deadline == kept


@pytest.mark.parametrize(
    "written",
    [
        *(0, -1, True, 1e300, "nan", "inf", "1e400", "soon", []),
        *("2030-01-31", "2030-01-31T18:00:00", "2030-13-31T18:00:00Z", "٢030-01-31T18:00:00Z"),
        *("9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z"),
    ],
)
def test_anything_else_is_refused_by_name(written: object) -> None:
    with pytest.raises(EigenError) as error:
        with_overrides(Submission(house.spec("bell"), {}), {"deadline": written})
    assert error.value.code == "EIGEN_JOBSPEC_INVALID"
    assert "deadline" in str(error.value.details)
