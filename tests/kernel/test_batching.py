"""Evaluations that travel together: the results are those of one at a time, an error is that of its own evaluation, and
a host that dies costs a retry."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doubles import faulty_engine as faults
from doubles import house
from eigen.drivers.hosts.hosted import HostedDriver
from eigen.drivers.hosts.launch import Launch
from eigen.drivers.hosts.manifest import read_manifest
from eigen.ir import CircuitBuilder, Observable
from eigen.ir.program import Node, Program, Region
from eigen.kernel.effects import batching
from eigen.kernel.effects.batching import Batching
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.types import ExpectationWork, JobState, ProbabilityWork, SampleWork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from eigen.types import Device, JobResults, Work

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


@pytest.fixture
def faulty(tmp_path: Path) -> Iterator[Counting]:
    """A driver of the engine that fails."""
    command = (sys.executable, "-m", "eigen_driver", "doubles.faulty_engine:FaultyEngine")
    given = {"PYTHONPATH": str(ROOT / "tests"), "FAULTY_BOOK": str(tmp_path / "book")}
    driver = Counting("faulty", lambda: Launch(command, given))
    driver.requests = []
    yield driver
    driver.close()


def run(root: Path, driver: HostedDriver, program: str, target: str = DEVICE) -> JobResults:
    root.mkdir(exist_ok=True)
    ports = house.ports(root, devices=house.Drivers(driver))
    job = house.spec(program, target)
    job_id = Kernel(ports).submit(job, house.files(job))
    assert Worker(ports).run_until(job_id, wait_seconds=120)
    return Kernel(ports).results(job_id)


def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Batching, "takes", lambda self, device, work, *, alone: False)


def samples(*shots: int) -> Callable[[], Program]:
    """Runs of one circuit, one for each number of shots."""

    def make() -> Program:
        builder = CircuitBuilder(1, 1)
        builder.gate("X", [0])
        builder.measure([0], [0])
        nodes = tuple(Node("run", attrs={"circuit": 0, "shots": each}, line=k + 1) for k, each in enumerate(shots))
        return Program((builder.build(),), (), Region((), nodes, (0,)))

    return make


def slope() -> Program:
    """A few steps down the gradient of an energy, which the device does not give."""
    return house.vqe(max_iter=6, method="adam")


@pytest.mark.parametrize(("program", "evaluations"), [("turned", 12), ("slope", 6 * 7)])
def test_results_are_those_of_one_at_a_time(
    tmp_path: Path, tiny: Counting, monkeypatch: pytest.MonkeyPatch, program: str, evaluations: int
) -> None:
    """A sweep, and gradients by the shift rule: to the bit, in fewer requests."""
    monkeypatch.setitem(house.PROGRAMS, "slope", slope)
    monkeypatch.setattr(batching, "BATCH_SECONDS", 600.0)  # however slow this host is
    together = run(tmp_path / "together", tiny, program)
    carried, tiny.requests = tiny.requests, []
    alone(monkeypatch)
    single = run(tmp_path / "single", tiny, program)
    assert together.state is single.state is JobState.DONE, (together.error, single.error)
    assert (together.outputs, together.counts) == (single.outputs, single.counts)
    assert set(tiny.requests) == {1}
    assert sum(carried) == sum(tiny.requests) >= evaluations
    assert len(carried) <= len(tiny.requests) // 3
    told = together.metadata["batches"]
    assert told == {"requests": sum(1 for each in carried if each > 1), "evaluations": sum(carried) - carried.count(1)}
    assert "batches" not in single.metadata
    assert together.metadata["evaluations"] == single.metadata["evaluations"]


def test_the_groups_of_an_estimate_travel_together(tiny: Counting) -> None:
    """Terms that cannot be measured at once: one request, and the value of samples made one by one."""
    builder = CircuitBuilder(2)
    builder.gate("RX", [0], [0.7])
    builder.gate("CX", [0, 1])
    observable = Observable.from_terms(2, [("Z0 Z1", 1.0), ("X0 X1", 0.5), ("Y0", -0.25), ("", 2.0)])
    work = ExpectationWork(builder.build(), (), observable, 900, 3)
    submitted: list[Sequence[Work]] = []
    place = tiny._place()  # pyright: ignore[reportPrivateUsage]
    ask = place.host.call

    def call(method: str, request: object, **given: float) -> object:
        if method == "Submit":
            submitted.append(list(request.works))  # type: ignore[attr-defined]
        return ask(method, request, **given)

    place.host.call = call  # type: ignore[method-assign]
    found = tiny.execute_circuit(DEVICE, work)
    assert [len(works) for works in submitted] == [3]
    assert found.value == pytest.approx(3.0, abs=6.5 * (found.standard_error or 0))
    assert found.metadata["seed"] == 3
    constant = ExpectationWork(builder.build(), (), Observable.from_terms(2, [("", 2.0)]), 900, 3)
    assert tiny.execute_circuit(DEVICE, constant).value == 2.0
    assert len(submitted) == 1, "what is known is not asked"


def test_several_kinds_of_work_in_one_request(tiny: Counting) -> None:
    circuit = samples(1)().circuits[0]
    bare = CircuitBuilder(2)
    bare.gate("X", [1])
    z = Observable.from_terms(2, [("Z1", 1.0), ("Z0", 0.5)])
    works = (
        SampleWork(circuit, (), 7, 1),
        ExpectationWork(bare.build(), (), z, 40, 2),
        ProbabilityWork(bare.build(), (), "10", None, 3),
        ProbabilityWork(bare.build(), (), "10", 30, 4),
        ExpectationWork(bare.build(), (), z, None, 5),
    )
    handle = tiny.submit_batch(DEVICE, "all", works)
    counts, sampled, exact, share, value = tiny.results(handle, 60)
    assert counts.counts is not None
    assert counts.counts.to_dict() == {"1": 7}
    assert (sampled.value, exact.value, share.value, value.value) == (-0.5, 1.0, 1.0, -0.5)
    assert tiny.submit_batch(DEVICE, "all", works) == handle


def test_an_error_is_that_of_its_own_evaluation(
    tmp_path: Path, faulty: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third of four fails: the batch does, and the first two are made again by themselves, with their results."""
    monkeypatch.setitem(house.PROGRAMS, "third", samples(10, 11, faults.RAISE, 12))
    found = run(tmp_path / "data", faulty, "third", "faulty:simulator")
    assert found.state is JobState.ERROR
    assert found.error is not None
    assert "the engine does not like it" in str(found.error)
    assert [each["shots"] for each in found.circuits] == [10, 11]
    assert faulty.requests[0] == 4
    assert set(faulty.requests[1:]) == {1}


