"""Jobs that share one device: at the same time, apart from each other, within the bound of their loss, and in turns."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles import house
from doubles.described_chip import chip, heavy_hex, written
from eigen.drivers.qvm import QvmDriver
from eigen.errors import EigenError
from eigen.ir.targets import topologies
from eigen.ir.targets.snapshot import device_of
from eigen.jobspec import JobSpec, ProgramRef, Submission
from eigen.jobspec.spec import CompilerOptions
from eigen.kernel.devices import Devices
from eigen.kernel.kernel import Kernel
from eigen.kernel.regions import Chip, Demand, candidates, loss, part_of
from eigen.kernel.sessions import Sessions
from eigen.kernel.worker import Worker
from eigen.qfs.store import RegionLease, Taking
from eigen.types import OPERATOR, Caller, JobState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Bench
    from eigen.kernel.ports import Ports
    from eigen.types import Device, Work, WorkResult

FALCON = "qvm:falcon"
WORKERS = 4


class Watched(QvmDriver):
    """A virtual device that tells which qubits are at work at the same time, and can hold up whoever comes."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()
        self.at_work: dict[int, frozenset[int]] = {}
        self.most = 0
        self.overlaps: list[tuple[frozenset[int], frozenset[int]]] = []
        self.meeting: threading.Barrier | None = None
        self.open = threading.Event()
        self.open.set()
        self.entered = threading.Semaphore(0)

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        used = frozenset(q for operation in work.circuit.instructions() for q in operation.qubits)  # type: ignore[union-attr]
        with self.lock:
            self.overlaps += [(used, other) for other in self.at_work.values() if near(self.devices[0], used, other)]
            self.at_work[threading.get_ident()] = used
            self.most = max(self.most, len(self.at_work))
        try:
            self.entered.release()
            if self.meeting is not None:
                self.meeting.wait(timeout=60)
            assert self.open.wait(timeout=60)
            return super().execute_circuit(device_id, work)
        finally:
            with self.lock:
                del self.at_work[threading.get_ident()]


