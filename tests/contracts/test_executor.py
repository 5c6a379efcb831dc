"""The Executor contract: one suite, every adapter, each with its real workers. Tasks run once or leave the same bytes;
what is killed is lost and nothing more."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from doubles import executors, tasks
from eigen import _core
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError
from eigen.executors import spool as spool_module
from eigen.executors.executor import ENDED, Executor, Outcome, TaskState
from eigen.executors.spool import Spool
from eigen.executors.tasks import read_result, result_document

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from doubles.executors import Rack
    from eigen.types import Work

LONG = 120.0
"""Seconds after which a test gives up waiting; none asserts that it takes less."""


@pytest.fixture(params=executors.ADAPTERS, scope="module")
def rack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Rack]:
    with executors.ADAPTERS[request.param](tmp_path_factory.mktemp(request.param)) as rack:
        yield rack


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that must come."""
    deadline = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.005)


def ended(rack: Rack, handle: str) -> TaskState:
    """How a task ended, once it has."""
    until(lambda: rack.executor.poll(handle) in ENDED)
    return rack.executor.poll(handle)


def hand_in(rack: Rack, key: str, work: Work, device_id: str = tasks.STATEVECTOR) -> str:
    spec = rack.spool.put_spec(tasks.described(work, device_id))
    return rack.executor.submit(tasks.key_of(key), spec, resources={})


def test_it_is_one(rack: Rack) -> None:
    assert isinstance(rack.executor, Executor)
    capacity = rack.executor.capacity()
    assert capacity.slots >= 1
    assert capacity.trip_sec > 0


def test_a_result_is_that_of_the_driver(rack: Rack) -> None:
    work = tasks.bell()
    outcome = rack.executor.result(hand_in(rack, "bell", work), LONG)
    driver = NativeDriver()
    driver.initialize({"threads": rack.threads})
    here = driver.execute_circuit(tasks.STATEVECTOR, work)
    assert outcome.document == result_document(here)
    assert read_result(outcome).counts == here.counts
    assert outcome.seconds > 0


def test_a_key_that_came_twice_ran_once(rack: Rack) -> None:
    first = hand_in(rack, "twice", tasks.bell(1))
    rack.executor.result(first, LONG)
    place = rack.files / "results" / tasks.key_of("twice")
    written = place.stat().st_mtime_ns
    again = hand_in(rack, "twice", tasks.bell(1))
    assert again == first
    assert rack.executor.poll(again) is TaskState.DONE
    assert rack.executor.result(again, LONG) == rack.executor.result(first, LONG)
    assert place.stat().st_mtime_ns == written


def test_an_error_of_the_work_is_a_result(rack: Rack) -> None:
    work = tasks.slow(1)
    handle = hand_in(rack, "refused", work, tasks.STABILIZER)
    outcome = rack.executor.result(handle, LONG)
    assert rack.executor.poll(handle) is TaskState.DONE
    with pytest.raises(EigenError) as caught:
        read_result(outcome)
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"


def test_ten_megabytes_come_home(rack: Rack) -> None:
    outcome = rack.executor.result(hand_in(rack, "large", tasks.large(), tasks.STABILIZER), LONG)
    assert len(outcome.document) > 10_000_000
    counts = read_result(outcome).counts
    assert counts is not None
    assert counts.shots == 240_000


def test_a_wait_has_an_end(rack: Rack) -> None:
    handle = hand_in(rack, "slow to wait for", tasks.slow())
    with pytest.raises(EigenError) as caught:
        rack.executor.result(handle, 0.05)
    assert caught.value.code == "EIGEN_RUN_TIMEOUT"
    assert rack.executor.cancel(handle)


def test_a_worker_that_is_killed_loses_one_task_and_it_runs_again(rack: Rack) -> None:
    handle = hand_in(rack, "killed", tasks.slow())
    until(lambda: rack.executor.poll(handle) is TaskState.RUNNING and bool(rack.workers()))
    rack.kill_workers()
    while ended(rack, handle) is not TaskState.DONE:
        with pytest.raises(EigenError) as caught:
            rack.executor.result(handle, LONG)
        assert caught.value.code == "EIGEN_EXECUTOR_LOST"
        handle = hand_in(rack, "killed", tasks.slow())
    outcome = rack.executor.result(handle, LONG)
    driver = NativeDriver()
    driver.initialize({"threads": rack.threads})
    assert read_result(outcome).value == driver.execute_circuit(tasks.STATEVECTOR, tasks.slow()).value