def test_a_host_that_dies_in_a_batch_costs_one_retry(
    tmp_path: Path, faulty: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(house.PROGRAMS, "once", samples(10, faults.DIE_ONCE, 12, 13))
    found = run(tmp_path / "data", faulty, "once", "faulty:simulator")
    assert found.state is JobState.DONE, found.error
    assert faulty.requests == [4]
    assert [engine["hosts_lost"] for engine in found.metadata["engines"]] == [1]
    done = [int(line.split()[1]) for line in (tmp_path / "book").read_text().splitlines()]
    assert sorted(done) == [10, 12, 13, faults.DIE_ONCE, faults.DIE_ONCE]


def test_slow_work_goes_alone(tmp_path: Path, tiny: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes longer than a batch should is sent piece by piece after the first."""
    monkeypatch.setattr(batching, "BATCH_SECONDS", 0.0)
    found = run(tmp_path / "data", tiny, "turned")
    assert found.state is JobState.DONE
    assert tiny.requests == [4, *[1] * 8]


def test_what_is_wide_or_large_is_not_sent_together_at_first(tiny: Counting) -> None:
    home = Batching(tiny, tiny, device(tiny), lambda: 0.0)

    def takes(width: int, shots: int = 10) -> bool:
        builder = CircuitBuilder(width, 1)
        builder.measure([0], [0])
        return home.takes(device(tiny), SampleWork(builder.build(), (), shots, 1), alone=False)

    assert takes(batching.FIRST_QUBITS)
    assert not takes(batching.FIRST_QUBITS + 1)
    assert not takes(2, batching.MOST_SHOTS + 1)
    home.observe(device(tiny), SampleWork(samples(1)().circuits[0], (), 1, 1), 1e-3)
    assert takes(batching.FIRST_QUBITS + 1)


def device(driver: HostedDriver) -> Device:
    return driver.get_devices()[0]


def test_a_cancelled_job_stops_its_batch(tmp_path: Path, faulty: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of four hangs; who cancels does not wait for it, and the host that hangs is ended."""
    monkeypatch.setitem(house.PROGRAMS, "hangs", samples(10, faults.HANG, 11, 12))
    ports = house.ports(tmp_path, devices=house.Drivers(faulty))
    kernel, job = Kernel(ports), house.spec("hangs", "faulty:simulator")
    job_id = kernel.submit(job, house.files(job))
    submit = Counting.submit_batch

    def then_cancel(self: Counting, device_id: str, key: str, works: Sequence[Work]) -> str:
        handle = submit(self, device_id, key, works)
        kernel.cancel(job_id)
        return handle

    monkeypatch.setattr(Counting, "submit_batch", then_cancel)
    assert Worker(ports).run_until(job_id, wait_seconds=120)
    assert kernel.results(job_id).state is JobState.CANCELLED
    assert faulty.requests == [4]
    assert [place.host.over for place in faulty._places] in ([], ["its work was cancelled"])  # pyright: ignore[reportPrivateUsage]
