"""Cancelling, time-outs, retries and orderly stops, at any moment of a job."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from doubles import house
from doubles.flaky import BackgroundDriver, FlakyDriver, failing
from eigen.drivers.driver import WorkState
from eigen.errors import EigenError
from eigen.jobspec import Budget, Retry, Timeout
from eigen.kernel.jobs import MAX_LOSSES
from eigen.kernel.worker import Worker
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Bench
    from eigen.kernel.kernel import Kernel
    from eigen.types import WorkResult


@dataclass
class SteppingClock:
    """Time that passes only when somebody sleeps, or when the test says so."""

    seconds: float = 1_800_000_000.0

    def now(self) -> float:
        return self.seconds

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def states(kernel: Kernel, job_id: str) -> list[JobState]:
    return [event.state for event in kernel.events(job_id)]


def test_a_waiting_job_is_cancelled_at_once(bench: Bench) -> None:
    job_id = bench.submit("bell")
    bench.kernel.cancel(job_id)
    results = bench.kernel.results(job_id)
    assert results.state is JobState.CANCELLED
    assert results.error is not None
    assert results.error["code"] == "EIGEN_RUN_CANCELLED"
    assert states(bench.kernel, job_id) == [JobState.PENDING, JobState.CANCELLED]
    with pytest.raises(EigenError) as error:
        bench.kernel.cancel(job_id)
    assert error.value.code == "EIGEN_JOB_FINISHED"
    assert not Worker(bench.ports).run_next(job_id)


def test_a_running_loop_is_cancelled_between_evaluations(bench: Bench) -> None:
    clock = SteppingClock()
    driver = FlakyDriver(lambda number: cancel() if number == 5 else clock.sleep(1.0))
    bench = bench.having(devices=house.Drivers(driver), clock=clock)
    job_id = bench.submit("vqe")

    def cancel() -> None:
        bench.kernel.cancel(job_id)
        clock.sleep(1.0)

    results = bench.run(job_id)
    assert results.state is JobState.CANCELLED
    assert driver.calls == 5
    assert results.metadata["evaluations"] == 5
    assert len(bench.ports.jobs.journal(job_id)) == 5


def test_work_in_the_background_is_cancelled_with_the_job(bench: Bench) -> None:
    started, go_on = threading.Event(), threading.Event()

    def before(_: int) -> None:
        started.set()
        go_on.wait(30)

    driver = BackgroundDriver(before)
    bench = bench.having(devices=house.Drivers(driver))
    job_id = bench.submit("bell")
    thread = threading.Thread(target=Worker(bench.ports).run_until, args=(job_id,))
    thread.start()
    assert started.wait(30)
    bench.kernel.cancel(job_id)
    thread.join(30)
    go_on.set()
    assert driver.cancelled.is_set()
    assert bench.kernel.results(job_id).state is JobState.CANCELLED


def test_execution_seconds_end_a_run(bench: Bench) -> None:
    clock = SteppingClock()
    driver = FlakyDriver(lambda _: clock.sleep(3.0))
    bench = bench.having(devices=house.Drivers(driver), clock=clock)
    results = bench.run(bench.submit("vqe", timeout=Timeout(execution_seconds=10.0)))
    assert results.state is JobState.TIMEOUT
    assert results.error is not None
    assert "execution_seconds" in results.error["message"]
    assert driver.calls == 4


def test_budget_seconds_end_a_run_in_error(bench: Bench) -> None:
    clock = SteppingClock()
    driver = FlakyDriver(lambda _: clock.sleep(3.0))
    bench = bench.having(devices=house.Drivers(driver), clock=clock)
    results = bench.run(bench.submit("vqe", budget=Budget(max_seconds=10.0)))
    assert results.state is JobState.ERROR
    assert results.error is not None
    assert results.error["code"] == "EIGEN_RUN_BUDGET"


def test_queue_seconds_end_a_job_nobody_takes(bench: Bench) -> None:
    clock = SteppingClock()
    bench = bench.having(clock=clock)
    job_id = bench.submit("bell", timeout=Timeout(queue_seconds=60.0))
    clock.sleep(61.0)
    results = bench.run(job_id)
    assert results.state is JobState.TIMEOUT
    assert states(bench.kernel, job_id) == [JobState.PENDING, JobState.TIMEOUT]


def test_queue_seconds_end_a_job_that_waits_for_another(bench: Bench) -> None:
    clock = SteppingClock()
    bench = bench.having(clock=clock)
    first = bench.submit("bell")
    job_id = bench.submit("bell", timeout=Timeout(queue_seconds=60.0), dependencies=(first,))
    clock.sleep(61.0)
    assert Worker(bench.ports).run_next(job_id)
    assert bench.kernel.get(job_id).state is JobState.TIMEOUT


def test_a_failing_device_is_tried_again_and_the_trajectory_holds(bench: Bench) -> None:
    whole = bench.run(bench.submit("vqe"))
    driver = failing(4, 9)
    bench = bench.having(devices=house.Drivers(driver), clock=SteppingClock())
    job_id = bench.submit("vqe", retry=Retry(max_attempts=3, backoff_seconds=2.0))
    results = bench.run(job_id)
    assert results.state is JobState.DONE
    assert results.metadata["minimizations"] == whole.metadata["minimizations"]
    assert driver.calls == whole.metadata["evaluations"] + 2  # nothing that succeeded was done again
    retries = [event for event in bench.kernel.events(job_id) if event.stage == "retrying"]
    assert [event.data["retry_in_seconds"] for event in retries] == [2.0, 4.0]
    assert bench.kernel.get(job_id).attempts == 3


def test_a_device_that_keeps_failing_ends_the_job(bench: Bench) -> None:
    driver = failing(*range(1, 100))
    bench = bench.having(devices=house.Drivers(driver), clock=SteppingClock())
    results = bench.run(bench.submit("bell", retry=Retry(max_attempts=2)))
    assert results.state is JobState.ERROR
    assert results.error is not None
    assert results.error["code"] == "EIGEN_DEVICE_FAILED"
    assert driver.calls == 2


def test_a_driver_that_raises_anything_is_a_failed_device(bench: Bench) -> None:
    def before(_: int) -> None:
        raise KeyError("vendor")

    bench = bench.having(devices=house.Drivers(FlakyDriver(before)), clock=SteppingClock())
    results = bench.run(bench.submit("bell", retry=Retry(max_attempts=1)))
    assert results.error is not None
    assert results.error["code"] == "EIGEN_DEVICE_FAILED"
    assert "KeyError" in results.error["message"]


def test_failed_background_work_is_submitted_under_a_new_key(bench: Bench) -> None:
    driver = BackgroundDriver(lambda number: failing(1)._before(number))
    bench = bench.having(devices=house.Drivers(driver))
    results = bench.run(bench.submit("bell", retry=Retry(max_attempts=2, backoff_seconds=0.0)))
    assert results.state is JobState.DONE
    assert driver.calls == 2


def test_work_that_fails_between_two_looks_is_tried_again_as_any_other(bench: Bench) -> None:
    class LateFailure(BackgroundDriver):
        asked = 0

        def result(self, handle: str, timeout_sec: float | None = None) -> WorkResult:
            self.asked += 1
            if self.asked == 1:
                raise EigenError("EIGEN_RUN_TIMEOUT", "it is not ready")
            if self.asked == 2:
                raise EigenError("EIGEN_DEVICE_FAILED", "it failed")
            return super().result(handle, timeout_sec)

        def poll(self, handle: str) -> WorkState:
            return WorkState.FAILED if self.asked <= 2 else super().poll(handle)

    bench = bench.having(devices=house.Drivers(LateFailure()))
    results = bench.run(bench.submit("bell", retry=Retry(max_attempts=2, backoff_seconds=0.0)))
    assert results.state is JobState.DONE


def test_an_orderly_stop_gives_the_job_back(bench: Bench) -> None:
    whole = bench.run(bench.submit("vqe"))
    stop = threading.Event()
    driver = FlakyDriver(lambda number: stop.set() if number == 7 else None)
    stopping = bench.having(devices=house.Drivers(driver))
    job_id = stopping.submit("vqe")
    assert not Worker(stopping.ports).run_until(job_id, stop=stop)
    row = bench.ports.jobs.get(job_id)
    assert row is not None
    assert (row.state, row.owner) == (JobState.QUEUED, "")
    results = bench.run(job_id)
    assert results.metadata["minimizations"] == whole.metadata["minimizations"]
    assert driver.calls == 7


def test_ctrl_c_gives_the_job_back(bench: Bench) -> None:
    def before(number: int) -> None:
        if number == 7:
            raise KeyboardInterrupt

    stopping = bench.having(devices=house.Drivers(FlakyDriver(before)))
    job_id = stopping.submit("vqe")
    with pytest.raises(KeyboardInterrupt):
        Worker(stopping.ports).run_until(job_id)
    row = bench.ports.jobs.get(job_id)
    assert row is not None
    assert (row.state, row.owner) == (JobState.QUEUED, "")
    assert bench.run(job_id).state is JobState.DONE


def test_a_job_that_kills_its_worker_every_time_is_given_up(bench: Bench) -> None:
    """A lost worker counts as long as nothing was gained."""

    def crash(*_: object, **__: object) -> None:
        raise SystemExit  # as good as gone: nobody gives the lease back

    job_id = bench.submit("bell")
    crashing = bench.having(compile=crash)
    for _ in range(MAX_LOSSES):
        with pytest.raises(SystemExit):
            Worker(crashing.ports).run_next(job_id)
        bench.ports.jobs.break_leases(bench.ports.jobs.owners())
    results = crashing.run(job_id)
    assert results.state is JobState.ERROR
    assert results.error is not None
    assert "times in a row" in results.error["message"]


def test_a_job_cancelled_while_it_compiles_is_not_placed(bench: Bench) -> None:
    clock = SteppingClock()

    def compile_and_cancel(*args: object, **options: object) -> object:
        bench.kernel.cancel(job_id)
        clock.sleep(1.0)
        return house.compile_by_heart(*args, **options)  # type: ignore[arg-type]

    bench = bench.having(compile=compile_and_cancel, clock=clock)
    job_id = bench.submit("bell")
    assert bench.run(job_id).state is JobState.CANCELLED
    assert bench.kernel.explain(job_id)["placement"] is None


def test_a_job_cancelled_while_it_compiles_ends_the_compilation(bench: Bench) -> None:
    """The program is one that would compile for ever: only the lease's check, handed to it, ends it."""
    clock = SteppingClock()

    def endless(*_: object, check: Callable[[], object], **__: object) -> object:
        bench.kernel.cancel(job_id)
        while True:
            clock.sleep(1.0)
            check()

    bench = bench.having(compile=endless, clock=clock)
    job_id = bench.submit("bell")
    assert bench.run(job_id).state is JobState.CANCELLED
