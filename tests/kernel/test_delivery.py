"""A provider that charges and keeps no keys: what was submitted is known before and after, and nothing is silent."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doubles import house
from doubles.metered import MeteredDriver
from eigen.errors import EigenError
from eigen.kernel.failpoints import EXIT_STATUS
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.qfs.store import IntentState
from eigen.types import Caller, DeviceStatus, JobState

if TYPE_CHECKING:
    from conftest import Bench
    from eigen.kernel.ports import Ports
    from eigen.types import JobResults, JobView, Work

TESTS = Path(__file__).parent.parent
ANNA = Caller(subject="key:anna", roles=("user",), tenant="default")
JOB = ("vqe-shots", "double:metered")
LOST = 5
"""Which submission the process dies at."""


@pytest.fixture(params=["sqlite", "postgresql"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "postgresql":
        (tmp_path / "database.url").write_text(request.getfixturevalue("postgres_url"))
    (tmp_path / house.FORGETFUL).touch()
    return tmp_path


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> JobResults:
    root = tmp_path_factory.mktemp("whole")
    (root / house.FORGETFUL).touch()
    outside = house.ports(root)
    job = house.spec(*JOB)
    job_id = Kernel(outside).submit(job, house.files(job))
    assert Worker(outside).run_until(job_id)
    results = Kernel(outside).results(job_id)
    assert results.metadata["delivery"] == {"policy": "at_most_once", "repeated": []}
    assert len(ledger(root)) == results.metadata["evaluations"]
    return results


def ledger(root: Path) -> list[str]:
    return [row["key"] for row in MeteredDriver(root / "ledger").rows()]


def die(root: Path, place: str, *delivery: str) -> None:
    """Submit the job in a process that dies at the place."""
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "EIGEN_FAILPOINT": place}
    command = [sys.executable, "-m", "doubles.house", str(root), *JOB, *delivery]
    assert subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL).returncode == EXIT_STATUS


def go_on(root: Path) -> tuple[Ports, JobView]:
    """What becomes of the job when the next process has nothing left to do."""
    outside = house.ports(root)
    Worker(outside).run_until()
    (view,) = Kernel(outside).list()
    return outside, view


def same(one: JobResults, other: JobResults) -> None:
    assert one.outputs == other.outputs
    assert one.circuits == other.circuits
    for name in ("seed", "evaluations", "shots_used", "minimizations"):
        assert one.metadata[name] == other.metadata[name]


@pytest.mark.parametrize(("place", "reached"), [("submission.kept", LOST - 1), ("submission.made", LOST)])
def test_at_most_once_waits_for_a_person(root: Path, undisturbed: JobResults, place: str, reached: int) -> None:
    die(root, f"{place}:{LOST}")
    assert len(ledger(root)) == reached
    outside, view = go_on(root)
    assert (view.state, view.stage) == (JobState.QUEUED, "awaiting_decision")
    assert len(ledger(root)) == reached, "it was submitted again before anybody decided"
    row = outside.jobs.get(view.job_id)
    assert row is not None
    assert row.owner == ""
    event = Kernel(outside).events(view.job_id)[-1]
    assert {name: event.data[name] for name in ("device_id", "shots", "cost", "accepted")} == {
        **{"device_id": "double:metered", "shots": 200},
        **{"cost": 0.2, "accepted": False},
    }
    assert Kernel(outside).explain(view.job_id)["queue"]["undecided"] == event.data
    kernel = Kernel(outside).of(ANNA)
    kernel.decide(view.job_id, "again")
    kernel.decide(view.job_id, "again", key=event.data["key"])  # whose answer was lost asks again, and decides nothing
    outside.jobs.close()
    outside, view = go_on(root)
    results = Kernel(outside).results(view.job_id)
    assert view.state is JobState.DONE
    same(results, undisturbed)
    delivery = results.metadata["delivery"]
    assert [entry["key"] for entry in delivery["repeated"]] == [event.data["key"]]
    assert [(entry["by"], entry["decision"], entry["key"]) for entry in delivery["decisions"]] == [
        ("key:anna", "again", event.data["key"])
    ]
    keys = ledger(root)
    assert len(keys) == len(set(keys)) == results.metadata["evaluations"] + reached - LOST + 1
    assert results.metadata["cost"]["tasks"] == results.metadata["evaluations"] + 1
    assert b'"by":"key:anna"' in Kernel(outside).artifact(view.job_id, "results/receipt.json").replace(b" ", b"")
    outside.jobs.close()


def test_at_least_once_does_it_again_and_says_so(root: Path, undisturbed: JobResults) -> None:
    die(root, f"submission.made:{LOST}", "at_least_once")
    outside, view = go_on(root)
    results = Kernel(outside).results(view.job_id)
    same(results, undisturbed)
    delivery = results.metadata["delivery"]
    assert delivery["policy"] == "at_least_once"
    keys = ledger(root)
    assert [entry["key"] for entry in delivery["repeated"]] == [keys[LOST - 1]]
    assert keys[LOST] == f"{keys[LOST - 1]}:retry1"
    assert len(keys) == results.metadata["evaluations"] + 1
    outside.jobs.close()


def test_what_was_answered_is_asked_for_by_its_handle(root: Path, undisturbed: JobResults) -> None:
    die(root, f"execute.after-work:{LOST}")
    outside, view = go_on(root)
    results = Kernel(outside).results(view.job_id)
    same(results, undisturbed)
    assert results.metadata["delivery"]["repeated"] == []
    assert len(ledger(root)) == results.metadata["evaluations"]
    outside.jobs.close()


def test_giving_up_ends_the_job_with_what_it_has(root: Path) -> None:
    die(root, f"submission.made:{LOST}")
    outside, view = go_on(root)
    kernel = Kernel(outside)
    with pytest.raises(EigenError) as error:
        kernel.decide(view.job_id, "perhaps")
    assert error.value.code == "EIGEN_REQUEST_INVALID"
    kernel.decide(view.job_id, "give_up")
    outside.jobs.close()
    outside, view = go_on(root)
    kernel = Kernel(outside)
    results = kernel.results(view.job_id)
    assert results.state is JobState.ERROR
    assert results.error is not None
    assert results.error["code"] == "EIGEN_RUN_UNDECIDED"
    assert results.metadata["evaluations"] == LOST - 1
    assert len(ledger(root)) == LOST
    with pytest.raises(EigenError) as error:
        kernel.decide(view.job_id, "again")
    assert error.value.code == "EIGEN_JOB_FINISHED"
    resumed = kernel.resume(view.job_id)  # who goes on with it is asked once more
    Worker(outside).run_until()
    assert kernel.get(resumed).stage == "awaiting_decision"
    assert kernel.verify(view.job_id).holds
    outside.jobs.close()


def without_the_device(ports: Ports, ledger: Path, *, is_known: bool) -> Ports:
    """The device is offline, or there is none of its name any more."""
    driver = MeteredDriver(ledger, deduplicates=False)
    driver.device = replace(driver.device, status=DeviceStatus.OFFLINE)
    return replace(ports, devices=house.Drivers(driver) if is_known else house.Drivers())


@pytest.mark.parametrize("is_known", [True, False])
def test_giving_up_ends_a_job_whose_device_is_gone(root: Path, *, is_known: bool) -> None:
    die(root, f"submission.made:{LOST}")
    outside, view = go_on(root)
    Kernel(outside).decide(view.job_id, "give_up")
    Worker(without_the_device(outside, root / "ledger", is_known=is_known)).run_until()
    results = Kernel(outside).results(view.job_id)
    assert (results.state, (results.error or {})["code"]) == (JobState.ERROR, "EIGEN_RUN_UNDECIDED")
    assert (results.error or {})["details"]["device_id"] == "double:metered"
    outside.jobs.close()


def test_without_a_decision_a_device_that_is_offline_is_named(root: Path) -> None:
    die(root, f"submission.made:{LOST}")
    outside = house.ports(root)
    Worker(without_the_device(outside, root / "ledger", is_known=True)).run_until()
    (view,) = Kernel(outside).list()
    assert (Kernel(outside).results(view.job_id).error or {})["code"] == "EIGEN_ROUTER_NO_DEVICE"
    outside.jobs.close()


def test_a_job_that_awaits_a_decision_can_be_cancelled(root: Path) -> None:
    die(root, f"submission.made:{LOST}")
    outside, view = go_on(root)
    Kernel(outside).cancel(view.job_id)
    assert Kernel(outside).get(view.job_id).state is JobState.CANCELLED
    outside.jobs.close()


class Refusing(MeteredDriver):
    """Takes no work: a refusal, or an answer that never came."""

    def __init__(self, ledger: Path, code: str) -> None:
        super().__init__(ledger, deduplicates=False)
        self._code = code

    def submit(self, device_id: str, key: str, work: Work) -> str:
        if self._code == "EIGEN_DEVICE_FAILED":
            super().submit(device_id, key, work)
        raise EigenError(self._code, "no")


@pytest.mark.parametrize(
    ("code", "state", "kept"),
    [
        ("EIGEN_DEVICE_OPTION", JobState.ERROR, IntentState.REFUSED),
        ("EIGEN_DEVICE_FAILED", JobState.QUEUED, IntentState.ASKED),
    ],
)
def test_a_refusal_is_known_and_a_silence_is_not(
    bench: Bench, tmp_path: Path, code: str, state: JobState, kept: IntentState
) -> None:
    bench = bench.having(devices=house.Drivers(Refusing(tmp_path / "lost", code)))
    job_id = bench.submit("bell", "double:metered")
    Worker(bench.ports).run_until()
    view = bench.kernel.get(job_id)
    assert view.state is state
    assert (view.stage == "awaiting_decision") is (kept is IntentState.ASKED)
    (intent,) = bench.ports.jobs.intents(job_id)
    assert (intent.state, intent.shots) == (kept, 1024)


def test_a_job_that_awaits_nothing_has_nothing_to_decide(bench: Bench) -> None:
    job_id = bench.submit("bell")
    with pytest.raises(EigenError) as error:
        bench.kernel.decide(job_id, "again")
    assert error.value.code == "EIGEN_JOB_NOT_UNDECIDED"
