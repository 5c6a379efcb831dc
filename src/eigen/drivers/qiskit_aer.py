"""Qiskit Aer as devices: `qiskit:aer` chooses its method itself, `qiskit:aer_<method>` runs that one.

It needs the extra `qiskit`, which is loaded when one of the devices is asked for work. They run only when a job names
them. Double precision, no noise, no gradients.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from math import isqrt
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any

from eigen._core import Counts
from eigen.drivers.in_process import InProcessDriver, check_work, refuse_evolution
from eigen.drivers.memory import memory_limit_bytes
from eigen.drivers.options import refuse_unknown, whole_number
from eigen.errors import EigenError
from eigen.types import Device, EvolutionWork, ExpectationWork, GradientWork, SampleWork, WorkResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.drivers.qiskit_circuits import Translated
    from eigen.ir import Circuit
    from eigen.types import Json, ProbabilityWork, Work

CLIFFORD = ("I", "X", "Y", "Z", "H", "S", "Sdg", "SX", "SXdg", "CX", "CY", "CZ", "SWAP", "ECR")
TURNS = ("T", "Tdg", "RX", "RY", "RZ", "P", "U", "CP", "RXX", "RYY", "RZZ", "RZX", "CCX", "UNITARY")
CONTROLLED = ("CSWAP", "CCZ", "CRX", "CRY", "CRZ", "CU", "MCX", "MCP")
FEATURES = frozenset({"dynamic", "expectation", "exact", "seed", "deduplicates"})
AMPLITUDE_BYTES = 16  # complex128
MAX_QUBITS = 48  # beyond this no memory of today holds the state
MAX_THREADS = 1024
CIRCUITS_KEPT = 64
SEED_BITS = 63  # of Aer's own seeds
MPS_TRUNCATION = 1e-16  # the sum of squared Schmidt coefficients that may be dropped at one cut


@dataclass(frozen=True, slots=True)
class Method:
    """One of Aer's methods. The state of n qubits takes 2^(doublings·n) amplitudes; 0: `most_qubits` is the limit."""

    suffix: str
    title: str
    gates: tuple[str, ...]
    doublings: int = 0
    most_qubits: int = MAX_QUBITS


METHODS: dict[str, Method] = {
    "automatic": Method("", "method chosen by Aer", CLIFFORD + TURNS + CONTROLLED, doublings=1),
    "statevector": Method("_statevector", "state vector", CLIFFORD + TURNS + CONTROLLED, doublings=1),
    "density_matrix": Method("_density_matrix", "density matrix", CLIFFORD + TURNS, doublings=2),
    "stabilizer": Method("_stabilizer", "stabilizer tableau", CLIFFORD, most_qubits=10_000),
    "matrix_product_state": Method(
        "_matrix_product_state", "matrix product state", (*CLIFFORD, *TURNS, "CSWAP"), most_qubits=63
    ),
}


