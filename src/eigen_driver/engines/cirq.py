"""Cirq's own simulators: `cirq:statevector` and `cirq:density_matrix`, in double precision.

Qubits are named by their index, so that Cirq's order of bits in matrices and states (the first qubit is the most
significant) is put right in three places: matrices, indices of states, samples. A circuit that measures on its way is
followed operation by operation, shot for shot, from where it first does.
"""

# Cirq has hints for some of its names only, and is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

from collections import Counter
from importlib.metadata import version
from math import pi
from typing import TYPE_CHECKING, Any

from eigen_driver import Counts, Device, Engine, Estimate, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver import Circuit, Expectation, Operation, Probability, Sample

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
NO_GATE = frozenset({"MEASURE", "BARRIER", "DELAY", "GPHASE"})
SEED_BITS = 32  # of NumPy's RandomState, which Cirq's simulators take
BEFORE = {"X": ("H",), "Y": ("Sdg", "H"), "Z": ()}
AFTER = {"X": ("H",), "Y": ("H", "S"), "Z": ()}


class CirqEngine(Engine):
    """See the module."""

    name = "cirq"

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load Cirq."""
        super().start(config, threads)
        global cirq, np
        import cirq
        import numpy as np

        self.version = version("cirq-core")
        self._devices = tuple(_device(method, self.version) for method in MOST_QUBITS)

    def devices(self) -> Sequence[Device]:
        """Both simulators."""
        return self._devices

    def sample(self, device: Device, ask: Sample) -> Counts:
        """Counts; of a circuit that measures nothing, zeros."""
        random = np.random.RandomState(ask.seed % (1 << SEED_BITS))
        bound = ask.circuit.bound(ask.values)
        told = {"seed": ask.seed, "precision": "f64", "method": device.properties["method"]}
        if not ask.circuit.measures:
            return Counts({0: ask.shots}, told)
        run = _Run(device, ask.circuit, bound, random)
        return Counts(run.follow(ask.shots) if ask.circuit.is_dynamic else run.read(ask.shots), told)

    def expectation(self, device: Device, ask: Expectation) -> Estimate:
        """Exact, from the final state."""
        run = _Run(device, ask.circuit, ask.circuit.bound(ask.values), None)
        total = cirq.PauliSum()
        for factors, weight in ask.observable.terms:
            letters = {run.qubits[qubit]: getattr(cirq, letter) for letter, qubit in factors}
            total += cirq.PauliString(letters, coefficient=weight)
        state, places = run.final(), {qubit: place for place, qubit in enumerate(run.qubits)}
        ask_state = total.expectation_from_state_vector if state.ndim == 1 else total.expectation_from_density_matrix
        return Estimate(float(ask_state(state, places).real), metadata={"precision": "f64"})

    def probability(self, device: Device, ask: Probability) -> Estimate:
        """Exact, from the final state."""
        state = _Run(device, ask.circuit, ask.circuit.bound(ask.values), None).final()
        place = int(ask.bits[::-1], 2) if ask.bits else 0
        value = abs(state[place]) ** 2 if state.ndim == 1 else state[place, place].real
        return Estimate(float(value), metadata={"precision": "f64"})


class _Run:
    """One circuit at its values."""

    def __init__(self, device: Device, circuit: Circuit, bound: Mapping[str, float], random: Any) -> None:
        self._circuit = circuit
        self._bound = bound
        self._random = random
        self._mixed = device.properties["method"] == "density_matrix"
        self.qubits = cirq.LineQubit.range(circuit.num_qubits)

    def final(self) -> Any:
        """The final state of a circuit, leaving out what it measures: a vector of 2^n amplitudes, or a matrix."""
        gates = [self._gate(item) for item in self._circuit.operations if item.name not in NO_GATE]
        kind = cirq.DensityMatrixSimulator if self._mixed else cirq.Simulator
        found = kind(dtype=np.complex128).simulate(cirq.Circuit(gates), qubit_order=self.qubits)
        return found.final_density_matrix if self._mixed else found.final_state_vector

    def read(self, shots: int) -> dict[int, int]:
        """Counts of a circuit that measures at its end only."""
        pairs: dict[int, int] = {}  # classical bit -> qubit
        turns: list[Any] = []
        for item in self._circuit.operations:
            if item.name == "MEASURE":
                pairs |= dict(zip(item.clbits, item.qubits, strict=True))
                turns += [self._named(name, qubit) for qubit in item.qubits for name in BEFORE[item.basis]]
        gates = [self._gate(item) for item in self._circuit.operations if item.name not in NO_GATE]
        kind = cirq.DensityMatrixSimulator if self._mixed else cirq.Simulator
        found = kind(dtype=np.complex128).simulate(cirq.Circuit(gates, turns), qubit_order=self.qubits)
        bits = sorted(pairs)
        places = [pairs[bit] for bit in bits]
        if self._mixed:
            rows = cirq.sample_density_matrix(found.final_density_matrix, places, repetitions=shots, seed=self._random)
        else:
            rows = cirq.sample_state_vector(found.final_state_vector, places, repetitions=shots, seed=self._random)
        kinds, counts = np.unique(rows, axis=0, return_counts=True)
        return {
            sum(int(value) << bit for value, bit in zip(row, bits, strict=True)): int(count)
            for row, count in zip(kinds, counts, strict=True)
        }

    def follow(self, shots: int) -> dict[int, int]:
        """Counts of a circuit that measures on its way."""
        first = next(
            place
            for place, item in enumerate(self._circuit.operations)
            if item.name in {"MEASURE", "RESET"} or item.blocks or item.condition is not None
        )
        kind = cirq.DensityMatrixSimulationState if self._mixed else cirq.StateVectorSimulationState
        start = kind(qubits=self.qubits, prng=self._random, initial_state=0, dtype=np.complex128)
        for item in self._circuit.operations[:first]:
            if item.name not in NO_GATE:
                cirq.act_on(self._gate(item), start)
        found: Counter[int] = Counter()
        for _ in range(shots):
            bits = [0] * self._circuit.num_clbits
            self._walk(self._circuit.operations[first:], start.copy(), bits)
            found[sum(value << bit for bit, value in enumerate(bits))] += 1
        return found

    def _walk(self, operations: Sequence[Operation], state: Any, bits: list[int]) -> None:
        for item in operations:
            if item.name == "IF":
                taken = 0 if _holds(item, bits) else 1
                if taken < len(item.blocks):
                    self._walk(item.blocks[taken], state, bits)
            elif item.name == "FOR":
                for _ in range(item.bound):
                    self._walk(item.blocks[0], state, bits)
            elif item.name == "WHILE":
                self._loop(item, state, bits)
            elif _holds(item, bits):
                self._act(item, state, bits)

    def _loop(self, item: Operation, state: Any, bits: list[int]) -> None:
        rounds = 0
        while _holds(item, bits):
            if rounds == item.bound:
                raise RefusedError("EIGEN_SIM_LOOP_BOUND", "a WHILE wants to go on beyond its bound")
            rounds += 1
            self._walk(item.blocks[0], state, bits)

    def _act(self, item: Operation, state: Any, bits: list[int]) -> None:
        if item.name == "MEASURE":
            for qubit, bit in zip(item.qubits, item.clbits, strict=True):
                for name in BEFORE[item.basis]:
                    cirq.act_on(self._named(name, qubit), state)
                cirq.act_on(cirq.measure(self.qubits[qubit], key="m"), state)
                bits[bit] = state.log_of_measurement_results["m"][0]
                for name in AFTER[item.basis]:
                    cirq.act_on(self._named(name, qubit), state)
        elif item.name == "RESET":
            for qubit in item.qubits:
                cirq.act_on(cirq.ResetChannel().on(self.qubits[qubit]), state)
        elif item.name not in NO_GATE:
            cirq.act_on(self._gate(item), state)

    def _named(self, name: str, qubit: int) -> Any:
        return _fixed()[name].on(self.qubits[qubit])

    def _gate(self, item: Operation) -> Any:
        qubits = [self.qubits[qubit] for qubit in item.qubits]
        if item.name == "UNITARY":
            return cirq.MatrixGate(np.array(item.matrix)).on(*reversed(qubits))
        if item.name in FIXED:
            return _fixed()[item.name].on(*qubits)
        return _turned(item, self._bound).on(*qubits)


def _holds(item: Operation, bits: Sequence[int]) -> bool:
    return item.condition is None or item.condition.holds(bits)


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
    return Device(f"cirq:{method}", f"Cirq, {title}", MOST_QUBITS[method], GATES, FEATURES, properties=properties)
