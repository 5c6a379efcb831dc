"""A job whose circuits run side by side elsewhere has the results, to the bit, of one that runs them one by one."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace
from hashlib import sha256
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from doubles import house, tasks
from eigen._core import Counts
from eigen.app import EmbeddedTransport
from eigen.config import Settings
from eigen.drivers import engines, native
from eigen.errors import EigenError
from eigen.executors import dispatch
from eigen.executors.batches import batches_of
from eigen.executors.dispatch import Dispatcher
from eigen.executors.executor import Outcome
from eigen.executors.opening import resources_of
from eigen.executors.processes import ProcessExecutor
from eigen.executors.spool import Spool
from eigen.executors.tasks import error_document, result_document
from eigen.ir import CircuitBuilder, Observable
from eigen.ir.array import Array
from eigen.ir.program import Node, Program, Region
from eigen.jobspec import load_program
from eigen.jobspec.sweep import Sweep
from eigen.kernel.effects import recall
from eigen.kernel.effects.station import elsewhere_of
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.types import Device, JobState, SampleWork, WorkResult

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from eigen.kernel.ports import Ports
    from eigen.types import JobResults, Work

STATEVECTOR = Device(
    "sim:statevector",
    "state vector",
    "simulator",
    30,
    features=frozenset({"parts"}),
    properties={"engine": "statevector"},
)


def layered(width: int, seed: int, *, measured: bool = False) -> object:
    builder = CircuitBuilder(width, width if measured else 0)
    for layer in range(3):
        for qubit in range(width):
            builder.gate("RY", [qubit], [0.1 + 0.37 * seed + 0.2 * layer + 0.05 * qubit])
        for qubit in range(width - 1):
            builder.gate("CX", [qubit, qubit + 1])
    if measured:
        builder.measure(range(width), range(width))
    return builder.build()


def four() -> Program:
    """Four independent runs, an energy from shots and a probability; the value holds the last two."""
    circuits = [layered(6, k, measured=True) for k in range(4)] + [layered(6, 9)]
    observable = Observable.from_terms(6, [("Z0 Z1", 1.0), ("X2", 0.5)])
    nodes = [Node("run", attrs={"circuit": k, "shots": 300}) for k in range(4)]
    nodes.append(Node("expectation", attrs={"circuit": 4, "observable": 0, "shots": 500}, type="float"))
    nodes.append(Node("probability", attrs={"circuit": 4, "bits": "0" * 6}, type="float"))
    nodes.append(Node("add", (4, 5), type="float"))
    return Program(tuple(circuits), (observable,), Region((), tuple(nodes), (6,)))  # type: ignore[arg-type]


def mapped() -> Program:
    """An energy at each of six angles, then one at a point that their sum decides."""
    builder = CircuitBuilder(4)
    for qubit in range(4):
        builder.gate("RY", [qubit], ["a"])
    builder.gate("CX", [0, 1])
    observable = Observable.from_terms(4, [("Z0 Z1", 1.0), ("X3", 0.5)])
    doubled = Node("mul", (0, 1), type="float")
    energy = Node("expectation", (2,), {"circuit": 0, "observable": 0, "shots": 100}, "float")
    inner = Region(("float", "float"), (doubled, energy), (3,))
    nodes = (
        Node("const", attrs={"value": Array((6,), (0.1, 0.2, 0.3, 0.4, 0.5, 0.6))}, type="array"),
        Node("const", attrs={"value": 2.0}, type="float"),
        Node("map", (0, 1), regions=(inner,), type="array"),
        Node("sum", (2,), type="float"),
        Node("expectation", (3,), {"circuit": 0, "observable": 0}, "float"),
    )
    return Program((builder.build(),), (observable,), Region((), nodes, (4,)))


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Dispatcher]:
    """Two processes, to which even the smallest work goes."""
    monkeypatch.setattr(dispatch, "TRIPS", 0.0)
    monkeypatch.setitem(house.PROGRAMS, "four", four)
    monkeypatch.setitem(house.PROGRAMS, "mapped", mapped)
    spool = Spool(tmp_path / "spool")
    found = Dispatcher(ProcessExecutor(spool, workers=2), spool, batch_shots=100)
    yield found
    found.close()


def run(ports: Ports, program: str, target: str = "sim:statevector", **changes: object) -> JobResults:
    job = house.spec(program, target, **changes)
    job_id = Kernel(ports).submit(job, house.files(job))
    assert Worker(ports).run_until(job_id, wait_seconds=120)
    return Kernel(ports).results(job_id)


@pytest.mark.parametrize(("program", "tasks"), [("four", 6), ("mapped", 6)])
def test_results_are_those_without_an_executor(tmp_path: Path, elsewhere: Dispatcher, program: str, tasks: int) -> None:
    plain = house.ports(tmp_path / "plain")
    spread = house.ports(tmp_path / "spread", elsewhere=elsewhere)
    one, other = run(plain, program), run(spread, program)
    assert one.state is other.state is JobState.DONE, (one.error, other.error)
    assert (one.outputs, one.counts, one.circuits) == (other.outputs, other.counts, other.circuits)
    assert other.metadata["executor"] == {"name": "processes", "tasks": tasks}
    assert "executor" not in one.metadata
    assert [path for path in (tmp_path / "spool").rglob("*") if path.is_file()] == [], "a job that is over leaves none"


@pytest.mark.parametrize("program", ["four", "mapped"])
def test_what_was_done_elsewhere_is_kept_and_not_begun_again(
    tmp_path: Path, elsewhere: Dispatcher, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(recall, "LEAST_AMPLITUDES", 0)
    monkeypatch.setattr(recall, "LEAST_SECONDS", -1.0)
    monkeypatch.setattr(recall, "SECONDS_PER_BYTE", 0.0)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / house.CACHE).write_text(str(1 << 26))
    ports = house.ports(tmp_path / "data", elsewhere=elsewhere)
    first, again = run(ports, program), run(ports, program)
    assert (first.outputs, first.counts, first.circuits) == (again.outputs, again.counts, again.circuits)
    cache: Any = again.metadata["cache"]
    assert cache["hits"] == cache["of"] > 0
    assert "executor" in first.metadata
    assert "executor" not in again.metadata


def parts_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Devices that do no parts of one run, as those of other engines."""
    plain = tuple(replace(engine, features=engine.features - {"parts"}) for engine in engines.ENGINES)
    monkeypatch.setattr(native, "ENGINES", plain)


