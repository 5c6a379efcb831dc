"""One gate of a circuit as a circuit of its own, for converters that rewrite it in gates of another package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.circuit import Circuit, CircuitBuilder

if TYPE_CHECKING:
    from eigen.ir.circuit import Instruction


def alone(instruction: Instruction, num_qubits: int) -> Circuit:
    """A gate, without its condition, as a circuit of its own on the qubits of its circuit."""
    builder = CircuitBuilder(num_qubits)
    builder.gate(
        instruction.name,
        instruction.qubits,
        instruction.params,
        num_controls=instruction.num_controls,
        ctrl_state=instruction.ctrl_state or None,
        inverse=instruction.inverse,
        power=instruction.power,
        matrix=instruction.matrix,
        pauli=instruction.pauli or None,
    )
    return builder.build()
