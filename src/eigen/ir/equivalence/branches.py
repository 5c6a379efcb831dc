"""Operations that happen by the classical bits, as branches whose insides can be compared on their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from eigen.ir.equivalence.operations import BLOCKS, IGNORED, Operation, place

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Branch:
    """An IF, WHILE or FOR, or gates in sequence under one condition. The key says when its bodies happen, not what."""

    key: tuple[Any, ...]
    bodies: tuple[list[Operation], ...]
    wires: tuple[int, ...]
    qubits: tuple[int, ...] = ()
    is_unitary: bool = False


def branched(operations: Iterable[Operation]) -> list[Operation | Branch]:
    """The operations with everything under a condition as branches, neighbours under the same one together.

    Gates on no qubits under a condition are left out: the phase of one history is not seen.
    """
    out: list[Operation | Branch] = []
    for operation in operations:
        op = operation.instruction
        if operation.is_unitary or op.name in {"MEASURE", "RESET"}:
            out.append(operation)
            continue
        if op.name not in BLOCKS and not op.qubits:
            continue
        branch = _branch(operation)
        last = out[-1] if out else None
        if isinstance(last, Branch) and _continues(last, branch):
            out[-1] = _joined(last, branch)
        else:
            out.append(branch)
    return out


def _branch(operation: Operation) -> Branch:
    op = operation.instruction
    condition = op.condition and op.condition.to_json()
    if op.name not in BLOCKS:
        inside = replace(operation, is_unitary=True, wires=tuple(sorted(operation.qubits)), key=(None, operation.key))
        return Branch(("IF", condition, 0), ([inside], []), operation.wires)
    bodies = [[place(part, operation.placing) for part in block if part.name not in IGNORED] for block in op.blocks]
    if op.name == "IF":
        return Branch(("IF", condition, 0), (bodies[0], bodies[1] if len(bodies) > 1 else []), operation.wires)
    return Branch((op.name, condition, op.bound), tuple(bodies), operation.wires)


def _continues(first: Branch, second: Branch) -> bool:
    """Whether the second has the same condition, and the first leaves the bits that it reads alone."""
    gates = all(operation.is_unitary for body in first.bodies for operation in body)
    return gates and first.key[0] == "IF" and first.key == second.key


def _joined(first: Branch, second: Branch) -> Branch:
    wires = set(first.wires) | set(second.wires)
    ordered = (*sorted(wire for wire in wires if wire >= 0), *sorted((w for w in wires if w < 0), reverse=True))
    return Branch(first.key, tuple([*a, *b] for a, b in zip(first.bodies, second.bodies, strict=True)), ordered)
