"""Our circuits as Qiskit's: bits, registers, names and order kept, modifiers as Qiskit's own gates where there are."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from qiskit.circuit import (
    AnnotatedOperation,
    CircuitError,
    ClassicalRegister,
    Clbit,
    ControlModifier,
    Delay,
    ForLoopOp,
    IfElseOp,
    Parameter,
    ParameterVector,
    QuantumCircuit,
    QuantumRegister,
    Qubit,
    WhileLoopOp,
)
from qiskit.circuit.library import MCPhaseGate, MCXGate, PauliEvolutionGate, UnitaryGate
from qiskit.quantum_info import SparsePauliOp

from eigen.ir.circuit import Affine, decompose, gate_matrix, gate_table
from eigen.ir.formats.lowering import alone
from eigen.ir.formats.objects import refused
from eigen.ir.formats.qiskit.conditions import formula
from eigen.ir.formats.qiskit.gates import SAME, expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from eigen.ir.circuit import Circuit, Condition, Instruction

BEFORE = {"X": ("h",), "Y": ("sdg", "h"), "Z": ()}
AFTER = {"X": ("h",), "Y": ("h", "s"), "Z": ()}
OWN_CONTROLS = {"X": 99, "P": 99, "Z": 2} | dict.fromkeys(("Y", "H", "S", "Sdg", "SX", "SWAP", "RX", "RY", "RZ"), 1)
"""Gates whose `control` is a gate of Qiskit's, up to so many controls; beyond it is an annotation."""
ELEMENT = re.compile(r"(.+)\[(0|[1-9]\d*)\]")
ROWS = {row.name: row for row in gate_table()}


def dump(circuit: Circuit) -> Any:
    """The `QuantumCircuit`.

    A WHILE keeps its bound as its label, `max_iterations=N`, which Qiskit does not act on. Bits outside registers stay
    outside. Declared parameters that nothing depends on are refused: Qiskit has no place for them.
    """
    try:
        made = QuantumCircuit(name=circuit.name or None, metadata=circuit.metadata)
        for bits in _bits(circuit.qubit_registers, circuit.num_qubits, QuantumRegister, Qubit):
            _ = made.add_bits(bits) if isinstance(bits, list) else made.add_register(bits)
        for bits in _bits(circuit.clbit_registers, circuit.num_clbits, ClassicalRegister, Clbit):
            _ = made.add_bits(bits) if isinstance(bits, list) else made.add_register(bits)
        symbols = _symbols(circuit.parameters)
        _Writer(made, symbols).block(made, circuit.instructions())
    except CircuitError as error:
        raise refused("qiskit", f"Qiskit refuses the circuit: `{error.message}`") from None
    missing = sorted(set(symbols) - {symbol.name for symbol in made.parameters})
    if missing:
        raise refused("qiskit", f"nothing depends on parameter `{missing[0]}`, and Qiskit keeps no such parameter")
    return made


def _bits(registers: Iterable[tuple[str, int, int]], total: int, register: Any, bit: Any) -> Iterable[Any]:
    """The bits in order: registers, and lists of bits between them."""
    done = 0
    for name, start, size in sorted(registers, key=lambda row: row[1]):
        if start > done:
            yield [bit() for _ in range(start - done)]
        yield register(size, name)
        done = start + size
    if done < total:
        yield [bit() for _ in range(total - done)]


def _symbols(names: Sequence[str]) -> dict[str, Any]:
    """A Parameter for each name; `t[0]` to `t[n-1]`, when all are there, are those of a ParameterVector."""
    made: dict[str, Any] = {name: Parameter(name) for name in names}
    vectors: dict[str, set[int]] = {}
    for name in names:
        if found := ELEMENT.fullmatch(name):
            vectors.setdefault(found[1], set()).add(int(found[2]))
    for name, indices in vectors.items():
        if indices == set(range(len(indices))):
            made.update({element.name: element for element in ParameterVector(name, len(indices))})
    return made


