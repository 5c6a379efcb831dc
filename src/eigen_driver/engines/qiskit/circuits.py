"""Circuits as Qiskit's, operation by operation, with bit and qubit indices kept. It loads the SDK and runs nothing.

A WHILE becomes its body under its condition, as often as it may run at most, and then a look at whether it wanted to
go on, which is kept in one more classical bit: Qiskit's own loop has no bound.
"""

# Qiskit has hints for some of its names only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false, reportMissingImports=false
# pyright: reportUntypedBaseClass=false

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from qiskit.circuit import Gate, IfElseOp, Parameter, QuantumCircuit
from qiskit.circuit.classical import expr
from qiskit.circuit.library import MCPhaseGate, MCXGate, UnitaryGate, get_standard_gate_name_mapping

from eigen_driver.circuit import Affine
from eigen_driver.failure import RefusedError
from eigen_driver.matrices import PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from eigen_driver.circuit import Circuit, Condition, Operation

MOST_OPERATIONS = 200_000
"""Operations of a circuit whose loops are written out."""
MOST_DEFINITIONS = 16
"""How deep definitions of gates are followed."""
STANDARD = {name.upper(): type(gate) for name, gate in get_standard_gate_name_mapping().items()} | {
    "I": type(get_standard_gate_name_mapping()["id"])
}
BEFORE = {"X": ("h",), "Y": ("sdg", "h"), "Z": ()}
AFTER = {"X": ("h",), "Y": ("h", "s"), "Z": ()}
OPPOSITE = {"!=": "==", ">=": "<", ">": "<="}


class Errors(Protocol):
    """What acts besides the operations: Qiskit's errors, each with its qubits, told as a circuit is walked through."""

    def before(self, operation: Operation) -> Sequence[tuple[Any, tuple[int, ...]]]:
        """Before an operation."""
        ...

    def after(self, operation: Operation) -> Sequence[tuple[Any, tuple[int, ...]]]:
        """After it."""
        ...

    def edge(self) -> None:
        """A block begins or ends."""
        ...


class NoErrors:
    """Nothing."""

    def before(self, operation: Operation) -> Sequence[tuple[Any, tuple[int, ...]]]:
        """Nothing."""
        return ()

    after = before

    def edge(self) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Translated:
    """A Qiskit circuit with its parameters in the order of ours.

    `num_clbits` are ours; with a WHILE one more bit tells that a loop wanted to go on beyond its bound. `measures` says
    whether there is anything to read, `branches` whether anything depends on what was read.
    """

    circuit: Any
    parameters: tuple[Any, ...]
    num_clbits: int
    measures: bool
    branches: bool

    def bound(self, values: Sequence[float]) -> Any:
        """The circuit at these values of its parameters."""
        if not self.parameters:
            return self.circuit
        return self.circuit.assign_parameters(dict(zip(self.parameters, values, strict=True)), strict=False)

    def saving(self, *instructions: Any) -> Translated:
        """With instructions on all qubits at its end."""
        circuit = self.circuit.copy()
        for instruction in instructions:
            circuit.append(instruction, circuit.qubits)
        return replace(self, circuit=circuit)


def translate(circuit: Circuit, errors: Errors | None = None, places: Sequence[int] | None = None) -> Translated:
    """The circuit for Qiskit; with `places`, the circuit of these qubits alone, in their order, where it has no others.

    RefusedError: EIGEN_COMPILER_UNSUPPORTED for a gate that Qiskit has no name for or that has modifiers,
    EIGEN_LIMIT_EXCEEDED when its loops, written out, are too long.
    """
    bounded = any(operation.name == "WHILE" for operation in circuit.every())
    kept = range(circuit.num_qubits) if places is None else places
    made = QuantumCircuit(len(kept), circuit.num_clbits + bounded)
    parameters = {name: Parameter(f"p{index}") for index, name in enumerate(circuit.parameters)}
    _name_bits(made, circuit)
    writer = _Writer(parameters, circuit.num_clbits, errors or NoErrors(), {q: k for k, q in enumerate(kept)})
    writer.block(made, circuit.operations)
    return Translated(
        circuit=made,
        parameters=tuple(parameters.values()),
        num_clbits=circuit.num_clbits,
        measures=_measures(made) or bounded,
        branches="if_else" in made.count_ops(),
    )


