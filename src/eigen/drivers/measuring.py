"""How long work takes on a device of another maker: circuits of a grid of sizes are timed, and a cost model fitted."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from eigen import _core
from eigen.drivers.speeds import GOLDEN
from eigen.errors import EigenError
from eigen.types import ExpectationWork, SampleWork
from eigen.types.cost_model import GROWTHS, TERMS, CostModel, columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from eigen.drivers.driver import QDriver
    from eigen.types import Device, Work

WIDTHS = (2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24)
WIDTHS_OF_TABLEAUX = (2, 8, 32, 128, 512, 2048)
DEPTHS = (2, 8, 24)
SHOTS = (100, 10_000)
REPETITIONS = 2
SHORT_SECONDS = 0.2
"""What takes longer is asked twice: once new, and once again."""
MOST_SECONDS = 4.0
"""Wider circuits are not asked for once one took longer than this."""
LEAST_SAMPLES = 12
"""A model needs at least so many measurements."""
FIRST_SECONDS = 600.0
"""What the first answers of a process may take, which count for no measurement."""

NOT_GATES = frozenset({"BARRIER", "DELAY", "GPHASE", "MEASURE"})
NOT_FATAL = frozenset({"EIGEN_RUN_CANCELLED", "EIGEN_SERVER_UNREACHABLE"})


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement: a circuit of so many gates on so many qubits, with so many shots or an exact observable of so
    many terms, took `seconds`, and `first` when it was new."""

    qubits: int
    gates: int
    shots: int
    terms: int
    seconds: float
    first: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured of a device: its samples, the seconds of its process from nothing to the first answer, and why
    nothing wider was asked; empty where all was."""

    samples: tuple[Sample, ...]
    start: float
    stopped: str


def measure(
    driver: QDriver,
    device: Device,
    lower: Callable[[_core.Circuit, Device], _core.Circuit],
    *,
    seconds: float,
    tell: Callable[[str], object] = lambda text: None,
) -> Measurement:
    """Time a grid of circuits on a device, from narrow to wide, for at most about so many seconds once its process
    runs. Raises what the driver does where there is no measurement at all."""
    start = _start(driver, device, lower)
    until = perf_counter() + seconds
    found: list[Sample] = []
    stopped = ""
    for width in widths_of(device):
        took = 0.0
        try:
            for circuit, work in _asked(device, width, lower):
                found.append(_timed(driver, device, circuit, work, until))
                took = max(took, found[-1].first)
        except EigenError as error:
            if error.code in NOT_FATAL or not found:
                raise
            stopped = (
                f"the time of {seconds:g} s was over" if error.code == "EIGEN_RUN_TIMEOUT" else error.message[:200]
            )
        tell(f"{width} qubits: {took:.3g} s at most, {len(found)} measurements")
        if stopped:
            break
        if took > MOST_SECONDS:
            stopped = f"a circuit of {width} qubits took {took:.3g} s"
            break
    return Measurement(tuple(found), start, stopped)


def widths_of(device: Device) -> tuple[int, ...]:
    """The widths that are asked of a device."""
    widths = WIDTHS_OF_TABLEAUX if is_clifford(device) else WIDTHS
    return tuple(each for each in widths if each <= device.num_qubits)


def is_clifford(device: Device) -> bool:
    """Whether a device runs Clifford circuits only: it says so, or its gates express no rotation."""
    if device.properties.get("clifford_only") is True or not device.gates:
        return device.properties.get("clifford_only") is True
    try:
        _core.decompose(layers(1, 1, 0, clifford=False), list(device.gates))
    except _core.CoreError:
        return True
    return False


def fit(samples: Sequence[Sample]) -> CostModel:
    """The model that misses the samples least, in proportion to their times: non-negative least squares (Lawson and
    Hanson, 1974) for each way to grow. EIGEN_DEVICE_FAILED for too few samples."""
    import numpy as np
    from scipy import optimize  # pyright: ignore[reportMissingTypeStubs]

    nnls: Any = optimize.nnls  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if len(samples) < LEAST_SAMPLES:
        message = f"`{len(samples)}` measurements are too few for a cost model, which needs {LEAST_SAMPLES}"
        raise EigenError("EIGEN_DEVICE_FAILED", message, hint="give it more time with `--seconds`")
    seconds = np.array([max(sample.seconds, 1e-9) for sample in samples])
    best: tuple[float, str, tuple[float, ...], float] | None = None
    for growth in GROWTHS:
        rows = np.array([columns(growth, each.qubits, each.gates, each.shots, each.terms) for each in samples])
        scale = rows.max(axis=0)
        scale[scale == 0.0] = 1.0
        weights = nnls(rows / scale / seconds[:, None], np.ones(len(samples)), maxiter=100 * len(TERMS))[0] / scale
        missed = np.abs(np.log(np.maximum(rows @ weights, 1e-12) / seconds))
        mean, most = float(missed.mean()), float(np.exp(np.quantile(missed, 0.9)))
        if best is None or mean < best[0]:
            best = mean, growth, tuple(weights.tolist()), most
    assert best is not None
    extra = sorted(max(each.first - each.seconds, 0.0) for each in samples if each.shots != SHOTS[-1])
    first = extra[len(extra) // 2] if extra else 0.0
    return CostModel(best[1], best[2], best[3], _widest(samples), first)


def _widest(samples: Sequence[Sample]) -> int:
    """The largest width of which as much was measured as of the first one."""
    widths = [each.qubits for each in samples]
    return max(width for width in widths if widths.count(width) >= widths.count(widths[0]))


def _start(driver: QDriver, device: Device, lower: Callable[[_core.Circuit, Device], _core.Circuit]) -> float:
    """Seconds of the driver's process from nothing to its first answer, less those of a second one; 0 for a driver of
    this process."""
    close, warm = getattr(driver, "close", None), getattr(driver, "warm", None)
    circuit = lower(layers(min(2, device.num_qubits), 2, 0, clifford=True), device)
    if close is None or warm is None:
        _asked_once(driver, device, SampleWork(circuit, (), 1, 1), FIRST_SECONDS)
        return 0.0
    close()
    started = perf_counter()
    warm()
    _asked_once(driver, device, SampleWork(circuit, (), 1, 1), FIRST_SECONDS)
    whole = perf_counter() - started
    return max(0.0, whole - _asked_once(driver, device, SampleWork(circuit, (), 1, 2), FIRST_SECONDS))


def _asked(
    device: Device, width: int, lower: Callable[[_core.Circuit, Device], _core.Circuit]
) -> Iterator[tuple[_core.Circuit, SampleWork | ExpectationWork]]:
    """The work of one width: circuits of several depths, each sampled and, where a device has exact values, asked for
    two observables."""
    clifford = is_clifford(device)
    for depth in DEPTHS:
        circuit = lower(layers(width, depth, depth, clifford=clifford), device)
        measured = lower(layers(width, depth, depth, clifford=clifford).measure_all(), device)
        for shots in (each for each in SHOTS if each <= device.max_shots):
            yield measured, SampleWork(measured, (), shots, depth)
        if {"expectation", "exact"} <= device.features:
            for texts in ([("Z0", 1.0)], [(f"Z{qubit} X{(qubit + 1) % width}", 0.5) for qubit in range(width)]):
                yield circuit, ExpectationWork(circuit, (), _core.Observable.from_terms(width, texts), None, depth)


def _timed(
    driver: QDriver, device: Device, circuit: _core.Circuit, work: SampleWork | ExpectationWork, until: float
) -> Sample:
    gates = sum(count for name, count in circuit.count_ops().items() if name not in NOT_GATES)
    first = _asked_once(driver, device, work, until - perf_counter())
    times = [first]
    while len(times) < 2 or (times[-1] < SHORT_SECONDS and len(times) <= REPETITIONS):
        times.append(_asked_once(driver, device, work, until - perf_counter()))
    shots = work.shots or 0
    terms = work.observable.num_terms if isinstance(work, ExpectationWork) else 0
    return Sample(circuit.num_qubits, gates, shots, terms, min(times), first)


def _asked_once(driver: QDriver, device: Device, work: Work, seconds: float) -> float:
    """Seconds of a piece of work, which is stopped after so many: EIGEN_RUN_TIMEOUT."""
    if seconds <= 0.0:
        raise EigenError("EIGEN_RUN_TIMEOUT", "the time to measure is over")
    started = perf_counter()
    handle = driver.submit(device.id, uuid4().hex, work)
    try:
        driver.result(handle, seconds)
    except EigenError as error:
        if error.code == "EIGEN_RUN_TIMEOUT":
            driver.cancel(handle)
        raise
    except BaseException:
        driver.cancel(handle)
        raise
    return perf_counter() - started


def layers(width: int, depth: int, turn: int, *, clifford: bool) -> _core.Circuit:
    """Gates on each qubit and CX between neighbours, first on even pairs, then on odd ones; another `turn`, other
    angles."""
    builder = _core.CircuitBuilder(width, width)
    for layer in range(depth):
        for qubit in range(width):
            if clifford:
                builder.gate("H" if (layer + qubit) % 3 else "S", [qubit])
            else:
                place = layer * width + qubit + 1 + 1000 * turn
                builder.gate("RY" if layer % 2 else "RX", [qubit], [3.0 * (GOLDEN * place % 1.0)])
        for qubit in range(layer % 2, width - 1, 2):
            builder.gate("CX", [qubit, qubit + 1])
    return builder.build()
