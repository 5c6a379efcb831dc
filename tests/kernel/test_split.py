"""Shots shared among devices: merged unless the counts disagree, paid once, killed anywhere, told in the results."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doubles import house
from doubles.described_chip import chip, written
from doubles.metered import MeteredDriver
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError
from eigen.jobspec import Retry
from eigen.jobspec.spec import Budget
from eigen.kernel.failpoints import EXIT_STATUS
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.types import Device, DeviceStatus, JobState, Verdict

if TYPE_CHECKING:
    from eigen.kernel.ports import Ports
    from eigen.types import JobResults, Work, WorkResult

TESTS = Path(__file__).parent.parent
PAIR = "split(sim:statevector, sim:mps*3)"
PAID = "split(sim:statevector, double:metered)"


def run(outside: Ports, program: str, target: str, **changes: Any) -> tuple[Kernel, str, JobResults]:
    kernel = Kernel(outside)
    given = {"shots": 4000, "retry": Retry(max_attempts=3, backoff_seconds=0.0), **changes}
    job = house.spec(program, target, **given)
    job_id = kernel.submit(job, house.files(job))
    Worker(outside).run_until(job_id, wait_seconds=120)
    return kernel, job_id, kernel.results(job_id)


def told(results: JobResults, number: int = 0) -> dict[str, Any]:
    split: Any = results.metadata["split"]
    return split["runs"][number]


def test_each_device_has_its_part_and_the_counts_are_merged(tmp_path: Path) -> None:
    kernel, job_id, found = run(house.ports(tmp_path), "bell", PAIR)
    assert found.state is JobState.DONE, found.error
    one = told(found)
    assert {name: each["shots"] for name, each in one["devices"].items()} == {"sim:statevector": 1000, "sim:mps": 3000}
    assert one["merged"] is True
    counts = [each["counts"] for each in one["devices"].values()]
    assert found.counts == {key: sum(each.get(key, 0) for each in counts) for key in ("00", "11")}
    assert sum(found.counts.values()) == found.metadata["shots_used"] == 4000
    assert one["test"]["p_value"] >= found.metadata["split"]["level"] == 1e-3
    assert one["test"]["degrees_of_freedom"] == 1
    seeds = [part["seed"] for part in one["parts"]]
    assert len(set(seeds)) == 2
    explained = kernel.explain(job_id)
    assert explained["placement"]["device_id"] == PAIR
    assert [share["device_id"] for share in explained["placement"]["shares"]] == ["sim:statevector", "sim:mps"]
    assert "SHOTS_SHARED" in explained["reason_codes"]
    assert "`sim:mps` has 3 of 4 parts of them" in explained["placement"]["reasons"]


def test_each_part_is_that_run_alone(tmp_path: Path) -> None:
    """The counts of a part are those of a job of one device with that part's shots, by that part's seed."""
    found = run(house.ports(tmp_path), "bell", PAIR)[2]
    native = NativeDriver()
    native.initialize({})
    from eigen.types import SampleWork

    circuit = house.bell().circuits[0]
    for part in told(found)["parts"]:
        alone = native.execute_circuit(part["device_id"], SampleWork(circuit, (), part["shots"], part["seed"]))
        assert alone.counts is not None
        assert alone.counts.to_dict() == told(found)["devices"][part["device_id"]]["counts"]


def test_it_can_be_verified_and_is_the_same_again(tmp_path: Path) -> None:
    outside = house.ports(tmp_path)
    kernel, job_id, first = run(outside, "bell", PAIR)
    checks = {check.name: check for check in kernel.verify(job_id).checks}
    assert {check.verdict for check in checks.values()} == {Verdict.PASS}
    assert "2 of 2 evaluations" in checks["physics"].detail
    again_id = kernel.replay(job_id)
    Worker(outside).run_until(again_id)
    again = kernel.results(again_id)
    assert again.metadata["replay"]["verdict"] == "identical"
    assert again.metadata["split"]["runs"] == first.metadata["split"]["runs"]


def noisy(root: Path) -> str:
    """A chip that errs, among the devices of `root`."""
    written(root / "devices", chip("line", [(0, 1), (1, 2)], errors=1.0))
    (name,) = (each.id for each in house.all_drivers(root).devices() if each.id.endswith(":line"))
    return name


def test_a_device_that_differs_is_not_mixed_in(tmp_path: Path) -> None:
    chip_id = noisy(tmp_path)
    kernel, job_id, found = run(house.ports(tmp_path), "bell", f"split(sim:statevector, {chip_id})")
    assert found.state is JobState.ERROR
    assert found.counts is None
    assert found.circuits == ()
    assert found.error is not None
    assert found.error["code"] == "EIGEN_RUN_DISAGREEMENT"
    assert "nothing was merged" in found.error["message"]
    one = told(found)
    assert one["merged"] is False
    assert one["test"]["p_value"] < 1e-12
    assert {name: each["shots"] for name, each in one["devices"].items()} == {"sim:statevector": 2000, chip_id: 2000}
    assert set(one["devices"]["sim:statevector"]["counts"]) == {"00", "11"}
    assert set(one["devices"][chip_id]["counts"]) == {"00", "01", "10", "11"}
    assert found.metadata["attempts"] == 1
    checks = {check.name: check.verdict for check in kernel.verify(job_id).checks}
    assert checks["program"] is Verdict.PASS
    assert Verdict.FAIL not in checks.values()


@dataclass
class Breaking(NativeDriver):
    """Devices that fail from a piece of work on (by id), and one that may be offline."""

    breaks: dict[str, int]
    offline: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self.initialize({})
        self.asked: list[str] = []

    def get_devices(self) -> tuple[Device, ...]:
        return tuple(
            replace(device, status=DeviceStatus.OFFLINE) if device.id == self.offline else device
            for device in super().get_devices()
        )

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        self.asked.append(device_id)
        if self.asked.count(device_id) > self.breaks.get(device_id, 10**9):
            raise EigenError("EIGEN_DEVICE_FAILED", f"`{device_id}` is on fire")
        return super().execute_circuit(device_id, work)


def test_the_shots_of_a_device_that_fails_go_to_the_others(tmp_path: Path) -> None:
    driver = Breaking({"sim:mps": 0})
    outside = house.ports(tmp_path, devices=house.Drivers(driver))
    target = "split(sim:mps*2, sim:statevector, sim:sparse)"
    kernel, job_id, found = run(outside, "bell", target, budget=Budget(max_shots=4000))
    assert found.state is JobState.DONE, found.error
    assert found.metadata["attempts"] == 1
    one = told(found)
    assert {name: each["shots"] for name, each in one["devices"].items()} == {
        "sim:statevector": 2000,
        "sim:sparse": 2000,
    }
    failed = [part for part in one["parts"] if "failed" in part]
    assert [(part["device_id"], part["shots"]) for part in failed] == [("sim:mps", 2000)]
    assert found.metadata["split"]["failed"]["sim:mps"]["message"] == "`sim:mps` is on fire"
    assert driver.asked == ["sim:mps", *["sim:statevector", "sim:sparse"] * 2]
    assert found.metadata["shots_used"] == 4000
    assert Verdict.FAIL not in {check.verdict for check in kernel.verify(job_id).checks}


def test_a_device_that_fails_in_the_middle_of_a_sweep_keeps_what_it_did(tmp_path: Path) -> None:
    driver = Breaking({"sim:mps": 5})
    outside = house.ports(tmp_path, devices=house.Drivers(driver))
    found = run(outside, "turned", "split(sim:mps, sim:statevector)", shots=1000)[2]
    assert found.state is JobState.DONE, found.error
    points = found.metadata["sweep"]["points"]
    runs: Any = found.metadata["split"]["runs"]
    assert len(runs) == points
    assert found.metadata["split"]["level"] == pytest.approx(1e-3 / points)
    both = [set(each["devices"]) == {"sim:mps", "sim:statevector"} for each in runs]
    assert both == [True] * 5 + [False] * (points - 5)
    assert all(sum(each["shots"] for each in one["devices"].values()) == 1000 for one in runs)
    assert driver.asked.count("sim:mps") == 6


def test_a_device_that_is_offline_is_told_and_not_asked(tmp_path: Path) -> None:
    driver = Breaking({}, offline="sim:mps")
    kernel, job_id, found = run(house.ports(tmp_path, devices=house.Drivers(driver)), "bell", PAIR)
    assert found.state is JobState.DONE, found.error
    assert driver.asked == ["sim:statevector"] * 2
    assert "`sim:mps` is offline" in found.metadata["split"]["failed"]["sim:mps"]["message"]
    assert "`sim:mps` is offline: its shots go to the others" in kernel.explain(job_id)["placement"]["reasons"]


def test_where_all_fail_the_job_fails_as_the_last_one_did(tmp_path: Path) -> None:
    driver = Breaking({"sim:mps": 0, "sim:statevector": 0})
    found = run(house.ports(tmp_path, devices=house.Drivers(driver)), "bell", PAIR)[2]
    assert found.state is JobState.ERROR
    assert found.error is not None
    assert found.error["code"] == "EIGEN_DEVICE_FAILED"
    assert driver.asked == ["sim:statevector", *["sim:mps"] * 3]  # the last one is tried in each attempt
    assert found.metadata["attempts"] == 3


class Doubtful(MeteredDriver):
    """A provider that takes work, is paid for it, and then fails to say what came of it."""

    def submit(self, device_id: str, key: str, work: Work) -> str:
        super().submit(device_id, key, work)
        raise EigenError("EIGEN_DEVICE_FAILED", "the line is dead")


def test_shots_that_may_have_been_paid_for_are_not_given_to_others(tmp_path: Path) -> None:
    metered = Doubtful(tmp_path / "ledger", deduplicates=False)
    native = Breaking({})
    outside = house.ports(tmp_path / "data", devices=house.Drivers(metered, native))
    kernel = Kernel(outside)
    job = house.spec("bell", PAID, shots=1000, retry=Retry(max_attempts=3, backoff_seconds=0.0))
    job_id = kernel.submit(job, house.files(job))
    for _ in range(6):
        Worker(outside).run_next(job_id)
    assert kernel.get(job_id).stage == "awaiting_decision"
    assert native.asked == ["sim:statevector"]
    assert [row["shots"] for row in metered.rows()] == [500]


def test_a_budget_holds_over_the_sum(tmp_path: Path) -> None:
    enough = run(house.ports(tmp_path / "a"), "bell", PAID, budget=Budget(max_cost=2.0))[2]
    assert enough.state is JobState.DONE, enough.error
    assert enough.metadata["cost"]["amount"] == pytest.approx(2.0)
    assert enough.metadata["cost"]["devices"]["double:metered"] == {"amount": 2.0, "tasks": 1, "shots": 2000}
    dear = run(house.ports(tmp_path / "b"), "bell", PAID, budget=Budget(max_cost=1.999))[2]
    assert dear.error is not None
    assert dear.error["code"] == "EIGEN_RUN_BUDGET"
    assert MeteredDriver(tmp_path / "b/ledger").rows() == []
    many = run(house.ports(tmp_path / "c"), "bell", PAIR, budget=Budget(max_shots=3999))[2]
    assert many.error is not None
    assert many.error["code"] == "EIGEN_RUN_BUDGET"


@pytest.mark.parametrize(
    ("program", "target", "code", "says"),
    [
        ("vqe", PAIR, "EIGEN_JOBSPEC_INVALID", "the program asks for minimisations"),
        ("bell", "split(sim:mps, sim:nothing)", "EIGEN_DEVICE_UNKNOWN", "`sim:nothing`"),
        ("bell", "split(sim:mps, sim:auto)", "EIGEN_DEVICE_UNKNOWN", "`sim:auto`"),
        ("bell", "split(sim:mps, sim:mps)", "EIGEN_JOBSPEC_INVALID", "twice"),
        ("deep", "split(sim:statevector, double:metered)", "EIGEN_ROUTER_NO_DEVICE", "has 12 qubits"),
    ],
)
def test_what_cannot_be_shared_is_refused(tmp_path: Path, program: str, target: str, code: str, says: str) -> None:
    found = run(house.ports(tmp_path), program, target)[2]
    assert found.state is JobState.ERROR
    assert found.error is not None
    assert found.error["code"] == code
    assert says in found.error["message"]


def start(root: Path, failpoint: str = "") -> int:
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "EIGEN_FAILPOINT": failpoint}
    command = [sys.executable, "-m", "doubles.house", str(root), "bell", PAID]
    return subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL, timeout=120).returncode


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> JobResults:
    return run(house.ports(tmp_path_factory.mktemp("whole")), "bell", PAID, shots=None)[2]


PLACES = [
    *("place.placed:1", "execute.before-work:1", "execute.after-work:1", "execute.recording:1", "execute.journaled:1"),
    *("execute.before-work:2", "submission.kept:1", "submission.made:1", "execute.after-work:2"),
    *("execute.recording:2", "execute.journaled:2", "execute.finished:1", "seal.signed:1", "seal.stored:1"),
]


@pytest.mark.parametrize("place", PLACES)
def test_who_dies_between_parts_loses_and_pays_nothing_twice(
    tmp_path: Path, undisturbed: JobResults, place: str
) -> None:
    assert start(tmp_path, place) == EXIT_STATUS
    outside = house.ports(tmp_path)
    try:
        Worker(outside).run_until()
        (view,) = Kernel(outside).list()
        found = Kernel(outside).results(view.job_id)
    finally:
        outside.jobs.close()
    assert found.state is JobState.DONE, found.error
    assert (found.counts, found.outputs) == (undisturbed.counts, undisturbed.outputs)
    assert told(found) == told(undisturbed)
    rows = MeteredDriver(tmp_path / "ledger").rows()
    assert [row["shots"] for row in rows] == [512]
