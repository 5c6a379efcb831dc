"""Evaluations that travel together to drivers in a process of their own: fewer requests, the same bits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doubles import house
from doubles.role_servers import GivenDrivers, remote, serving
from eigen.drivers.driver import BatchDriver
from eigen.drivers.hosts.hosted import HostedDriver
from eigen.drivers.hosts.manifest import read_manifest
from eigen.drivers.native import STATEVECTOR, NativeDriver
from eigen.errors import EigenError
from eigen.kernel.effects import batching
from eigen.kernel.effects.batching import Batching
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.roles.drivers_client import RemoteDevices
from eigen.roles.drivers_server import WorkServicer
from eigen.types import JobState, SampleWork
from eigen.wire.internal import pb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eigen.types import JobResults, Work

ROOT = Path(__file__).parent.parent.parent
DEVICE = "tiny:statevector"


class Counting(HostedDriver):
    """Keeps how many pieces of work each request carried."""

    requests: list[int]

    def submit_batch(self, device_id: str, key: str, works: Sequence[Work]) -> str:
        self.requests.append(len(works))
        return super().submit_batch(device_id, key, works)


@pytest.fixture
def tiny() -> Iterator[Counting]:
    """The driver of the example."""
    manifest = read_manifest(ROOT / "examples" / "tiny_driver" / "manifest.toml")
    driver = Counting("tiny", lambda: manifest.launch(threads=1, memory_bytes=None))
    driver.requests = []
    yield driver
    driver.close()


def run(root: Path, devices: RemoteDevices) -> JobResults:
    """A sweep over twelve points."""
    root.mkdir()
    ports = house.ports(root, devices=devices)
    job = house.spec("turned", DEVICE)
    job_id = Kernel(ports).submit(job, house.files(job))
    assert Worker(ports).run_until(job_id, wait_seconds=120)
    return Kernel(ports).results(job_id)


def test_a_sweep_crosses_in_batches(tmp_path: Path, tiny: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "BATCH_SECONDS", 600.0)  # however slow this host is
    with remote(tiny) as devices:
        assert isinstance(devices.driver_for(DEVICE), BatchDriver)
        together = run(tmp_path / "together", devices)
        carried, tiny.requests = tiny.requests, []
        monkeypatch.setattr(Batching, "takes", lambda self, device, work, *, alone: False)
        single = run(tmp_path / "single", devices)
    assert together.state is single.state is JobState.DONE, (together.error, single.error)
    assert (together.outputs, together.counts) == (single.outputs, single.counts)
    assert set(tiny.requests) == {1}
    assert sum(carried) == sum(tiny.requests) == 12
    assert len(carried) <= 4
    assert together.metadata["batches"]["evaluations"] >= 8
    assert "batches" not in single.metadata


def works() -> list[SampleWork]:
    circuit = house.bell().circuits[0]
    return [SampleWork(circuit, (), 50, seed) for seed in (1, 2, 3)]


def test_a_role_that_was_restarted_is_sent_the_circuits_again(tiny: Counting) -> None:
    """Its handles are gone, which a batch says, and its shelf is empty, which costs one more request."""
    expected = [tiny.execute_circuit(DEVICE, work).counts for work in works()]
    with serving("drivers_address", {"WorkService": WorkServicer(GivenDrivers(tiny))}) as settings:
        devices = RemoteDevices(settings, patience=20.0)
        driver = devices.driver_for(DEVICE)
        assert isinstance(driver, BatchDriver)
        first = driver.submit_batch(DEVICE, "one", works())
        assert [found.counts for found in driver.results(first, 30.0)] == expected
        assert driver.submit_batch(DEVICE, "one", works()) == first, "the same key is the same batch"
    with serving("drivers_address", {"WorkService": WorkServicer(GivenDrivers(tiny))}, settings):
        second = driver.submit_batch(DEVICE, "two", works())
        assert [found.counts for found in driver.results(second, 30.0)] == expected
        with pytest.raises(EigenError) as caught:
            driver.results("nobody", 1.0)
        assert caught.value.code == "EIGEN_DEVICE_FAILED"
    devices.close()


def test_a_driver_that_takes_one_at_a_time_is_seen_so() -> None:
    with remote(NativeDriver()) as devices:
        assert not isinstance(devices.driver_for(STATEVECTOR), BatchDriver)
        with pytest.raises(EigenError) as caught:
            devices.call("SubmitBatch", pb.BatchWorkRequest(device_id=STATEVECTOR, key="k"))
        assert caught.value.code == "EIGEN_NOT_AVAILABLE"
        assert "takes one piece of work at a time" in caught.value.message
