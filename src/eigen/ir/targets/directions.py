"""Two-qubit gates turned round where a device couples its qubits in one direction only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen import _core
from eigen.errors import EigenError
from eigen.ir.rewriting import rewritten

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from eigen.ir.circuit import Circuit

SYMMETRIC = frozenset({"CZ", "CP", "SWAP", "ISWAP", "RXX", "RYY", "RZZ", "FSIM"})
"""Two-qubit gates that do not care which qubit comes first."""


def fix_directions(circuit: Circuit, pairs: AbstractSet[tuple[int, int]]) -> Circuit:
    """The circuit with every two-qubit gate along a coupling; one-qubit gates may leave the device's gates.

    Raises EIGEN_COMPILER_UNSUPPORTED naming a pair that is not coupled at all.
    """

    def turn(builder: _core.CircuitBuilder, instruction: _core.Instruction) -> bool:
        name, pair = instruction.name, instruction.qubits
        if len(pair) != 2 or name not in TWO_QUBIT or pair in pairs:
            return False
        first, second = pair
        if (second, first) not in pairs:
            message = f"qubits `{first}` and `{second}` are not coupled, and `{name}` needs them to be"
            raise EigenError("EIGEN_COMPILER_UNSUPPORTED", message)
        if name in SYMMETRIC:
            builder.gate(name, [second, first], instruction.params, condition=instruction.condition)
        elif name == "CX":
            _turned_cx(builder, first, second, instruction.condition)
        else:
            _turned_through_cx(builder, instruction)
        return True

    return rewritten(circuit, turn)


def _turned_cx(builder: _core.CircuitBuilder, control: int, target: int, condition: _core.Condition | None) -> None:
    """CX from `control` to `target` as CX the other way round between Hadamards."""
    for qubit in (control, target):
        builder.gate("H", [qubit])
    builder.gate("CX", [target, control], condition=condition)
    for qubit in (control, target):
        builder.gate("H", [qubit])


def _turned_through_cx(builder: _core.CircuitBuilder, instruction: _core.Instruction) -> None:
    """Any other gate, written with CX and one-qubit gates whose CX are then turned."""
    alone = _core.CircuitBuilder(2)
    alone.gate(instruction.name, [0, 1], instruction.params)
    for step in _core.decompose(alone.build(), ["U", "CX", "GPHASE"]).instructions():
        qubits = [instruction.qubits[qubit] for qubit in step.qubits]
        if step.name == "CX":
            _turned_cx(builder, qubits[0], qubits[1], instruction.condition)
        else:
            builder.gate(step.name, qubits, step.params, condition=instruction.condition)


TWO_QUBIT = frozenset(row.name for row in _core.gate_table() if row.num_qubits == 2)
