"""TensorFlow Quantum as `tfq:statevector`: qsim behind TensorFlow's operations, in single precision, on processors.

A circuit becomes one of Cirq's whose angles are symbols, and travels to TensorFlow once; questions that differ in their
values only are one batch. Angles are reduced to a period in double precision first, and no number is written into a
program: TensorFlow Quantum would round it to six digits. Its own operation for samples takes no seed, so that counts
are drawn from the final state.

Gradients are those of its adjoint differentiator, by the angles, and the chain rule to the circuit's parameters. It
takes the derivative of a gate by central differences, which are too small by a factor that is known for each kind of
angle, and is divided out.
"""

# TensorFlow is loaded when the engine starts, and has no hints.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import groupby
from math import pi, remainder, sin
from typing import TYPE_CHECKING, Any

from eigen_driver import (
    Affine,
    Counts,
    Device,
    Engine,
    Estimate,
    Expectation,
    Gradient,
    Operation,
    Probability,
    RefusedError,
    Sample,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen_driver import Circuit, Observable
    from eigen_driver.asks import Answer, Ask

FIXED = ("I", "X", "Y", "Z", "H", "S", "Sdg", "T", "Tdg", "SX", "SXdg", "CX", "CZ", "SWAP", "ISWAP")
CONTROLLED = {"CY": (1, "Y"), "CH": (1, "H"), "CCX": (2, "X"), "CCZ": (2, "Z"), "CSWAP": (1, "SWAP")}
TURNED = ("RX", "RY", "RZ", "P", "CP", "CRX", "CRY", "CRZ", "RXX", "RYY", "RZZ", "FSIM", "U")
GATES = (*FIXED, *CONTROLLED, *TURNED)
FEATURES = frozenset({"expectation", "exact", "gradient", "seed"})
MOST_QUBITS = 24
PROGRAMS_KEPT = 64
BATCH_BYTES = 1 << 30
"""What the states of one batch may take."""
AMPLITUDE_BYTES = 8
STEP = 5e-3
"""Of the differences that its differentiator takes, in units of the symbol."""


@dataclass(frozen=True)
class _Measure:
    """How a symbol is made of an angle: `scale` times it, up to a `period`. The gate turns by `frequency` radians in
    one unit of the symbol."""

    scale: float
    period: float
    frequency: float

    @property
    def slope(self) -> float:
        """The derivative of the symbol by the angle, over what differences find of that of a sine of the frequency."""
        turn = self.frequency * STEP
        return self.scale * turn / sin(turn)


ROTATION = _Measure(1 / pi, 4.0, pi / 2)
PHASE = _Measure(1 / pi, 2.0, pi)
RADIANS = _Measure(1.0, 2 * pi, 1.0)


class TfqEngine(Engine):
    """See the module."""

    name = "tfq"

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load TensorFlow, which takes seconds."""
        super().start(config, threads)
        global cirq, np, sympy, tf, tfq, simulate, adjoint, ArrayState
        import cirq
        import numpy as np
        import sympy
        import tensorflow as tf

        if threads:  # before TensorFlow Quantum is loaded, which starts TensorFlow
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(threads)
        import tensorflow_quantum as tfq
        from tensorflow_quantum.core.ops import tfq_adj_grad_op as adjoint
        from tensorflow_quantum.core.ops import tfq_simulate_ops as simulate

        from eigen_driver.arrays import ArrayState

        self.version = version("tensorflow-quantum")
        self._programs: OrderedDict[str, _Program] = OrderedDict()
        properties = {"engine": "tensorflow-quantum", "method": "statevector", "precision": "f32"}
        properties |= {"version": self.version, "platform": "cpu"}
        title = "TensorFlow Quantum, state vector"
        self._devices = (Device("tfq:statevector", title, MOST_QUBITS, GATES, FEATURES, properties=properties),)

    def devices(self) -> Sequence[Device]:
        """The one."""
        return self._devices

    def run(self, device: Device, asks: Sequence[Ask]) -> list[Answer]:
        """Neighbours that differ in their values only are one batch."""
        found: list[Answer] = []
        for _, group in groupby(asks, key=_kind):
            found += self._batches(device, list(group))
        return found

    def sample(self, device: Device, ask: Sample) -> Counts:
        """Counts; of a circuit that measures nothing, zeros."""
        if ask.circuit.is_dynamic:
            raise self._cannot(device, "measure, reset or decide on the way")
        start = _Recorded(lambda gates: self._state(f"{ask.circuit.digest} measured", ask, gates))
        counts = walk.sample(ask.circuit, start, ask.shots, np.random.default_rng(ask.seed))
        return Counts(counts, {"precision": "f32", "seed": ask.seed})

    def expectation(self, device: Device, ask: Expectation) -> Estimate:
        """Exact, from the final state."""
        return self.run(device, [ask])[0]  # type: ignore[return-value]

    def gradient(self, device: Device, ask: Gradient) -> Estimate:
        """Exact, by adjoint differentiation."""
        return self.run(device, [ask])[0]  # type: ignore[return-value]

    def probability(self, device: Device, ask: Probability) -> Estimate:
        """Exact, from the final state."""
        state = self._state(ask.circuit.digest, ask, list(walk.gates(ask.circuit.operations)))
        return Estimate(state.probability(ask.bits), metadata={"precision": "f32"})

    def _batches(self, device: Device, asks: list[Any]) -> list[Answer]:
        first = asks[0]
        if not isinstance(first, Expectation | Gradient):
            return [self._one(device, ask) for ask in asks]
        size = max(1, BATCH_BYTES // (2 * AMPLITUDE_BYTES << first.circuit.num_qubits))
        parts = (asks[start : start + size] for start in range(0, len(asks), size))
        return [answer for part in parts for answer in self._values(part)]

    def _values(self, asks: list[Expectation | Gradient]) -> list[Answer]:
        """Answers to questions about one observable of one circuit."""
        first = asks[0]
        program = self._program(first.circuit.digest, first.circuit, list(walk.gates(first.circuit.operations)))
        values = np.array([program.exponents(ask.circuit.bound(ask.values)) for ask in asks])
        constant, products, weights = _terms(first.observable)
        told = {"precision": "f32", **({"batch": len(asks)} if len(asks) > 1 else {})}
        slopes = [dict.fromkeys(first.circuit.parameters, 0.0) for _ in asks]
        if not products:
            answers = [constant] * len(asks)
        else:
            asked = tf.repeat(tfq.convert_to_tensor([products]), len(asks), axis=0)
            named = (tf.repeat(program.tensor, len(asks)), program.symbols, values, asked)
            found = np.asarray(simulate.tfq_simulate_expectation(*named), dtype=float)
            answers = [constant + float(row @ weights) for row in found]
            if isinstance(first, Gradient) and program.angles:
                slope = adjoint.tfq_adj_grad(*named, np.tile(weights, (len(asks), 1)))
                slopes = [program.chained(row, first.circuit.parameters) for row in np.asarray(slope, dtype=float)]
        if isinstance(first, Expectation):
            return [Estimate(value, metadata=told) for value in answers]
        told |= {"gradient_method": "adjoint"}
        return [
            Estimate(value, gradient=tuple(slope.values()), metadata=told)
            for value, slope in zip(answers, slopes, strict=True)
        ]

    def _state(self, key: str, ask: Sample | Probability, gates: list[Operation]) -> ArrayState:
        """The final state; axis k of its array is qubit k."""
        program = self._program(key, ask.circuit, gates)
        values = np.array([program.exponents(ask.circuit.bound(ask.values))])
        found = simulate.tfq_simulate_state(program.tensor, program.symbols, values)
        return ArrayState(found.numpy()[0].reshape((2,) * ask.circuit.num_qubits))

    def _program(self, key: str, circuit: Circuit, gates: list[Operation]) -> _Program:
        """What TensorFlow takes for gates, made once."""
        found = self._programs.get(key)
        if found is None:
            found = self._programs[key] = _program(circuit.num_qubits, gates)
            if len(self._programs) > PROGRAMS_KEPT:
                self._programs.popitem(last=False)
        self._programs.move_to_end(key)
        return found


class _Recorded:
    """A `walk.State` of a circuit that measures at its end: gates are written down, and run once outcomes are drawn."""

    nbytes = 0

    def __init__(self, run: Callable[[list[Operation]], ArrayState]) -> None:
        self._run = run
        self._gates: list[Operation] = []

    def apply(self, gate: Operation) -> None:
        self._gates.append(gate)

    def draw(self, qubits: Sequence[int], shots: int, random: Any) -> Mapping[int, int]:
        return self._run(self._gates).draw(qubits, shots, random)

    def one(self, qubit: int) -> float:
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", "nothing is measured on the way")

    def project(self, qubit: int, outcome: int) -> None:
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", "nothing is measured on the way")

    def copy(self) -> _Recorded:
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", "nothing is measured on the way")


@dataclass
class _Program:
    """A circuit as TensorFlow takes it: symbol j stands for the angle j, in its measure."""

    tensor: Any = None
    symbols: list[str] = field(default_factory=list[str])
    angles: list[tuple[float | Affine, _Measure]] = field(default_factory=list[tuple[float | Affine, _Measure]])

    def symbol(self, angle: float | Affine, measure: _Measure) -> Any:
        """The symbol of one more angle."""
        self.symbols.append(f"a{len(self.symbols)}")
        self.angles.append((angle, measure))
        return sympy.Symbol(self.symbols[-1])

    def exponents(self, bound: Mapping[str, float]) -> list[float]:
        """What the symbols stand for at these values of the parameters."""
        return [
            remainder((angle.at(bound) if isinstance(angle, Affine) else angle) * measure.scale, measure.period)
            for angle, measure in self.angles
        ]

    def chained(self, slopes: Sequence[float], parameters: Sequence[str]) -> dict[str, float]:
        """Derivatives by the parameters, from those by the symbols."""
        found = dict.fromkeys(parameters, 0.0)
        for slope, (angle, measure) in zip(slopes, self.angles, strict=True):
            if isinstance(angle, Affine):
                for name, factor in angle.terms:
                    found[name] += factor * measure.slope * float(slope)
        return found


def _program(width: int, gates: Sequence[Operation]) -> _Program:
    program = _Program()
    qubits = cirq.GridQubit.rect(1, width)
    # Every qubit is named, for those that are not would be left out; and in their order.
    circuit = cirq.Circuit(cirq.I.on_each(*qubits))
    for item in gates:
        circuit.append(_gates(item, [qubits[qubit] for qubit in item.qubits], program))
    program.tensor = tfq.convert_to_tensor([circuit])
    return program


def _gates(item: Operation, qubits: list[Any], program: _Program) -> list[Any]:
    """The gates of Cirq's that a gate is, but for a phase."""
    name, half = item.name, -0.5
    if name in FIXED:
        return [_fixed()[name].on(*qubits)]
    if name in CONTROLLED:
        controls, inner = CONTROLLED[name]
        return [cirq.ControlledGate(_fixed()[inner], controls).on(*qubits)]
    if name == "FSIM":
        theta, phi = (program.symbol(item.params[angle], RADIANS) for angle in ("theta", "phi"))
        return [cirq.FSimGate(theta, phi).on(*qubits)]
    if name == "U":
        turns = (("lambda", cirq.ZPowGate), ("theta", cirq.YPowGate), ("phi", cirq.ZPowGate))
        return [
            power(exponent=program.symbol(item.params[angle], ROTATION), global_shift=half).on(*qubits)
            for angle, power in turns
        ]
    if name in {"P", "CP"}:
        return [(cirq.Z if name == "P" else cirq.CZ).on(*qubits) ** program.symbol(item.params["lambda"], PHASE)]
    exponent = program.symbol(item.params["theta"], ROTATION)
    turn = getattr(cirq, f"{name.lstrip('CR')}PowGate")(exponent=exponent, global_shift=half)
    return [(cirq.ControlledGate(turn) if name.startswith("C") else turn).on(*qubits)]


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
    }


def _terms(observable: Observable) -> tuple[float, list[Any], Any]:
    """The weight of the identity, the other products of Pauli letters, and their weights."""
    constant = 0.0
    products: list[Any] = []
    weights: list[float] = []
    for factors, weight in observable.terms:
        if not factors:
            constant += weight
            continue
        letters = {cirq.GridQubit(0, qubit): getattr(cirq, letter) for letter, qubit in factors}
        products.append(cirq.PauliSum.from_pauli_strings([cirq.PauliString(letters)]))
        weights.append(weight)
    return constant, products, np.array(weights)


def _kind(ask: Ask) -> tuple[object, ...]:
    """What questions of one batch have in common."""
    if isinstance(ask, Expectation | Gradient):
        return type(ask), ask.circuit.digest, ask.observable.digest
    return (id(ask),)
