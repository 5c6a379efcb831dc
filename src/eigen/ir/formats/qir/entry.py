"""The entry point of a module, and how many qubits and results it says that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.formats.qir.emission import MAX_BITS

if TYPE_CHECKING:
    from eigen.ir.formats.qir.module import Function, Module

MARKS = {"entry_point", "EntryPoint"}
COUNTS = {
    "qubits": ("required_num_qubits", "num_required_qubits", "requiredQubits"),
    "results": ("required_num_results", "num_required_results", "requiredResults"),
}
"""The attributes that count, also by their former names."""


def entry_point(module: Module, where: str) -> Function:
    """The function with the attribute `entry_point`, or the only one. Raises EIGEN_FORMAT_INVALID."""
    found = [function for function in module.functions.values() if MARKS & set(function.attributes)]
    if not found and len(module.functions) == 1:
        found = list(module.functions.values())
    if len(found) != 1:
        message = f"a program has one function with the attribute `entry_point`, not `{len(found)}`"
        raise EigenError("EIGEN_FORMAT_INVALID", message, where=where)
    return found[0]


def required(entry: Function) -> dict[str, int | None]:
    """The numbers of qubits and results, None where nothing is said. Raises EigenError without a place."""
    return {kind: _count(entry, kind) for kind in COUNTS}


def _count(entry: Function, kind: str) -> int | None:
    for name in COUNTS[kind]:
        text = entry.attributes.get(name)
        if text is None:
            continue
        if not text.isdecimal() or len(text) > 9 or int(text) > MAX_BITS:
            code = "EIGEN_LIMIT_EXCEEDED" if text.isdecimal() else "EIGEN_FORMAT_INVALID"
            raise EigenError(code, f"`{name}` is a number up to {MAX_BITS}, not `{text[:20]}`")
        return int(text)
    return None