def test_batches_and_whole_runs_are_not_taken_for_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts_of_their_own(monkeypatch)
    monkeypatch.setattr(recall, "LEAST_SECONDS", -1.0)
    monkeypatch.setattr(recall, "LEAST_AMPLITUDES", 0)
    monkeypatch.setitem(house.PROGRAMS, "dynamic", dynamic)
    (tmp_path / house.CACHE).write_text(str(1 << 26))
    spool = Spool(tmp_path / "spool")
    elsewhere = Dispatcher(ProcessExecutor(spool, workers=1), spool, batch_shots=300)
    try:
        parts = run(house.ports(tmp_path, elsewhere=elsewhere), "dynamic")
        whole = run(house.ports(tmp_path), "dynamic")
    finally:
        elsewhere.close()
    assert parts.metadata["engines"][0]["batches"] == 4
    assert parts.counts is not None
    assert sum(parts.counts.values()) == 1000
    assert "cache" not in whole.metadata
    assert parts.counts != whole.counts, "batches have seeds of their own"


@pytest.mark.parametrize(
    ("target", "noise"), [("sim:statevector", "depolarizing(0.05)"), ("sim:statevector", None), ("sim:mps", None)]
)
def test_parts_of_one_run_are_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, noise: str | None
) -> None:
    """Shots in parts, by as many workers as there are: counts and record of one run, to the bit."""
    monkeypatch.setitem(house.PROGRAMS, "dynamic", dynamic)
    found: list[JobResults] = [run(house.ports(tmp_path / "whole"), "dynamic", target, noise_model=noise)]
    for workers in (1, 3):
        spool = Spool(tmp_path / f"spool{workers}")
        elsewhere = Dispatcher(ProcessExecutor(spool, workers=workers), spool, batch_shots=300)
        try:
            ports = house.ports(tmp_path / str(workers), elsewhere=elsewhere)
            found.append(run(ports, "dynamic", target, noise_model=noise))
        finally:
            elsewhere.close()
    whole, *others = found
    assert whole.state is JobState.DONE, whole.error
    assert whole.counts is not None
    assert sum(whole.counts.values()) == 1000
    for other in others:
        assert other.metadata["executor"] == {"name": "processes", "tasks": 1}
        assert (other.counts, other.outputs, other.circuits) == (whole.counts, whole.outputs, whole.circuits)
        assert other.metadata["engines"] == whole.metadata["engines"]


