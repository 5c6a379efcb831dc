"""QuEST through qoqo, the ecosystem in Rust: `qoqo:quest`, a state vector in double precision.

The first qubit is the least significant bit of QuEST's states, and of two qubits the first is the control. Gates are
collected until somebody looks at the state: a circuit that measures at its end is one run of QuEST. What it measures
and decides on its way is followed by `eigen_driver.walk`.
"""

# qoqo is loaded when the engine starts, and has no hints.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false
# pyright: reportAttributeAccessIssue=false, reportMissingModuleSource=false, reportArgumentType=false
# pyright: reportCallIssue=false

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from eigen_driver import Device, Estimate, StateEngine, walk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from eigen_driver import Circuit, Expectation, Operation
    from eigen_driver.state_engine import Question

DEVICE = "qoqo:quest"
MOST_QUBITS = 20
NAMES = {
    "I": "Identity",
    "X": "PauliX",
    "Y": "PauliY",
    "Z": "PauliZ",
    "H": "Hadamard",
    "S": "SGate",
    "Sdg": "InvSGate",
    "T": "TGate",
    "Tdg": "InvTGate",
    "SX": "SqrtPauliX",
    "SXdg": "InvSqrtPauliX",
    "RX": "RotateX",
    "RY": "RotateY",
    "RZ": "RotateZ",
    "P": "PhaseShiftState1",
    "CX": "CNOT",
    "CY": "ControlledPauliY",
    "CZ": "ControlledPauliZ",
    "CP": "ControlledPhaseShift",
    "CRX": "ControlledRotateX",
    "SWAP": "SWAP",
    "ISWAP": "ISwap",
    "RXX": "VariableMSXX",
    "CCZ": "ControlledControlledPauliZ",
}
"""Gates by qoqo's names for them. Toffoli and ControlledSWAP are not among them: QuEST gets their qubits in the reverse
order (qoqo-quest 0.19)."""
PHASES = frozenset({"P", "CP"})
TURNED = frozenset({"RX", "RY", "RZ", "P", "CP", "CRX", "RXX"})
GATES = (*NAMES, "RZZ", "U")
FEATURES = frozenset({"dynamic", "expectation", "exact", "seed"})
LETTERS = {"X": 1, "Y": 2, "Z": 3}
STATE = "state"


class QoqoEngine(StateEngine):
    """See the module."""

    name = "qoqo"

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load qoqo and QuEST."""
        super().start(config, threads)
        global np, qoqo, operations, qoqo_quest, state_class
        import numpy as np
        import qoqo
        import qoqo_quest
        from qoqo import operations

        self.version = version("qoqo")
        state_class = _state_class()
        properties = {"engine": "qoqo", "method": "quest", "precision": "f64", "version": version("qoqo-quest")}
        self._devices = (Device(DEVICE, "QuEST through qoqo", MOST_QUBITS, GATES, FEATURES, properties=properties),)

    def devices(self) -> Sequence[Device]:
        """QuEST's state vector."""
        return self._devices

    def fresh(self, device: Device, ask: Question) -> Any:
        """An array."""
        return state_class(ask.circuit.num_qubits, ask.circuit.bound(ask.values))

    def expectation(self, device: Device, ask: Expectation) -> Estimate:
        """Exact, by QuEST from its final state, all terms in one run."""
        program = _program(ask.circuit, ask.circuit.bound(ask.values))
        terms = ask.observable.terms
        for place, (factors, _) in enumerate(terms):
            program += operations.DefinitionFloat(f"t{place}", 1, True)
            letters = {qubit: LETTERS[letter] for letter, qubit in factors}
            program += operations.PragmaGetPauliProduct(letters, f"t{place}", qoqo.Circuit())
        _, found, _ = qoqo_quest.Backend(ask.circuit.num_qubits).run_circuit(program)
        value = 0.0
        for place, (factors, weight) in enumerate(terms):
            value += weight * (found[f"t{place}"][0][0] if factors else 1.0)
        return Estimate(float(value), metadata=self.told(device, ask, None))


def _state_class() -> Any:
    """The states, once NumPy is there."""
    from eigen_driver.arrays import ArrayState

    class State(ArrayState):
        """An array, and gates that QuEST has not done yet."""

        def __init__(self, num_qubits: int, bound: Mapping[str, float]) -> None:
            array = np.zeros((2,) * num_qubits, dtype=np.complex128)
            array[(0,) * num_qubits] = 1.0
            self._waiting: list[Any] = []
            self._fresh = True
            self._bound = bound
            super().__init__(array, little=True)

        def apply(self, gate: Operation) -> None:
            self._waiting += _gates(gate, self._bound)

        def probabilities(self) -> Any:
            self._settle()
            return super().probabilities()

        def project(self, qubit: int, outcome: int) -> None:
            self._settle()
            super().project(qubit, outcome)
            self._fresh = False

        def copy(self) -> Self:
            self._settle()
            made = super().copy()
            made._waiting = []
            return made

        def _settle(self) -> None:
            """Have QuEST do what waits."""
            if not self._waiting:
                return
            program = qoqo.Circuit()
            program += operations.DefinitionComplex(STATE, 1 << self.num_qubits, True)
            if not self._fresh:
                program += operations.PragmaSetStateVector(self.array.reshape(-1))
            for gate in self._waiting:
                program += gate
            program += operations.PragmaGetStateVector(STATE, None)
            _, _, found = qoqo_quest.Backend(self.num_qubits).run_circuit(program)
            self.array = np.array(found[STATE][0], dtype=np.complex128).reshape(self.array.shape)
            self._waiting, self._fresh = [], False

    return State


def _program(circuit: Circuit, bound: Mapping[str, float]) -> Any:
    """The gates of a circuit as one of qoqo's."""
    program = qoqo.Circuit()
    for item in walk.gates(circuit.operations):
        for gate in _gates(item, bound):
            program += gate
    return program


def _gates(item: Operation, bound: Mapping[str, float]) -> list[Any]:
    """The gates of qoqo's that a gate is, but for a phase."""
    if item.name == "U":
        theta, phi, lam = item.angles(bound, "theta", "phi", "lambda")
        (qubit,) = item.qubits
        turns = (("RotateZ", lam), ("RotateY", theta), ("RotateZ", phi))
        return [getattr(operations, name)(qubit, angle) for name, angle in turns]
    if item.name == "RZZ":
        return [operations.MultiQubitZZ(list(item.qubits), *item.angles(bound, "theta"))]
    angles = item.angles(bound, "lambda" if item.name in PHASES else "theta") if item.name in TURNED else ()
    return [getattr(operations, NAMES[item.name])(*item.qubits, *angles)]
