"""Names of circuits, registers and metadata as one line of JSON, for formats that have no other place for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.circuit import Circuit, CircuitBuilder
from eigen.ir.formats import names
from eigen.ir.values import is_dict, is_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_BITS = 1_000_000


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
    try:
        value: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise _invalid(where) from None
    if not is_dict(value):
        raise _invalid(where)
    metadata: Any = value.get("metadata", {})
    name: Any = value.get("name", "")
    texts = [*metadata, *metadata.values()] if is_dict(metadata) else [None]
    parameters: Any = value.get("parameters", [])
    if not is_list(parameters) or any(not isinstance(text, str) for text in [name, *texts, *parameters]):
        raise _invalid(where)
    builder = CircuitBuilder(name=name, metadata=metadata, parameters=parameters or None)
    names.add_runs(_runs(value.get("qubits"), where), builder.add_qubits)
    names.add_runs(_runs(value.get("clbits"), where), builder.add_clbits)
    return builder


def _runs(value: Any, where: str) -> Sequence[tuple[str | None, int]]:
    found: list[tuple[str | None, int]] = []
    for run in value if is_list(value) else [None]:
        if not is_list(run) or len(run) != 2:
            raise _invalid(where)
        name, size = run
        if not (name is None or isinstance(name, str)) or type(size) is not int or not 0 < size <= MAX_BITS:
            raise _invalid(where)
        found.append((name, size))
    if sum(size for _, size in found) > MAX_BITS:
        raise _invalid(where)
    return found


def _invalid(where: str) -> EigenError:
    return EigenError("EIGEN_FORMAT_INVALID", "the line that tells names of registers is none of ours", where=where)
