"""A job whose device fails goes on at the next device that its target admits; work that was paid for is not left."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from doubles import house
from doubles.metered import MeteredDriver
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError
from eigen.jobspec import Retry
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.types import Device, JobState

if TYPE_CHECKING:
    from pathlib import Path

    from eigen.kernel.ports import Ports
    from eigen.types import JobResults, Work, WorkResult


@dataclass
class Breaking(NativeDriver):
    """Some of its devices fail after so many pieces of work (by device id)."""

    breaks: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.initialize({})

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        self.asked.append(device_id)
        if self.asked.count(device_id) > self.breaks.get(device_id, 10**9):
            raise EigenError("EIGEN_DEVICE_FAILED", f"`{device_id}` is on fire")
        return super().execute_circuit(device_id, work)

    def get_devices(self) -> tuple[Device, ...]:
        """Without whole loops, so that each evaluation is one piece of work."""
        return tuple(replace(device, features=device.features - {"loop"}) for device in super().get_devices())


def run(ports: Ports, program: str, target: str, **changes: Any) -> tuple[Kernel, str, JobResults]:
    kernel = Kernel(ports)
    job = house.spec(program, target, retry=Retry(max_attempts=3, backoff_seconds=0.0), **changes)
    job_id = kernel.submit(job, house.files(job))
    assert Worker(ports).run_until(job_id, wait_seconds=120)
    return kernel, job_id, kernel.results(job_id)


@pytest.mark.parametrize("target", ["auto", "sim:auto", "latency"])
def test_the_next_device_takes_over(tmp_path: Path, target: str) -> None:
    whole = run(house.ports(tmp_path / "whole", devices=house.Drivers(Breaking())), "bell", target)[2]
    first = str(whole.metadata["device_id"])
    driver = Breaking(breaks={first: 0})
    kernel, job_id, found = run(house.ports(tmp_path / "data", devices=house.Drivers(driver)), "bell", target)
    assert found.state is JobState.DONE, found.error
    second = str(found.metadata["device_id"])
    assert second != first
    assert driver.asked == [first, second]
    (failed,) = found.metadata["failed_attempts"]
    assert (failed["attempt"], failed["device_id"], failed["evaluations"]) == (1, first, 0)
    assert failed["error"]["message"] == f"`{first}` is on fire"
    explained = kernel.explain(job_id)
    assert explained["failed_attempts"] == [failed]
    assert {"device_id": first, "reason": f"failed in attempt 1: `{first}` is on fire"} in explained["placement"][
        "rivals"
    ]


def test_what_was_recorded_is_not_done_again(tmp_path: Path) -> None:
    """In the middle of a minimisation: both devices are exact, so its end is that of an undisturbed run."""
    whole = run(house.ports(tmp_path / "whole", devices=house.Drivers(Breaking())), "vqe", "auto")[2]
    first = str(whole.metadata["device_id"])
    driver = Breaking(breaks={first: 7})
    found = run(house.ports(tmp_path / "data", devices=house.Drivers(driver)), "vqe", "auto")[2]
    assert found.state is JobState.DONE, found.error
    assert found.metadata["failed_attempts"][0]["evaluations"] == 7
    assert len(driver.asked) == whole.metadata["evaluations"] + 1
    assert driver.asked[:8] == [first] * 8
    assert first not in driver.asked[8:]
    assert found.outputs["optimal_value"] == pytest.approx(whole.outputs["optimal_value"], abs=1e-6)


def test_a_device_that_is_named_is_tried_again(tmp_path: Path) -> None:
    driver = Breaking(breaks={"sim:statevector": 0})
    found = run(house.ports(tmp_path, devices=house.Drivers(driver)), "bell", "sim:statevector")[2]
    assert found.state is JobState.ERROR
    assert driver.asked == ["sim:statevector"] * 3
    assert [each["attempt"] for each in found.metadata["failed_attempts"]] == [1, 2]


def test_where_all_have_failed_the_job_fails_as_it_did(tmp_path: Path) -> None:
    class All(Breaking):
        def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
            self.asked.append(device_id)
            raise EigenError("EIGEN_DEVICE_FAILED", f"`{device_id}` is on fire")

    driver = All()
    found = run(house.ports(tmp_path, devices=house.Drivers(driver)), "bell", "auto")[2]
    assert found.state is JobState.ERROR
    assert found.error is not None
    assert found.error["code"] == "EIGEN_DEVICE_FAILED"
    assert len(set(driver.asked)) == 3


class Doubtful(MeteredDriver):
    """A provider that takes work, is paid for it, and then fails to say what came of it."""

    def submit(self, device_id: str, key: str, work: Work) -> str:
        super().submit(device_id, key, work)
        raise EigenError("EIGEN_DEVICE_FAILED", "the line is dead")


def test_work_that_may_have_been_paid_for_is_not_left(tmp_path: Path) -> None:
    """The device charges, and nobody knows whether it took the work: another one is not asked for it, a person is."""
    metered = Doubtful(tmp_path / "ledger", deduplicates=False)
    metered.device = replace(metered.device, properties={**metered.device.properties, "default": True})
    native = Breaking()
    ports = house.ports(tmp_path / "data", devices=house.Drivers(metered, native))

    def only_paid(program: Any, spec: Any, devices: Any, *, target: str, withheld: Any) -> Any:
        """The one that charges goes first, as long as it may be chosen."""
        if metered.device.id not in withheld:
            devices = [device for device in devices if device.id == metered.device.id]
        return house.route_spec(program, spec, devices, target=target, withheld=withheld)

    ports = replace(ports, route=only_paid)
    kernel = Kernel(ports)
    job = house.spec("bell", "auto", retry=Retry(max_attempts=3, backoff_seconds=0.0))
    job_id = kernel.submit(job, house.files(job))
    for _ in range(6):
        Worker(ports).run_next(job_id)
    assert native.asked == []
    assert len(metered.rows()) == 1
    assert kernel.get(job_id).stage == "awaiting_decision"
