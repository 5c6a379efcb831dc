"""Kill the process where a job is given back, waits, gives way or is decided about, and where a device is held: whoever
comes next goes on as if it had lived."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doubles import house, kill_places
from doubles.clocks import FakeClock
from doubles.flaky import FlakyDriver
from doubles.metered import MeteredDriver
from eigen.errors import EigenError
from eigen.kernel import failpoints, reservations
from eigen.kernel.failpoints import EXIT_STATUS
from eigen.kernel.kernel import Kernel
from eigen.kernel.preemption import Preempting
from eigen.kernel.worker import Worker
from eigen.types import Caller, JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eigen.kernel.ports import Ports
    from eigen.types import JobResults

TESTS = Path(__file__).parent.parent
DEVICE, PAID = "sim:statevector", "double:metered"
ACME, LAB = Caller("anna", ("user",), "acme"), Caller("bert", ("user",), "lab")
HOUR = 3600


def submit(outside: Ports, program: str, target: str = DEVICE, caller: Caller = ACME, **changes: object) -> str:
    job = house.spec(program, target, **changes)
    return Kernel(outside, caller).submit(job, house.files(job))


# What the process does that dies: each is given the ports of a directory, and passes its places


def give_back(outside: Ports) -> None:
    """A worker stops in an orderly way as soon as it has a job."""
    submit(outside, "vqe-shots", PAID)
    worker, stop = Worker(outside), threading.Event()
    row = worker.claim()
    assert row is not None
    stop.set()
    worker.work(row, stop=stop)


def wait_for_a_reservation(outside: Ports) -> None:
    """A job finds its device held by others."""
    reservations.reserve(outside, LAB, DEVICE, HOUR, "")
    submit(outside, "vqe-shots")
    Worker(outside).run_next()


def give_way(outside: Ports) -> None:
    """A loop gives its worker to a more urgent job."""
    clock, driver = FakeClock(), FlakyDriver(lambda number: come() if number == 3 else None)
    inside = replace(outside, devices=house.Drivers(driver), clock=clock)
    preempting = Preempting(inside, 10.0)

    def come() -> None:
        clock.pass_(60.0)
        submit(inside, "bell", priority=90)
        preempting.look(busy=True)
        preempting.look(busy=True)

    submit(inside, "vqe-shots", priority=10)
    worker = Worker(inside)
    row = worker.claim()
    assert row is not None
    worker.work(row, preempting=preempting)


def come_too_late(outside: Ports) -> None:
    """A worker has a verdict, and no lease any more."""
    submit(outside, "vqe-shots", PAID)
    worker = Worker(outside)

    def lose(name: str) -> None:
        if name == "execute.finished":
            outside.jobs.break_leases([worker.owner])
            assert outside.jobs.claim("other", outside.clock.now(), 0.0) is not None

    with failpoints.watched(lose):
        worker.run_next()


def decide(outside: Ports) -> None:
    """A person decides about the only job."""
    (view,) = Kernel(outside).list()
    Kernel(outside, Caller("anna", ("user",))).decide(view.job_id, "again")


def reserve(outside: Ports) -> None:
    """A tenant holds a device."""
    reservations.reserve(outside, LAB, DEVICE, HOUR, "")


def reserve_longer(outside: Ports) -> None:
    """A tenant holds a device, and then for longer."""
    reserve(outside)
    reservations.reserve(outside, LAB, DEVICE, 2 * HOUR, "more")


def let_go(outside: Ports) -> None:
    """A tenant lets go of the device that it holds."""
    (held,) = outside.reservations.active("2000")
    reservations.release(outside, LAB, held.reservation_id)


@pytest.fixture(params=["sqlite", "postgresql"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "postgresql":
        (tmp_path / "database.url").write_text(request.getfixturevalue("postgres_url"))
    return tmp_path


@pytest.fixture
def outside(root: Path) -> Iterator[Ports]:
    """What the next process works with."""
    ports = house.ports(root)
    yield ports
    ports.jobs.close()


def die(root: Path, act: Callable[[Ports], None], place: str) -> None:
    """Do it in a process that dies at the place."""
    script = f"import kernel.test_kill_waits as here; here.main(here.{act.__name__})"
    environment = {
        **os.environ,
        "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS / 'kernel'}",
        "EIGEN_FAILPOINT": place,
        "HOUSE": str(root),
    }
    assert subprocess.run([sys.executable, "-c", script], check=False, env=environment).returncode == EXIT_STATUS


def main(act: Callable[[Ports], None]) -> None:
    """What the dying process is."""
    act(house.ports(Path(os.environ["HOUSE"])))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, JobResults]:
    """How the loop ends on each device when nobody dies."""
    found: dict[str, JobResults] = {}
    for target in (DEVICE, PAID):
        ports = house.ports(tmp_path_factory.mktemp("whole"))
        job_id = submit(ports, "vqe-shots", target)
        assert Worker(ports).run_until(job_id)
        found[target] = Kernel(ports).results(job_id)
        ports.jobs.close()
    return found


def finish(outside: Ports, expected: JobResults, name: str = "vqe-shots") -> str:
    """Whoever comes next brings the loop to its end, as if nobody had died; its id."""
    Worker(outside).run_until()
    (view,) = Kernel(outside).list(name=name)
    results = Kernel(outside).results(view.job_id)
    assert results.state is JobState.DONE
    assert results.outputs == expected.outputs
    assert results.metadata["shots_used"] == expected.metadata["shots_used"]
    row = outside.jobs.get(view.job_id)
    assert row is not None
    assert (row.sealed, row.owner) == (True, "")
    log = Kernel(outside).events(view.job_id)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert sum(event.state.is_terminal for event in log) == 1
    return view.job_id


def paid_once(root: Path, expected: JobResults) -> None:
    provider = MeteredDriver(root / "ledger")
    keys = [row["key"] for row in provider.rows()]
    assert len(keys) == len(set(keys))
    assert sum(provider.paid_shots().values()) == expected.metadata["shots_used"]


def test_who_dies_after_giving_a_job_back_has_given_it_back(
    root: Path, outside: Ports, whole: dict[str, JobResults]
) -> None:
    die(root, give_back, "released")
    (view,) = Kernel(outside).list()
    row = outside.jobs.get(view.job_id)
    assert row is not None
    assert row.owner == ""
    finish(outside, whole[PAID])
    paid_once(root, whole[PAID])


@pytest.mark.parametrize("place", ["await.before", "awaited"])
def test_a_job_whose_worker_died_on_the_way_to_waiting_sees_the_reservation_end(
    root: Path, outside: Ports, whole: dict[str, JobResults], place: str
) -> None:
    die(root, wait_for_a_reservation, place)
    Worker(outside).run_until()
    (view,) = Kernel(outside).list()
    assert (view.state, view.stage) == (JobState.QUEUED, "waiting_reservation")
    let_go(outside)
    finish(outside, whole[DEVICE])


def test_who_dies_giving_way_gives_way_once(root: Path, outside: Ports, whole: dict[str, JobResults]) -> None:
    die(root, give_way, "preempt.gave-way")
    worker = Worker(outside)
    assert worker.run_next()
    (urgent,) = Kernel(outside).list(name="bell")
    assert urgent.state is JobState.DONE, "the loop went first again"
    job_id = finish(outside, whole[DEVICE])
    assert [event.stage for event in Kernel(outside).events(job_id)].count("preempted") == 0


def test_a_verdict_that_came_too_late_is_kept_and_never_applied(
    root: Path, outside: Ports, whole: dict[str, JobResults]
) -> None:
    die(root, come_too_late, "refuse.kept")
    (view,) = Kernel(outside).list()
    assert view.state is JobState.RUNNING
    assert outside.jobs.outcome(view.job_id) is None
    finish(outside, whole[PAID])
    paid_once(root, whole[PAID])


def test_a_decision_holds_although_nobody_heard_of_it(root: Path, whole: dict[str, JobResults]) -> None:
    (root / house.FORGETFUL).touch()
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "EIGEN_FAILPOINT": "submission.made:5"}
    command = [sys.executable, "-m", "doubles.house", str(root), "vqe-shots", PAID]
    assert subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL).returncode == EXIT_STATUS
    outside = house.ports(root)
    try:
        Worker(outside).run_until()
        (view,) = Kernel(outside).list()
        asked = Kernel(outside).events(view.job_id)[-1]
        assert asked.stage == "awaiting_decision"
        die(root, decide, "decide.kept")
        Kernel(outside).decide(view.job_id, "again", key=asked.data["key"])  # the answer was lost: said again
        finish(outside, whole[PAID])
        told = [event.data["by"] for event in Kernel(outside).events(view.job_id) if event.stage == "decided"]
        assert told == ["anna"]
    finally:
        outside.jobs.close()


@pytest.mark.parametrize(("act", "place"), [(reserve, "reserve.kept"), (reserve_longer, "reserve.extended")])
def test_a_reservation_is_there_although_nobody_heard_of_it(
    root: Path, outside: Ports, act: Callable[[Ports], None], place: str
) -> None:
    die(root, act, place)
    (held,) = outside.reservations.active("2000")
    with pytest.raises(EigenError, match="is reserved until"):
        reservations.reserve(outside, ACME, DEVICE, HOUR, "")
    again = reservations.reserve(outside, LAB, DEVICE, HOUR, "")
    assert (again.reservation_id, again.purpose) == (held.reservation_id, "more" if act is reserve_longer else "")
    assert again.expires_at >= held.expires_at


def test_a_reservation_that_was_let_go_is_over_and_wakes_who_waits(
    root: Path, outside: Ports, whole: dict[str, JobResults]
) -> None:
    wait_for_a_reservation(outside)
    die(root, let_go, "reserve.released")
    assert outside.reservations.active("2000") == ()
    finish(outside, whole[DEVICE])


def test_each_place_of_waiting_has_its_test() -> None:
    source = Path(__file__).read_text()
    assert [name for name in kill_places.WAITING if f'"{name}"' not in source] == []
