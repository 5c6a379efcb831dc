"""Kill the process at every effect boundary, and at random: the job continues to the same result, paid once."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doubles import house, kill_places
from doubles.metered import MeteredDriver
from eigen.kernel.failpoints import EXIT_STATUS, FAILPOINTS
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.types import JobState

if TYPE_CHECKING:
    from eigen.types import JobResults

TESTS = Path(__file__).parent.parent


def start(root: Path, program: str, device: str, failpoint: str = "") -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "EIGEN_FAILPOINT": failpoint}
    command = [sys.executable, "-m", "doubles.house", str(root), program, device]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)


def finish(root: Path) -> JobResults:
    """Start again: whatever the first process left is brought to its end."""
    outside = house.ports(root)
    try:
        kernel = Kernel(outside)
        Worker(outside).run_until()
        (view,) = kernel.list()
        log = kernel.events(view.job_id)
        assert [event.seq for event in log] == list(range(1, len(log) + 1))
        assert sum(event.state.is_terminal for event in log) == 1
        row = outside.jobs.get(view.job_id)
        assert row is not None
        assert row.sealed
        assert row.owner == ""
        for info in kernel.artifacts(view.job_id):
            kernel.artifact(view.job_id, info.path)
        return kernel.results(view.job_id)
    finally:
        outside.jobs.close()


def run_whole(root: Path, program: str, device: str) -> JobResults:
    outside = house.ports(root)
    job = house.spec(program, device)
    job_id = Kernel(outside).submit(job, house.files(job))
    assert Worker(outside).run_until(job_id)
    return Kernel(outside).results(job_id)


def same(one: JobResults, other: JobResults) -> None:
    assert one.state is other.state is JobState.DONE
    assert one.outputs == other.outputs
    assert one.circuits == other.circuits
    for name in ("seed", "evaluations", "shots_used", "minimizations"):
        assert one.metadata.get(name) == other.metadata.get(name)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], JobResults]:
    jobs = [("vqe-shots", "double:metered"), ("vqe-wide", "sim:statevector")]
    return {job: run_whole(tmp_path_factory.mktemp("whole"), *job) for job in jobs}


@pytest.mark.parametrize("name", kill_places.PAID_JOB)
def test_a_crash_at_every_boundary(tmp_path: Path, undisturbed: dict[tuple[str, str], JobResults], name: str) -> None:
    job = ("vqe-shots", "double:metered")
    inside_the_loop = name in {"execute.before-work", "execute.after-work", "execute.recording", "execute.journaled"}
    process = start(tmp_path, *job, failpoint=f"{name}:{9 if inside_the_loop else 1}")
    assert process.wait(timeout=60) == EXIT_STATUS
    if name == "submit.files-stored":  # never acknowledged: there is no job, and submitting again works
        assert Kernel(house.ports(tmp_path)).list() == ()
        start(tmp_path, *job).wait(timeout=60)
    results = finish(tmp_path)
    same(results, undisturbed[job])
    provider = MeteredDriver(tmp_path / "ledger")
    keys = [row["key"] for row in provider.rows()]
    assert len(keys) == len(set(keys)), "something was paid twice"
    assert sum(provider.paid_shots().values()) == results.metadata["shots_used"]


def test_a_crash_between_the_wish_to_cancel_and_its_fulfilment(tmp_path: Path) -> None:
    outside = house.ports(tmp_path)
    job = house.spec("vqe-shots", "double:metered")
    job_id = Kernel(outside).submit(job, house.files(job))
    script = (
        "import sys; from pathlib import Path; from doubles import house; from eigen.kernel.kernel import Kernel;"
        "Kernel(house.ports(Path(sys.argv[1]))).cancel(sys.argv[2])"
    )
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "EIGEN_FAILPOINT": kill_places.CANCELLATION}
    command = [sys.executable, "-c", script, str(tmp_path), job_id]
    assert subprocess.run(command, check=False, env=environment).returncode == EXIT_STATUS
    assert finish(tmp_path).state is JobState.CANCELLED
    assert MeteredDriver(tmp_path / "ledger").rows() == []


def test_every_place_that_is_passed_has_a_name() -> None:
    """Each name is passed by a process that dies there in the test which its list names; nothing else is passed."""
    source = TESTS.parent / "src/eigen"
    passed = {name for file in source.rglob("*.py") for name in re.findall(r'\bhit\("([^"]+)"\)', file.read_text())}
    assert passed == set(FAILPOINTS)
    lists = (
        *(kill_places.WORKFLOW, kill_places.BATCH, kill_places.CACHE, kill_places.WAITING, kill_places.REGION),
        kill_places.SNAPSHOTS,
    )
    killed = [*kill_places.PAID_JOB, kill_places.CANCELLATION, *(name for each in lists for name in each)]
    assert sorted(killed) == sorted(FAILPOINTS)


@pytest.mark.parametrize("passage", range(2, 6))
def test_a_crash_around_every_commit(
    tmp_path: Path, undisturbed: dict[tuple[str, str], JobResults], passage: int
) -> None:
    job = ("vqe-shots", "double:metered")
    for root, name in ((tmp_path / "a", "commit.before"), (tmp_path / "b", "commit.after")):
        process = start(root, *job, failpoint=f"{name}:{passage}")
        status = process.wait(timeout=60)
        assert status in {0, EXIT_STATUS}
        same(finish(root), undisturbed[job])


@pytest.mark.parametrize(
    ("program", "device", "entries"), [("vqe-long", "double:metered", 5), ("vqe-wide", "sim:statevector", 1)]
)
def test_kill_9_in_the_middle_of_a_loop_keeps_the_trajectory(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, program: str, device: str, entries: int
) -> None:
    """No failpoint: the signal, once a part of the evaluations is on disk, of a program that has many more."""
    process = start(tmp_path, program, device)
    outside = house.ports(tmp_path)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        views = Kernel(outside).list()
        if views and outside.jobs.journal_length(views[0].job_id) >= entries:
            break
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(timeout=60) == -signal.SIGKILL
    (view,) = Kernel(outside).list()
    assert view.state is JobState.RUNNING
    results = finish(tmp_path)
    same(results, run_whole(tmp_path_factory.mktemp("whole"), program, device))
    assert results.metadata["attempts"] == 2


@pytest.mark.parametrize("failpoint", ["execute.before-work:2", "execute.after-work:2", "execute.journaled:2"])
def test_a_loop_in_pieces_killed_between_them_keeps_the_trajectory(
    tmp_path: Path, undisturbed: dict[tuple[str, str], JobResults], failpoint: str
) -> None:
    """The engine runs the loop itself and a piece is one entry of the journal, wherever it was cut."""
    process = start(tmp_path, "vqe-wide", "sim:statevector", failpoint=failpoint)
    assert process.wait(timeout=60) == EXIT_STATUS
    results = finish(tmp_path)
    same(results, undisturbed["vqe-wide", "sim:statevector"])
    assert results.metadata["attempts"] == 2


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("failpoint", ["execute.before-work:7", "execute.after-work:7", "execute.journaled:7"])
def test_a_sweep_killed_in_the_middle_goes_on_at_its_point(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
    failpoint: str,
    database: str,
) -> None:
    if database == "postgresql":
        (tmp_path / "database.url").write_text(request.getfixturevalue("postgres_url"))
    job = ("turned", "double:metered")
    assert start(tmp_path, *job, failpoint=failpoint).wait(timeout=60) == EXIT_STATUS
    results = finish(tmp_path)
    same(results, run_whole(tmp_path_factory.mktemp("whole"), *job))
    assert (results.outputs["done"], results.metadata["attempts"]) == (12, 2)
    provider = MeteredDriver(tmp_path / "ledger")
    assert len(provider.rows()) == 12
    assert sum(provider.paid_shots().values()) == results.metadata["shots_used"]


def test_killed_again_and_again(tmp_path: Path, undisturbed: dict[tuple[str, str], JobResults]) -> None:
    """Each attempt gets three evaluations further before it dies."""
    job = ("vqe-shots", "double:metered")
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "EIGEN_FAILPOINT": "execute.after-work:4"}
    assert start(tmp_path, *job, failpoint="execute.after-work:4").wait(timeout=60) == EXIT_STATUS
    script = (
        "import sys; from pathlib import Path; from doubles import house;"
        "from eigen.kernel.worker import Worker; Worker(house.ports(Path(sys.argv[1]))).run_until()"
    )
    statuses = [
        subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, env=environment).returncode
        for _ in range(3)
    ]
    assert statuses == [EXIT_STATUS] * 3
    same(finish(tmp_path), undisturbed[job])
    keys = [row["key"] for row in MeteredDriver(tmp_path / "ledger").rows()]
    assert len(keys) == len(set(keys))