def test_parts_and_whole_runs_are_one_entry_of_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "LEAST_SECONDS", -1.0)
    monkeypatch.setattr(recall, "LEAST_AMPLITUDES", 0)
    monkeypatch.setitem(house.PROGRAMS, "dynamic", dynamic)
    (tmp_path / house.CACHE).write_text(str(1 << 26))
    spool = Spool(tmp_path / "spool")
    elsewhere = Dispatcher(ProcessExecutor(spool, workers=1), spool, batch_shots=300)
    try:
        parts = run(house.ports(tmp_path, elsewhere=elsewhere), "dynamic")
        whole = run(house.ports(tmp_path), "dynamic")
    finally:
        elsewhere.close()
    cache: Any = whole.metadata["cache"]
    assert cache["hits"] == 1
    assert parts.counts == whole.counts


def test_a_part_that_no_worker_can_do_has_the_whole_run_done_here(tmp_path: Path) -> None:
    """Parts of another run do not add up, and a part that has too little memory is none."""
    work = replace(tasks.bell(), options={"noise_model": "depolarizing(0.1)"})
    whole = WorkResult(counts=Counts.from_dict({"00": 100}, 2))
    for left in (
        error_document(EigenError("EIGEN_SIM_MEMORY", "too little")),
        result_document(WorkResult(counts=Counts.from_dict({"11": 49}, 2))),
    ):
        spool = Spool(tmp_path / left.hex()[-8:])
        home = Dispatcher(ProcessExecutor(spool, workers=1), spool, batch_shots=50)
        for part in batches_of(STATEVECTOR, work, 50):
            spool.put_result(sha256(tasks.described(part)).hexdigest(), Outcome(left))
        done: list[Work] = []

        def here(asked: Work, done: list[Work] = done) -> WorkResult:
            done.append(asked)
            return whole

        try:
            assert home.begin("job", STATEVECTOR, work).result(60.0, here) is whole
        finally:
            home.close()
        assert done == [work]


def dynamic() -> Program:
    """A circuit that measures on the way, a thousand times."""
    builder = CircuitBuilder(3, 4)
    builder.gate("H", [0])
    builder.measure([0], [0])
    builder.gate("RY", [1], [0.7])
    builder.gate("CX", [0, 1])
    builder.gate("H", [2])
    builder.measure([0, 1, 2], [1, 2, 3])
    nodes = (Node("run", attrs={"circuit": 0, "shots": 1000}), Node("getattr", (0,), {"name": "counts"}))
    return Program((builder.build(),), (), Region((), nodes, (1,)))


def test_the_parts_of_a_run_follow_from_the_work_alone() -> None:
    work = tasks.bell()
    apart = replace(STATEVECTOR, features=frozenset())
    density = replace(STATEVECTOR, properties={"engine": "density"})
    for device in (STATEVECTOR, apart):
        assert batches_of(device, work, 10) == (work,), "all shots are read from one state"
    noisy = replace(work, options={"noise_model": "depolarizing(0.1)"})
    for device, shots in ((STATEVECTOR, 0), (STATEVECTOR, 100), (apart, 100), (density, 30)):
        assert batches_of(device, noisy, shots) == (noisy,)
    parts = batches_of(STATEVECTOR, noisy, 30)
    assert [part.options["part"] for part in parts] == [[0, 4], [1, 4], [2, 4], [3, 4]]
    assert all((part.shots, part.seed) == (100, noisy.seed) for part in parts if isinstance(part, SampleWork))
    batches = batches_of(apart, noisy, 30)
    assert [part.shots for part in batches if isinstance(part, SampleWork)] == [25, 25, 25, 25]
    assert len({part.seed for part in batches if isinstance(part, SampleWork)}) == 4
    for device in (STATEVECTOR, apart):
        assert len(batches_of(device, replace(noisy, shots=10_000_000), 1)) == 256


@pytest.mark.parametrize("part", [[0], [0, 1.5], "0/2", [-1, 2], [True, 2], [2, 2], [0, 5000], {}])
def test_what_is_no_part_is_refused(part: Any) -> None:
    driver = native.NativeDriver()
    driver.initialize({"threads": 1})
    with pytest.raises(EigenError) as caught:
        driver.execute_circuit("sim:statevector", replace(tasks.bell(), options={"part": part}))
    assert caught.value.code == "EIGEN_DEVICE_OPTION"


def test_nobody_asks_for_a_part_of_a_job(tmp_path: Path) -> None:
    found = run(house.ports(tmp_path), "bell", device_options={"part": 1})
    assert found.state is JobState.ERROR
    assert found.error is not None
    assert found.error["code"] == "EIGEN_ROUTER_NO_DEVICE"


