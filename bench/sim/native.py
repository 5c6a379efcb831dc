"""The neutral circuits as ours, bound or with parameters `t0`, `t1`, …"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen import _core

if TYPE_CHECKING:
    from bench.sim.circuit import Circuit

RECORDS = ("M", "MR")


def native(circuit: Circuit, *, symbolic: bool = False) -> _core.Circuit:
    """Our circuit; `symbolic`: angles that have slots stay parameters, in the order of the slots."""
    names = [f"t{slot}" for slot in range(len(circuit.angles))] if symbolic else None
    measured, records = 0, sum(gate.name in RECORDS for gate in circuit.gates)
    builder = _core.CircuitBuilder(circuit.num_qubits, records, parameters=names)
    for gate in circuit.gates:
        params: list[float | _core.Affine | str] = [*gate.params]
        if symbolic and gate.slot is not None:
            params = [_core.Affine(terms={f"t{gate.slot}": gate.scale})]
        if gate.name in RECORDS:
            builder.measure(gate.qubits, [measured])
            measured += 1
            if gate.name == "MR":
                builder.reset(gate.qubits)
        elif gate.matrix is not None:
            builder.gate("UNITARY", gate.qubits, matrix=list(gate.matrix))
        elif gate.pauli:
            builder.gate("PAULI_ROT", gate.qubits, params, pauli=gate.pauli)
        else:
            builder.gate(gate.name, gate.qubits, params)
    return builder.build()
