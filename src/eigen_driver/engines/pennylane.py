"""PennyLane's simulators: `pennylane:default.qubit`, `pennylane:lightning.qubit` and `pennylane:default.mixed`.

Wires are named by their qubit, and the first one is the most significant bit of PennyLane's states. Gradients are
adjoint differentiation [Jones, Gacon, arXiv:2009.02823] by the angles of gates, and the chain rule to the circuit's
parameters; or backpropagation through the simulation by Autograd, which comes with PennyLane. What a circuit measures
and decides on its way is followed by `eigen_driver.walk`, over PennyLane's states: tapes have no loops.
"""

# PennyLane has hints for some of its names only, and is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

from __future__ import annotations

import warnings
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from eigen_driver import Affine, Device, Estimate, RefusedError, StateEngine, walk
from eigen_driver.dynamics import String
from eigen_driver.memory import memory_limit_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver import Circuit, Gradient, Operation
    from eigen_driver.arrays import ArrayState
    from eigen_driver.noise import Matrix
    from eigen_driver.state_engine import Question

LIGHTNING = "lightning.qubit"
MIXED = "default.mixed"
MOST_QUBITS = {"default.qubit": 24, LIGHTNING: 26, MIXED: 12}
NAMES = {
    "I": "Identity",
    "X": "PauliX",
    "Y": "PauliY",
    "Z": "PauliZ",
    "H": "Hadamard",
    "S": "S",
    "T": "T",
    "SX": "SX",
    "CX": "CNOT",
    "CY": "CY",
    "CZ": "CZ",
    "CH": "CH",
    "SWAP": "SWAP",
    "ISWAP": "ISWAP",
    "ECR": "ECR",
    "CCX": "Toffoli",
    "CCZ": "CCZ",
    "CSWAP": "CSWAP",
    "RX": "RX",
    "RY": "RY",
    "RZ": "RZ",
    "P": "PhaseShift",
    "CP": "ControlledPhaseShift",
    "CRX": "CRX",
    "CRY": "CRY",
    "CRZ": "CRZ",
    "RXX": "IsingXX",
    "RYY": "IsingYY",
    "RZZ": "IsingZZ",
}
"""Gates by PennyLane's names for them."""
PHASES = frozenset({"P", "CP"})
TURNED = frozenset({"RX", "RY", "RZ", "P", "CP", "CRX", "CRY", "CRZ", "RXX", "RYY", "RZZ"})
GRADIENTS = {"default.qubit": ("adjoint", "backprop"), LIGHTNING: ("adjoint",), MIXED: ("backprop",)}
"""How each differentiates; the first unless another one is asked for."""
KEPT_ARRAYS = 3
"""Arrays that backpropagation keeps for each gate, about."""
GATES = (*NAMES, "Sdg", "Tdg", "SXdg", "U", "UNITARY")
FEATURES = frozenset({"dynamic", "expectation", "exact", "seed"})
PRECISIONS = ("f32", "f64")


