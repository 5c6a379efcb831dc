"""What converters share that rewrite gates in those of another package: single gates, bases of measurements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.circuit import Circuit, CircuitBuilder

if TYPE_CHECKING:
    from eigen.ir.circuit import Instruction

TURN = {"X": ("H",), "Y": ("Sdg", "H"), "Z": ()}
"""Gates that turn a basis of measurement to Z, in order, …"""
TURN_BACK = {"X": ("H",), "Y": ("H", "S"), "Z": ()}
"""… and those that turn it back."""


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
