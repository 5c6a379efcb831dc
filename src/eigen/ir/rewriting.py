"""Copying instructions of a circuit into a builder, on other qubits: the common step of passes written in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen import _core
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.ir.circuit import Circuit

NOT_GATES = frozenset({"MEASURE", "RESET", "BARRIER", "DELAY"})


def empty_like(circuit: Circuit, num_qubits: int | None = None) -> _core.CircuitBuilder:
    """A builder with the classical bits, parameters, name and metadata of a circuit, and its qubits or others."""
    if circuit.computes:
        message = "a circuit that computes classical values while it runs (`COMPUTE`) is not rewritten"
        raise EigenError("EIGEN_COMPILER_UNSUPPORTED", message)
    builder = _core.CircuitBuilder(
        0 if num_qubits is None else num_qubits,
        name=circuit.name,
        metadata=circuit.metadata,
        parameters=circuit.parameters,
    )
    if num_qubits is None:
        _registers(circuit.qubit_registers, circuit.num_qubits, builder.add_qubits)
    _registers(circuit.clbit_registers, circuit.num_clbits, builder.add_clbits)
    return builder


def _registers(registers: Sequence[tuple[str, int, int]], total: int, add: Callable[[int, str | None], int]) -> None:
    """Add named registers where they were, and unnamed bits between them."""
    filled = 0
    for name, start, size in sorted(registers, key=lambda register: register[1]):
        if start > filled:
            add(start - filled, None)
        add(size, name)
        filled = start + size
    if total > filled:
        add(total - filled, None)


def rewritten(circuit: Circuit, rewrite: Callable[[_core.CircuitBuilder, _core.Instruction], bool]) -> Circuit:
    """The circuit with each operation offered to `rewrite`, which appends its own and returns True, or declines."""
    builder = empty_like(circuit)

    def walk(instructions: Sequence[_core.Instruction]) -> None:
        for instruction in instructions:
            if instruction.blocks:
                open_block(builder, instruction)
                for position, block in enumerate(instruction.blocks):
                    if position:
                        builder.begin_else()
                    walk(block)
                builder.end()
            elif not rewrite(builder, instruction):
                copy_operation(builder, instruction, instruction.qubits)

    walk(circuit.instructions())
    return builder.build()


def open_block(builder: _core.CircuitBuilder, instruction: _core.Instruction) -> None:
    """Open the block of an `IF`, `WHILE` or `FOR`."""
    condition = instruction.condition
    if condition is None:
        builder.begin_for(instruction.bound)
    elif instruction.name == "WHILE":
        builder.begin_while(condition, instruction.bound)
    else:
        builder.begin_if(condition)


def copy_operation(builder: _core.CircuitBuilder, instruction: _core.Instruction, qubits: Sequence[int]) -> None:
    """Append one operation on other qubits."""
    name, condition = instruction.name, instruction.condition
    if name == "MEASURE":
        builder.measure(qubits, instruction.clbits, instruction.basis, condition=condition)
    elif name == "RESET":
        builder.reset(qubits, condition=condition)
    elif name == "BARRIER":
        builder.barrier(qubits)
    elif name == "DELAY":
        builder.delay(qubits, instruction.params[0], instruction.unit)
    else:
        builder.gate(
            name,
            qubits,
            instruction.params,
            num_controls=instruction.num_controls,
            ctrl_state=instruction.ctrl_state or None,
            inverse=instruction.inverse,
            power=instruction.power,
            condition=condition,
            matrix=instruction.matrix,
            pauli=instruction.pauli or None,
        )
