"""Workers in threads: jobs side by side, each once; an end in order; failures that stop nobody."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from doubles import house
from doubles.clocks import FakeClock
from doubles.flaky import FlakyDriver, failing
from eigen.app import make_compile, make_registry
from eigen.config import Settings
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError
from eigen.jobspec import Retry, submission
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.kernel.workers import Workers
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Generator

    from conftest import Bench
    from eigen.kernel.ports import Ports
    from eigen.types import Work, WorkResult

SOURCE = """
from eigen_lang import *

@hybrid_program(target="sim:auto", seed=7)
def main():
    ansatz = create_hea_ansatz(n_qubits={qubits}, depth=1)
    model = create_ising_model_hamiltonian(n_spins={qubits}, J=-1.0, h=0.5)

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, model, params=angles)

    return minimize(energy, [0.1] * ansatz.num_params, method="spsa", max_iter=10)
"""


@contextmanager
def working(ports: Ports, count: int) -> Generator[Workers]:
    workers = Workers(ports, count, lease_seconds=30)
    workers.start()
    try:
        yield workers
    finally:
        workers.stop()
        assert workers.join(60)


def wait(kernel: Kernel, *job_ids: str) -> None:
    """Until the jobs have ended, watched by a worker-less look at the store."""
    pause = threading.Event()
    for _ in range(6000):
        if all(kernel.get(job_id).state.is_terminal for job_id in job_ids):
            return
        pause.wait(0.01)
    raise AssertionError([kernel.get(job_id) for job_id in job_ids])


class Meeting(NativeDriver):
    """A native driver whose first calls wait until `count` of them are under way."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._barrier = threading.Barrier(count)
        self.initialize({})

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        self._barrier.wait(timeout=30)
        return super().execute_circuit(device_id, work)


def test_jobs_run_side_by_side(bench: Bench) -> None:
    side = bench.having(devices=house.Drivers(Meeting(3)))
    jobs = [side.submit("bell") for _ in range(3)]
    with working(side.ports, 3):
        wait(side.kernel, *jobs)
    assert [side.kernel.get(job_id).state for job_id in jobs] == [JobState.DONE] * 3


def test_each_job_is_worked_once_and_ends_as_if_it_were_alone(bench: Bench) -> None:
    jobs = [bench.submit(program) for program in ("bell", "vqe-gradient", "division", "vqe-shots") * 4]
    with working(bench.ports, 4):
        wait(bench.kernel, *jobs)
    assert Counter(bench.kernel.get(job_id).attempts for job_id in jobs) == {1: 16}
    answers = [str(bench.kernel.results(job_id).outputs) for job_id in jobs]
    for place in range(4):
        assert len(set(answers[place::4])) == 1


def test_real_programs_compile_and_run_side_by_side(bench: Bench) -> None:
    """The parser's children, the driver's first load and the native engine, all from several threads at once."""
    settings = Settings()
    real = bench.having(compile=make_compile(settings), devices=make_registry(settings))
    jobs: list[str] = []
    for number in range(8):
        job = submission(SOURCE.format(qubits=2 + number % 2).encode(), name=f"job-{number}")
        jobs.append(real.kernel.submit(job.spec, job.files))
    with working(real.ports, 4):
        wait(real.kernel, *jobs)
    answers = [real.kernel.results(job_id) for job_id in jobs]
    assert [answer.error for answer in answers] == [None] * 8
    for parity in (0, 1):
        assert len({str(answer.outputs) for answer in answers[parity::2]}) == 1


def test_a_stop_gives_the_jobs_back_and_they_go_on(bench: Bench) -> None:
    reached = threading.Event()
    slow = bench.having(devices=house.Drivers(FlakyDriver(lambda number: reached.set() if number == 3 else None)))
    job_id = slow.submit("vqe-shots")
    workers = Workers(slow.ports, 2, lease_seconds=30)
    workers.start()
    assert reached.wait(30)
    workers.stop()
    assert workers.join(30)
    assert slow.ports.jobs.owners() == ()
    with working(bench.ports, 1):
        wait(bench.kernel, job_id)
    assert bench.kernel.get(job_id).state is JobState.DONE


def test_a_store_that_fails_for_a_while_stops_nobody(bench: Bench, monkeypatch: Any) -> None:
    monkeypatch.setattr("eigen.kernel.workers.RETRY_SECONDS", 0.01)
    failures = iter([EigenError("EIGEN_STORE_UNAVAILABLE", "the disk is full"), ZeroDivisionError("a defect")])

    class Failing:
        def __getattr__(self, name: str) -> Any:
            return getattr(bench.ports.jobs, name)

        def claim(self, *args: Any, **options: Any) -> Any:
            for failure in failures:
                raise failure
            return bench.ports.jobs.claim(*args, **options)

    job_id = bench.submit("bell")
    with working(bench.having(jobs=Failing()).ports, 1):
        wait(bench.kernel, job_id)
    assert bench.kernel.get(job_id).state is JobState.DONE


def test_a_poke_is_heard_at_once(bench: Bench, monkeypatch: Any) -> None:
    monkeypatch.setattr("eigen.kernel.workers.POLL_SECONDS", 3600.0)
    with working(bench.ports, 2) as workers:
        for _ in range(3):
            job_id = bench.submit("bell")
            workers.poke()
            wait(bench.kernel, job_id)


def test_until_idle_stays_for_a_job_that_is_to_be_tried_again(bench: Bench) -> None:
    clock = FakeClock()
    flaky = bench.having(devices=house.Drivers(failing(1)), clock=clock)
    job_id = flaky.submit("bell", retry=Retry(max_attempts=2, backoff_seconds=2.0))
    before = clock.at
    assert Worker(flaky.ports).run_until()
    assert flaky.kernel.get(job_id).state is JobState.DONE
    assert 2.0 <= clock.at - before < 3.0


def test_the_gauges_say_what_waits_and_what_runs(bench: Bench, monkeypatch: Any) -> None:
    told: dict[str, list[float]] = {}
    measured = threading.Event()

    def gauge(name: str, value: float) -> None:
        told.setdefault(name, []).append(value)
        if name == "eigen_kernel_queue_depth":
            measured.set()

    monkeypatch.setattr("eigen.kernel.workers.gauge", gauge)
    jobs = [bench.submit("bell") for _ in range(3)]
    with working(bench.ports, 0):
        assert measured.wait(30)
    assert set(told) == {"eigen_kernel_queue_depth"}
    assert set(told["eigen_kernel_queue_depth"]) == {3}
    with working(bench.ports, 1):
        wait(bench.kernel, *jobs)
    assert told["eigen_kernel_active_jobs"] == [1, 0] * 3