def near(device: Device, one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether two sets of qubits touch or are coupled."""
    return not one.isdisjoint(other) or any(a in one and b in other for a, b in device.coupling)


@pytest.fixture
def driver(tmp_path: Path) -> Watched:
    driver = Watched()
    described = heavy_hex(features=["regions"])
    driver.initialize({"folder": str(written(tmp_path / "devices", described))})
    return driver


@pytest.fixture
def shared(bench: Bench, driver: Watched) -> Bench:
    return bench.having(devices=house.Drivers(driver))


def sharing(bench: Bench, **changes: Any) -> Bench:
    assert bench.ports.sharing is not None
    return bench.having(sharing=replace(bench.ports.sharing, **changes))


@contextmanager
def workers(ports: Ports, count: int = WORKERS) -> Iterator[None]:
    """So many workers at work, until nothing is left to do."""
    threads = [threading.Thread(target=Worker(ports).run_until, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)


@pytest.fixture
def held(shared: Bench) -> RegionLease:
    """The best two qubits of the device, had by a job of somebody that goes on and on."""
    return holding(shared)


def holding(bench: Bench, *qubits: int, tenant: str = "default") -> RegionLease:
    device = bench.ports.devices.devices()[0]
    wanted = qubits or candidates(Chip(device), Demand(2, 1.0), range(device.num_qubits))[0]
    job_id = bench.submit("bell", FALCON)
    row = bench.ports.jobs.claim("somebody", 1e12, 1000.0, job_id=job_id)
    assert row is not None
    assert bench.ports.sharing is not None
    lease = RegionLease(FALCON, job_id, row.fence, tenant, frozenset(wanted))
    taken = bench.ports.sharing.regions.take(lease, lease.qubits, across_tenants=True, patience=16)
    assert taken is Taking.TAKEN
    return lease


def region_of(bench: Bench, job_id: str) -> dict[str, Any]:
    placement = bench.kernel.explain(job_id)["placement"]
    assert placement is not None
    return placement["region"]


def test_jobs_run_at_the_same_time_apart_from_each_other(shared: Bench, driver: Watched) -> None:
    """Each waits in the device until all four are there: one after the other, none would end."""
    driver.meeting = threading.Barrier(WORKERS)
    jobs = [shared.submit("bell", FALCON, cache="off") for _ in range(2 * WORKERS)]
    with workers(shared.ports):
        pass
    assert [shared.kernel.get(job).state for job in jobs] == [JobState.DONE] * len(jobs)
    assert driver.most == WORKERS
    assert not driver.overlaps
    assert shared.ports.sharing is not None
    assert shared.ports.sharing.regions.leases(FALCON) == ()


def test_without_sharing_each_job_has_the_device(shared: Bench, driver: Watched) -> None:
    alone = sharing(shared, tenants="off")
    jobs = [alone.submit("bell", FALCON, cache="off") for _ in range(2 * WORKERS)]
    with workers(alone.ports):
        pass
    assert [alone.kernel.get(job).state for job in jobs] == [JobState.DONE] * len(jobs)
    assert driver.most == 1
    region = region_of(alone, jobs[0])
    assert region["whole_device"]
    assert len(region["qubits"]) == 2, "its circuits lie in the best region of the device that it has"
    named = alone.submit("bell", FALCON, compiler=CompilerOptions(layout=(3, 5)), cache="off")
    assert alone.run(named).state is JobState.DONE


def test_counts_beside_others_are_those_alone_to_the_bit(shared: Bench, held: RegionLease) -> None:
    """Of the same region: neither what lies beside it nor who waits changes what a job gives."""
    beside = shared.submit("bell", FALCON, cache="off", max_fidelity_loss=1.0)
    found = shared.run(beside)
    region = region_of(shared, beside)
    assert region["neighbours"] == 1
    assert region["neighbour_jobs"] == [held.job_id]
    assert region["distance"] >= 2
    assert held.qubits.isdisjoint(region["qubits"])
    shared.ports.jobs.release(held.job_id, held.fence)
    again = shared.run(shared.kernel.submit(replay_of(beside), {}))
    assert region_of(shared, again.job_id)["qubits"] == region["qubits"], "a replay goes where the job was"
    assert again.counts == found.counts
    assert again.metadata["replay"]["verdict"] == "identical"
    assert found.metadata["region"] == region


def replay_of(job_id: str) -> JobSpec:
    return JobSpec(name="again", program=ProgramRef(sha256=""), replay_of=job_id)


def test_a_job_waits_rather_than_lose_more_than_its_bound(shared: Bench, held: RegionLease) -> None:
    picky = shared.submit("bell", FALCON, max_fidelity_loss=0.0)
    worker = Worker(shared.ports)
    assert worker.run_next(picky)
    view = shared.kernel.get(picky)
    assert (view.state, view.stage) == (JobState.QUEUED, "waiting_region")
    assert "of its predicted success, more than 0 %" in view.message
    assert shared.kernel.explain(picky)["queue"]["crowded"] == view.message
    easy = shared.submit("bell", FALCON, max_fidelity_loss=1.0)
    assert shared.run(easy).state is JobState.DONE
    lost = region_of(shared, easy)
    assert lost["loss"] == pytest.approx(loss(lost["success"], lost["best_success"]))
    assert lost["loss"] > 0.0
    assert shared.ports.sharing is not None
    shared.ports.sharing.regions.release(held.job_id, held.fence)
    assert shared.run(picky).state is JobState.DONE
    assert region_of(shared, picky)["loss"] == 0.0


def test_qubits_that_come_free_between_look_and_rest_wake_the_job(shared: Bench, held: RegionLease) -> None:
    """The region ends after the job has looked and before it rests: it is due at once, not when it looks again."""
    store = shared.ports.sharing
    assert store is not None
    picky = shared.submit("bell", FALCON, max_fidelity_loss=0.0)
    update = shared.ports.jobs.update

    def freeing(row: Any, *rest: Any, **more: Any) -> bool:
        if row.stage == "waiting_region":
            shared.ports.jobs.release(held.job_id, held.fence)
        return update(row, *rest, **more)

    shared.ports.jobs.update = freeing  # type: ignore[method-assign]
    assert Worker(shared.ports).run_next(picky)
    row = shared.ports.jobs.get(picky)
    assert row is not None
    assert (row.stage, row.not_before) == ("waiting_region", 0.0)


def test_the_whole_device_is_had_where_a_region_will_not_do(shared: Bench) -> None:
    named = shared.submit("bell", FALCON, compiler=CompilerOptions(layout=(3, 5)))
    assert shared.run(named).state is JobState.DONE
    region = region_of(shared, named)
    assert region["whole_device"]
    assert region["why"] == "the job names the places of its qubits"


def test_energies_and_loops_run_in_one_region(shared: Bench, held: RegionLease) -> None:
    found = shared.run(shared.submit("vqe-shots", FALCON, max_fidelity_loss=1.0))
    assert found.state is JobState.DONE, found.error
    assert found.metadata["evaluations"] > 1


def test_other_tenants_are_no_neighbours_unless_they_may_be(shared: Bench) -> None:
    lease = holding(shared, 0, tenant="lab")
    mine = shared.submit("bell", FALCON, max_fidelity_loss=1.0)
    assert Worker(shared.ports).run_next(mine)
    assert shared.kernel.get(mine).message.endswith("another tenant has qubits of it")
    shared.ports.jobs.release(lease.job_id, lease.fence)
    assert shared.run(mine).state is JobState.DONE


def test_of_another_tenants_jobs_only_the_number_is_told(shared: Bench) -> None:
    everybody = sharing(shared, tenants="all")
    lease = holding(everybody, 0, tenant="lab")
    mine = everybody.submit("bell", FALCON, max_fidelity_loss=1.0)
    assert everybody.run(mine).state is JobState.DONE
    region = region_of(everybody, mine)
    assert (region["neighbours"], region["neighbour_jobs"]) == (1, [])
    listed = {caller: Devices(everybody.ports).get(caller, FALCON) for caller in (OPERATOR, Caller(tenant="default"))}
    assert listed[OPERATOR].properties["leases"] == [{"qubits": [0], "job_id": lease.job_id}]
    assert listed[Caller(tenant="default")].properties["leases"] == [{"qubits": [0]}]
    assert listed[OPERATOR].digest == everybody.ports.devices.devices()[0].digest


def test_an_interrupted_run_goes_on_in_its_region(shared: Bench) -> None:
    """Its worker is stopped in the middle; meanwhile somebody else takes the best qubits."""
    stop = threading.Event()
    job = shared.submit("vqe-long", FALCON)
    stopping = Worker(shared.ports)
    driver = shared.ports.devices.driver_for(FALCON)
    assert isinstance(driver, Watched)
    row = stopping.claim(job)
    assert row is not None
    thread = threading.Thread(target=lambda: stopping.work(row, stop=stop))
    thread.start()
    for _ in range(10):
        assert driver.entered.acquire(timeout=60)
    stop.set()
    thread.join(timeout=60)
    before = region_of(shared, job)["qubits"]
    lease = holding(shared, *before)
    assert Worker(shared.ports).run_next(job)
    assert shared.kernel.get(job).message.endswith("the qubits that it had before are another job's")
    shared.ports.jobs.release(lease.job_id, lease.fence)
    assert shared.run(job).state is JobState.DONE
    assert region_of(shared, job)["qubits"] == before


def test_a_session_takes_no_region(shared: Bench) -> None:
    job = house.spec("bell", FALCON)
    with pytest.raises(EigenError, match="shared by regions"):
        Sessions(shared.ports, idle_seconds=10, per_tenant=1).open(OPERATOR, Submission(job, house.files(job)), {})


def test_who_waits_for_much_is_not_passed_over_for_ever(shared: Bench, driver: Watched) -> None:
    """A job that needs the whole device comes to its turn while small ones keep coming."""
    driver.open.clear()
    first = shared.submit("bell", FALCON, cache="off")
    with workers(shared.ports):
        assert driver.entered.acquire(timeout=60)
        large = shared.submit("bell", FALCON, compiler=CompilerOptions(layout=(0, 1)), cache="off")
        small = [shared.submit("bell", FALCON, cache="off", max_fidelity_loss=1.0) for _ in range(40)]
        driver.open.set()
    kernel = Kernel(shared.ports)
    assert {kernel.get(job).state for job in (first, large, *small)} == {JobState.DONE}
    assert not driver.overlaps


pairs = st.sampled_from(
    [topologies.line(9), topologies.ring(8), topologies.grid(3, 4), topologies.heavy_hex(27), [(0, 1), (2, 3)]]
)


@given(pairs, st.integers(1, 6), st.sets(st.integers(0, 26)), st.integers(0, 99), st.integers(0, 3))
def test_candidates_are_connected_free_and_as_wide_as_asked(
    pairs: list[tuple[int, int]], width: int, taken: set[int], seed: int, buffer: int
) -> None:
    import json

    described = chip("c", pairs, seed=seed, region_buffer=buffer)
    device = device_of(json.dumps(described).encode(), "c")
    whole = Chip(device)
    free = set(range(whole.size)) - whole.around(taken & set(range(whole.size)))
    for region in candidates(whole, Demand(width, 2.0), free):
        assert len(region) == width
        assert free.issuperset(region)
        part = part_of(device, region)
        assert connected(part)
        for qubit in taken & set(range(whole.size)):
            way = whole.distance(region, {qubit})
            assert way is None or way > buffer


def connected(device: Device) -> bool:
    reached = {0}
    while len(reached) < device.num_qubits:
        more = {b for a, b in device.coupling if a in reached} | reached
        if more == reached:
            return False
        reached = more
    return True


def test_a_device_that_says_too_little_of_itself_has_no_regions(tmp_path: Path) -> None:
    driver = QvmDriver()
    driver.initialize({"folder": str(written(tmp_path, heavy_hex(features=["regions"])))})
    (device,) = driver.get_devices()
    with pytest.raises(EigenError, match="no calibration to choose them by"):
        Chip(replace(device, properties={}))