def test_a_job_whose_workers_are_killed_ends_with_the_same_results(tmp_path: Path, elsewhere: Dispatcher) -> None:
    """Each worker is killed as soon as it is seen, the first three times."""
    executor = elsewhere.executor
    assert isinstance(executor, ProcessExecutor)
    killed: list[int] = []

    def kill() -> None:
        while len(killed) < 3:
            for pid in executor.processes():
                if pid not in killed:
                    killed.append(pid)
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.001)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    found = run(house.ports(tmp_path / "spread", elsewhere=elsewhere), "four")
    assert found.state is JobState.DONE, found.error
    assert len(killed) >= 1
    plain = run(house.ports(tmp_path / "plain"), "four")
    assert (found.outputs, found.counts, found.circuits) == (plain.outputs, plain.counts, plain.circuits)


def test_resources_that_nobody_has_fail_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "TRIPS", 0.0)
    monkeypatch.setitem(house.PROGRAMS, "four", four)
    spool = Spool(tmp_path / "spool")
    elsewhere = Dispatcher(ProcessExecutor(spool, workers=1), spool, resources={"GPU": 1})
    found = run(house.ports(tmp_path / "data", elsewhere=elsewhere), "four")
    assert found.state is JobState.ERROR
    assert found.error is not None
    assert found.error["code"] == "EIGEN_EXECUTOR_RESOURCES"


def test_a_server_with_processes_spreads_a_job(tmp_path: Path) -> None:
    """From the settings to the results: a program that is long enough for two processes."""
    settings = Settings(qfs_root=str(tmp_path), executor="processes", executor_workers=2)
    program = tmp_path / "program.eigen.py"
    program.write_text(PROGRAM)
    transport = EmbeddedTransport(settings)
    try:
        job_id = transport.submit(load_program(str(program)))
        transport.wait(job_id)
        found = transport.results(job_id)
        assert found.state is JobState.DONE, found.error
        assert found.metadata["executor"] == {"name": "processes", "tasks": 3}
    finally:
        transport.close()


PROGRAM = """from eigen_lang import ExpectationValue, QubitRegister, cx, hybrid_program, pauli, quantum_circuit, ry


@quantum_circuit
def layers(n, depth, shift):
    q = QubitRegister(n)
    for layer in range(depth):
        for i in range(n):
            ry(0.1 * shift + 0.05 * layer + 0.01 * i, q[i])
        for i in range(n - 1):
            cx(q[i], q[i + 1])


@hybrid_program(seed=3, target="sim:statevector")
def main():
    hamiltonian = pauli("Z0 Z20", 21)
    return [ExpectationValue(layers(21, 400, k), hamiltonian) for k in range(3)]
"""


@pytest.mark.parametrize("text", ["GPU", "GPU=", "=1", "GPU=0", "GPU=-1", "GPU=nan", "GPU=1,GPU=2", "G\x07=1"])
def test_resources_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(EigenError) as caught:
        resources_of(text)
    assert caught.value.code == "EIGEN_CONFIG_INVALID"


def test_resources_are_amounts_by_tag() -> None:
    assert resources_of("") == {}
    assert resources_of("GPU=1, FAST=0.5") == {"GPU": 1.0, "FAST": 0.5}


def test_the_points_of_a_sweep_run_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "TRIPS", 0.0)
    (tmp_path / "turn.eigen.py").write_text(TURN)
    job = load_program(str(tmp_path / "turn.eigen.py"))
    swept = replace(job, spec=replace(job.spec, sweep=Sweep({"theta": [0.1, 0.2, 0.3, 0.4, 0.5]})))
    found: list[JobResults] = []
    for executor in ("off", "processes"):
        transport = EmbeddedTransport(Settings(qfs_root=str(tmp_path / executor), executor=executor))
        try:
            job_id = transport.submit(swept)
            transport.wait(job_id)
            found.append(transport.results(job_id))
        finally:
            transport.close()
    one, other = found
    assert one.state is other.state is JobState.DONE, (one.error, other.error)
    assert one.outputs == other.outputs
    assert other.metadata["executor"] == {"name": "processes", "tasks": 5}


TURN = """from eigen_lang import QubitRegister, hybrid_program, measure_all, ry


@hybrid_program(seed=3, shots=200, target="sim:statevector")
def main(theta: float):
    q = QubitRegister(2)
    ry(theta, q[0])
    return measure_all(q).counts
"""


def test_work_of_a_device_with_processes_of_its_own_stays_there() -> None:
    """A worker of an executor has no such driver."""
    ports: Any = SimpleNamespace(elsewhere=object())
    device = Device("a:b", "A device", "simulator", 2, features=frozenset({"seed"}))
    assert elsewhere_of(ports, device) is ports.elsewhere
    assert elsewhere_of(ports, replace(device, properties={"hosted": True})) is None
    assert elsewhere_of(ports, replace(device, features=frozenset({"regions"}))) is None
