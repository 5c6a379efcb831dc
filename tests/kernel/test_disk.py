"""A disk that is full, read-only or broken: a clear error, nothing lost, and the job continues when it is well."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doubles import house
from eigen.errors import EigenError
from eigen.kernel.worker import Worker
from eigen.qfs import files
from eigen.qfs.sqlite import SqliteDatabase
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conftest import Bench
    from eigen.qfs.store import JobRow


def test_the_nth_failing_write_of_a_whole_job_loses_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the first, the second, … file write of a job until one run passes clean; every job ends all the same."""
    whole = bench.run(bench.submit("bell"))
    real = files._write
    failures = 0
    for attempt in range(1, 40):
        calls = 0

        def failing(path: Path, data: bytes, limit: int = attempt) -> int:
            nonlocal calls
            calls += 1
            if calls == limit:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(path, data)

        monkeypatch.setattr(files, "_write", failing)
        job_id, code = "", ""
        try:
            job_id = bench.submit("bell")
            Worker(bench.ports).run_until(job_id)
        except EigenError as error:
            code = error.code
            failures += 1
        monkeypatch.setattr(files, "_write", real)
        if not code:
            break
        assert code == "EIGEN_STORE_UNAVAILABLE"
        if not job_id:  # never acknowledged
            continue
        results = bench.run(job_id)
        assert (results.state, results.counts) == (whole.state, whole.counts)
    assert failures > 5
    assert {view.state for view in bench.kernel.list()} == {JobState.DONE}


@pytest.mark.parametrize("target", ["sim:statevector", "double:metered"])
def test_a_record_that_is_stored_although_the_disk_said_no_fails_no_job(bench: Bench, target: str) -> None:
    whole = bench.run(bench.submit("vqe-shots", target))

    class Doubtful:
        doubts = 1

        def __getattr__(self, name: str) -> object:
            return getattr(bench.ports.jobs, name)

        def journal_append(self, *given: object, **named: object) -> bool:
            stored = bench.ports.jobs.journal_append(*given, **named)  # type: ignore[arg-type]
            if self.doubts:
                self.doubts -= 1
                raise EigenError("EIGEN_STORE_UNAVAILABLE", "nobody knows")
            return stored

    job_id = bench.submit("vqe-shots", target)
    with pytest.raises(EigenError, match="nobody knows"):
        Worker(bench.having(jobs=Doubtful()).ports).run_next(job_id)
    results = bench.run(job_id)
    assert (results.state, results.outputs) == (JobState.DONE, whole.outputs)
    assert results.metadata["evaluations"] == whole.metadata["evaluations"] == len(bench.ports.jobs.journal(job_id))


def test_a_flipped_byte_in_a_stored_program_is_never_run(bench: Bench) -> None:
    job_id = bench.submit("bell")
    path = bench.root / "jobs" / job_id / "input/program.eigen.py"
    path.chmod(0o600)
    path.write_bytes(b"bell ")
    results = bench.run(job_id)
    assert results.error is not None
    assert results.error["code"] == "EIGEN_QFS_DATA_LOSS"


def test_a_damaged_result_file_is_data_loss(bench: Bench) -> None:
    job_id = bench.submit("bell")
    bench.run(job_id)
    path = bench.root / "jobs" / job_id / "results/results.json"
    path.write_bytes(path.read_bytes().replace(b'"00"', b'"01"', 1))
    with pytest.raises(EigenError) as error:
        bench.kernel.results(job_id)
    assert error.value.code == "EIGEN_QFS_DATA_LOSS"


def test_foreign_result_files_do_not_hold_a_job_back(bench: Bench) -> None:
    """Somebody stored other bytes under the name of the results: the verdict stays in the database."""
    job_id = bench.submit("bell")
    bench.ports.artifacts.put(job_id, "results/results.json", b"{}")
    results = bench.run(job_id)
    assert results.state is JobState.DONE
    assert results.counts is not None
    assert any("could not be written" in str(line["message"]) for line in bench.kernel.logs(job_id))


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EigenError) as error:
        house.ports(tmp_path / "file" / "data")
    assert error.value.code == "EIGEN_STORE_UNAVAILABLE"
    assert str(tmp_path / "file") in error.value.message


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "eigen.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(EigenError) as error:
        SqliteDatabase(tmp_path / "eigen.db")
    assert error.value.code == "EIGEN_STORE_UNAVAILABLE"


