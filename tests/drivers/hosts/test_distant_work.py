"""Work at a service that charges: it outlives hosts and kernels, and is paid once."""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doubles import house
from doubles.distant_engine import FOLDER, FORGETFUL, LISTED, NO_SUCH_SHOTS, TOKEN
from eigen.drivers.driver import AWAY, WorkState
from eigen.drivers.hosts.hosted import HostedDriver
from eigen.drivers.hosts.launch import Launch
from eigen.drivers.probes import probe
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Observable
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.types import ExpectationWork, JobState, SampleWork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eigen.types import Device

TESTS = Path(__file__).parent.parent.parent
SECRET = "sesame-0815"


class Service:
    """The folder of the double."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def set(self, what: str) -> None:
        (self.folder / what).touch()

    def clear(self, what: str) -> None:
        (self.folder / what).unlink()

    def paid(self) -> int:
        ledger = self.folder / "ledger"
        return len(ledger.read_text().splitlines()) if ledger.exists() else 0

    def tokens(self) -> set[str]:
        return {json.loads(line)["token"] for line in (self.folder / "ledger").read_text().splitlines()}

    def calls(self, what: str) -> list[int]:
        lines = (self.folder / "calls").read_text().splitlines()
        return [int(line.split()[1]) for line in lines if line.split()[0] == what]


@pytest.fixture
def service(tmp_path: Path) -> Service:
    (tmp_path / "service").mkdir()
    return Service(tmp_path / "service")


@pytest.fixture
def make(service: Service) -> Iterator[Callable[..., HostedDriver]]:
    made: list[HostedDriver] = []

    def driver(token: str = SECRET, **more: Any) -> HostedDriver:
        command = (sys.executable, "-m", "eigen_driver", "doubles.distant_engine:DistantEngine")
        environment = {"PYTHONPATH": str(TESTS), FOLDER: str(service.folder)}
        made.append(HostedDriver("distant", lambda: Launch(command, environment), **more))
        made[-1].initialize({"token": token} if token else {})
        return made[-1]

    yield driver
    for each in made:
        each.close()


def asked(shots: int = 100) -> SampleWork:
    builder = CircuitBuilder(3, 3)
    builder.gate("X", [0])
    builder.measure(range(3), range(3))
    return SampleWork(builder.build(), (), shots, 7)


def device_of(driver: HostedDriver, name: str) -> Device:
    return next(device for device in driver.get_devices() if device.id == name)


def kill_host(service: Service) -> None:
    os.kill(int((service.folder / "calls").read_text().splitlines()[-1].split()[1]), signal.SIGKILL)


def test_handles_outlive_host_and_driver(make: Callable[..., HostedDriver], service: Service) -> None:
    service.set("queue")
    driver = make()
    handle = driver.submit(LISTED, "job-1:1", asked())
    assert handle.startswith(AWAY)
    assert driver.submit(LISTED, "job-1:1", asked()) == handle
    assert driver.poll(handle) is WorkState.QUEUED
    kill_host(service)
    with pytest.raises(EigenError, match="not done after"):
        driver.result(handle, 0.3)
    later = make()
    assert later.poll(handle) is WorkState.QUEUED
    assert later.adopt("job-1:1") == handle
    assert later.adopt("job-1:2") is None
    service.clear("queue")
    found = later.result(handle)
    assert found.counts is not None
    assert found.counts.to_dict() == {"001": 100}
    assert found.execution_time_sec == 2.5
    assert found.metadata["job"] == "job-1"
    assert driver.result(handle).counts == found.counts
    assert service.paid() == 1


@pytest.mark.parametrize("name", [LISTED, TOKEN])
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_host_that_is_killed_while_it_submits_pays_once(
    make: Callable[..., HostedDriver], service: Service, name: str, place: str
) -> None:
    service.set(f"die-{place}")
    driver = make()
    found = driver.result(driver.submit(name, "job-1:1", asked()))
    assert found.counts is not None
    assert found.counts.to_dict() == {"001": 100}
    assert len(set(service.calls("submit"))) == 2 - (name == LISTED and place == "after")
    assert service.paid() == 1


def test_a_service_without_keys_is_not_asked_again(make: Callable[..., HostedDriver], service: Service) -> None:
    service.set("die-after")
    driver = make()
    with pytest.raises(EigenError, match="is lost"):
        driver.submit(FORGETFUL, "job-1:1", asked())
    assert service.paid() == 1


def test_a_service_that_cannot_be_asked_is_waited_for(make: Callable[..., HostedDriver], service: Service) -> None:
    driver = make()
    handle = driver.submit(LISTED, "job-1:1", asked())
    service.set("away")
    assert driver.poll(handle) is WorkState.RUNNING
    with pytest.raises(EigenError, match="not done after"):
        driver.result(handle, 0.2)
    with pytest.raises(EigenError) as caught:
        driver.submit(LISTED, "job-1:2", asked())
    assert caught.value.code == "EIGEN_DEVICE_FAILED"
    assert "no route to the service, with (hidden)" in caught.value.message
    with pytest.raises(EigenError, match="cannot be asked"):
        driver.adopt("job-1:3")  # None would have it submitted
    service.clear("away")
    assert driver.result(handle).counts is not None
    assert service.paid() == 1


def test_no_secret_is_told(make: Callable[..., HostedDriver], service: Service) -> None:
    with pytest.raises(EigenError) as caught:
        make("wrong-token").get_devices()
    assert "the token (hidden) is not known" in caught.value.message
    with pytest.raises(EigenError) as caught:
        make("").get_devices()
    assert (caught.value.code, caught.value.where) == ("EIGEN_NOT_AVAILABLE", "token")
    driver = make()
    driver.initialize({"token": SECRET, "tokn": "x"})
    with pytest.raises(EigenError) as caught:
        driver.get_devices()
    assert (caught.value.code, caught.value.where) == ("EIGEN_CONFIG_INVALID", "tokn")


def test_it_is_cancelled_at_the_service(make: Callable[..., HostedDriver], service: Service) -> None:
    service.set("queue")
    driver = make()
    handle = driver.submit(LISTED, "job-1:1", asked())
    kill_host(service)
    assert driver.cancel(handle)
    with pytest.raises(EigenError) as caught:
        driver.result(handle)
    assert caught.value.code == "EIGEN_RUN_CANCELLED"
    assert make().poll(handle) is WorkState.CANCELLED
    assert make().poll('{"id": "job-17"}') is WorkState.UNKNOWN
    assert make().poll("{nonsense") is WorkState.UNKNOWN


def test_what_is_refused_is_known_not_to_be_taken(make: Callable[..., HostedDriver], service: Service) -> None:
    driver = make()
    with pytest.raises(EigenError) as caught:
        driver.submit(LISTED, "job-1:1", asked(NO_SUCH_SHOTS))
    assert caught.value.code == "EIGEN_DEVICE_OPTION"
    with pytest.raises(EigenError, match="no option `color`"):
        driver.submit(LISTED, "job-1:1", replace(asked(), options={"color": "red"}))
    with pytest.raises(EigenError, match="true or false"):
        driver.submit(LISTED, "job-1:1", replace(asked(), options={"rehearsal": 1}))
    assert service.paid() == 0


def test_it_is_proved_by_rehearsals_which_cost_nothing(make: Callable[..., HostedDriver], service: Service) -> None:
    driver = make()
    for device in driver.get_devices():
        probe(driver, device)
    found = driver.execute_circuit(LISTED, replace(asked(), options={"rehearsal": True}))
    assert found.metadata["rehearsal"] is True
    assert service.paid() == 0
    assert "submit" not in (service.folder / "calls").read_text()


def test_an_estimate_of_several_groups_is_read_by_another_process(
    make: Callable[..., HostedDriver], service: Service
) -> None:
    builder = CircuitBuilder(2)
    builder.gate("RY", [0], [0.7])
    builder.gate("CX", [0, 1])
    observable = Observable.from_terms(2, [("Z0", 0.5), ("X0 X1", 0.25), ("", 1.0)])
    work = ExpectationWork(builder.build(), (), observable, 4000, 5)
    driver = make()
    handle = driver.submit(LISTED, "job-1:1", work)
    there = driver.result(handle)
    later = make()
    assert later.submit(LISTED, handle, work) == handle
    assert later.result(handle).value == there.value
    assert there.value == pytest.approx(1.0 + 0.5 * 0.7648 + 0.25 * 0.6442, abs=0.06)  # cos 0.7, sin 0.7; 5 deviations
    assert service.paid() == 1


def test_devices_are_asked_for_again(make: Callable[..., HostedDriver], service: Service) -> None:
    driver = make(fresh_seconds=0.0)
    driver.get_devices()
    driver.get_devices()
    assert len(service.calls("devices")) == 2
    service.set("away")
    assert len(driver.get_devices()) == 3  # those that it told before


@pytest.mark.parametrize("place", ["submission.kept", "submission.made", "execute.after-work"])
@pytest.mark.parametrize("name", [LISTED, TOKEN])
def test_a_kernel_that_dies_finds_its_work_again(
    make: Callable[..., HostedDriver], service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str,
    place: str,
) -> None:  # fmt: skip
    """The kernel dies around a submission of a minimisation; its successor has another host, and pays nothing twice."""

    class DiedError(BaseException):
        pass

    def dies(at: str, left: list[int]) -> None:
        if at == place:
            left[0] -= 1
            if not left[0]:
                raise DiedError

    job = house.spec("vqe-shots", name)
    left = [4]
    for module in ("submission", "delivery"):
        monkeypatch.setattr(f"eigen.kernel.effects.{module}.hit", lambda at: dies(at, left))
    first = house.ports(tmp_path, devices=house.Drivers(make()))
    job_id = Kernel(first).submit(job, house.files(job))
    with pytest.raises(DiedError):
        Worker(first, lease_seconds=1.0).run_until(job_id)  # what it holds is free soon
    first.jobs.close()
    second = house.ports(tmp_path, devices=house.Drivers(make()))
    assert Worker(second).run_until(job_id)
    view = Kernel(second).get(job_id)
    assert view.state is JobState.DONE
    results = Kernel(second).results(job_id)
    assert service.paid() == len(service.tokens()) == 2 * results.metadata["evaluations"]  # of two groups each
    assert "delivery" not in results.metadata  # nothing can have been done twice
    second.jobs.close()