class _Writer:
    """Writes operations into Qiskit's circuits over the bits of one."""

    def __init__(self, whole: Any, symbols: Mapping[str, Any]) -> None:
        self._whole = whole
        self._qubits: Sequence[Any] = whole.qubits
        self._clbits: Sequence[Any] = whole.clbits
        self._symbols = symbols

    def block(self, target: Any, instructions: Iterable[Instruction]) -> None:
        """A list of operations."""
        for instruction in instructions:
            if instruction.blocks:
                self._control_flow(target, instruction)
            elif instruction.condition is None:
                self._operation(target, instruction)
            else:
                self._branch(target, instruction, [lambda body, item=instruction: self._operation(body, item)])

    def _control_flow(self, target: Any, instruction: Instruction) -> None:
        def writer(block: list[Instruction]) -> Callable[[Any], None]:
            return lambda body: self.block(body, block)

        writers = [writer(block) for block in instruction.blocks]
        if instruction.name == "IF":
            self._branch(target, instruction, writers)
            return
        (body,), qubits, clbits = self._bodies(instruction, writers)
        if instruction.condition is None:
            operation = ForLoopOp(range(instruction.bound), None, body)
        else:
            test = formula(instruction.condition, self._clbits)
            operation = WhileLoopOp(test, body, label=f"max_iterations={instruction.bound}")
        target.append(operation, qubits, clbits)

    def _branch(self, target: Any, instruction: Instruction, writers: Sequence[Callable[[Any], None]]) -> None:
        bodies, qubits, clbits = self._bodies(instruction, writers)
        test = formula(_condition(instruction), self._clbits)
        target.append(IfElseOp(test, bodies[0], bodies[1] if len(bodies) > 1 else None), qubits, clbits)

    def _bodies(
        self, instruction: Instruction, writers: Sequence[Callable[[Any], None]]
    ) -> tuple[list[Any], list[Any], list[Any]]:
        """Circuits over the bits that the operation touches, and these bits."""
        used_qubits: set[int] = set()
        used_clbits: set[int] = set()
        _collect([instruction], used_qubits, used_clbits)
        qubits = [self._qubits[index] for index in sorted(used_qubits)]
        clbits = [self._clbits[index] for index in sorted(used_clbits)]
        bodies = [QuantumCircuit(qubits, clbits) for _ in writers]
        for body, write in zip(bodies, writers, strict=True):
            write(body)
        return bodies, qubits, clbits

    def _operation(self, target: Any, instruction: Instruction) -> None:
        name, qubits = instruction.name, [self._qubits[index] for index in instruction.qubits]
        if name == "MEASURE":
            for qubit, index in zip(qubits, instruction.clbits, strict=True):
                _turn(target, BEFORE[instruction.basis], qubit)
                target.measure(qubit, self._clbits[index])
                _turn(target, AFTER[instruction.basis], qubit)
        elif name == "RESET":
            target.reset(qubits)
        elif name == "BARRIER":
            target.barrier(qubits)
        elif name == "DELAY":
            for qubit in qubits:
                target.append(self._delay(instruction), [qubit])
        elif name == "GPHASE" and not instruction.num_controls and target is self._whole:
            target.global_phase += self._params(instruction)[0]
        else:
            self._gate(target, instruction, qubits)

    def _delay(self, instruction: Instruction) -> Any:
        (duration,) = self._params(instruction)
        if instruction.unit == "dt" and isinstance(duration, float):
            if not duration.is_integer():
                raise refused("qiskit", f"Qiskit takes whole numbers of `dt` only, not `{duration}`")
            duration = int(duration)
        return Delay(duration, instruction.unit)

    def _gate(self, target: Any, instruction: Instruction, qubits: Sequence[Any]) -> None:
        name, controls, state = _merged(instruction)
        own = instruction.power == 1.0 and not instruction.inverse and controls <= OWN_CONTROLS.get(name, 0)
        symbolic = any(isinstance(value, Affine) for value in instruction.params)
        # Qiskit does not bind parameters inside annotations.
        gate = None if controls and symbolic and not own else self._base(name, instruction, len(qubits) - controls)
        if gate is None:
            self.block(target, decompose(alone(instruction, len(self._qubits)), list(SAME)).instructions())
            return
        if controls and own:
            gate = gate.control(controls, ctrl_state=state)
        elif controls:
            gate = AnnotatedOperation(gate, [ControlModifier(controls, int(state, 2))])
        target.append(gate, qubits)

    def _base(self, name: str, instruction: Instruction, width: int) -> Any:
        """The gate of that name and width, without controls; None where Qiskit has none such."""
        if instruction.power != 1.0:
            return self._powered(instruction, width)
        params = self._params(instruction)
        if name == "UNITARY":
            gate = _unitary(instruction.matrix)
        elif name == "MCX":
            gate = MCXGate(width - 1)
        elif name == "MCP":
            gate = MCPhaseGate(params[0], width - 1)
        elif name == "PAULI_ROT":
            gate = PauliEvolutionGate(SparsePauliOp(instruction.pauli[::-1]), time=params[0] / 2)
        elif name not in SAME or (name == "GPHASE" and instruction.num_controls):
            return None
        else:
            gate = SAME[name](*params)
        return gate.inverse() if instruction.inverse else gate

    def _powered(self, instruction: Instruction, count: int) -> Any:
        """A power that no parameter can carry, as its matrix."""
        if any(isinstance(value, Affine) for value in instruction.params):
            return None
        numbers = [float(value) for value in instruction.params if not isinstance(value, Affine)]
        return _unitary(
            gate_matrix(
                instruction.name,
                numbers,
                count,
                inverse=instruction.inverse,
                power=instruction.power,
                matrix=instruction.matrix,
                pauli=instruction.pauli or None,
            )
        )

    def _params(self, instruction: Instruction) -> list[Any]:
        return [expression(value, self._symbols) for value in instruction.params]


def _merged(instruction: Instruction) -> tuple[str, int, str]:
    """The gate's name, controls and their state, its own controls counted with the added ones where it has any."""
    name, controls, state = instruction.name, instruction.num_controls, instruction.ctrl_state
    base = ROWS[name].base
    if not controls or base is None or instruction.inverse or instruction.power != 1.0:
        return name, controls, state
    inside = len(instruction.qubits) - controls - (ROWS[base].num_qubits or 0)
    return base, controls + inside, "1" * inside + state


def _unitary(matrix: Any) -> Any:
    import numpy as np

    return UnitaryGate(np.array(matrix))


def _condition(instruction: Instruction) -> Condition:
    assert instruction.condition is not None
    return instruction.condition


def _turn(target: Any, names: Iterable[str], qubit: Any) -> None:
    for name in names:
        getattr(target, name)(qubit)


def _collect(instructions: Iterable[Instruction], qubits: set[int], clbits: set[int]) -> None:
    """The bits that operations touch or ask for."""
    for instruction in instructions:
        qubits.update(instruction.qubits)
        clbits.update(instruction.clbits)
        if instruction.condition is not None:
            clbits.update(instruction.condition.clbits)
        for block in instruction.blocks:
            _collect(block, qubits, clbits)