def test_a_cancelled_task_stays_cancelled(rack: Rack) -> None:
    handle = hand_in(rack, "cancelled", tasks.slow())
    until(lambda: rack.executor.poll(handle) is not TaskState.WAITING)
    assert rack.executor.cancel(handle)
    assert rack.executor.poll(handle) is TaskState.CANCELLED
    assert not rack.executor.cancel(handle)
    with pytest.raises(EigenError) as caught:
        rack.executor.result(handle, LONG)
    assert caught.value.code == "EIGEN_RUN_CANCELLED"
    assert rack.executor.adopt(tasks.key_of("cancelled")) is None


def test_cancelling_while_it_starts_leaves_a_working_executor(rack: Rack) -> None:
    for turn in range(3):
        handle = hand_in(rack, f"starting {turn}", tasks.slow())
        assert rack.executor.cancel(handle)
        assert rack.executor.poll(handle) is TaskState.CANCELLED
    assert rack.executor.result(hand_in(rack, "after them", tasks.bell(3)), LONG).document


def test_a_cancelled_task_can_be_submitted_again(rack: Rack) -> None:
    handle = hand_in(rack, "again", tasks.slow(20))
    rack.executor.cancel(handle)
    assert read_result(rack.executor.result(hand_in(rack, "again", tasks.slow(20)), LONG)).value is not None


def test_an_unknown_handle_is_lost(rack: Rack) -> None:
    handle = tasks.key_of("nobody")
    assert rack.executor.poll(handle) is TaskState.LOST
    assert rack.executor.adopt(handle) is None
    assert not rack.executor.cancel(handle)
    with pytest.raises(EigenError) as caught:
        rack.executor.result(handle, 0.1)
    assert caught.value.code == "EIGEN_EXECUTOR_LOST"


def test_what_was_done_is_adopted_after_a_crash(rack: Rack) -> None:
    """Another process asks, with no memory of the first one."""
    before = rack.executor.result(hand_in(rack, "crash", tasks.bell(9)), LONG)
    with rack.another() as executor:
        handle = executor.adopt(tasks.key_of("crash"))
        assert handle is not None
        assert executor.poll(handle) is TaskState.DONE
        assert executor.result(handle, LONG) == before


@pytest.mark.parametrize("amount", [1.0, 64.0])
def test_resources_that_nobody_has_are_refused_at_once(rack: Rack, amount: float) -> None:
    spec, key = rack.spool.put_spec(tasks.described(tasks.bell(4))), tasks.key_of("gpu")
    with pytest.raises(EigenError) as caught:
        rack.executor.result(rack.executor.submit(key, spec, resources={"NO_SUCH_GPU": amount}), 5.0)
    assert caught.value.code == "EIGEN_EXECUTOR_RESOURCES"
    assert "NO_SUCH_GPU" in caught.value.message


@pytest.mark.parametrize(
    "digest", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", "/" + "0" * 63, "é" * 64]
)
def test_what_is_no_digest_is_refused(rack: Rack, digest: str) -> None:
    good = tasks.key_of("good")
    for key, spec in ((digest, good), (good, digest)):
        with pytest.raises(EigenError) as caught:
            rack.executor.submit(key, spec, resources={})
        assert caught.value.code == "EIGEN_REQUEST_INVALID"


def test_a_description_that_is_not_there_is_said_so(rack: Rack) -> None:
    handle = rack.executor.submit(tasks.key_of("absent"), tasks.key_of("no such file"), resources={})
    with pytest.raises(EigenError) as caught:
        rack.executor.result(handle, LONG)
    assert caught.value.code == "EIGEN_QFS_NOT_FOUND"
    assert rack.executor.poll(handle) is TaskState.FAILED


def test_a_changed_description_is_data_loss(rack: Rack) -> None:
    spec = rack.spool.put_spec(tasks.described(tasks.bell(105)))
    path = rack.files / "specs" / spec
    path.write_bytes(path.read_bytes().replace(b'"shots":100', b'"shots":900'))
    handle = rack.executor.submit(tasks.key_of("changed"), spec, resources={})
    with pytest.raises(EigenError) as caught:
        rack.executor.result(handle, LONG)
    assert caught.value.code == "EIGEN_QFS_DATA_LOSS"
    assert not rack.spool.has_result(tasks.key_of("changed"))
    assert rack.spool.put_spec(tasks.described(tasks.bell(105))) == spec, "it is put right when it is needed again"
    assert rack.spool.spec(spec) == tasks.described(tasks.bell(105))