class AerDriver(InProcessDriver):
    """The QDriver of Qiskit Aer. Configuration and work options: `threads` (0 = one per core).

    Circuits are translated once and kept, parameters open. One piece of work runs at a time.
    """

    name = "qiskit"

    def __init__(self) -> None:
        super().__init__()
        self._threads = 0
        self._methods: dict[str, str] = {}
        self._lock = Lock()
        self._simulators: dict[tuple[str, int], Any] = {}
        self._circuits: OrderedDict[tuple[str, str], Translated] = OrderedDict()

    def initialize(self, config: Mapping[str, Json]) -> None:
        """Read `threads` and measure how many qubits the memory holds; EIGEN_NOT_AVAILABLE without the extra."""
        refuse_unknown(config, {"threads"}, where=self.name)
        self._threads = whole_number(config, "threads", 0, low=0, high=MAX_THREADS, where=self.name)
        self.version = _installed_version()
        memory = memory_limit_bytes()
        self.devices = tuple(_device(method, row, memory, self.version) for method, row in METHODS.items())
        self._methods = {device.id: method for device, method in zip(self.devices, METHODS, strict=True)}

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        """Run the work here and now."""
        device = self.known(device_id)
        refuse_unknown(work.options, {"threads"}, where=device_id)
        threads = whole_number(work.options, "threads", self._threads, low=0, high=MAX_THREADS, where=device_id)
        if isinstance(work, EvolutionWork):
            raise refuse_evolution(device_id)
        if isinstance(work, GradientWork):
            raise EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device_id}` has no gradients")
        check_work(device, work)
        started = perf_counter()
        counts, value, error, method = self._answer(_Run(self, device, threads), work)
        metadata: dict[str, Json] = {
            "engine": "qiskit-aer",
            "version": self.version,
            "method": method,
            "precision": "f64",
        }
        if method == "matrix_product_state":
            metadata["truncation"] = MPS_TRUNCATION
            most = largest_bond(work.circuit.num_qubits)
            if most < 1 << work.circuit.num_qubits // 2:  # else no state needs more
                metadata["max_bond_dimension"] = most
        if work.shots is not None:
            metadata["seed"] = work.seed
        return WorkResult(counts, value, error, None, perf_counter() - started, metadata)

    def _answer(
        self, run: _Run, work: SampleWork | ExpectationWork | ProbabilityWork
    ) -> tuple[Counts | None, float | None, float | None, str]:
        if isinstance(work, SampleWork):
            return run.sample(work.circuit, work.values, work.shots, work.seed), None, None, run.method
        if work.shots is None:
            value = run.expectation(work) if isinstance(work, ExpectationWork) else run.probability(work)
            return None, value, None, run.method
        from eigen.drivers.estimates import sampled_expectation, sampled_probability

        if isinstance(work, ExpectationWork):
            value, error = sampled_expectation(work, work.shots, run.sample)
        else:
            value, error = sampled_probability(work, work.shots, run.sample)
        return None, value, error, run.method

    def run(
        self, device: Device, threads: int, made: Translated, values: Sequence[float], *, shots: int, seed: int
    ) -> tuple[Mapping[str, Any], str]:
        """What Aer has of a circuit at these values: its data, and the method that made them."""
        method = self._methods[device.id]
        simulator = self._simulator(method, threads)
        options: dict[str, Any] = {}
        if method == "matrix_product_state":
            options["matrix_product_state_max_bond_dimension"] = largest_bond(made.circuit.num_qubits)
        if made.branches:
            options["enable_truncation"] = False  # it loses the ends of branches (Aer 0.17)
        circuit = made.bound(values)
        with self._lock:
            result = simulator.run(circuit, shots=shots, seed_simulator=seed % (1 << SEED_BITS), **options).result()
        found = result.results[0] if result.results else None
        if not result.success or found is None:
            raise _failure(device, str(getattr(found, "status", "") or result.status))
        return result.data(0), found.metadata.get("method", "")

    def translated(
        self, circuit: Circuit, then: str = "", extend: Callable[[Translated], Translated] | None = None
    ) -> Translated:
        """A circuit for Qiskit, with what `extend` puts at its end, kept under the name `then` of that."""
        from eigen.drivers.qiskit_circuits import translate

        key = (circuit.digest, then)
        with self._lock:
            known = self._circuits.get(key)
            if known is not None:
                self._circuits.move_to_end(key)
                return known
        made = translate(circuit)
        made = made if extend is None else extend(made)
        with self._lock:
            self._circuits[key] = made
            if len(self._circuits) > CIRCUITS_KEPT:
                self._circuits.popitem(last=False)
        return made

    def _simulator(self, method: str, threads: int) -> Any:
        from eigen.drivers.qiskit_circuits import simulator

        with self._lock:
            if (method, threads) not in self._simulators:
                self._simulators[method, threads] = simulator(
                    method=method,
                    max_parallel_threads=threads,
                    max_parallel_shots=1,  # several would make the counts of a seed depend on the host
                    max_memory_mb=memory_limit_bytes() >> 20,
                    matrix_product_state_truncation_threshold=MPS_TRUNCATION,
                )
            return self._simulators[method, threads]


class _Run:
    """The questions of one piece of work, put to Aer. `method` is the one that answered last."""

    def __init__(self, driver: AerDriver, device: Device, threads: int) -> None:
        self._driver = driver
        self._device = device
        self._threads = threads
        self.method = ""

    def sample(self, circuit: Circuit, values: Sequence[float], shots: int, seed: int) -> Counts:
        """Counts of a circuit; of one that never measures, zeros."""
        made = self._driver.translated(circuit)
        if not made.measures:
            return Counts.from_dict({"0" * made.num_clbits: shots}, made.num_clbits)
        data = self._data(made, values, shots, seed)
        counts: dict[str, int] = {}
        for key, count in data["counts"].items():
            outcome = int(key, 16)
            if outcome >> made.num_clbits:
                raise EigenError("EIGEN_SIM_LOOP_BOUND", "a WHILE wants to go on beyond its bound")
            counts[f"{outcome:0{made.num_clbits}b}" if made.num_clbits else ""] = count
        return Counts.from_dict(counts, made.num_clbits)

    def expectation(self, work: ExpectationWork) -> float:
        """The exact expectation value."""
        from eigen.drivers.qiskit_circuits import with_expectation

        def save(made: Translated) -> Translated:
            return with_expectation(made, work.observable)

        made = self._driver.translated(work.circuit, work.observable.digest, save)
        return float(self._data(made, work.values, 1, 0)["value"])

    def probability(self, work: ProbabilityWork) -> float:
        """The exact probability of one outcome."""
        from eigen.drivers.qiskit_circuits import with_probability

        ordered = self._device.properties["method"] == "matrix_product_state"

        def save(made: Translated) -> Translated:
            return with_probability(made, work.bits, ordered=ordered)

        made = self._driver.translated(work.circuit, f"{work.bits} {ordered}", save)
        return float(self._data(made, work.values, 1, 0)["value"][0])

    def _data(self, made: Translated, values: Sequence[float], shots: int, seed: int) -> Mapping[str, Any]:
        data, self.method = self._driver.run(self._device, self._threads, made, values, shots=shots, seed=seed)
        return data


def _device(method: str, row: Method, memory_bytes: int, version: str) -> Device:
    doublings = max(0, (memory_bytes // AMPLITUDE_BYTES).bit_length() - 1)
    return Device(
        id=f"qiskit:aer{row.suffix}",
        name=f"Qiskit Aer, {row.title}",
        backend_type="simulator",
        num_qubits=min(doublings // row.doublings if row.doublings else row.most_qubits, row.most_qubits),
        gates=row.gates,
        features=FEATURES,
        properties={
            "engine": "qiskit-aer",
            "method": method,
            "precision": "f64",
            "version": version,
            "on_request": True,
        },
    )


def largest_bond(width: int) -> int:
    """The largest bond dimension χ of a matrix product state of this width that memory holds.

    A tensor has 2 χ² amplitudes; the two that a gate joins are decomposed, which takes about sixteen times one.
    """
    return isqrt(memory_limit_bytes() // 2 // (2 * AMPLITUDE_BYTES * (width + 16)))


def _failure(device: Device, status: str) -> EigenError:
    short = status.removeprefix("ERROR: ")[:500]
    if "nsufficient memory" in status or "bad_alloc" in status:
        return EigenError("EIGEN_SIM_MEMORY", f"`{device.id}`: {short}")
    return EigenError("EIGEN_DEVICE_FAILED", f"`{device.id}` failed: {short}")


def _installed_version() -> str:
    """The version of Aer, without loading it; EIGEN_NOT_AVAILABLE when it is not there."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        version("qiskit")
        return version("qiskit-aer")
    except PackageNotFoundError as missing:
        raise EigenError(
            "EIGEN_NOT_AVAILABLE",
            f"the devices of Qiskit Aer need the package `{missing.name}`",
            hint="pip install 'eigen-os[qiskit]'",
        ) from None
