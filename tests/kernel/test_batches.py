"""Batches: all jobs of one are stored, or none, whatever crashes; each runs as if it had been submitted alone."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doubles import house, kill_places
from eigen.errors import EigenError
from eigen.jobspec import Submission
from eigen.jobspec.batch import MAX_JOBS, Entry
from eigen.kernel.failpoints import EXIT_STATUS
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.quotas import quotas_of
from eigen.qfs.sqlite import SqliteDatabase
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Bench

TESTS = Path(__file__).parent.parent


def entry(program: str = "bell", key: str | None = None, **changes: Any) -> Entry:
    spec = house.spec(program, **changes)
    return Entry(Submission(spec, house.files(spec)), key)


def refusal(call: Callable[[], object]) -> EigenError:
    with pytest.raises(EigenError) as caught:
        call()
    return caught.value


def in_a_process(root: Path) -> None:
    """Submit a batch of four: for a process that dies."""
    ports = house.ports(root)
    print(*(view.job_id for view in Kernel(ports).submit_all([entry(seed=n) for n in range(4)], idempotency_key="k")))


def test_each_job_runs_as_if_it_came_alone(bench: Bench) -> None:
    alone = bench.run(bench.submit("bell"))
    views = bench.kernel.submit_all([entry(), entry("vqe"), entry()])
    assert [view.state for view in views] == [JobState.PENDING] * 3
    assert [view.name for view in views] == ["bell", "vqe", "bell"]
    assert [view.job_id for view in bench.kernel.list(limit=3)] == [view.job_id for view in reversed(views)]
    for view in (views[0], views[2]):
        results = bench.run(view.job_id)
        assert (results.state, results.counts) == (JobState.DONE, alone.counts)
        assert [event.seq for event in bench.kernel.events(view.job_id)] == list(range(1, 6))
    assert {line["message"] for line in bench.kernel.logs(views[1].job_id)} == {"submitted"}


def test_what_is_wrong_is_told_of_every_job_and_none_is_stored(bench: Bench) -> None:
    broken = replace(entry(), job=Submission(house.spec("bell"), {}))
    foreign = entry(dependencies=("job_01JD0000000000000000000000",))
    held = replace(entry(), reservation_id="res_none")
    error = refusal(lambda: bench.kernel.submit_all([entry(), broken, entry(key=""), entry()]))
    assert (error.code, error.where) == ("EIGEN_BATCH_REFUSED", "jobs[1]")
    assert "2 of 4 jobs" in error.message
    found = [(each["index"], each["code"]) for each in error.details["jobs"]]
    assert found == [(1, "EIGEN_QFS_NOT_FOUND"), (2, "EIGEN_JOBSPEC_INVALID")]
    error = refusal(lambda: bench.kernel.submit_all([foreign, entry(), held]))
    found = [(each["index"], each["code"]) for each in error.details["jobs"]]
    assert found == [(0, "EIGEN_JOB_NOT_FOUND"), (2, "EIGEN_RESERVATION_NOT_FOUND")]
    assert bench.kernel.list() == ()
    assert not list(bench.root.glob("jobs/*")), "files of jobs that there are not"


class Asked:
    """A job store that remembers what it is asked."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.calls.append(name)
        return getattr(self._real, name)


def test_whoever_submits_is_told_of_the_job_that_was_stored_without_another_read(bench: Bench) -> None:
    asked = Asked(bench.ports.jobs)
    kernel = bench.having(jobs=asked).kernel
    one = house.spec("bell", priority=70)
    flow = house.workflow(house.step("a", "bell"))
    for spec in (one, flow):
        asked.calls.clear()
        told = kernel.submitted(spec, house.files(spec), idempotency_key=spec.name)
        assert asked.calls[-1] == "insert"
        assert told == kernel.get(told.job_id)
        assert kernel.submitted(spec, house.files(spec), idempotency_key=spec.name) == told
        (listed,) = kernel.submit_all([Entry(Submission(spec, house.files(spec)))])
        assert asked.calls[-1] == "insert_all"
        assert listed == kernel.get(listed.job_id)
    bench.run(told.job_id)
    again = kernel.replayed(told.job_id)
    assert asked.calls[-1] == "insert"
    assert again == kernel.get(again.job_id)
    assert again.replay_of == told.job_id
    failed = bench.submit("division")
    bench.run(failed)
    gone_on = kernel.resumed(failed)
    assert asked.calls[-1] == "insert"
    assert gone_on == kernel.get(gone_on.job_id)
    assert gone_on.resumed_from == failed


