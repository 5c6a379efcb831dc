"""Names of circuits, registers and metadata as one line of JSON, for formats that have no other place for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from eigen._core import named_builder
from eigen.ir.circuit import Circuit, CircuitBuilder, core_errors
from eigen.ir.formats import names

if TYPE_CHECKING:
    from collections.abc import Mapping


def told(circuit: Circuit, metadata: Mapping[str, str] | None = None) -> str:
    """The line; its `qubits` and `clbits` are runs of (name or null, size). `metadata` by default are the circuit's."""
    metadata = circuit.metadata if metadata is None else metadata
    value: dict[str, Any] = {
        "qubits": names.runs(circuit.qubit_registers, circuit.num_qubits),
        "clbits": names.runs(circuit.clbit_registers, circuit.num_clbits),
    }
    if circuit.name:
        value["name"] = circuit.name
    if metadata:
        value["metadata"] = dict(metadata)
    if circuit.parameters:
        value["parameters"] = list(circuit.parameters)
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def is_needed(circuit: Circuit) -> bool:
    """Whether a circuit has names, metadata or more than one parameter, whose order counts."""
    registers = circuit.qubit_registers or circuit.clbit_registers
    return bool(registers or circuit.name or circuit.metadata or len(circuit.parameters) > 1)


def opened(line: str, where: str) -> CircuitBuilder:
    """A builder with what the line tells; EIGEN_FORMAT_INVALID for a line that `told` does not write."""
    with core_errors(where):
        return named_builder(line)