def within(made: Translated, names: Collection[str]) -> Translated:
    """The circuit in gates of these names of Qiskit, as far as the definitions of others go. It has no blocks."""
    circuit = made.circuit
    for _ in range(MOST_DEFINITIONS):
        others = [
            item.operation.name
            for item in circuit.data
            if isinstance(item.operation, Gate) and item.operation.name not in names
        ]
        if not others:
            break
        circuit = circuit.decompose(gates_to_decompose=others)
    return replace(made, circuit=circuit)


def _name_bits(made: QuantumCircuit, circuit: Circuit) -> None:
    """Measure bits that nothing else measures where that never happens: with errors of the record, Aer knows no others
    (0.18), and ends the process."""
    every = list(circuit.every())
    measured = {bit for operation in every for bit in operation.clbits}
    unknown = [bit for bit in range(made.num_clbits) if bit not in measured]
    if measured and unknown and any(operation.condition is not None for operation in every):
        body = QuantumCircuit(made.qubits, made.clbits)
        for bit in unknown:
            body.measure(0, bit)
        made.append(IfElseOp(expr.lift(False), body), made.qubits, made.clbits)


def counted(data: Mapping[str, int], num_clbits: int) -> dict[int, int]:
    """Aer's counts by outcome; RefusedError EIGEN_SIM_LOOP_BOUND where a loop wanted to go on."""
    found: dict[int, int] = {}
    for key, count in data.items():
        outcome = int(key, 16)
        if outcome >> num_clbits:
            raise RefusedError("EIGEN_SIM_LOOP_BOUND", "a WHILE wants to go on beyond its bound")
        found[outcome] = found.get(outcome, 0) + count
    return found


def _measures(circuit: QuantumCircuit) -> bool:
    """Whether a measurement is left in it: one in a loop of no iterations is not."""
    return any(
        item.operation.name == "measure" or any(map(_measures, getattr(item.operation, "blocks", ())))
        for item in circuit.data
    )


