"""Our circuits as Qiskit's, gate by gate, with bit and qubit indices kept. It loads the SDK and runs nothing.

A WHILE becomes its body under its condition, as often as it may run at most, and then a look at whether it wanted to
go on, which is kept in one more classical bit: Aer's own loop has no bound.
"""

# Qiskit has hints for some of its names only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qiskit.circuit import IfElseOp, Parameter, QuantumCircuit
from qiskit.circuit.classical import expr
from qiskit.circuit.library import MCPhaseGate, MCXGate, UnitaryGate, get_standard_gate_name_mapping
from qiskit.quantum_info import SparsePauliOp
from qiskit_aer import AerSimulator
from qiskit_aer.library import SaveAmplitudesSquared, SaveExpectationValue, SaveMatrixProductState

from eigen.errors import EigenError
from eigen.ir.circuit import Affine
from eigen.ir.formats.qiskit.conditions import formula

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.ir import Circuit, Condition, Instruction, Observable

MAX_OPERATIONS = 200_000  # operations of a circuit whose loops are written out
STANDARD = {name.upper(): type(gate) for name, gate in get_standard_gate_name_mapping().items()} | {
    "I": type(get_standard_gate_name_mapping()["id"])
}
BEFORE = {"X": ("h",), "Y": ("sdg", "h"), "Z": ()}
AFTER = {"X": ("h",), "Y": ("h", "s"), "Z": ()}