def test_another_version_is_refused(rack: Rack) -> None:
    document = json.loads(tasks.described(tasks.bell(6))) | {"version": "0.0.0-other"}
    spec = rack.spool.put_spec(_core.canonical_json(document))
    handle = rack.executor.submit(tasks.key_of("version"), spec, resources={})
    with pytest.raises(EigenError) as caught:
        rack.executor.result(handle, LONG)
    assert caught.value.code == "EIGEN_CONTRACT_VERSION"


def test_a_zombie_that_ends_late_changes_nothing(rack: Rack) -> None:
    """A worker that was given up for lost leaves its result after the task ran again."""
    key = tasks.key_of("zombie")
    handle = hand_in(rack, "zombie", tasks.bell(8))
    first = rack.executor.result(handle, LONG)
    assert rack.spool.put_result(key, Outcome(first.document, 99.0)) is False
    with pytest.raises(EigenError) as caught:
        rack.spool.put_result(key, Outcome(b'{"forged": true}', 0.1))
    assert caught.value.code == "EIGEN_QFS_EXISTS"
    assert rack.executor.result(handle, LONG) == first


def test_a_result_of_flipped_bits_is_data_loss(rack: Rack) -> None:
    handle = hand_in(rack, "flipped", tasks.bell(10))
    rack.executor.result(handle, LONG)
    path = rack.files / "results" / tasks.key_of("flipped")
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(EigenError) as caught:
        rack.executor.result(handle, LONG)
    assert caught.value.code == "EIGEN_QFS_DATA_LOSS"


def test_more_tasks_than_workers_all_end(rack: Rack) -> None:
    handles = [hand_in(rack, f"many {turn}", tasks.bell(turn)) for turn in range(20)]
    found = {rack.executor.result(handle, LONG).document for handle in handles}
    assert len(handles) == len(set(handles)) == 20
    assert len(found) > 1


def test_the_spool_is_private_and_its_files_are_no_links(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.put_result(tasks.key_of("one"), Outcome(b"{}", 0.1))
    assert (spool.root / "results").stat().st_mode & 0o077 == 0
    key = tasks.key_of("link")
    os.symlink("/etc/passwd", spool.root / "results" / key)
    with pytest.raises(EigenError) as caught:
        spool.result(key)
    assert caught.value.code == "EIGEN_QFS_DATA_LOSS"


def test_what_nobody_collects_is_swept(rack: Rack) -> None:
    rack.executor.result(hand_in(rack, "swept", tasks.bell(12)), LONG)
    assert rack.spool.sweep(3600.0) == 0
    assert rack.spool.has_result(tasks.key_of("swept"))
    place = rack.files / "results" / tasks.key_of("swept")
    os.utime(place, (0, 0))
    assert rack.spool.sweep(3600.0) == 1
    assert not rack.spool.has_result(tasks.key_of("swept"))


def test_what_is_forgotten_is_gone(rack: Rack) -> None:
    spec, key = rack.spool.put_spec(tasks.described(tasks.bell(13))), tasks.key_of("forgotten")
    rack.executor.result(rack.executor.submit(key, spec, resources={}), LONG)
    for _ in range(2):
        rack.spool.forget(spec=spec, result=key)
        assert rack.spool.result(key) is None
        with pytest.raises(EigenError) as caught:
            rack.spool.spec(spec)
        assert caught.value.code == "EIGEN_QFS_NOT_FOUND"


def test_a_document_beyond_all_bounds_is_not_read(rack: Rack, monkeypatch: pytest.MonkeyPatch) -> None:
    rack.spool.put_result(tasks.key_of("huge"), Outcome(b"1" * 1000, 0.1))
    monkeypatch.setattr(spool_module, "MAX_RESULT_BYTES", 100)
    with pytest.raises(EigenError) as caught:
        rack.spool.result(tasks.key_of("huge"))
    assert caught.value.code == "EIGEN_QFS_DATA_LOSS"