class _Writer:
    """Writes operations into Qiskit circuits over the same bits."""

    def __init__(self, parameters: Mapping[str, Any], overflow: int, errors: Errors, places: Mapping[int, int]) -> None:
        self._parameters = parameters
        self._overflow = overflow  # the index of the bit that tells of a loop beyond its bound
        self._errors = errors
        self._places = places
        self._left = MOST_OPERATIONS

    def block(self, target: Any, operations: Sequence[Operation]) -> None:
        """A list of operations."""
        for item in operations:
            self._charge(1, item)
            if item.blocks:
                self._control_flow(target, item)
            elif item.condition is None:
                self._operation(target, item)
            else:
                inner = self._inner(target, lambda body, item=item: self._operation(body, item))
                self._branch(target, item.condition, inner)

    def _control_flow(self, target: Any, item: Operation) -> None:
        self._errors.edge()
        if item.condition is None:  # FOR
            for _ in range(item.bound):
                self._block(target, item.blocks[0])
            return
        left = self._left
        inner = [self._inner(target, lambda body, block=block: self._block(body, block)) for block in item.blocks]
        if item.name != "WHILE":
            self._branch(target, item.condition, *inner)
            return
        self._charge((item.bound - 1) * (1 + left - self._left), item)
        for _ in range(item.bound):
            self._branch(target, item.condition, inner[0])
        overflow = target.clbits[self._overflow]
        target.store(overflow, expr.logic_or(overflow, formula(item.condition, target.clbits)))

    def _block(self, target: Any, operations: Sequence[Operation]) -> None:
        self._errors.edge()
        self.block(target, operations)
        self._errors.edge()

    def _branch(self, target: Any, condition: Condition, then: Any, otherwise: Any = None) -> None:
        operation = IfElseOp(formula(condition, target.clbits), then, otherwise)
        target.append(operation, target.qubits, target.clbits)

    def _inner(self, target: Any, write: Callable[[Any], None]) -> Any:
        body = QuantumCircuit(target.qubits, target.clbits)
        write(body)
        return body

    def _operation(self, target: Any, item: Operation) -> None:
        self._err(target, self._errors.before(item))
        self._act(target, item, [self._places[qubit] for qubit in item.qubits])
        self._err(target, self._errors.after(item))

    def _err(self, target: Any, errors: Sequence[tuple[Any, tuple[int, ...]]]) -> None:
        for error, qubits in errors:
            target.append(error, [self._places[qubit] for qubit in qubits])

    def _act(self, target: Any, item: Operation, qubits: list[int]) -> None:
        if item.name == "MEASURE":
            for qubit, clbit in zip(qubits, item.clbits, strict=True):
                for turn in BEFORE[item.basis]:
                    getattr(target, turn)(qubit)
                target.measure(qubit, clbit)
                for turn in AFTER[item.basis]:
                    getattr(target, turn)(qubit)
        elif item.name == "RESET":
            target.reset(qubits)
        elif item.name not in {"BARRIER", "DELAY"} and (item.name != "GPHASE" or item.controls):
            # barriers and delays change nothing here; a global phase shows in nothing that is asked for
            target.append(self._gate(item), qubits)

    def _gate(self, item: Operation) -> Any:
        name = item.name
        if item.controls or item.inverse or item.power != 1.0:
            raise RefusedError("EIGEN_COMPILER_UNSUPPORTED", f"Qiskit Aer takes `{name}` without modifiers only")
        if name == "UNITARY":
            matrix = np.array(item.matrix)
            if len(matrix) == 2 and matrix[0, 0] != 0:  # Aer 0.18 takes diag(i, 1) for diag(1, i)
                matrix *= abs(matrix[0, 0]) / matrix[0, 0]
            return UnitaryGate(matrix)
        params = [self._value(item.params[key]) for key in PARAMETERS.get(name, ())]
        if name == "MCX":
            return MCXGate(len(item.qubits) - 1)
        if name == "MCP":
            return MCPhaseGate(params[0], len(item.qubits) - 1)
        standard = STANDARD.get(name.upper())
        if standard is None:
            raise RefusedError("EIGEN_COMPILER_UNSUPPORTED", f"Qiskit Aer has no gate `{name}`")
        return standard(*params)

    def _value(self, value: float | Affine) -> Any:
        if not isinstance(value, Affine):
            return value
        total: Any = value.constant
        for name, factor in value.terms:
            total = total + factor * self._parameters[name]
        return total

    def _charge(self, amount: int, item: Operation) -> None:
        self._left -= amount
        if self._left < 0:
            message = f"the loops of the circuit, written out for Qiskit, are over {MOST_OPERATIONS} operations"
            raise RefusedError("EIGEN_LIMIT_EXCEEDED", f"{message} at `{item.name}`")


def formula(condition: Condition, clbits: Sequence[Any]) -> Any:
    """A condition as Qiskit's expression on single bits."""
    match condition.kind:
        case "bit":
            return expr.lift(clbits[condition.bits[0]])
        case "const":
            return expr.lift(bool(condition.value))
        case "compare":
            return _comparison([clbits[bit] for bit in condition.bits], condition.comparison, condition.value)
        case "not":
            return expr.logic_not(formula(condition.parts[0], clbits))
        case kind:
            join = {"and": expr.logic_and, "or": expr.logic_or, "xor": expr.bit_xor}[kind]
            total = formula(condition.parts[0], clbits)
            for part in condition.parts[1:]:
                total = join(total, formula(part, clbits))
            return total


def _comparison(bits: Sequence[Any], relation: str, value: int) -> Any:
    """The unsigned number of some bits, least significant first, compared with a constant."""
    if relation in OPPOSITE:
        return expr.logic_not(_comparison(bits, OPPOSITE[relation], value))
    if value < 0 or value >> len(bits):
        return expr.lift(relation != "==" and value > 0)
    # From the least significant bit up: what the bits so far say counts where the next one is as in the constant.
    total = expr.lift(relation != "<")
    for index, bit in enumerate(bits):
        same = expr.lift(bit) if value >> index & 1 else expr.logic_not(bit)
        if relation == "==" or not value >> index & 1:
            total = expr.logic_and(same, total)
        else:
            total = expr.logic_or(expr.logic_not(bit), total)
    return total
