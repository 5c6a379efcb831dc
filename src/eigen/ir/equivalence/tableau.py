"""Clifford circuits of any width: whether one behind the other's inverse leaves every Pauli product as it is."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

from eigen import _core
from eigen.ir.circuit import CircuitBuilder
from eigen.ir.equivalence.certificate import Finding
from eigen.ir.observable import Observable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eigen.ir.circuit import Circuit, Instruction

MATRIX_ERROR = 1e-9
"""Entries of a matrix that counts as Clifford are at most this far from one that is."""
QUBIT_LIMIT = 10_000
"""Its tableau, of twice as many qubits, takes 50 MB for each thousand squared."""


def is_clifford(circuit: Circuit) -> bool:
    """Whether the stabilizer engine takes all gates of a circuit."""
    return circuit.num_qubits <= QUBIT_LIMIT and _core.not_clifford(circuit) is None


def compare_tableaux(a: Circuit, b: Circuit, memory_limit_bytes: int | None) -> Finding:
    """Each qubit is half of a Bell pair; `a`, then the inverse of `b`, must leave all pairs as they are.

    A Bell pair is the state with XX = ZZ = 1, so that 2n values decide, signs included. The phase of the whole is lost.
    """
    count = a.num_qubits
    builder = CircuitBuilder(2 * count)
    for qubit in range(count):
        builder.gate("H", [count + qubit])
        builder.gate("CX", [count + qubit, qubit])
    builder.append(a, range(count))
    builder.append(b.inverse(), range(count))
    plan = _core.Plan(builder.build(), engine="stabilizer", memory_limit_bytes=memory_limit_bytes)
    pairs = [
        Observable.pauli(letters, [qubit, count + qubit], 2 * count)
        for letters in ("XX", "ZZ")
        for qubit in range(count)
    ]
    values = plan.expectation([], pairs)
    changed = sum(value < 0.5 for value in values)
    if changed:
        told = f"{changed} of the {2 * count} generators of the Pauli group are mapped differently"
        return Finding("tableau", False, None, True, details=(told,))
    error = _rounded(a.instructions()) + _rounded(b.instructions())
    return Finding("tableau", True, error, True, details=("the tableau has no global phase: it was not compared",))


def _rounded(instructions: Iterable[Instruction]) -> float:
    """How far the gates of a circuit may be from the Clifford gates that they were taken for, added up."""
    total = 0.0
    for op in instructions:
        if op.name == "FOR":
            total += op.bound * _rounded(op.blocks[0])
        elif op.matrix is not None or op.power != 1.0:
            total += MATRIX_ERROR * len(op.matrix or [0, 0])
        else:  # Clifford angles are multiples of pi/8, whatever the gate
            total += sum(_off(angle) for angle in op.params if isinstance(angle, float))
    return total


def _off(angle: float) -> float:
    return abs(angle - round(angle * 8 / pi) * pi / 8)