class PennylaneEngine(StateEngine):
    """See the module."""

    name = "pennylane"
    options = frozenset({"gradient_method", "noise_model", "precision"})

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load PennyLane, and Lightning where it is installed."""
        super().start(config, threads)
        global np, qp, arrays
        import numpy as np
        import pennylane as qp

        from eigen_driver import arrays

        self.version = version("pennylane")
        self._devices = tuple(map(_device, MOST_QUBITS))

    def devices(self) -> Sequence[Device]:
        """The simulators."""
        return self._devices

    def fresh(self, device: Device, ask: Question) -> Any:
        """An array, or a state of Lightning."""
        method, precision = device.properties["method"], _precision(device, ask.options)
        width, bound = ask.circuit.num_qubits, ask.circuit.bound(ask.values)
        if method == LIGHTNING:
            from pennylane_lightning.lightning_qubit._state_vector import LightningStateVector

            kind = np.complex64 if precision == "f32" else np.complex128
            return _Lightning(bound, LightningStateVector(width, kind))
        functions = qp.devices.qubit_mixed if method == MIXED else qp.devices.qubit
        array = functions.create_initial_state(range(width)).astype(np.complex128)
        return _Default(bound, arrays.ArrayState(array, mixed=method == MIXED))

    def told(self, device: Device, ask: Question, state: Any) -> dict[str, Any]:
        """In which precision."""
        return {**super().told(device, ask, state), "precision": _precision(device, ask.options)}

    def gradient(self, device: Device, ask: Gradient) -> Estimate:
        """Exact, by adjoint differentiation or backpropagation."""
        method = _gradient_method(device, ask.options)
        value, slopes = (_backprop if method == "backprop" else _adjoint)(device, ask, self)
        return Estimate(value, gradient=slopes, metadata={**self.told(device, ask, None), "gradient_method": method})


class _Default:
    """A state of `default.qubit` or `default.mixed`: an array, changed by functions of PennyLane's."""

    def __init__(self, bound: Mapping[str, float], state: ArrayState) -> None:
        self._bound = bound
        self._state = state
        self._functions = qp.devices.qubit_mixed if state.mixed else qp.devices.qubit

    @property
    def nbytes(self) -> int:
        return self._state.nbytes

    def apply(self, gate: Operation) -> None:
        for item in _gates(gate, self._bound):
            self._state.array = self._functions.apply_operation(item, self._state.array)

    def channel(self, operators: Sequence[Matrix], qubits: Sequence[int]) -> None:
        kraus = [np.array(operator, dtype=complex) for operator in operators]
        item = qp.QubitChannel(kraus, wires=list(qubits)[::-1])
        self._state.array = self._functions.apply_operation(item, self._state.array)

    def one(self, qubit: int) -> float:
        return self._state.one(qubit)

    def project(self, qubit: int, outcome: int) -> None:
        self._state.project(qubit, outcome)

    def draw(self, qubits: Sequence[int], shots: int, random: Any) -> Mapping[int, int]:
        return self._state.draw(qubits, shots, random)

    def copy(self) -> _Default:
        return _Default(self._bound, self._state.copy())

    def mean(self, factors: Sequence[tuple[str, int]]) -> float:
        """The expectation value of a product of Pauli letters."""
        return float(self.traced_mean(factors))

    def traced_mean(self, factors: Sequence[tuple[str, int]]) -> Any:
        """The same, of a state that Autograd may follow."""
        if not factors:
            return 1.0
        if self._state.mixed:  # PennyLane's own goes through square roots, which have no slope at 0
            width = self._state.num_qubits
            string = String(tuple((letter, width - 1 - qubit) for letter, qubit in factors))
            index = np.arange(1 << width)
            signs = 1.0 - 2.0 * (np.bitwise_count(index & string.z) & 1)
            entries = self._state.array.reshape(len(index), len(index))[index, index ^ string.x]
            return qp.math.real(qp.math.sum(string.phase * signs * entries))
        return qp.math.real(self._functions.measure(qp.expval(_product(factors)), self._state.array))

    def probability(self, bits: str) -> float:
        return self._state.probability(bits)

    def jacobian(self, script: Any) -> Any:
        """Derivatives of a script's expectation values by the angles of its gates, after its gates."""
        return self._functions.adjoint_jacobian(script, state=self._state.array)


