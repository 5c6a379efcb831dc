"""Measurements in X and Y as gates around a measurement in Z, for devices that measure in Z only.

The qubit is turned back after the measurement, so that it is left in the eigenstate that was found; where every
measurement is the last of its qubit, nobody can tell, and the circuit stays one without mid-circuit measurement.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from eigen.ir.rewriting import rewritten

if TYPE_CHECKING:
    from eigen import _core
    from eigen.ir.circuit import Circuit

TO_Z = {"X": ("H",), "Y": ("Sdg", "H")}
FROM_Z = {"X": ("H",), "Y": ("H", "S")}


def measure_in_z(circuit: Circuit) -> Circuit:
    """The circuit with every measurement in the Z basis."""
    if not circuit.has_measurements or not _turned(circuit.instructions()):
        return circuit
    return rewritten(circuit, partial(_in_z, turn_back=circuit.is_dynamic))


def _turned(instructions: list[_core.Instruction]) -> bool:
    return any(
        (item.name == "MEASURE" and item.basis != "Z") or any(_turned(block) for block in item.blocks)
        for item in instructions
    )


def _in_z(builder: _core.CircuitBuilder, instruction: _core.Instruction, *, turn_back: bool) -> bool:
    if instruction.name != "MEASURE" or instruction.basis == "Z":
        return False
    # The turn back must happen even where the measurement overwrites the condition's own bits: a turn without
    # a measurement cancels, so both turns go without the condition.
    for qubit in instruction.qubits:
        for name in TO_Z[instruction.basis]:
            builder.gate(name, [qubit])
    builder.measure(instruction.qubits, instruction.clbits, "Z", condition=instruction.condition)
    for qubit in instruction.qubits if turn_back else ():
        for name in FROM_Z[instruction.basis]:
            builder.gate(name, [qubit])
    return True