@dataclass(frozen=True, slots=True)
class Translated:
    """A Qiskit circuit with its parameters in our order.

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


def translate(circuit: Circuit) -> Translated:
    """The circuit for Qiskit.

    Raises EIGEN_COMPILER_UNSUPPORTED for a gate that Qiskit has no name for or that has modifiers, and
    EIGEN_LIMIT_EXCEEDED when its loops, written out, are too long.
    """
    instructions = circuit.instructions()
    bounded = _has_while(instructions)
    made = QuantumCircuit(circuit.num_qubits, circuit.num_clbits + bounded)
    parameters = {name: Parameter(f"p{index}") for index, name in enumerate(circuit.parameters)}
    _Writer(parameters, circuit.num_clbits).block(made, instructions)
    return Translated(
        circuit=made,
        parameters=tuple(parameters.values()),
        num_clbits=circuit.num_clbits,
        measures=_measures(made) or bounded,
        branches="if_else" in made.count_ops(),
    )


def _measures(circuit: QuantumCircuit) -> bool:
    """Whether a measurement is left in it: one in a loop of no iterations is not."""
    return any(
        item.operation.name == "measure" or any(map(_measures, getattr(item.operation, "blocks", ())))
        for item in circuit.data
    )


def with_expectation(made: Translated, observable: Observable) -> Translated:
    """The circuit, then the exact expectation value of an observable, saved as `value`."""
    terms: list[tuple[str, list[int], float]] = []
    for label, weight in observable.terms:
        factors = label.split()
        terms.append(("".join(factor[0] for factor in factors), [int(factor[1:]) for factor in factors], weight))
    width = made.circuit.num_qubits
    total = SparsePauliOp.from_sparse_list(terms or [("", [], 0.0)], num_qubits=width)
    return made.saving(SaveExpectationValue(total, label="value"))


def with_probability(made: Translated, bits: str, *, ordered: bool) -> Translated:
    """The circuit, then the exact probability of one outcome of all qubits, saved as the one element of `value`.

    A matrix product state must be `ordered` first: gates on distant qubits leave its sites permuted, which saving the
    state puts right, and which saving amplitudes does not know of (Aer 0.17).
    """
    width = made.circuit.num_qubits
    value = SaveAmplitudesSquared(width, [int(bits, 2)], label="value")
    return made.saving(SaveMatrixProductState(width), value) if ordered else made.saving(value)


def simulator(**options: Any) -> Any:
    """A simulator of Aer. What it has to say about failures is in its results: it need not log them too."""
    logging.getLogger("qiskit_aer").setLevel(logging.CRITICAL)
    return AerSimulator(**options)


class _Writer:
    """Writes operations into Qiskit circuits over the same bits."""

    def __init__(self, parameters: dict[str, Any], overflow: int) -> None:
        self._parameters = parameters
        self._overflow = overflow  # the index of the bit that tells of a loop beyond its bound
        self._left = MAX_OPERATIONS

    def block(self, target: Any, instructions: Sequence[Instruction]) -> None:
        """A list of operations."""
        for instruction in instructions:
            self._charge(1, instruction)
            if instruction.name in {"BARRIER", "DELAY"}:
                continue  # without noise they change nothing
            if instruction.blocks:
                self._control_flow(target, instruction)
            elif instruction.condition is None:
                self._operation(target, instruction)
            else:
                inner = self._inner(target, lambda body, item=instruction: self._operation(body, item))
                self._branch(target, instruction.condition, inner)

    def _control_flow(self, target: Any, instruction: Instruction) -> None:
        blocks, condition = instruction.blocks, instruction.condition
        if condition is None:  # FOR
            for _ in range(instruction.bound):
                self.block(target, blocks[0])
            return
        before = self._left
        inner = [self._inner(target, lambda body, block=block: self.block(body, block)) for block in blocks]
        if instruction.name != "WHILE":
            self._branch(target, condition, *inner)
            return
        self._charge((instruction.bound - 1) * (1 + before - self._left), instruction)
        for _ in range(instruction.bound):
            self._branch(target, condition, inner[0])
        overflow = target.clbits[self._overflow]
        target.store(overflow, expr.logic_or(overflow, formula(condition, target.clbits)))

    def _branch(self, target: Any, condition: Condition, then: Any, otherwise: Any = None) -> None:
        operation = IfElseOp(formula(condition, target.clbits), then, otherwise)
        target.append(operation, target.qubits, target.clbits)

    def _inner(self, target: Any, write: Callable[[Any], None]) -> Any:
        body = QuantumCircuit(target.qubits, target.clbits)
        write(body)
        return body

    def _operation(self, target: Any, instruction: Instruction) -> None:
        name, qubits = instruction.name, instruction.qubits
        if name == "MEASURE":
            for qubit, clbit in zip(qubits, instruction.clbits, strict=True):
                for turn in BEFORE[instruction.basis]:
                    getattr(target, turn)(qubit)
                target.measure(qubit, clbit)
                for turn in AFTER[instruction.basis]:
                    getattr(target, turn)(qubit)
        elif name == "RESET":
            target.reset(qubits)
        elif name != "GPHASE" or instruction.num_controls:  # a global phase shows in nothing that is asked for
            target.append(self._gate(instruction), qubits)

    def _gate(self, instruction: Instruction) -> Any:
        name = instruction.name
        if instruction.num_controls or instruction.inverse or instruction.power != 1.0:
            raise EigenError("EIGEN_COMPILER_UNSUPPORTED", f"Qiskit Aer takes `{name}` without modifiers only")
        params = [self._value(value) for value in instruction.params]
        if name == "UNITARY":
            import numpy as np

            matrix = np.array(instruction.matrix)
            if len(matrix) == 2 and matrix[0, 0] != 0:  # Aer 0.18 takes diag(i, 1) for diag(1, i)
                matrix *= abs(matrix[0, 0]) / matrix[0, 0]
            return UnitaryGate(matrix)
        if name == "MCX":
            return MCXGate(len(instruction.qubits) - 1)
        if name == "MCP":
            return MCPhaseGate(params[0], len(instruction.qubits) - 1)
        standard = STANDARD.get(name.upper())
        if standard is None:
            raise EigenError("EIGEN_COMPILER_UNSUPPORTED", f"Qiskit Aer has no gate `{name}`")
        return standard(*params)

    def _value(self, value: float | Affine) -> Any:
        if not isinstance(value, Affine):
            return value
        total: Any = value.constant
        for name, factor in sorted(value.terms.items()):
            total = total + factor * self._parameters[name]
        return total

    def _charge(self, amount: int, instruction: Instruction) -> None:
        self._left -= amount
        if self._left < 0:
            message = f"the loops of the circuit, written out for Qiskit Aer, are over {MAX_OPERATIONS} operations"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", f"{message} at `{instruction.name}`")


def _has_while(instructions: Sequence[Instruction]) -> bool:
    return any(item.name == "WHILE" or any(_has_while(block) for block in item.blocks) for item in instructions)
