"""Braket's local simulators: `braket:local_sv`, a state vector, and `braket:local_dm`, a density matrix.

The first qubit of Braket is the most significant bit of its states. What a circuit measures and decides on its way is
followed by `eigen_driver.walk`, over the simulators' states.
"""

# Braket has hints for some of its names only, and is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from eigen_driver import Device, StateEngine
from eigen_driver.matrices import matrix_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver import Operation
    from eigen_driver.arrays import ArrayState
    from eigen_driver.noise import Matrix
    from eigen_driver.state_engine import Question

VECTOR = "local_sv"
MATRIX = "local_dm"
MOST_QUBITS = {VECTOR: 24, MATRIX: 12}
NAMES = {
    "I": "Identity",
    "X": "PauliX",
    "Y": "PauliY",
    "Z": "PauliZ",
    "H": "Hadamard",
    "S": "S",
    "Sdg": "Si",
    "T": "T",
    "Tdg": "Ti",
    "SX": "V",
    "SXdg": "Vi",
    "RX": "RotX",
    "RY": "RotY",
    "RZ": "RotZ",
    "P": "PhaseShift",
    "CX": "CX",
    "CY": "CY",
    "CZ": "CZ",
    "CP": "CPhaseShift",
    "SWAP": "Swap",
    "ISWAP": "ISwap",
    "ECR": "ECR",
    "RXX": "XX",
    "RYY": "YY",
    "RZZ": "ZZ",
    "CCX": "CCNot",
    "CSWAP": "CSwap",
}
"""Gates by Braket's names for them."""
BY_MATRIX = ("CH", "CRX", "CRY", "CRZ", "CCZ", "UNITARY")
"""Gates that it takes as matrices."""
TURNED = frozenset({"RX", "RY", "RZ", "P", "CP", "RXX", "RYY", "RZZ"})
GATES = (*NAMES, "U", *BY_MATRIX)
FEATURES = frozenset({"dynamic", "expectation", "exact", "seed"})


class BraketEngine(StateEngine):
    """See the module."""

    name = "braket"
    options = frozenset({"noise_model"})

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load Braket's simulators."""
        super().start(config, threads)
        global np, sim, arrays
        import braket.default_simulator as sim
        import numpy as np

        from eigen_driver import arrays

        self.version = version("amazon-braket-sdk")
        self._devices = tuple(map(_device, MOST_QUBITS))

    def devices(self) -> Sequence[Device]:
        """Both simulators."""
        return self._devices

    def fresh(self, device: Device, ask: Question) -> _State:
        """A simulation."""
        made = _simulation(device.properties["method"] == MATRIX, ask.circuit.num_qubits)
        return _State(made, ask.circuit.bound(ask.values))


class _State:
    """One of Braket's simulations, as a `walk.State`."""

    def __init__(self, simulation: Any, bound: Mapping[str, float]) -> None:
        self._simulation = simulation
        self._bound = bound
        self._mixed = isinstance(simulation, sim.DensityMatrixSimulation)

    @property
    def _array(self) -> Any:
        return self._simulation.density_matrix if self._mixed else self._simulation.state_vector

    @property
    def nbytes(self) -> int:
        return int(self._array.nbytes)

    @property
    def _tensor(self) -> ArrayState:
        """The amplitudes or the density matrix, not copied."""
        axes = self._simulation.qubit_count * (2 if self._mixed else 1)
        return arrays.ArrayState(self._array.reshape((2,) * axes), mixed=self._mixed)

    def apply(self, gate: Operation) -> None:
        self._simulation.evolve([_gate(gate, self._bound)])

    def channel(self, operators: Sequence[Matrix], qubits: Sequence[int]) -> None:
        kraus = [np.array(operator, dtype=complex) for operator in operators]
        self._simulation.evolve([sim.noise_operations.Kraus(list(qubits)[::-1], kraus)])

    def one(self, qubit: int) -> float:
        return self._tensor.one(qubit)

    def project(self, qubit: int, outcome: int) -> None:
        found = self._tensor
        found.project(qubit, outcome)
        self._array[...] = found.array.reshape(self._array.shape)

    def draw(self, qubits: Sequence[int], shots: int, random: Any) -> Mapping[int, int]:
        return self._tensor.draw(qubits, shots, random)

    def copy(self) -> _State:
        other = _State(_simulation(self._mixed, self._simulation.qubit_count), self._bound)
        other._array[...] = self._array
        return other

    def mean(self, factors: Sequence[tuple[str, int]]) -> float:
        """The expectation value of a product of Pauli letters."""
        if not factors:
            return 1.0
        letters = [getattr(sim.observables, f"Pauli{letter}")([qubit]) for letter, qubit in factors]
        product = letters[0] if len(letters) == 1 else sim.observables.TensorProduct(letters)
        return float(self._simulation.expectation(product))

    def probability(self, bits: str) -> float:
        return self._tensor.probability(bits)


def _simulation(mixed: bool, num_qubits: int) -> Any:
    if mixed:
        return sim.DensityMatrixSimulation(num_qubits, 0)
    return sim.StateVectorSimulation(num_qubits, 0, 1)


def _gate(item: Operation, bound: Mapping[str, float]) -> Any:
    gates, qubits = sim.gate_operations, list(item.qubits)
    if item.name in BY_MATRIX:
        return gates.Unitary(qubits[::-1], matrix_of(item, bound))
    if item.name == "U":
        return gates.U(qubits, *item.angles(bound, "theta", "phi", "lambda"))
    angles = item.angles(bound, "lambda" if item.name in {"P", "CP"} else "theta") if item.name in TURNED else ()
    return getattr(gates, NAMES[item.name])(qubits, *angles)


def _device(method: str) -> Device:
    title = {VECTOR: "local state vector", MATRIX: "local density matrix"}[method]
    told = version("amazon-braket-default-simulator")
    properties = {"engine": "braket", "method": method, "precision": "f64", "version": told}
    features = FEATURES | {"noise"} if method == MATRIX else FEATURES
    return Device(f"braket:{method}", f"Braket, {title}", MOST_QUBITS[method], GATES, features, properties=properties)
