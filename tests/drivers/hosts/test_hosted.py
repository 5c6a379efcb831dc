"""A driver in a process of its own: its answers are those of any driver, and what becomes of the process is one try."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doubles import faulty_engine as faults
from eigen.drivers.driver import QDriver, WorkState
from eigen.drivers.hosts import host, hosted
from eigen.drivers.hosts.hosted import HostedDriver
from eigen.drivers.hosts.launch import Launch
from eigen.drivers.hosts.manifest import read_manifest
from eigen.drivers.native import NativeDriver
from eigen.drivers.probes import probe
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Observable
from eigen.types import DeviceStatus, ExpectationWork, GradientWork, ProbabilityWork, SampleWork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eigen.ir import Circuit

ROOT = Path(__file__).parent.parent.parent.parent
TINY = ROOT / "examples" / "tiny_driver" / "manifest.toml"
SIMULATOR, SERVICE = "faulty:simulator", "faulty:service"


@pytest.fixture(scope="module")
def tiny() -> Iterator[HostedDriver]:
    """The driver of the example."""
    manifest = read_manifest(TINY)
    driver = HostedDriver("tiny", lambda: manifest.launch(threads=1, memory_bytes=None))
    yield driver
    driver.close()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "book"


@pytest.fixture
def faulty(book: Path) -> Iterator[Callable[..., HostedDriver]]:
    """Makes drivers of the engine that fails."""
    made: list[HostedDriver] = []

    def make(*, hosts: int = 1, memory_bytes: int | None = None, **environment: str) -> HostedDriver:
        command = (sys.executable, "-m", "eigen_driver", "doubles.faulty_engine:FaultyEngine")
        given = {"PYTHONPATH": str(ROOT / "tests"), "FAULTY_BOOK": str(book), **environment}
        made.append(HostedDriver("faulty", lambda: Launch(command, given, None, memory_bytes), hosts=hosts))
        return made[-1]

    yield make
    for driver in made:
        driver.close()


def bell(width: int = 2) -> Circuit:
    builder = CircuitBuilder(width, width)
    builder.gate("H", [0])
    builder.measure(range(width), range(width))
    return builder.build()


def asked(shots: int, width: int = 2) -> SampleWork:
    return SampleWork(bell(width), (), shots, 7)


def pids(book: Path) -> list[int]:
    return [int(line.split()[2]) for line in book.read_text().splitlines()]


def is_gone(pid: int) -> bool:
    """Whether the process has ended, within a while."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_it_is_a_driver_and_passes_the_probes(tiny: HostedDriver) -> None:
    assert isinstance(tiny, QDriver)
    (device,) = tiny.get_devices()
    probe(tiny, device)
    assert tiny.version == "1"
    assert tiny.get_device_status(device.id) == "ONLINE"
    assert tiny.calibrate_device(device.id) == {}


def test_exact_values_are_those_of_the_native_engine(tiny: HostedDriver) -> None:
    native = NativeDriver()
    native.initialize({})
    builder = CircuitBuilder(3)
    for qubit in range(3):
        builder.gate("RX", [qubit], [f"a{qubit}"])
        builder.gate("RZ", [qubit], [0.3 + qubit])
        builder.gate("H", [qubit])
    builder.gate("CX", [0, 2])
    builder.gate("CX", [2, 1])
    circuit, values = builder.build(), (0.1, -1.7, 2.9)
    observable = Observable.from_terms(3, [("Z0 Y2", 0.5), ("X1", -1.25), ("", 2.0)])
    for work in (
        ExpectationWork(circuit, values, observable, None, 0),
        ProbabilityWork(circuit, values, "101", None, 0),
    ):
        ours = native.execute_circuit("sim:statevector", work)
        theirs = tiny.execute_circuit("tiny:statevector", work)
        assert theirs.value == pytest.approx(ours.value, abs=1e-12)
        assert theirs.metadata["engine"] == "tiny"


