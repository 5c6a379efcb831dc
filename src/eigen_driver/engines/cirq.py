"""Cirq's own simulators, `cirq:statevector` and `cirq:density_matrix`, in double precision; and, where it is installed,
qsim as `cirq:qsim`, in single precision.

Qubits are named by their index, so that Cirq's order of bits in matrices and states (the first qubit is the most
significant) is put right in three places: matrices, indices of states, samples. What a circuit measures and decides on
its way is followed by `eigen_driver.walk`, over Cirq's states. qsim takes whole circuits: gates are collected until
somebody looks at the state.
"""

# Cirq has hints for some of its names only, and is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

import os
from importlib.metadata import version
from importlib.util import find_spec
from math import pi, remainder
from typing import TYPE_CHECKING, Any

from eigen_driver import Device, RefusedError, StateEngine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

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
QSIM = "qsim"
MOST_QUBITS = {"statevector": 24, "density_matrix": 12, QSIM: 28}
MOST_FUSED = 6
TITLES = {"statevector": "state vector", "density_matrix": "density matrix", QSIM: "qsim"}


class CirqEngine(StateEngine):
    """See the module."""

    name = "cirq"
    options = frozenset({"noise_model", "fusion_qubits"})

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load Cirq, and qsim where it is installed."""
        super().start(config, threads)
        global cirq, np, ArrayState, qsim_state
        import cirq
        import numpy as np

        from eigen_driver.arrays import ArrayState

        qsim_state = _qsim_class()
        self.version, self._threads = version("cirq-core"), threads or os.cpu_count() or 1
        there = [method for method in MOST_QUBITS if method != QSIM or find_spec("qsimcirq") is not None]
        self._devices = tuple(map(_device, there))

    def devices(self) -> Sequence[Device]:
        """The simulators."""
        return self._devices

    def fresh(self, device: Device, ask: Question) -> Any:
        """A state of Cirq's, or an array and what qsim is to do with it."""
        made = _Gates(ask.circuit.num_qubits, ask.circuit.bound(ask.values))
        if device.properties["method"] == QSIM:
            return qsim_state(made, self._threads, _fused(ask.options))
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


def _qsim_class() -> Any:
    """The states of qsim, once NumPy is there."""

    class State(ArrayState):
        """An array, and gates that qsim has not done yet."""

        def __init__(self, made: _Gates, threads: int, fused: int | None) -> None:
            array = np.zeros((2,) * len(made.qubits), dtype=np.complex64)
            array[(0,) * array.ndim] = 1.0
            super().__init__(array)
            self._made, self._waiting = made, list[Any]()
            self._options: dict[str, Any] = {"t": threads, **({} if fused is None else {"f": fused})}

        def apply(self, gate: Operation) -> None:
            self._waiting.append(self._made.gate(gate))

        def probabilities(self) -> Any:
            self._settle()
            return super().probabilities()

        def mean(self, factors: Sequence[tuple[str, int]]) -> float:
            """qsim's expectation value of a product of Pauli letters."""
            self._settle()
            if not factors:
                return 1.0
            from qsimcirq import QSimSimulator

            qubits = self._made.qubits
            product = cirq.PauliString({qubits[qubit]: getattr(cirq, letter) for letter, qubit in factors})
            found = QSimSimulator(self._options).simulate_expectation_values(
                cirq.Circuit(cirq.I.on_each(*qubits)), product, qubit_order=qubits, initial_state=self.array.reshape(-1)
            )
            return float(found[0].real)

        def project(self, qubit: int, outcome: int) -> None:
            self._settle()
            super().project(qubit, outcome)

        def copy(self) -> Self:
            self._settle()
            made = super().copy()
            made._waiting = []
            return made

        def _settle(self) -> None:
            """Have qsim do what waits."""
            if not self._waiting:
                return
            from qsimcirq import QSimSimulator

            qubits, start = self._made.qubits, self.array.reshape(-1)
            circuit = cirq.Circuit(cirq.I.on_each(*qubits), self._waiting)
            found = QSimSimulator(self._options).simulate(circuit, qubit_order=qubits, initial_state=start)
            self.array, self._waiting = found.final_state_vector.reshape(self.array.shape), []

    return State


def _fused(options: Mapping[str, Any]) -> int | None:
    """On how many qubits qsim joins gates, at most; None leaves it to qsim."""
    wanted = options.get("fusion_qubits")
    if wanted is not None and (isinstance(wanted, bool) or wanted not in range(2, MOST_FUSED + 1)):
        message = f"option `fusion_qubits` of `cirq:qsim` is 2 to {MOST_FUSED}, not `{wanted!s:.40}`"
        raise RefusedError("EIGEN_DEVICE_OPTION", message, where="fusion_qubits")
    return wanted


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
        return cirq.FSimGate(*(remainder(angle, 2 * pi) for angle in item.angles(bound, "theta", "phi")))
    (angle,) = item.angles(bound, "lambda" if item.name in {"P", "CP"} else "theta")
    angle = remainder(angle, 4 * pi)  # qsim takes angles in single precision
    if item.name in {"P", "CP"}:
        return (cirq.Z if item.name == "P" else cirq.CZ) ** (angle / pi)
    if item.name in {"RX", "RY", "RZ"}:
        return {"RX": cirq.rx, "RY": cirq.ry, "RZ": cirq.rz}[item.name](angle)
    power = {"RXX": cirq.XXPowGate, "RYY": cirq.YYPowGate, "RZZ": cirq.ZZPowGate}[item.name]
    return power(exponent=angle / pi, global_shift=-0.5)


def _device(method: str) -> Device:
    told = version("qsimcirq" if method == QSIM else "cirq-core")
    properties: dict[str, Any] = {"engine": "cirq", "method": method, "version": told}
    properties["precision"] = "f32" if method == QSIM else "f64"
    properties["options"] = {"density_matrix": ["noise_model"], QSIM: ["fusion_qubits"]}.get(method, [])
    features = FEATURES | {"noise"} if method == "density_matrix" else FEATURES
    title = f"Cirq, {TITLES[method]}"
    return Device(f"cirq:{method}", title, MOST_QUBITS[method], GATES, features, properties=properties)
