"""Where cuts are, in the terms of the user's circuit: from the edges of its graph, and to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eigen.cutting.wiring import Operation, Wiring


@dataclass(frozen=True, slots=True)
class Cut:
    """A gate that is cut, or the wire of `qubit` just before it.

    `operation` counts in `circuit.instructions()`. A gate on more than two qubits, or a `SWAP`, is several gates on two
    (`piece` 0, 1, ...); to name none of them means all for a gate, the first on that wire for a wire.
    """

    operation: int
    qubit: int | None = None
    piece: int | None = None
    gamma: float | None = field(default=None, compare=False)
    """By which factor this cut alone widens the spread of an estimate; the worst there is for open parameters. Told,
    not asked for."""

    def __str__(self) -> str:
        piece = "" if self.piece is None else f", piece {self.piece}"
        if self.qubit is None:
            return f"gate {self.operation}{piece}"
        return f"wire {self.qubit} before operation {self.operation}{piece}"


def places(wiring: Wiring, edges: Iterable[int]) -> tuple[Cut, ...]:
    """The cuts at some edges of the graph."""
    pieces = _pieces(wiring)
    found: list[Cut] = []
    for index in edges:
        edge = wiring.edges[index]
        operation = wiring.operations[wiring.owner[edge.second]]
        piece = pieces[wiring.owner[edge.second]]
        found.append(Cut(operation.source, edge.qubit if edge.qubit >= 0 else None, piece, edge.gamma))
    return tuple(found)


def edges(wiring: Wiring, cuts: Iterable[Cut]) -> frozenset[int]:
    """The edges that cuts name. Raises EigenError EIGEN_SIM_UNSUPPORTED for a cut that is nowhere, or parts nothing."""
    wanted = [(cut, list(_edges(wiring, cut))) for cut in cuts]
    chosen = frozenset(index for _, found in wanted for index in found)
    parts = wiring.parts(chosen)
    for cut, found in wanted:
        if not found:
            message = f"there is nothing to cut at `{cut}`: {_why(wiring, cut)}"
            raise EigenError(
                "EIGEN_SIM_UNSUPPORTED", message, hint="operations are counted from 0, as in `instructions()`"
            )
        for index in found:
            edge = wiring.edges[index]
            if parts[edge.first] == parts[edge.second]:
                message = f"the cut `{cut}` parts nothing: its two sides stay joined by other gates and wires"
                raise EigenError("EIGEN_SIM_UNSUPPORTED", message, hint="leave it out, or cut what joins them as well")
    return chosen


def _edges(wiring: Wiring, cut: Cut) -> Iterator[int]:
    pieces = _pieces(wiring)
    for index, edge in enumerate(wiring.edges):
        operation = wiring.operations[wiring.owner[edge.second]]
        piece = pieces[wiring.owner[edge.second]]
        if cut.qubit is None:
            if edge.qubit < 0 and operation.source == cut.operation and cut.piece in {None, piece}:
                yield index
        elif edge.qubit == cut.qubit and (operation.source, piece or 0) >= (cut.operation, cut.piece or 0):
            before = wiring.operations[wiring.owner[edge.first]]
            if (before.source, pieces[wiring.owner[edge.first]] or 0) < (cut.operation, cut.piece or 0):
                yield index
            return


def _pieces(wiring: Wiring) -> list[int | None]:
    """For each operation its number among the two-qubit gates of its source; None where it is the only one."""
    by_source: dict[int, list[int]] = {}
    for index, operation in enumerate(wiring.operations):
        if operation.pair is not None:
            by_source.setdefault(operation.source, []).append(index)
    numbers: list[int | None] = [None] * len(wiring.operations)
    for members in by_source.values():
        for number, index in enumerate(members if len(members) > 1 else ()):
            numbers[index] = number
    return numbers


def _why(wiring: Wiring, cut: Cut) -> str:
    sources: dict[int, list[Operation]] = {}
    for operation in wiring.operations:
        sources.setdefault(operation.source, []).append(operation)
    if cut.qubit is not None:
        return "no two-qubit gate that the observable depends on lies on both sides of it"
    if cut.operation not in sources:
        return "the observable does not depend on that operation"
    if all(operation.pair is None for operation in sources[cut.operation]):
        return "the operation acts on one qubit"
    return "it has fewer pieces"
