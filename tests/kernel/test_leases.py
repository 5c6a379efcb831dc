"""One job, one worker: what a worker does after it lost its lease is recorded and never counts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from doubles import house
from doubles.flaky import FlakyDriver
from eigen.kernel import owner
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.qfs.sqlite import SqliteDatabase
from eigen.types import JobState

if TYPE_CHECKING:
    from conftest import Bench
    from eigen.kernel.ports import Ports

TESTS = Path(__file__).parent.parent


def steal(ports: Ports, job_id: str) -> None:
    """Another worker takes the job, as after a lease that ran out, and finishes it."""
    ports.jobs.break_leases(ports.jobs.owners())
    assert Worker(ports).run_until(job_id)


def test_a_late_result_is_recorded_and_refused(bench: Bench) -> None:
    """The first worker sleeps through its lease during its last evaluation."""
    job_id = bench.submit("bell")
    late = bench.having(devices=house.Drivers(FlakyDriver(lambda _: steal(bench.ports, job_id))))
    assert Worker(late.ports).run_next(job_id)
    log = bench.kernel.events(job_id)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert Counter(event.state.is_terminal for event in log)[True] == 1
    assert bench.kernel.get(job_id).attempts == 2
    assert bench.kernel.results(job_id).state is JobState.DONE
    assert len(bench.ports.jobs.journal(job_id)) == 1
    messages = [str(line["message"]) for line in bench.kernel.logs(job_id)]
    assert any("lease was lost" in message for message in messages)


def test_a_late_verdict_is_kept_beside_the_job(bench: Bench) -> None:
    """The lease goes after the last evaluation was journaled and before the verdict is stored."""
    job_id = bench.submit("bell")
    real, stolen = bench.ports.jobs.update, []

    class Thief:
        def __getattr__(self, name: str) -> object:
            return getattr(bench.ports.jobs, name)

        def update(self, row: object, events: object, *, outcome: object = None, **rest: object) -> bool:
            if outcome is not None and not stolen:
                stolen.append(row)
                steal(bench.ports, job_id)
            return real(row, events, outcome=outcome, **rest)  # type: ignore[arg-type]

    Worker(bench.having(jobs=Thief()).ports).run_next(job_id)
    query = text("SELECT fence, accepted, data IS NULL FROM outcome ORDER BY fence")
    kept = SqliteDatabase(bench.root / "eigen.db").read(lambda connection: connection.execute(query).all())
    assert [tuple(row) for row in kept] == [(1, 0, 0), (2, 1, 1)]  # refused with its data; accepted, now a file
    assert Counter(event.state.is_terminal for event in bench.kernel.events(job_id))[True] == 1


def test_a_beating_heart_keeps_the_lease(bench: Bench) -> None:
    job_id = bench.submit("bell")
    seen: list[float] = []

    def before(_: int) -> None:
        import time

        for _ in range(200):
            row = bench.ports.jobs.get(job_id)
            assert row is not None
            seen.append(row.lease_until)
            if len(set(seen)) > 2:
                return
            time.sleep(0.05)

    beating = bench.having(devices=house.Drivers(FlakyDriver(before)))
    Worker(beating.ports, lease_seconds=0.3).run_next(job_id)
    assert len(set(seen)) > 2
    assert seen == sorted(seen)
    assert bench.kernel.get(job_id).attempts == 1


def test_two_processes_on_one_file_run_each_job_once(bench: Bench, tmp_path: Path) -> None:
    names = [bench.submit("bell", seed=number) for number in range(12)]
    script = (
        "import sys; from pathlib import Path; from doubles import house;"
        "from eigen.kernel.worker import Worker; Worker(house.ports(Path(sys.argv[1]))).run_until()"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    processes = [subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(TESTS)}) for _ in range(2)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    for name in names:
        assert bench.kernel.get(name).state is JobState.DONE
        assert bench.kernel.get(name).attempts == 1
        assert Counter(event.state.is_terminal for event in bench.kernel.events(name))[True] == 1


def test_a_job_another_process_holds_is_waited_for(bench: Bench, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    process = subprocess.Popen(
        [sys.executable, "-m", "doubles.house", str(tmp_path), "vqe", "sim:statevector"],
        env=environment,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    job_id = process.stdout.readline().decode().strip()
    assert Worker(bench.ports).run_until(job_id, wait_seconds=60)
    assert process.wait(timeout=60) == 0
    process.stdout.close()
    assert Kernel(bench.ports).get(job_id).attempts == 1


def test_waiting_ends_when_the_time_is_over(bench: Bench) -> None:
    job_id = bench.submit("bell")
    clock = bench.ports.clock
    assert bench.ports.jobs.claim("elsewhere", clock.now(), 1e6, job_id=job_id) is not None
    assert not Worker(bench.ports).run_until(job_id, wait_seconds=0.1)
    assert bench.ports.jobs.owners() == ("elsewhere",)  # a stranger's name says nothing about its life


def test_owners_tell_the_living_from_the_dead() -> None:
    alive = owner.own_name()
    boot, namespace, pid, start, number = alive.split("/")
    other = "/".join
    assert owner.own_name() != alive
    assert owner.dead_among([alive], one_host=True) == ()
    dead = [
        other(["another-boot", namespace, pid, start, number]),
        other([boot, namespace, pid, str(int(start) + 1), number]),
        other([boot, namespace, "4194305", start, number]),
    ]
    assert owner.dead_among([alive, *dead], one_host=True) == tuple(dead)
    assert owner.dead_among([alive, *dead], one_host=False) == tuple(dead[1:]), "another boot may be another host"
    unknown = [other([boot, "another-namespace", "4194305", start, number]), "nonsense", "", "a/b/c/d/e"]
    assert owner.dead_among(unknown, one_host=True) == ()


def test_a_zombie_is_dead() -> None:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    try:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # ended, not yet buried
        boot, namespace, *_ = owner.own_name().split("/")
        assert owner.dead_among([f"{boot}/{namespace}/{process.pid}/1/1"], one_host=True) != ()
    finally:
        process.wait()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_entropy_differs_between_jobs(bench: Bench, number: int) -> None:
    rows = [bench.ports.jobs.get(bench.submit("bell", seed=None)) for _ in range(number)]
    assert len({row.entropy for row in rows if row is not None}) == number