class _Lightning:
    """A state of `lightning.qubit`."""

    def __init__(self, bound: Mapping[str, float], state: Any) -> None:
        self._bound = bound
        self._state = state

    @property
    def nbytes(self) -> int:
        return int(np.dtype(self._state.dtype).itemsize) << self._state.num_wires

    @property
    def _tensor(self) -> ArrayState:
        return arrays.ArrayState(self._state.state.reshape((2,) * self._state.num_wires))

    def apply(self, gate: Operation) -> None:
        self._state.apply_operations(_gates(gate, self._bound))

    def one(self, qubit: int) -> float:
        from pennylane_lightning.lightning_qubit._measurements import LightningMeasurements

        return float(LightningMeasurements(self._state).probs(qp.probs(wires=qubit))[1])

    def project(self, qubit: int, outcome: int) -> None:
        self._state.state_vector.collapse(qubit, bool(outcome))

    def draw(self, qubits: Sequence[int], shots: int, random: Any) -> Mapping[int, int]:
        return self._tensor.draw(qubits, shots, random)

    def copy(self) -> _Lightning:
        other = type(self._state)(self._state.num_wires, self._state.dtype)
        other.state_vector.updateData(self._state.state)
        return _Lightning(self._bound, other)

    def mean(self, factors: Sequence[tuple[str, int]]) -> float:
        """The expectation value of a product of Pauli letters."""
        from pennylane_lightning.lightning_qubit._measurements import LightningMeasurements

        if not factors:
            return 1.0
        return float(LightningMeasurements(self._state).expval(qp.expval(_product(factors))))

    def probability(self, bits: str) -> float:
        return self._tensor.probability(bits)

    def jacobian(self, script: Any) -> Any:
        """Derivatives of a script's expectation values by the angles of its gates, after its gates."""
        from pennylane_lightning.lightning_qubit._adjoint_jacobian import LightningAdjointJacobian

        return LightningAdjointJacobian(self._state).calculate_jacobian(script)


def _adjoint(device: Device, ask: Gradient, engine: PennylaneEngine) -> tuple[float, tuple[float, ...]]:
    """A value and its derivatives, by adjoint differentiation of the final state."""
    state = engine.final(device, ask)
    value = sum(weight * state.mean(factors) for factors, weight in ask.observable.terms)
    slopes = dict.fromkeys(ask.circuit.parameters, 0.0)
    terms = [(_product(factors), weight) for factors, weight in ask.observable.terms if factors]
    script, chain = _script(ask.circuit, ask.circuit.bound(ask.values), [product for product, _ in terms])
    if chain and terms:
        found = np.asarray(state.jacobian(script), dtype=float).reshape(len(terms), len(chain))
        for angle, slope in zip(chain, np.array([weight for _, weight in terms]) @ found, strict=True):
            for name, factor in angle.terms:
                slopes[name] += factor * float(slope)
    return float(value), tuple(slopes.values())


def _backprop(device: Device, ask: Gradient, engine: PennylaneEngine) -> tuple[float, tuple[float, ...]]:
    """A value and its derivatives, by Autograd through all gates and channels."""
    from autograd import value_and_grad

    _refuse_too_deep(device, ask.circuit)

    def energy(values: Any) -> Any:
        state = engine.final(device, replace(ask, values=tuple(values[place] for place in range(len(ask.values)))))
        found = sum(weight * state.traced_mean(factors) for factors, weight in ask.observable.terms)
        return found + 0.0 * qp.math.sum(values)  # Autograd complains where nothing depends on them

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)  # slopes of real values by real angles are real
        value, slopes = value_and_grad(energy)(  # pyright: ignore[reportCallIssue]
            qp.numpy.array(ask.values, dtype=float)
        )
    return float(value), tuple(map(float, slopes))


def _refuse_too_deep(device: Device, circuit: Circuit) -> None:
    """Backpropagation keeps the state after each gate."""
    width = circuit.num_qubits * (2 if device.properties["method"] == MIXED else 1)
    count = sum(1 for _ in walk.gates(circuit.operations))
    needed, limit = (16 * KEPT_ARRAYS * (count + 1)) << width, memory_limit_bytes() // 2
    if needed > limit:
        message = (
            f"backpropagation through {count} gates keeps about {needed >> 20} MiB, the limit is {limit >> 20} MiB"
        )
        raise RefusedError("EIGEN_SIM_MEMORY", message, hint="adjoint differentiation keeps three states")


