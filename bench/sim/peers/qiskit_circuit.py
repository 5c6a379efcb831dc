"""The neutral circuits as Qiskit's, for its simulators and its compiler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit.library import MCPhaseGate, UnitaryGate

from bench.sim.circuit import gate_matrix, without_pauli_rotations

if TYPE_CHECKING:
    from qiskit.circuit import ParameterVector

    from bench.sim.circuit import Circuit

NAMES = ("h", "s", "x", "rx", "ry", "rz", "p", "u", "cx", "cz", "cp", "swap", "ccx", "rxx", "ryy", "rzz")


def circuit_of(circuit: Circuit, angles: ParameterVector | None = None) -> QuantumCircuit:
    """Qiskit's circuit; with `angles` those that have slots stay parameters."""
    built = QuantumCircuit(circuit.num_qubits)
    for gate in without_pauli_rotations(circuit):
        params = gate.params if angles is None or gate.slot is None else (gate.scale * angles[gate.slot],)
        if gate.name.lower() in NAMES:
            getattr(built, gate.name.lower())(*params, *gate.qubits)
        elif gate.name == "MCP":
            built.append(MCPhaseGate(params[0], len(gate.qubits) - 1), gate.qubits)
        else:
            size = 2 ** len(gate.qubits)
            built.append(UnitaryGate(np.array(gate_matrix(gate)).reshape(size, size)), gate.qubits)
    return built