def test_the_same_batch_under_one_key_is_the_same_jobs(bench: Bench) -> None:
    batch = [entry(), entry("vqe"), entry()]
    views = bench.kernel.submit_all(batch, idempotency_key="k")
    again = bench.kernel.submit_all(batch, idempotency_key="k")
    assert [view.job_id for view in again] == [view.job_id for view in views]
    for other in (batch[:2], [*batch, entry()], [batch[1], batch[0], batch[2]], [entry(seed=8), *batch[1:]]):
        error = refusal(lambda batch=other: bench.kernel.submit_all(batch, idempotency_key="k"))
        assert error.code == "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT"
        assert "`k`" in error.message
    assert len(bench.kernel.list()) == 3
    assert len(bench.kernel.submit_all(batch)) == 3
    assert len(bench.kernel.list()) == 6


def test_a_job_with_a_key_of_its_own_is_known_by_that_one_alone(bench: Bench) -> None:
    spec = house.spec("bell")
    alone = bench.kernel.submit(spec, house.files(spec), idempotency_key="mine")
    first, second = bench.kernel.submit_all([entry(key="mine"), entry(key="other")], idempotency_key="k")
    assert first.job_id == alone
    assert bench.kernel.submit_all([entry(key="other")], idempotency_key="l")[0].job_id == second.job_id
    assert bench.kernel.submit(spec, house.files(spec), idempotency_key="other") == second.job_id
    twice = refusal(lambda: bench.kernel.submit_all([entry(key="a"), entry("vqe"), entry(key="a")]))
    assert [each["index"] for each in twice.details["jobs"]] == [2]
    assert "`jobs[0]`" in twice.message
    conflict = refusal(lambda: bench.kernel.submit_all([entry(), entry("vqe", key="mine")]))
    assert conflict.code == "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT"
    assert len(bench.kernel.list()) == 2


def test_the_sum_must_fit_into_the_quota(bench: Bench) -> None:
    database = SqliteDatabase(bench.root / "eigen.db")
    limited = bench.having(jobs=SqlJobStore(database, quotas=quotas_of("*.queued=3")))
    try:
        limited.kernel.submit_all([entry(), entry()])
        assert refusal(lambda: limited.kernel.submit_all([entry(), entry()])).code == "EIGEN_QUOTA_EXCEEDED"
        assert len(limited.kernel.list()) == 2
        assert len(list(bench.root.glob("jobs/*"))) == 2, "files of jobs that were refused"
        assert len(limited.kernel.submit_all([entry()])) == 1
    finally:
        database.close()


def test_a_batch_is_neither_empty_nor_endless(bench: Bench) -> None:
    assert refusal(lambda: bench.kernel.submit_all([])).code == "EIGEN_REQUEST_INVALID"
    error = refusal(lambda: bench.kernel.submit_all([entry()] * (MAX_JOBS + 1)))
    assert (error.code, error.where) == ("EIGEN_LIMIT_EXCEEDED", "jobs")
    assert bench.kernel.list() == ()


def test_a_replay_can_come_in_a_batch(bench: Bench) -> None:
    original = bench.submit("bell")
    bench.run(original)
    spec = house.spec("bell", replay_of=original)
    again, other = bench.kernel.submit_all([Entry(Submission(spec, {})), entry()])
    assert (again.replay_of, other.replay_of) == (original, "")
    assert bench.run(again.job_id).metadata["replay"]["verdict"] == "identical"


@pytest.mark.parametrize("name", kill_places.BATCH)
def test_a_crash_in_the_middle_leaves_all_or_nothing(tmp_path: Path, name: str) -> None:
    script = (
        f"from pathlib import Path; from kernel.test_batches import in_a_process; in_a_process(Path({str(tmp_path)!r}))"
    )
    environment = {**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS / 'kernel'}"}
    command = [sys.executable, "-c", script]
    dying = subprocess.run(command, env={**environment, "EIGEN_FAILPOINT": name}, stdout=subprocess.PIPE, check=False)
    assert (dying.returncode, dying.stdout) == (EXIT_STATUS, b"")
    ports = house.ports(tmp_path)
    there = {view.job_id for view in Kernel(ports).list()}
    assert len(there) == (0 if name == "batch.files-stored" else 4)
    asked = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    answered = asked.stdout.decode().split()
    assert len(answered) == 4
    assert {view.job_id for view in Kernel(ports).list()} == {*answered} >= there
    Worker(ports).run_until()
    assert [Kernel(ports).results(job_id).state for job_id in answered] == [JobState.DONE] * 4
    ports.jobs.close()