def _gradient_method(device: Device, options: Mapping[str, Any]) -> str:
    allowed = GRADIENTS[device.properties["method"]]
    wanted = options.get("gradient_method", allowed[0])
    if wanted not in allowed:
        message = f"option `gradient_method` of `{device.id}` is {' or '.join(allowed)}, not `{wanted!s:.40}`"
        raise RefusedError("EIGEN_DEVICE_OPTION", message, where="gradient_method")
    return wanted


def _precision(device: Device, options: Mapping[str, Any]) -> str:
    wanted = options.get("precision", "f64")
    allowed = PRECISIONS if device.properties["method"] == LIGHTNING else PRECISIONS[1:]
    if wanted not in allowed:
        message = f"option `precision` of `{device.id}` is {' or '.join(allowed)}, not `{wanted}`"
        raise RefusedError("EIGEN_DEVICE_OPTION", message, where="precision")
    return wanted


def _gates(item: Operation, bound: Mapping[str, float]) -> list[Any]:
    """The gates of PennyLane's that a gate is, but for a phase."""
    qubits = list(item.qubits)
    if item.name == "UNITARY":
        return [qp.QubitUnitary(np.array(item.matrix), wires=qubits[::-1])]
    if item.name == "U":
        theta, phi, lam = item.angles(bound, "theta", "phi", "lambda")
        return [qp.RZ(lam, qubits), qp.RY(theta, qubits), qp.RZ(phi, qubits)]
    if item.name in TURNED:
        (angle,) = item.angles(bound, "lambda" if item.name in PHASES else "theta")
        return [getattr(qp, NAMES[item.name])(angle, wires=qubits)]
    if item.name.endswith("dg"):
        return [qp.adjoint(getattr(qp, NAMES[item.name[:-2]])(wires=qubits))]
    return [getattr(qp, NAMES[item.name])(wires=qubits)]


def _script(circuit: Circuit, bound: Mapping[str, float], products: Sequence[Any]) -> tuple[Any, list[Affine]]:
    """The gates and observables as a script, whose trainable numbers are the open angles, told in their order."""
    gates: list[Any] = [qp.Identity(wires=range(circuit.num_qubits))]  # so that no wire is left out
    chain: list[Affine] = []
    places: list[int] = []
    count = 0
    for item in walk.gates(circuit.operations):
        made = _gates(item, bound)
        names = ("lambda", "theta", "phi") if item.name == "U" else tuple(item.params)
        for gate, name in zip(made, names or ("",), strict=False):
            angle = item.params.get(name)
            if isinstance(angle, Affine):
                chain.append(angle)
                places.append(count)
            count += gate.num_params
        gates += made
    script = qp.tape.QuantumScript(gates, [qp.expval(product) for product in products])
    script.trainable_params = places
    return script, chain


def _product(factors: Sequence[tuple[str, int]]) -> Any:
    """A product of Pauli letters, at least one."""
    letters = [getattr(qp, f"Pauli{letter}")(qubit) for letter, qubit in factors]
    return letters[0] if len(letters) == 1 else qp.prod(*letters)


def _device(method: str) -> Device:
    title = {"default.qubit": "state vector", LIGHTNING: "Lightning state vector", MIXED: "density matrix"}[method]
    features = FEATURES | ({"noise", "gradient"} if method == MIXED else {"gradient"})
    told = version("pennylane-lightning") if method == LIGHTNING else version("pennylane")
    own = {LIGHTNING: ["precision"], MIXED: ["noise_model"]}.get(method, [])
    properties = {"engine": "pennylane", "method": method, "precision": "f64", "version": told}
    properties |= {"options": ["gradient_method", *own], "gradient_methods": list(GRADIENTS[method])}
    return Device(
        f"pennylane:{method}", f"PennyLane, {title}", MOST_QUBITS[method], GATES, features, properties=properties
    )