def test_files_that_are_gone_are_a_loss_and_not_an_empty_result(bench: Bench) -> None:
    job_id = bench.submit("bell")
    Worker(bench.ports).run_until(job_id)
    shutil.rmtree(bench.root / "jobs" / job_id)
    for look in (
        lambda: bench.kernel.results(job_id),
        lambda: bench.kernel.artifacts(job_id),
        lambda: bench.kernel.artifact(job_id, "compiled/program.json"),
    ):
        with pytest.raises(EigenError, match="gone from the data directory") as error:
            look()
        assert error.value.code == "EIGEN_QFS_DATA_LOSS"
    assert bench.kernel.get(job_id).state is JobState.DONE


def test_what_a_loss_of_power_may_take_back_lies_before_the_run(bench: Bench) -> None:
    """The steps to the compiler and into the queue are made again; the run, its end and all before them are flushed."""
    flushed: list[tuple[JobState, bool]] = []

    class Noting:
        def __getattr__(self, name: str) -> object:
            return getattr(bench.ports.jobs, name)

        def update(self, row: JobRow, *rest: object, flush: bool, **named: object) -> bool:
            flushed.append((row.state, flush))
            return bench.ports.jobs.update(row, *rest, flush=flush, **named)  # type: ignore[arg-type]

    noting = bench.having(jobs=Noting())
    noting.run(noting.submit("bell"))
    assert flushed == [
        (JobState.COMPILING, False),
        (JobState.QUEUED, False),
        (JobState.RUNNING, True),
        (JobState.DONE, True),
    ]
    cancelled = noting.submit("bell")
    assert bench.ports.jobs.request_cancel(cancelled)
    noting.run(cancelled)
    assert flushed[4:] == [(JobState.CANCELLED, True)]


class Watched:
    """Notes in which order the compiled files are stored, evaluations are recorded and the driver is entered."""

    def __init__(self, bench: Bench, target: str) -> None:
        self.order: list[str] = []
        outer, driver = self, bench.ports.devices.driver_for(target)
        entered = threading.Event()

        class Artifacts(_Passing):
            def put_all(self, job_id: str, files: Mapping[str, bytes]) -> object:
                if "compiled/program.json" in files:
                    entered.wait(0.5)
                    outer.order.append("stored")
                return bench.ports.artifacts.put_all(job_id, files)

        class Jobs(_Passing):
            def journal_append(self, *words: object, **named: object) -> bool:
                outer.order.append("recorded")
                return bench.ports.jobs.journal_append(*words, **named)  # type: ignore[arg-type]

        class Driver(_Passing):
            def __getattribute__(self, name: str) -> object:
                if name in {"execute_circuit", "submit"}:
                    outer.order.append("driver")
                    entered.set()
                return object.__getattribute__(self, "its")(name)

        class Devices(_Passing):
            def driver_for(self, device_id: str) -> object:
                return Driver(driver.__getattribute__)

        ports = bench.ports
        self.bench = bench.having(
            artifacts=Artifacts(ports.artifacts.__getattribute__),
            jobs=Jobs(ports.jobs.__getattribute__),
            devices=Devices(ports.devices.__getattribute__),
        )


class _Passing:
    """Hands on what it does not do itself."""

    def __init__(self, its: Callable[[str], object]) -> None:
        self.its = its

    def __getattr__(self, name: str) -> object:
        return self.its(name)


@pytest.mark.parametrize(
    ("program", "target", "order"),
    [
        ("bell", "sim:statevector", ["driver", "stored", "recorded"]),
        ("vqe-shots", "double:metered", ["stored", "driver", "recorded"]),
    ],
)
def test_the_program_is_stored_before_anything_is_recorded_or_paid_for(
    bench: Bench, program: str, target: str, order: list[str]
) -> None:
    """A simulator begins while the files are on their way to the disk."""
    watched = Watched(bench, target)
    assert watched.bench.run(watched.bench.submit(program, target)).state is JobState.DONE
    assert [name for name in dict.fromkeys(watched.order) if name in order] == order


def test_a_job_whose_program_did_not_reach_the_disk_compiles_again(bench: Bench) -> None:
    class Losing(_Passing):
        def put_all(self, job_id: str, files: Mapping[str, bytes]) -> object:
            if "compiled/program.json" in files:
                raise EigenError("EIGEN_STORE_UNAVAILABLE", "the disk is full")
            return bench.ports.artifacts.put_all(job_id, files)

    job_id = bench.submit("bell")
    with pytest.raises(EigenError, match="the disk is full"):
        Worker(bench.having(artifacts=Losing(bench.ports.artifacts.__getattribute__)).ports).run_until(job_id)
    assert bench.kernel.get(job_id).state is JobState.RUNNING
    assert bench.ports.artifacts.info(job_id, "compiled/program.json") is None
    assert bench.ports.jobs.journal_length(job_id) == 0
    assert bench.run(job_id).state is JobState.DONE
    assert bench.kernel.verify(job_id).holds
