"""Long work that is killed goes on from its last snapshot, wherever it was killed, to the same bits."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doubles import house, kill_places
from eigen.errors import EigenError
from eigen.kernel.failpoints import EXIT_STATUS, watched
from eigen.kernel.kernel import Kernel
from eigen.kernel.snapshot_policy import SnapshotPolicy
from eigen.kernel.worker import Worker
from eigen.qfs.snapshots import LocalSnapshots
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.s3_server import S3Server

    from eigen.kernel.ports import Ports
    from eigen.types import JobResults

TESTS = Path(__file__).parent.parent
DEVICE = "sim:statevector"
PLACES = [name for name in kill_places.SNAPSHOTS if name != "snapshot.restored"]


def start(root: Path, program: str, failpoint: str = "", device: str = DEVICE) -> subprocess.Popen[bytes]:
    (root / house.SNAPSHOTS).touch()
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "EIGEN_FAILPOINT": failpoint}
    command = [sys.executable, "-m", "doubles.house", str(root), program, device]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)


def finish(root: Path) -> JobResults:
    """Start again: whatever the first process left is brought to its end."""
    ports = house.ports(root)
    Worker(ports).run_until()
    (view,) = Kernel(ports).list()
    assert ports.snapshots is not None
    assert ports.snapshots.list(view.job_id) == ()
    assert not (root / "jobs" / view.job_id / "checkpoints").exists()
    return Kernel(ports).results(view.job_id)


def run_whole(root: Path, program: str, device: str = DEVICE, **changes: object) -> JobResults:
    ports = house.ports(root, **changes)
    job = house.spec(program, device)
    job_id = Kernel(ports).submit(job, house.files(job))
    assert Worker(ports).run_until(job_id)
    return Kernel(ports).results(job_id)


def same(one: JobResults, other: JobResults) -> None:
    assert one.state is other.state is JobState.DONE
    assert one.outputs == other.outputs
    assert one.circuits == other.circuits


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, JobResults]:
    return {name: run_whole(tmp_path_factory.mktemp("whole"), name) for name in ("deep", "deep-single")}


@pytest.mark.parametrize(("name", "program"), [*((name, "deep") for name in PLACES), ("snapshot.kept", "deep-single")])
def test_who_dies_around_a_snapshot_goes_on_to_the_same_bits(
    tmp_path: Path, undisturbed: dict[str, JobResults], name: str, program: str
) -> None:
    passage = 40 if name == "snapshot.writing" else 7  # a snapshot is written in several parts
    assert start(tmp_path, program, f"{name}:{passage}").wait(timeout=60) == EXIT_STATUS
    results = finish(tmp_path)
    same(results, undisturbed[program])
    assert results.metadata["snapshots"]["restored"] == 1


@pytest.mark.parametrize(("program", "device"), [("clifford", "sim:stabilizer"), ("chain", "sim:mps")])
@pytest.mark.parametrize("place", ["snapshot.writing:40", "snapshot.kept:5"])
def test_tableaux_and_chains_go_on_to_the_same_counts(tmp_path: Path, program: str, device: str, place: str) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    killed.mkdir()
    assert start(killed, program, place, device).wait(timeout=60) == EXIT_STATUS
    results = finish(killed)
    same(results, run_whole(whole, program, device))
    assert results.metadata["snapshots"]["restored"] == 1


@pytest.mark.parametrize("name", ["snapshot.kept", "snapshot.written", "snapshot.swept"])
def test_who_dies_with_its_disk_is_gone_on_for_on_another_host(
    tmp_path: Path, undisturbed: dict[str, JobResults], s3: S3Server, postgres_url: str, name: str
) -> None:
    """Two hosts that share a database and a bucket, and no disk."""
    settings = s3.settings()
    hosts = [tmp_path / "first", tmp_path / "second"]
    for host in hosts:
        host.mkdir()
        (host / "database.url").write_text(postgres_url)
        (host / "settings.json").write_text(json.dumps(settings))
        (host / house.SNAPSHOTS).touch()
    assert start(hosts[0], "deep", f"{name}:7").wait(timeout=120) == EXIT_STATUS
    assert not list(hosts[0].glob("jobs/*/checkpoints"))
    shutil.rmtree(hosts[0])
    results = finish(hosts[1])
    same(results, undisturbed["deep"])
    assert results.metadata["snapshots"]["restored"] == 1
    bucket = s3.buckets / settings["artifacts_url"].removeprefix("s3://") / "jobs"
    assert not [path for path in bucket.rglob("checkpoints/**/*") if path.is_file()], "the job has ended"


def test_who_dies_again_where_it_went_on_goes_on_again(tmp_path: Path, undisturbed: dict[str, JobResults]) -> None:
    assert start(tmp_path, "deep", "snapshot.kept:5").wait(timeout=60) == EXIT_STATUS
    assert start_again(tmp_path, "snapshot.restored").wait(timeout=60) == EXIT_STATUS
    assert start_again(tmp_path, "snapshot.kept:3").wait(timeout=60) == EXIT_STATUS
    same(finish(tmp_path), undisturbed["deep"])


def start_again(root: Path, failpoint: str) -> subprocess.Popen[bytes]:
    script = (
        "import sys; from pathlib import Path; from doubles import house; from eigen.kernel.worker import Worker;"
        "Worker(house.ports(Path(sys.argv[1]))).run_until()"
    )
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "EIGEN_FAILPOINT": failpoint}
    return subprocess.Popen([sys.executable, "-c", script, str(root)], env=environment)


def test_kill_9_in_the_middle_of_a_circuit(tmp_path: Path, undisturbed: dict[str, JobResults]) -> None:
    """No failpoint: the signal, once there is a snapshot."""
    process = start(tmp_path, "deep")
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("jobs/*/checkpoints/*.snapshot")):
        assert process.poll() is None, "it ended before there was a snapshot"
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGKILL)
    process.wait()
    same(finish(tmp_path), undisturbed["deep"])


def interrupted(root: Path, at: str = "snapshot.kept", passage: int = 4) -> tuple[Ports, str]:
    """A job whose worker was stopped in the middle of its circuit, and the ports of its installation."""
    (root / house.SNAPSHOTS).touch()
    ports = house.ports(root)
    job = house.spec("deep", DEVICE)
    job_id = Kernel(ports).submit(job, house.files(job))
    stop = threading.Event()
    passed = [0]

    def watch(name: str) -> None:
        passed[0] += name == at
        if passed[0] >= passage:
            stop.set()

    with watched(watch):
        Worker(ports).run_until(job_id, stop=stop)
    row = ports.jobs.get(job_id)
    assert row is not None
    assert not row.state.is_terminal
    return ports, job_id


def test_a_worker_that_is_stopped_takes_what_it_has_with_it(tmp_path: Path, undisturbed: dict[str, JobResults]) -> None:
    ports, job_id = interrupted(tmp_path, at="snapshot.wanted", passage=1)
    assert ports.snapshots is not None
    assert len(ports.snapshots.list(job_id)) >= 1
    same(finish(tmp_path), undisturbed["deep"])


def test_a_worker_that_lost_the_job_leaves_nothing_behind(tmp_path: Path, undisturbed: dict[str, JobResults]) -> None:
    """Another one takes the job and ends it, before the snapshot is written that was wanted."""
    (tmp_path / house.SNAPSHOTS).touch()
    ports = house.ports(tmp_path)
    job = house.spec("deep", DEVICE)
    job_id = Kernel(ports).submit(job, house.files(job))
    passed: list[str] = []

    def watch(name: str) -> None:
        passed.append(name)
        if name == "snapshot.wanted" and passed.count(name) == 3:
            ports.jobs.break_leases(ports.jobs.owners())
            assert Worker(house.ports(tmp_path)).run_until(job_id)

    with watched(watch):
        assert Worker(ports).run_next(job_id)
    assert not (tmp_path / "jobs" / job_id / "checkpoints").exists()
    same(Kernel(ports).results(job_id), undisturbed["deep"])


@pytest.mark.parametrize("both", [False, True])
def test_a_flipped_byte_means_the_one_before_or_the_beginning(
    tmp_path: Path, undisturbed: dict[str, JobResults], both: bool
) -> None:
    interrupted(tmp_path)
    kept = sorted(tmp_path.glob("jobs/*/checkpoints/*.snapshot"))
    assert len(kept) == 2
    for file in kept if both else kept[1:]:
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    results = finish(tmp_path)
    same(results, undisturbed["deep"])
    assert results.metadata["snapshots"].get("restored", 0) == (0 if both else 1)
    (view,) = Kernel(house.ports(tmp_path)).list()
    said = [line["message"] for line in Kernel(house.ports(tmp_path)).logs(view.job_id)]
    assert sum("is passed over" in str(text) for text in said) == (2 if both else 1)


class Failing(LocalSnapshots):
    """A store that fails at one kind of call."""

    def __init__(self, root: Path, call: str) -> None:
        super().__init__(root)

        def fail(*_: object) -> None:
            raise EigenError("EIGEN_STORE_UNAVAILABLE", "the disk is on fire")

        setattr(self, call, fail)


@pytest.mark.parametrize("call", ["list", "has_room", "create", "remove"])
def test_a_store_that_fails_fails_no_job(tmp_path: Path, undisturbed: dict[str, JobResults], call: str) -> None:
    (tmp_path / house.SNAPSHOTS).touch()
    same(run_whole(tmp_path, "deep", snapshots=Failing(tmp_path, call)), undisturbed["deep"])


@pytest.mark.parametrize("call", ["list", "open"])
def test_a_store_that_fails_when_it_is_read_means_the_beginning(
    tmp_path: Path, undisturbed: dict[str, JobResults], call: str
) -> None:
    ports, job_id = interrupted(tmp_path)
    broken = replace(ports, snapshots=Failing(tmp_path, call))
    assert Worker(broken).run_until(job_id)
    same(Kernel(broken).results(job_id), undisturbed["deep"])


def test_no_more_bytes_are_kept_than_a_job_may_have(tmp_path: Path, undisturbed: dict[str, JobResults]) -> None:
    (tmp_path / house.SNAPSHOTS).touch()
    largest = [0]
    store = LocalSnapshots(tmp_path)

    def watch(name: str) -> None:
        if name.startswith("snapshot."):
            largest[0] = max(largest[0], sum(file.stat().st_size for file in tmp_path.glob("jobs/*/checkpoints/*")))

    policy = SnapshotPolicy(1e-9, most_bytes=5_000_000, most_part=1.0, look_seconds=0.0, least_amplitudes=0)
    with watched(watch):
        results = run_whole(tmp_path, "deep", snapshots=store, snapshot_policy=policy)
    same(results, undisturbed["deep"])
    assert results.metadata["snapshots"]["taken"] > 3
    assert 0 < largest[0] <= 5_000_000
    too_small = replace(policy, most_bytes=100_000)
    other = tmp_path / "other"
    other.mkdir()
    results = run_whole(other, "deep", snapshots=LocalSnapshots(other), snapshot_policy=too_small)
    same(results, undisturbed["deep"])
    assert "snapshots" not in results.metadata


def test_a_long_circuit_is_cancelled_in_its_middle(tmp_path: Path) -> None:
    (tmp_path / house.SNAPSHOTS).touch()
    ports = house.ports(tmp_path)
    job = house.spec("deep", DEVICE)
    job_id = Kernel(ports).submit(job, house.files(job))
    once: list[Callable[[], object]] = [lambda: ports.jobs.request_cancel(job_id)]
    passed = [0]

    def watch(name: str) -> None:
        if name == "snapshot.kept":
            passed[0] += 1
            time.sleep(0.12)  # the wish is looked for about ten times a second
            if once:
                once.pop()()

    with watched(watch):
        Worker(ports).run_until(job_id)
    assert Kernel(ports).get(job_id).state is JobState.CANCELLED
    assert passed[0] < 5
    assert ports.snapshots is not None
    assert ports.snapshots.list(job_id) == ()


def test_a_snapshot_takes_no_more_than_its_part_of_the_time(tmp_path: Path) -> None:
    """With a clock of the test: a state whose snapshot takes a second is kept after nine more."""
    from doubles.clocks import FakeClock
    from eigen.kernel.effects.snapshots import Snapshots, Watching
    from eigen.kernel.lease import Lease

    clock = FakeClock()
    ports = house.ports(tmp_path, clock=clock)
    job = house.spec("deep", DEVICE)
    Kernel(ports).submit(job, house.files(job))
    row = ports.jobs.claim("me", clock.now(), 1e6)
    assert row is not None
    store = LocalSnapshots(tmp_path)
    watching = Watching(Snapshots(ports, store, Lease(ports, row, 1e6), SnapshotPolicy(2.0)), "ab")
    size, taken = 100_000_000, []
    for second in range(1, 41):
        clock.pass_(1.0)
        if watching.look(second, 1000, size):
            taken.append(second)
            clock.pass_(1.0)
            assert watching.write(b"state")
            watching.keep(second, 1000)
    assert taken == [9, 18, 27, 36]
    ports.jobs.close()
