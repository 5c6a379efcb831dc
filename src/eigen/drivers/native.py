"""The native engine as a device: `sim:statevector`, the state-vector simulator of `eigen._core`, in this process.

Exact amplitudes in double precision; nothing is truncated. Results do not depend on the number of threads.
"""

from __future__ import annotations

from collections import OrderedDict
from math import sqrt
from time import perf_counter
from typing import TYPE_CHECKING

from eigen import _core
from eigen.drivers.memory import memory_limit_bytes
from eigen.drivers.options import refuse_unknown, whole_number
from eigen.errors import EigenError
from eigen.types import (
    Device,
    DeviceStatus,
    GradientWork,
    ProbabilityWork,
    SampleWork,
    WorkResult,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.drivers.driver import WorkState
    from eigen.drivers.work_table import WorkTable
    from eigen.ir import Circuit, Counts
    from eigen.types import Json, Work

    # counts, value, standard error, gradient: exactly one of counts and value
    Answer = tuple[Counts | None, float | None, float | None, tuple[float, ...] | None]

STATEVECTOR = "sim:statevector"
FEATURES = frozenset({"dynamic", "expectation", "gradient", "exact", "seed", "deduplicates"})
AMPLITUDE_BYTES = 16  # complex128
MAX_QUBITS = 48  # beyond this no memory of today holds the state
MAX_SHOTS = 10_000_000
MAX_THREADS = 1024
PLAN_CACHE_BYTES = 64 << 20  # the newest plan stays, however large
STATES_KEPT = 2  # state vectors that a plan may hold on to between runs
BYTES_PER_OPERATION = 512  # a generous estimate of what a plan keeps for one operation


class NativeDriver:
    """The QDriver of the native engine.

    Configuration and work options: `threads` (0 = one per core). Plans are kept by circuit digest, so that a
    loop pays for preparation once.
    """

    name = "native"
    version: str = _core.__version__

    def __init__(self) -> None:
        self._threads = 0
        self._device = _device(0)
        self._plans: OrderedDict[tuple[str, int], tuple[_core.Plan, int]] = OrderedDict()
        self._plan_bytes = 0
        self._table: WorkTable | None = None

    def initialize(self, config: Mapping[str, Json]) -> None:
        """Read `threads` and measure how many qubits the memory holds."""
        refuse_unknown(config, {"threads"}, where=self.name)
        self._threads = whole_number(config, "threads", 0, low=0, high=MAX_THREADS, where=self.name)
        self._device = _device(memory_limit_bytes())

    def get_devices(self) -> tuple[Device, ...]:
        """The one device."""
        return (self._device,)

    def get_device_status(self, device_id: str) -> DeviceStatus:
        """Always online."""
        self._check_device(device_id)
        return DeviceStatus.ONLINE

    def calibrate_device(self, device_id: str) -> Mapping[str, Json]:
        """Nothing to calibrate."""
        self._check_device(device_id)
        return {}

    def submit(self, device_id: str, key: str, work: Work) -> str:
        """Run the work in a background thread; see `WorkTable`."""
        self._check_device(device_id)
        return self._works().submit(device_id, key, work)

    def poll(self, handle: str) -> WorkState:
        """Where the work stands."""
        return self._works().poll(handle)

    def result(self, handle: str, timeout_sec: float | None = None) -> WorkResult:
        """Wait for the result."""
        return self._works().result(handle, timeout_sec)

    def adopt(self, key: str) -> str | None:
        """The handle of a key submitted in this process."""
        return self._works().adopt(key)

    def cancel(self, handle: str) -> bool:
        """Cancel work that has not ended."""
        return self._works().cancel(handle)

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        """Run the work here and now."""
        self._check_device(device_id)
        threads = self._threads
        if work.options:
            refuse_unknown(work.options, {"threads"}, where=device_id)
            threads = whole_number(work.options, "threads", threads, low=0, high=MAX_THREADS, where=device_id)
        started = perf_counter()
        try:
            counts, value, error, gradient = self._answer(work, threads)
        except _core.CoreError as refusal:
            raise EigenError.from_core(refusal) from None
        seconds = perf_counter() - started
        metadata: dict[str, Json] = {"engine": "statevector", "version": self.version, "precision": "f64"}
        if not isinstance(work, GradientWork) and work.shots is not None:
            metadata["seed"] = work.seed
        return WorkResult(counts, value, error, gradient, seconds, metadata)

    def _answer(self, work: Work, threads: int) -> Answer:
        if isinstance(work, GradientWork):
            value, slopes = self._plan(work.circuit, threads).gradient(work.values, work.observable)
            return None, value, None, tuple(slopes)
        if work.shots is not None:
            _check_sampling(work.shots, work.seed)
        if isinstance(work, ProbabilityWork):
            return self._probability(work, threads)
        plan = self._plan(work.circuit, threads)
        if isinstance(work, SampleWork):
            return plan.sample(work.values, shots=work.shots, seed=work.seed), None, None, None
        if work.shots is None:
            return None, plan.expectation(work.values, (work.observable,))[0], None, None
        value, error = plan.sample_expectation(work.values, work.observable, shots=work.shots, seed=work.seed)
        return None, value, error, None

    def _probability(self, work: ProbabilityWork, threads: int) -> Answer:
        if work.shots is None:
            return None, self._plan(work.circuit, threads).probability(work.values, work.bits), None, None
        width = work.circuit.num_qubits
        if len(work.bits) != width or set(work.bits) - {"0", "1"}:
            raise EigenError("EIGEN_SIM_UNSUPPORTED", f"outcome `{work.bits}` is not {width} bits")
        plan = self._plan(work.circuit.measure_all(), threads)
        counts = plan.sample(work.values, shots=work.shots, seed=work.seed)
        first = work.circuit.num_clbits  # the new bits come after those that the circuit has
        mean = counts.marginal(range(first, first + width)).to_dict().get(work.bits, 0) / work.shots
        return None, mean, sqrt(mean * (1.0 - mean) / work.shots), None

    def _plan(self, circuit: Circuit, threads: int) -> _core.Plan:
        key = (circuit.digest, threads)
        known = self._plans.get(key)
        if known is not None:
            self._plans.move_to_end(key)
            return known[0]
        plan = _core.Plan(circuit, threads=threads)
        size = BYTES_PER_OPERATION * len(circuit) + STATES_KEPT * (AMPLITUDE_BYTES << circuit.num_qubits)
        self._plans[key] = (plan, size)
        self._plan_bytes += size
        while self._plan_bytes > PLAN_CACHE_BYTES and len(self._plans) > 1:
            _, (_, dropped) = self._plans.popitem(last=False)
            self._plan_bytes -= dropped
        return plan

    def _works(self) -> WorkTable:
        if self._table is None:
            from eigen.drivers.work_table import WorkTable

            self._table = WorkTable(self.name, self.execute_circuit)
        return self._table

    def _check_device(self, device_id: str) -> None:
        if device_id != STATEVECTOR:
            raise EigenError("EIGEN_DEVICE_UNKNOWN", f"driver `{self.name}` has no device `{device_id}`")


def _device(memory_bytes: int) -> Device:
    fits = max(0, (memory_bytes // AMPLITUDE_BYTES).bit_length() - 1)
    return Device(
        id=STATEVECTOR,
        name="Eigen state vector",
        backend_type="simulator",
        num_qubits=min(fits, MAX_QUBITS),
        features=FEATURES,
        max_shots=MAX_SHOTS,
        properties={"engine": "statevector", "precision": "f64", "version": _core.__version__},
    )


def _check_sampling(shots: int, seed: int) -> None:
    if not 1 <= shots <= MAX_SHOTS:
        raise EigenError("EIGEN_DEVICE_OPTION", f"`{STATEVECTOR}` takes 1 to {MAX_SHOTS} shots, not `{shots}`")
    if not 0 <= seed < 1 << 64:
        raise EigenError("EIGEN_DEVICE_OPTION", f"a seed of `{STATEVECTOR}` has 64 bits, not `{seed}`")
