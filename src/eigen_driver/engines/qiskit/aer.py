"""Qiskit Aer: `qiskit:aer` chooses its method itself, `qiskit:aer_<method>` runs that one.

Circuits are translated once and kept, parameters open. One piece of work runs at a time.
"""

# Qiskit has hints for some of its names only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false, reportMissingImports=false

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from math import isqrt
from typing import TYPE_CHECKING, Any

from eigen_driver.asks import Counts, Estimate
from eigen_driver.engine import Device, Engine
from eigen_driver.engines.qiskit.options import Options
from eigen_driver.failure import RefusedError
from eigen_driver.memory import memory_limit_bytes
from eigen_driver.noise import NoiseModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen_driver.asks import Ask, Expectation, Probability, Sample
    from eigen_driver.circuit import Circuit
    from eigen_driver.engines.qiskit.circuits import Translated

CLIFFORD = ("I", "X", "Y", "Z", "H", "S", "Sdg", "SX", "SXdg", "CX", "CY", "CZ", "SWAP", "ECR")
TURNS = ("T", "Tdg", "RX", "RY", "RZ", "P", "U", "CP", "RXX", "RYY", "RZZ", "RZX", "CCX", "UNITARY")
CONTROLLED = ("CSWAP", "CCZ", "CRX", "CRY", "CRZ", "CU", "MCX", "MCP")
FEATURES = frozenset({"dynamic", "expectation", "exact", "noise", "seed"})
AMPLITUDE_BYTES = 16  # complex128
MOST_QUBITS = 48  # beyond this no memory of today holds the state
CIRCUITS_KEPT = 64
MPS_TRUNCATION = 1e-16  # the sum of squared Schmidt coefficients that may be dropped at one cut


@dataclass(frozen=True)
class Method:
    """One of Aer's methods. The state of n qubits takes 2^(doublings·n) amplitudes; 0: `most_qubits` is the limit."""

    suffix: str
    title: str
    gates: tuple[str, ...]
    options: tuple[str, ...]
    doublings: int = 0
    most_qubits: int = MOST_QUBITS


COMMON = ("threads", "noise_model")
DENSE = (*COMMON, "precision", "fusion", "fusion_qubits")
METHODS: dict[str, Method] = {
    "automatic": Method("", "method chosen by Aer", CLIFFORD + TURNS + CONTROLLED, DENSE, doublings=1),
    "statevector": Method("_statevector", "state vector", CLIFFORD + TURNS + CONTROLLED, DENSE, doublings=1),
    "density_matrix": Method("_density_matrix", "density matrix", CLIFFORD + TURNS, DENSE, doublings=2),
    "stabilizer": Method("_stabilizer", "stabilizer tableau", CLIFFORD, COMMON, most_qubits=10_000),
    "matrix_product_state": Method(
        "_matrix_product_state",
        "matrix product state",
        (*CLIFFORD, *TURNS, "CSWAP"),
        (*COMMON, "max_bond", "cutoff"),
        most_qubits=63,
    ),
}
OF_DENSITY = frozenset({"id", *(name.lower() for name in METHODS["density_matrix"].gates if name != "I")})
"""Qiskit's names of the gates of the density matrix."""


@dataclass(frozen=True)
class Kept:
    """A circuit for Aer, and how its measurements are recorded (None: as they are)."""

    made: Translated
    readout: Any = None


