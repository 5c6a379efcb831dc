"""Processes that die around the qubits of a shared device: the job ends all the same, and none of them stays had."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doubles import house, kill_places
from doubles.described_chip import heavy_hex, written
from eigen.kernel.failpoints import EXIT_STATUS
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.qfs.store import RegionLease
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eigen.kernel.ports import Ports

TESTS = Path(__file__).parents[1]
FALCON = "qvm:falcon"


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Ports]:
    written(tmp_path / "devices", heavy_hex(features=["regions"]))
    ports = house.ports(tmp_path)
    yield ports
    ports.jobs.close()


def had(ports: Ports) -> tuple[RegionLease, ...]:
    assert ports.sharing is not None
    return ports.sharing.regions.leases(FALCON)


@pytest.mark.parametrize("place", kill_places.REGION)
def test_a_job_whose_worker_dies_around_its_qubits_ends_all_the_same(
    tmp_path: Path, outside: Ports, place: str
) -> None:
    in_the_way = None
    if place != "region.taken":  # the job waits, for somebody has the whole device
        job = house.spec("bell", FALCON)
        holder = Kernel(outside).submit(job, house.files(job))
        in_the_way = outside.jobs.claim("somebody", 1e12, 1000.0, job_id=holder)
        assert in_the_way is not None
        assert outside.sharing is not None
        every = RegionLease(FALCON, holder, in_the_way.fence, "default", frozenset(range(27)))
        outside.sharing.regions.take(every, every.qubits, across_tenants=False, patience=1)
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "EIGEN_FAILPOINT": place}
    command = [sys.executable, "-m", "doubles.house", str(tmp_path), "bell", FALCON]
    died = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    assert died.returncode == EXIT_STATUS, died.stderr
    job_id = died.stdout.strip()
    worker = Worker(outside)
    if in_the_way is not None:
        outside.jobs.release(in_the_way.job_id, in_the_way.fence)
    assert worker.run_until(job_id, wait_seconds=60)
    results = Kernel(outside).results(job_id)
    assert results.state is JobState.DONE
    assert results.metadata["region"]["loss"] == 0.0
    assert had(outside) == ()