def test_estimates_from_shots_are_made_of_samples(tiny: HostedDriver) -> None:
    """Six standard errors off happens in two of a thousand million runs; the seed is fixed besides."""
    builder = CircuitBuilder(2)
    builder.gate("RX", [0], [0.7])
    builder.gate("CX", [0, 1])
    observable = Observable.from_terms(2, [("Z0 Z1", 1.0), ("X0 X1", 0.5)])
    exact = tiny.execute_circuit("tiny:statevector", ExpectationWork(builder.build(), (), observable, None, 0))
    work = ExpectationWork(builder.build(), (), observable, 20_000, 5)
    found = tiny.execute_circuit("tiny:statevector", work)
    assert found.standard_error
    assert exact.value is not None
    assert abs((found.value or 0.0) - exact.value) < 6 * found.standard_error
    handle = tiny.submit("tiny:statevector", "estimate", work)
    assert tiny.result(handle).value == found.value
    assert tiny.poll(handle) is WorkState.DONE


def test_a_circuit_travels_once(tiny: HostedDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    builder = CircuitBuilder(1, 1)
    builder.gate("RX", [0], ["angle"])
    builder.measure([0], [0])
    sent: list[Any] = []
    call = host.Host.call
    monkeypatch.setattr(
        host.Host,
        "call",
        lambda self, method, request, **more: sent.append(request) or call(self, method, request, **more),
    )
    for turn in range(3):
        found = tiny.execute_circuit("tiny:statevector", SampleWork(builder.build(), (3.141592653589793 * turn,), 9, 1))
        assert found.counts is not None
        assert found.counts.to_dict() == {str(turn % 2): 9}
    carried = [work.circuit.HasField("data") for request in sent if hasattr(request, "works") for work in request.works]
    assert carried == [True, False, False]


@pytest.mark.parametrize(
    ("work", "code", "words"),
    [
        (SampleWork(bell(), (), 10, 7, {"speed": 1}), "EIGEN_DEVICE_OPTION", "no option `speed`"),
        (SampleWork(bell(), (), 0, 7), "EIGEN_DEVICE_OPTION", "shots"),
        (SampleWork(bell(), (1.0,), 10, 7), "EIGEN_CIRCUIT_PARAMETERS", "parameters"),
        (SampleWork(bell(41), (), 10, 7), "EIGEN_SIM_MEMORY", "40 qubits"),
        (
            GradientWork(CircuitBuilder(1).build(), (), Observable.from_terms(1, [("Z0", 1.0)])),
            "EIGEN_SIM_UNSUPPORTED",
            "",
        ),
        (asked(faults.RAISE), "EIGEN_DEVICE_FAILED", "ValueError: the engine does not like it"),
        (asked(faults.LIE), "EIGEN_DEVICE_FAILED", "1005 shots where 1006"),
        (
            ExpectationWork(CircuitBuilder(1).build(), (), Observable.from_terms(1, [("Z0", 1.0)]), None, 0),
            "EIGEN_DEVICE_FAILED",
            "without a value",
        ),
    ],
)
def test_what_it_refuses(faulty: Callable[..., HostedDriver], work: Any, code: str, words: str) -> None:
    driver = faulty()
    with pytest.raises(EigenError) as error:
        driver.execute_circuit(SIMULATOR, work)
    assert error.value.code == code
    assert words in error.value.message
    found = driver.execute_circuit(SIMULATOR, asked(10))  # and it goes on
    assert found.counts is not None


def test_a_host_that_is_killed_in_the_middle_costs_one_more_try(
    faulty: Callable[..., HostedDriver], book: Path
) -> None:
    driver = faulty()
    found = driver.execute_circuit(SIMULATOR, asked(faults.DIE_ONCE))
    assert found.counts is not None
    assert found.counts.to_dict() == {"00": faults.DIE_ONCE}
    assert found.metadata["hosts_lost"] == 1
    assert len(set(pids(book))) == 2


def test_work_that_several_wait_for_is_repeated_once(faulty: Callable[..., HostedDriver], book: Path) -> None:
    driver = faulty()
    handle = driver.submit(SIMULATOR, "key", asked(faults.DIE_ONCE))
    with ThreadPoolExecutor(4) as pool:
        found = [waiting.result() for waiting in [pool.submit(driver.result, handle) for _ in range(4)]]
    assert [one.metadata["hosts_lost"] for one in found] == [1] * 4
    assert len(pids(book)) == 2


def test_work_that_takes_every_host_down_fails(faulty: Callable[..., HostedDriver], book: Path) -> None:
    driver = faulty()
    with pytest.raises(EigenError, match="ended by signal 9") as error:
        driver.execute_circuit(SIMULATOR, asked(faults.DIE))
    assert error.value.code == "EIGEN_DEVICE_FAILED"
    assert len(pids(book)) == hosted.TRIES
    assert driver.execute_circuit(SIMULATOR, asked(10)).counts is not None


def test_work_that_costs_money_is_not_repeated(faulty: Callable[..., HostedDriver], book: Path) -> None:
    driver = faulty()
    with pytest.raises(EigenError, match="is lost"):
        driver.execute_circuit(SERVICE, asked(faults.DIE))
    assert len(pids(book)) == 1


def test_only_a_driver_itself_says_that_it_finds_paid_work_again(faulty: Callable[..., HostedDriver]) -> None:
    """What a host takes with it must not be submitted again by a kernel that believes in its keys."""
    simulator, service = sorted(faulty().get_devices(), key=lambda device: "metered" in device.features)
    assert "deduplicates" in simulator.features
    assert "deduplicates" not in service.features


def test_a_driver_that_was_closed_starts_again_when_it_is_needed(
    faulty: Callable[..., HostedDriver], book: Path
) -> None:
    driver = faulty()
    driver.execute_circuit(SIMULATOR, asked(10))
    driver.close()
    assert is_gone(pids(book)[0])
    assert driver.execute_circuit(SIMULATOR, asked(10)).counts is not None
    assert len(set(pids(book))) == 2


def test_the_last_line_of_a_driver_that_ends_by_itself_is_told(faulty: Callable[..., HostedDriver]) -> None:
    with pytest.raises(EigenError, match="ended with status 7; its last line: there is no such license"):
        faulty().execute_circuit(SIMULATOR, asked(faults.STATUS))


def test_a_host_that_holds_too_much_is_ended(faulty: Callable[..., HostedDriver]) -> None:
    driver = faulty(memory_bytes=400 << 20)
    with pytest.raises(EigenError, match="may hold 400 MiB") as error:
        driver.execute_circuit(SIMULATOR, asked(faults.LEAK))
    assert error.value.code == "EIGEN_SIM_MEMORY"
    assert driver.execute_circuit(SIMULATOR, asked(10)).counts is not None


def test_work_that_hangs_ends_with_its_host_when_it_is_cancelled(
    faulty: Callable[..., HostedDriver], book: Path
) -> None:
    driver = faulty()
    handle = driver.submit(SIMULATOR, "key", asked(faults.HANG))
    with pytest.raises(EigenError) as error:
        driver.result(handle, 0.3)
    assert error.value.code == "EIGEN_RUN_TIMEOUT"
    assert driver.poll(handle) is WorkState.RUNNING
    assert driver.cancel(handle)
    assert not driver.cancel(handle)
    assert driver.poll(handle) is WorkState.CANCELLED
    assert is_gone(pids(book)[0])
    with pytest.raises(EigenError) as error:
        driver.result(handle)
    assert error.value.code == "EIGEN_RUN_CANCELLED"
    assert driver.execute_circuit(SIMULATOR, asked(10)).counts is not None


def test_a_host_that_does_not_answer_is_replaced(
    faulty: Callable[..., HostedDriver], monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = faulty()
    assert driver.execute_circuit(SIMULATOR, asked(10)).counts is not None
    first = driver._places[0].host  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(hosted, "CALL_SECONDS", 0.5)
    os.kill(first.pid, signal.SIGSTOP)
    assert driver.execute_circuit(SIMULATOR, asked(11)).counts is not None
    assert is_gone(first.pid)


def test_a_host_that_works_and_lets_nothing_else_run_is_not_lost(
    faulty: Callable[..., HostedDriver], book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Aer does: whoever asks it meanwhile gets no answer, and more work waits for it."""
    driver = faulty()
    assert driver.execute_circuit(SIMULATOR, asked(10)).counts is not None
    for name in ("SLICE_SECONDS", "BUSY_SECONDS", "CALL_SECONDS"):
        monkeypatch.setattr(hosted, name, 0.3)
    first = driver.submit(SIMULATOR, "first", asked(faults.HOLD))
    assert driver.get_device_status(SIMULATOR) is DeviceStatus.ONLINE
    second = driver.submit(SIMULATOR, "second", asked(11))
    for handle in (first, second):
        result = driver.result(handle)
        assert result.counts is not None
        assert "hosts_lost" not in result.metadata
    assert len(set(pids(book))) == 1
    assert len(pids(book)) == 3


def test_a_host_that_works_and_lets_nothing_else_run_ends_when_it_is_cancelled(
    faulty: Callable[..., HostedDriver], book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = faulty(FAULTY_ADDS="100_000_000_000")
    handle = driver.submit(SIMULATOR, "key", asked(faults.HOLD))
    while not book.exists():
        time.sleep(0.01)
    monkeypatch.setattr(hosted, "BUSY_SECONDS", 0.5)
    assert driver.cancel(handle)
    assert is_gone(pids(book)[0])
    assert driver.execute_circuit(SIMULATOR, asked(10)).counts is not None


def test_the_same_key_is_run_once(faulty: Callable[..., HostedDriver], book: Path) -> None:
    driver = faulty()
    handles = {driver.submit(SIMULATOR, "key", asked(10)) for _ in range(3)}
    (handle,) = handles
    assert driver.result(handle).counts is not None
    assert driver.adopt("key") == handle
    assert driver.adopt("another") is None
    assert len(pids(book)) == 1


def test_large_results_come_by_file(faulty: Callable[..., HostedDriver], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "LARGE_BYTES", 100)
    read: list[str] = []
    results = host.Host.results
    monkeypatch.setattr(
        host.Host, "results", lambda self, reply: read.append(reply.WhichOneof("reply")) or results(self, reply)
    )
    driver = faulty()
    found = driver.execute_circuit(SIMULATOR, asked(faults.WIDE, width=40))
    assert read == ["file"]
    assert found.counts is not None
    assert found.counts.to_dict() == {f"{number:040b}": 1 for number in range(faults.WIDE)}
    exchange = driver._places[0].host._exchange  # pyright: ignore[reportPrivateUsage]
    assert list(exchange.iterdir()) == []


def test_work_goes_to_several_hosts(faulty: Callable[..., HostedDriver], book: Path) -> None:
    driver = faulty(hosts=2)
    handles = [driver.submit(SIMULATOR, f"key {number}", asked(faults.HANG)) for number in range(2)]
    until = time.monotonic() + 60
    while time.monotonic() < until and (not book.exists() or len(pids(book)) < 2):
        time.sleep(0.02)
    assert len(set(pids(book))) == 2
    assert all(driver.cancel(handle) for handle in handles)


def test_threads_share_a_host(tiny: HostedDriver) -> None:
    found: list[Any] = []

    def ask(seed: int) -> None:
        found.append(tiny.execute_circuit("tiny:statevector", SampleWork(bell(), (), 100, seed)).counts)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(counts.shots == 100 for counts in found)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("/there/is/none",), "No such file"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "ended with status 3"),
    ],
)
def test_a_driver_that_does_not_come_up(command: tuple[str, ...], words: str) -> None:
    driver = HostedDriver("absent", lambda: Launch(command))
    with pytest.raises(EigenError, match=words) as error:
        driver.get_devices()
    assert error.value.code == "EIGEN_DEVICE_FAILED"


def test_a_setting_that_the_driver_does_not_know_is_refused(faulty: Callable[..., HostedDriver]) -> None:
    driver = faulty()
    driver.initialize({"colour": "green"})
    with pytest.raises(EigenError, match="`colour`") as error:
        driver.get_devices()
    assert error.value.code == "EIGEN_CONFIG_INVALID"


def test_no_driver_outlives_its_owner(book: Path) -> None:
    """Whoever started it is killed: the driver ends, by itself."""
    script = f"""
import sys, time
from eigen.drivers.hosts.hosted import HostedDriver
from eigen.drivers.hosts.launch import Launch
command = (sys.executable, "-m", "eigen_driver", "doubles.faulty_engine:FaultyEngine")
given = {{"PYTHONPATH": {str(ROOT / "tests")!r}, "FAULTY_BOOK": {str(book)!r}}}
driver = HostedDriver("faulty", lambda: Launch(command, given))
driver.get_devices()
print(driver._places[0].host.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        owner.kill()
    assert is_gone(pid)


def test_folders_of_owners_that_were_killed_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(host, "MOST_CHARACTERS", 1000)
    left, fresh = tmp_path / f"{host.PREFIX}left", tmp_path / f"{host.PREFIX}fresh"
    left.mkdir()
    fresh.mkdir()
    os.utime(left, (0, 0))
    command = (sys.executable, "-c", "raise SystemExit(3)")
    with pytest.raises(EigenError):
        HostedDriver("absent", lambda: Launch(command)).get_devices()
    assert sorted(path.name for path in tmp_path.iterdir()) == [fresh.name]
