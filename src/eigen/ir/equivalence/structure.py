"""What two circuits have in common, operation by operation, and what is left when that is taken off."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir.equivalence.operations import Operation

Pair = tuple["list[Operation]", "list[Operation]"]


def strip(a: Sequence[Operation], b: Sequence[Operation], *, unitary_only: bool, ends: bool = True) -> Pair:
    """Both without the operations that they begin with alike and, with `ends`, end with alike.

    Operations on different wires have no order. With `unitary_only` all that measures, resets or depends on outcomes
    stays, with what lies behind it: then the two are equal just when what is left is equal.
    """
    first, second = _front(a, b, unitary_only=unitary_only)
    if not ends:
        return first, second
    first, second = _front(first[::-1], second[::-1], unitary_only=unitary_only)
    return first[::-1], second[::-1]


def _front(a: Sequence[Operation], b: Sequence[Operation], *, unitary_only: bool) -> Pair:
    """One pass is enough: what comes next on a wire of `b` changes only when what comes next in `a` was taken off."""
    nexts: defaultdict[int, deque[int]] = defaultdict(deque)
    for index, operation in enumerate(b):
        for wire in operation.wires:
            nexts[wire].append(index)
    blocked: set[int] = set()
    kept: list[Operation] = []
    taken: set[int] = set()
    for operation in a:
        wires = operation.wires
        match = None
        if blocked.isdisjoint(wires) and (operation.is_unitary or not unitary_only):
            match = _match(operation, b, nexts)
        if match is None:
            blocked.update(wires)
            kept.append(operation)
            continue
        taken.add(match)
        for wire in wires:
            nexts[wire].popleft()
    return kept, [operation for index, operation in enumerate(b) if index not in taken]


def _match(operation: Operation, b: Sequence[Operation], nexts: defaultdict[int, deque[int]]) -> int | None:
    queue = nexts[operation.wires[0]]
    if not queue:
        return None
    other = b[queue[0]]
    if other.wires != operation.wires or other.key != operation.key:
        return None
    return queue[0] if all(nexts[wire][0] == queue[0] for wire in operation.wires) else None


def components(a: Sequence[Operation], b: Sequence[Operation]) -> list[tuple[list[int], Pair]]:
    """Parts on separate wires: their wires, and the operations of both on them. Untouched wires are in none."""
    parent: dict[int, int] = {}

    def root(wire: int) -> int:
        parent.setdefault(wire, wire)
        while parent[wire] != wire:
            parent[wire] = parent[parent[wire]]
            wire = parent[wire]
        return wire

    for operation in (*a, *b):
        for wire in operation.wires:
            parent[root(wire)] = root(operation.wires[0])
    wires: defaultdict[int, list[int]] = defaultdict(list)
    for wire in sorted(parent):
        wires[root(wire)].append(wire)
    parts: dict[int, Pair] = {top: ([], []) for top in wires}
    for side, operations in enumerate((a, b)):
        for operation in operations:
            parts[root(operation.wires[0])][side].append(operation)
    return [(wires[top], parts[top]) for top in wires]
