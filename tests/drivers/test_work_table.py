"""Work of in-process engines: one run per key, honest states, cancellation, bounded memory."""

from __future__ import annotations

import threading

import pytest

from eigen.drivers.driver import WorkState
from eigen.drivers.work_table import WorkTable
from eigen.errors import EigenError
from eigen.types import SampleWork, WorkResult


def work(seed: int = 0) -> SampleWork:
    return SampleWork("circuit", (), 1, seed)  # type: ignore[arg-type]


class Gate:
    """An engine that runs only when it is let."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.started = threading.Event()
        self.runs: list[int] = []

    def __call__(self, device_id: str, work: SampleWork) -> WorkResult:
        self.runs.append(work.seed)
        self.started.set()
        assert self.open.wait(30)
        return WorkResult(value=float(work.seed))


def test_one_key_runs_once() -> None:
    gate = Gate()
    table = WorkTable("engine", gate)
    first = table.submit("d", "key", work(3))
    assert table.submit("d", "key", work(3)) == first == table.adopt("key")
    gate.open.set()
    assert table.result(first, 30).value == 3.0
    assert table.submit("d", "key", work(3)) == first
    assert gate.runs == [3]


def test_a_key_stands_for_one_piece_of_work() -> None:
    table = WorkTable("engine", lambda _device, _work: WorkResult(value=1.0))
    table.submit("d", "key", work(1))
    for device, other in (("d", work(2)), ("e", work(1))):
        with pytest.raises(EigenError) as caught:
            table.submit(device, "key", other)
        assert caught.value.code == "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT"


def test_states_are_honest() -> None:
    gate = Gate()
    table = WorkTable("engine", gate)
    running, waiting = table.submit("d", "a", work(1)), table.submit("d", "b", work(2))
    assert gate.started.wait(30)
    assert (table.poll(running), table.poll(waiting)) == (WorkState.RUNNING, WorkState.QUEUED)
    with pytest.raises(EigenError) as caught:
        table.result(waiting, 0.001)
    assert caught.value.code == "EIGEN_RUN_TIMEOUT"
    gate.open.set()
    assert table.result(waiting, 30).value == 2.0
    assert (table.poll(running), table.poll(waiting)) == (WorkState.DONE, WorkState.DONE)
    assert table.poll("engine-99") is WorkState.UNKNOWN
    assert table.adopt("never") is None


def test_cancelled_work_never_starts_and_running_work_loses_its_result() -> None:
    gate = Gate()
    table = WorkTable("engine", gate)
    running, waiting = table.submit("d", "a", work(1)), table.submit("d", "b", work(2))
    assert gate.started.wait(30)
    assert table.cancel(waiting)
    assert table.cancel(running)
    assert not table.cancel(running)
    assert not table.cancel("engine-99")
    gate.open.set()
    after = table.submit("d", "c", work(3))
    assert table.result(after, 30).value == 3.0
    assert gate.runs == [1, 3]
    for handle in (running, waiting):
        assert table.poll(handle) is WorkState.CANCELLED
        with pytest.raises(EigenError) as caught:
            table.result(handle)
        assert caught.value.code == "EIGEN_RUN_CANCELLED"


def test_what_an_engine_raises_reaches_the_caller() -> None:
    def fail(_device: str, asked: SampleWork) -> WorkResult:
        if asked.seed == 1:
            raise EigenError("EIGEN_SIM_MEMORY", "too much")
        raise ZeroDivisionError("oops")

    table = WorkTable("engine", fail)
    for seed, code, message in (
        (1, "EIGEN_SIM_MEMORY", "too much"),
        (2, "EIGEN_DEVICE_FAILED", "`engine` failed: ZeroDivisionError: oops"),
    ):
        handle = table.submit("d", str(seed), work(seed))
        with pytest.raises(EigenError) as caught:
            table.result(handle, 30)
        assert (caught.value.code, caught.value.message) == (code, message)
        assert table.poll(handle) is WorkState.FAILED


def test_finished_work_is_forgotten_oldest_first() -> None:
    table = WorkTable("engine", lambda _device, asked: WorkResult(value=float(asked.seed)), capacity=3)
    handles = []
    for seed in range(5):
        handles.append(table.submit("d", str(seed), work(seed)))
        table.result(handles[-1], 30)
    assert [table.poll(handle) for handle in handles] == [WorkState.UNKNOWN] * 2 + [WorkState.DONE] * 3
    assert table.adopt("0") is None
    with pytest.raises(EigenError) as caught:
        table.result(handles[0])
    assert caught.value.code == "EIGEN_DEVICE_FAILED"


def test_many_threads_share_one_table() -> None:
    runs: list[int] = []
    table = WorkTable("engine", lambda _device, asked: runs.append(asked.seed) or WorkResult(value=1.0), threads=3)
    handles: list[list[str]] = [[] for _ in range(4)]

    def submit_all(mine: list[str]) -> None:
        mine.extend(table.submit("d", str(seed), work(seed)) for seed in range(50))

    threads = [threading.Thread(target=submit_all, args=(mine,)) for mine in handles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert handles[0] == handles[1] == handles[2] == handles[3]
    for handle in handles[0]:
        assert table.result(handle, 30).value == 1.0
    assert sorted(runs) == list(range(50))
