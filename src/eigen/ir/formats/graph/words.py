"""The words of the format, those of AQO behind them, and the wires that an operation touches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.values import is_dict, is_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCHEMA = "eigen.circuit-graph"
VERSION = "1.0"

HEAD = {
    "name": "name",
    "metadata": "metadata",
    "qubits": "qubits",
    "bits": "clbits",
    "scratch": "scratch",
    "registers": "registers",
    "parameters": "parameters",
}
"""What stands in `graph` beside `schema` and `version`, and its name in AQO."""
NODE = {
    "gate": "op",
    "qubits": "q",
    "bits": "c",
    "params": "params",
    "controls": "ctrl",
    "ctrl_state": "ctrl_state",
    "inverse": "inv",
    "power": "pow",
    "matrix": "matrix",
    "pauli": "pauli",
    "basis": "basis",
    "unit": "unit",
    "value": "value",
    "count": "count",
    "max_iterations": "max",
    "condition": "if",
    "then": "then",
    "else": "else",
    "body": "body",
}
"""What stands in a node beside `id`, and its name in AQO; `condition` of IF and WHILE is `cond` there."""
BLOCKS = ("then", "else", "body")
"""What holds a graph of its own."""
BRANCHING = ("IF", "WHILE")


def wires_of(operation: Mapping[str, Any]) -> list[str]:
    """The wires of an operation of AQO without those of its blocks: `q0`, …, and `c0`, … for bits written or read."""
    wires = [f"q{index}" for index in operation.get("q", ())] + [f"c{index}" for index in operation.get("c", ())]
    for key in ("if", "cond", "value"):
        wires += [f"c{index}" for index in _bits_of(operation.get(key))]
    return list(dict.fromkeys(wires))


def _bits_of(value: Any) -> Iterator[Any]:
    """The bits that a condition or an expression reads."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if is_list(part):
            waiting += part
        elif is_dict(part):
            yield from [part["bit"]] if "bit" in part else []
            yield from part["bits"] if is_list(part.get("bits")) else []
            waiting += part.values()


def invalid(message: str) -> EigenError:
    """The error of a document that is no graph of a circuit."""
    return EigenError("EIGEN_FORMAT_INVALID", message)
