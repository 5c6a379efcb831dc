"""Cirq's own simulators: `cirq:statevector` and `cirq:density_matrix`, in double precision.

Qubits are named by their index, so that Cirq's order of bits in matrices and states (the first qubit is the most
significant) is put right in three places: matrices, indices of states, samples. What a circuit measures and decides on
its way is followed by `eigen_driver.walk`, over Cirq's states.
"""

# Cirq has hints for some of its names only, and is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

from importlib.metadata import version
from math import pi
from typing import TYPE_CHECKING, Any

from eigen_driver import Device, StateEngine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver import Operation
    from eigen_driver.arrays import ArrayState
    from eigen_driver.noise import Matrix
    from eigen_driver.state_engine import Question

FIXED = (
    "I",
    "X",
    "Y",
    "Z",
    "H",
    "S",
    "Sdg",
    "T",
    "Tdg",
    "SX",
    "SXdg",
    "CX",
    "CZ",
    "SWAP",
    "ISWAP",
    "CCX",
    "CCZ",
    "CSWAP",
)
TURNED = ("RX", "RY", "RZ", "P", "CP", "RXX", "RYY", "RZZ", "FSIM")
GATES = (*FIXED, *TURNED, "UNITARY")
FEATURES = frozenset({"dynamic", "expectation", "exact", "seed"})
MOST_QUBITS = {"statevector": 24, "density_matrix": 12}


class CirqEngine(StateEngine):
    """See the module."""

    name = "cirq"
    options = frozenset({"noise_model"})

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load Cirq."""
        super().start(config, threads)
        global cirq, np, ArrayState
        import cirq
        import numpy as np

        from eigen_driver.arrays import ArrayState

        self.version = version("cirq-core")
        self._devices = tuple(_device(method, self.version) for method in MOST_QUBITS)

    def devices(self) -> Sequence[Device]:
        """Both simulators."""
        return self._devices

    def fresh(self, device: Device, ask: Question) -> _State:
        """A state of Cirq's."""
        made = _Gates(ask.circuit.num_qubits, ask.circuit.bound(ask.values))
        mixed = device.properties["method"] == "density_matrix"
        kind = cirq.DensityMatrixSimulationState if mixed else cirq.StateVectorSimulationState
        return _State(made, kind(qubits=made.qubits, initial_state=0, dtype=np.complex128))


class _Gates:
    """The gates of a circuit at its values, on qubits that are named by their index."""

    def __init__(self, num_qubits: int, bound: Mapping[str, float]) -> None:
        self._bound = bound
        self.qubits = cirq.LineQubit.range(num_qubits)

    def gate(self, item: Operation) -> Any:
        """An operation of Cirq's."""
        qubits = [self.qubits[qubit] for qubit in item.qubits]
        if item.name == "UNITARY":
            return cirq.MatrixGate(np.array(item.matrix)).on(*reversed(qubits))
        if item.name in FIXED:
            return _fixed()[item.name].on(*qubits)
        return _turned(item, self._bound).on(*qubits)


class _State:
    """One of Cirq's states, as a `walk.State`."""

    def __init__(self, made: _Gates, state: Any) -> None:
        self._made = made
        self._state = state

    @property
    def _array(self) -> ArrayState:
        tensor = self._state.target_tensor
        return ArrayState(tensor, mixed=tensor.ndim > len(self._made.qubits))

    @property
    def nbytes(self) -> int:
        return 2 * self._state.target_tensor.nbytes  # each has a buffer

    def apply(self, gate: Operation) -> None:
        cirq.act_on(self._made.gate(gate), self._state)

    def channel(self, operators: Sequence[Matrix], qubits: Sequence[int]) -> None:
        kraus = cirq.KrausChannel([np.array(operator, dtype=complex) for operator in operators])
        cirq.act_on(kraus.on(*(self._made.qubits[qubit] for qubit in reversed(qubits))), self._state)

    def mean(self, factors: Sequence[tuple[str, int]]) -> float:
        """Cirq's expectation value of a product of Pauli letters."""
        qubits, tensor = self._made.qubits, self._state.target_tensor
        places = {qubit: place for place, qubit in enumerate(qubits)}
        product = cirq.PauliString({qubits[qubit]: getattr(cirq, letter) for letter, qubit in factors})
        mixed = tensor.ndim > len(qubits)
        ask = product.expectation_from_density_matrix if mixed else product.expectation_from_state_vector
        return float(ask(tensor, places, check_preconditions=False).real)

    def probability(self, bits: str) -> float:
        return self._array.probability(bits)

    def one(self, qubit: int) -> float:
        return self._array.one(qubit)

    def project(self, qubit: int, outcome: int) -> None:
        array = self._array
        array.project(qubit, outcome)
        self._state.target_tensor[...] = array.array

    def draw(self, qubits: Sequence[int], shots: int, random: Any) -> Mapping[int, int]:
        return self._array.draw(qubits, shots, random)

    def copy(self) -> _State:
        return _State(self._made, self._state.copy())


def _fixed() -> dict[str, Any]:
    return {
        "I": cirq.I,
        "X": cirq.X,
        "Y": cirq.Y,
        "Z": cirq.Z,
        "H": cirq.H,
        "S": cirq.S,
        "Sdg": cirq.S**-1,
        "T": cirq.T,
        "Tdg": cirq.T**-1,
        "SX": cirq.X**0.5,
        "SXdg": cirq.X**-0.5,
        "CX": cirq.CNOT,
        "CZ": cirq.CZ,
        "SWAP": cirq.SWAP,
        "ISWAP": cirq.ISWAP,
        "CCX": cirq.CCX,
        "CCZ": cirq.CCZ,
        "CSWAP": cirq.CSWAP,
    }


def _turned(item: Operation, bound: Mapping[str, float]) -> Any:
    if item.name == "FSIM":
        return cirq.FSimGate(*item.angles(bound, "theta", "phi"))
    (angle,) = item.angles(bound, "lambda" if item.name in {"P", "CP"} else "theta")
    if item.name in {"P", "CP"}:
        return (cirq.Z if item.name == "P" else cirq.CZ) ** (angle / pi)
    if item.name in {"RX", "RY", "RZ"}:
        return {"RX": cirq.rx, "RY": cirq.ry, "RZ": cirq.rz}[item.name](angle)
    power = {"RXX": cirq.XXPowGate, "RYY": cirq.YYPowGate, "RZZ": cirq.ZZPowGate}[item.name]
    return power(exponent=angle / pi, global_shift=-0.5)


def _device(method: str, version: str) -> Device:
    title = {"statevector": "state vector", "density_matrix": "density matrix"}[method]
    properties = {"engine": "cirq", "method": method, "precision": "f64", "version": version}
    features = FEATURES | {"noise"} if method == "density_matrix" else FEATURES
    return Device(f"cirq:{method}", f"Cirq, {title}", MOST_QUBITS[method], GATES, features, properties=properties)