class AerEngine(Engine):
    """See the module."""

    name = "qiskit-aer"
    options = frozenset(name for row in METHODS.values() for name in row.options)

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load Aer, and measure how many qubits the memory holds."""
        super().start(config, threads)
        global circuits, errors, running, SaveAmplitudesSquared, SaveExpectationValue, SaveMatrixProductState
        global SaveProbabilities, SparsePauliOp
        from qiskit.quantum_info import SparsePauliOp
        from qiskit_aer.library import (
            SaveAmplitudesSquared,
            SaveExpectationValue,
            SaveMatrixProductState,
            SaveProbabilities,
        )

        from eigen_driver.engines.qiskit import circuits, errors, running

        self.version = version("qiskit-aer")
        self._threads = threads
        self._memory = memory_limit_bytes()
        self._devices = tuple(_device(method, row, self._memory, self.version) for method, row in METHODS.items())
        self._simulators: dict[tuple[str, int], Any] = {}
        self._kept: dict[tuple[str, ...], Kept] = {}

    def devices(self) -> Sequence[Device]:
        """One for each method."""
        return self._devices

    def sample(self, device: Device, ask: Sample) -> Counts:
        """Counts; of a circuit that measures nothing, zeros."""
        options = self._chosen(device, ask)
        kept = self._prepared(ask.circuit, options.noise_model)
        told = {"seed": ask.seed, **self._told(device, options, ask.circuit)}
        if not kept.made.measures:
            return Counts({0: ask.shots}, told)
        data, used = self._run(device, options, kept, ask.values, shots=ask.shots, seed=ask.seed)
        return Counts(circuits.counted(data["counts"], ask.circuit.num_clbits), told | {"method": used})

    def expectation(self, device: Device, ask: Expectation) -> Estimate:
        """Exact, saved by Aer; with noise, of a density matrix."""
        options = self._chosen(device, ask, exact=True)
        noise = _model(options.noise_model)

        def save(made: Translated) -> Translated:
            terms: Any = ask.observable.terms if noise is None else None
            if noise is not None:
                terms = errors.recorded(ask.observable.terms, noise.readout).items()
            rows = [("".join(x for x, _ in factors), [q for _, q in factors], weight) for factors, weight in terms]
            width = made.circuit.num_qubits
            total = SparsePauliOp.from_sparse_list(rows or [("", [], 0.0)], num_qubits=width)
            return made.saving(SaveExpectationValue(total, label="value"))

        kept = self._prepared(ask.circuit, options.noise_model, ask.observable.digest, save)
        data, used = self._run(device, options, kept, ask.values, exact=True)
        return Estimate(float(data["value"]), metadata=self._told(device, options, ask.circuit) | {"method": used})

    def probability(self, device: Device, ask: Probability) -> Estimate:
        """Exact, saved by Aer; with noise, of a density matrix.

        A matrix product state must be put in order first: gates on distant qubits leave its sites permuted, which
        saving the state puts right, and which saving amplitudes does not know of (Aer 0.17).
        """
        options = self._chosen(device, ask, exact=True)
        noise, bits = _model(options.noise_model), ask.bits
        ordered = device.properties["method"] == "matrix_product_state"

        def save(made: Translated) -> Translated:
            width = made.circuit.num_qubits
            if noise is not None:
                return made.saving(SaveProbabilities(width, label="value"))
            value = SaveAmplitudesSquared(width, [int(bits, 2)], label="value")
            return made.saving(SaveMatrixProductState(width), value) if ordered else made.saving(value)

        then = "all" if noise is not None else f"{bits} {ordered}"
        kept = self._prepared(ask.circuit, options.noise_model, then, save)
        data, used = self._run(device, options, kept, ask.values, exact=True)
        value = float(data["value"][0]) if noise is None else 0.0
        if noise is not None:
            value = errors.recorded_probability(data["value"], bits, noise.readout)
        return Estimate(value, metadata=self._told(device, options, ask.circuit) | {"method": used})

    def _chosen(self, device: Device, ask: Ask, *, exact: bool = False) -> Options:
        """The options of work; RefusedError for one that the device does not have, or cannot honour."""
        options = Options.of(ask.options, METHODS[device.properties["method"]].options, device.id, self._threads)
        if exact and options.noise_model and device.properties["method"] not in {"automatic", "density_matrix"}:
            message = f"`{device.id}` has no exact values of noisy circuits"
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, hint="`qiskit:aer_density_matrix` has")
        model = _model(options.noise_model)
        if model is not None and device.properties["method"] == "stabilizer" and not _of_tableaux(model):
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", f"`{device.id}` has noise of Pauli channels and resets only")
        return options

    def _prepared(
        self,
        circuit: Circuit,
        noise_model: str,
        then: str = "",
        extend: Callable[[Translated], Translated] = lambda made: made,
    ) -> Kept:
        """A circuit for Aer, with what `extend` puts at its end, kept under the name `then` of that."""
        key = (circuit.digest, noise_model, then)
        known = self._kept.pop(key, None)
        if known is None:
            model = _model(noise_model)
            made = circuits.translate(circuit, model and errors.ModelErrors(model, circuit.num_qubits))
            rates = {} if model is None else {q: model.readout(q) for q in range(circuit.num_qubits)}
            found = {qubit: rate for qubit, rate in rates.items() if rate is not None}
            if model is not None and then:  # exact: of a density matrix, which has fewer gates
                made = circuits.within(made, OF_DENSITY)
            known = Kept(extend(made), errors.readout_model(found) if then == "" else None)
            if len(self._kept) >= CIRCUITS_KEPT:
                del self._kept[next(iter(self._kept))]
        self._kept[key] = known
        return known

    def _run(
        self,
        device: Device,
        options: Options,
        kept: Kept,
        values: Sequence[float],
        *,
        shots: int = 1,
        seed: int = 0,
        exact: bool = False,
    ) -> tuple[Mapping[str, Any], str]:
        """What Aer has of a circuit at these values: its data, and the method that made them."""
        method, given = device.properties["method"], options.to_aer()
        if exact and options.noise_model:
            method = "density_matrix"
            self._check_room(device, kept.made.circuit.num_qubits)
        if method == "matrix_product_state":
            most = largest_bond(kept.made.circuit.num_qubits, self._memory)
            given["matrix_product_state_max_bond_dimension"] = min(options.max_bond or most, most)
            given.setdefault("matrix_product_state_truncation_threshold", MPS_TRUNCATION)
        if kept.made.branches:
            given["enable_truncation"] = False  # it loses the ends of branches (Aer 0.17)
        if kept.readout is not None:
            given["noise_model"] = kept.readout
        bound = kept.made.bound(values)
        return running.ran(device.id, self._simulator(method, options.threads), bound, shots, seed, given)

    def _simulator(self, method: str, threads: int) -> Any:
        if (method, threads) not in self._simulators:
            self._simulators[method, threads] = running.simulator(method, threads, self._memory)
        return self._simulators[method, threads]

    def _told(self, device: Device, options: Options, circuit: Circuit) -> dict[str, Any]:
        """What goes with every result."""
        told: dict[str, Any] = {"precision": options.precision, "method": device.properties["method"]}
        if device.properties["method"] == "matrix_product_state":
            told["truncation"] = MPS_TRUNCATION if options.cutoff is None else options.cutoff
            most = largest_bond(circuit.num_qubits, self._memory)
            most = min(options.max_bond or most, most)
            if most < 1 << circuit.num_qubits // 2:  # else no state needs more
                told["max_bond_dimension"] = most
        return told

    def _check_room(self, device: Device, num_qubits: int) -> None:
        most = next(row.num_qubits for row in self._devices if row.properties["method"] == "density_matrix")
        if num_qubits > most:
            message = f"`{device.id}` holds the density matrix of {most} qubits, the circuit has `{num_qubits}`"
            raise RefusedError("EIGEN_SIM_MEMORY", message)


def largest_bond(width: int, memory_bytes: int) -> int:
    """The largest bond dimension χ of a matrix product state of this width that memory holds.

    A tensor has 2 χ² amplitudes; the two that a gate joins are decomposed, which takes about sixteen times one.
    """
    return isqrt(memory_bytes // 2 // (2 * AMPLITUDE_BYTES * (width + 16)))


def _model(text: str) -> NoiseModel | None:
    return NoiseModel.from_json(text) if text else None


def _of_tableaux(model: NoiseModel) -> bool:
    kept = all(channel.paulis is not None or channel.document["kind"] == "reset" for channel in model.channels)
    return kept and not model.document.get("relaxation")


def _device(method: str, row: Method, memory_bytes: int, version: str) -> Device:
    doublings = max(0, (memory_bytes // AMPLITUDE_BYTES).bit_length() - 1)
    return Device(
        f"qiskit:aer{row.suffix}",
        f"Qiskit Aer, {row.title}",
        min(doublings // row.doublings if row.doublings else row.most_qubits, row.most_qubits),
        row.gates,
        FEATURES,
        properties={
            "engine": "qiskit-aer",
            "method": method,
            "options": sorted(row.options),
            "precision": "f64",
            "version": version,
        },
    )
