"""Where to cut: a set of edges of the least overhead found such that no part takes more wires than allowed.

Sweeps split a few orders of the ends (along the wires, in time, by the spectrum of the graph) at the best places, by
dynamic programming, and move single ends while that helps. A walk over the gates (as in Brandhofer, Polian and
Krsulich, arXiv:2308.09567) then decides for each gate whether to join, to cut it, or to cut wires before it. The walk
keeps a bounded number of the cheapest states; when it dropped none, no cut of less overhead exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.cutting.places import edges
from eigen.cutting.sweep import ends_in_order, sweep
from eigen.errors import EigenError
from eigen.ir.ordered import ordered_sum

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eigen.cutting.places import Cut
    from eigen.cutting.wiring import Edge, Wiring

MOST_PAIRS = 2_000
WALK_STATES = 60_000
NARROW = 12  # qubits below which a part may be as wide as it is
BISECTIONS = 3
LEAST_KEPT, MOST_KEPT = 20, 2_000


@dataclass(frozen=True, slots=True)
class Choice:
    """Edges to cut, and whether it is known that no other choice costs less."""

    edges: frozenset[int]
    is_optimal: bool


def search(wiring: Wiring, max_qubits: int, max_cuts: int) -> Choice:
    """The best choice found. Raises EigenError EIGEN_LIMIT_EXCEEDED, with the numbers, where more than `max_cuts` cuts
    would be needed, and beyond 2,000 two-qubit gates."""
    pairs = len(wiring.owner) // 2
    if pairs > MOST_PAIRS:
        message = f"two-qubit gates to search for cuts: `{pairs}` is beyond {MOST_PAIRS:,}"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, hint="name the cuts yourself (`cuts=[…]`)")
    if max(wiring.widths(()), default=0) <= max_qubits:
        return Choice(frozenset(), True)
    orders = ends_in_order(wiring)
    swept = sweep(wiring, orders, max_qubits, max_cuts)
    known = _cost(wiring, swept) if len(swept) <= max_cuts else float("inf")
    walked, complete = _walk(wiring, max_qubits, max_cuts, known)
    if walked is not None:
        return Choice(_narrowed(wiring, orders, walked, max_cuts), complete)
    if len(swept) <= max_cuts:
        return Choice(_narrowed(wiring, orders, swept, max_cuts), complete)
    raise _too_many(wiring, swept, max_qubits, max_cuts, is_bound=complete)


def _narrowed(wiring: Wiring, orders: list[list[int]], chosen: frozenset[int], max_cuts: int) -> frozenset[int]:
    """Among cuts of the same overhead, such that the widest part is narrower, as far as a few sweeps find them: the
    memory of a part doubles with each qubit."""
    limit = _cost(wiring, chosen) + 1e-9
    high = max(wiring.widths(chosen))
    low = max(high // 2, NARROW) - 1  # known, or taken, to be too narrow
    for _ in range(BISECTIONS):
        if high - low <= 1:
            break
        middle = (low + high) // 2
        found = sweep(wiring, orders, middle, max_cuts)
        if len(found) > max_cuts or _cost(wiring, found) > limit:
            low = middle
        else:
            chosen, high = found, max(wiring.widths(found))
    return chosen


def named(wiring: Wiring, cuts: Sequence[Cut], max_qubits: int | None, max_cuts: int) -> Choice:
    """The cuts that the user names. Raises EigenError EIGEN_LIMIT_EXCEEDED for more of them than `max_cuts`, and where
    a part is wider than `max_qubits` all the same."""
    chosen = edges(wiring, cuts)
    if len(chosen) > max_cuts:
        spread = _overhead(wiring, chosen)
        message = f"the cuts named are `{len(chosen)}`, more than {max_cuts}; their overhead is {spread:.3g}"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, hint="allow more of them (`max_cuts`)")
    widest = max(wiring.widths(chosen), default=0)
    if max_qubits is not None and widest > max_qubits:
        message = f"the cuts named leave a part of `{widest}` qubits, more than {max_qubits}"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, hint="name more cuts, or none and let them be found")
    return Choice(chosen, not chosen)


def overhead(gammas: Iterable[float]) -> float:
    """The product of gamma^2."""
    product = 1.0
    for gamma in gammas:
        product *= gamma * gamma
    return product


def _overhead(wiring: Wiring, chosen: Iterable[int]) -> float:
    return overhead(wiring.edges[index].gamma for index in sorted(chosen))


def _too_many(wiring: Wiring, found: frozenset[int], max_qubits: int, max_cuts: int, *, is_bound: bool) -> EigenError:
    widest = max(wiring.widths(()))
    least = f"at least {max_cuts + 1} cuts" if is_bound else f"{len(found)} cuts in the best way found"
    spread = _overhead(wiring, found)
    return EigenError(
        "EIGEN_LIMIT_EXCEEDED",
        f"parts of at most {max_qubits} qubits need {least}, more than `{max_cuts}`: {len(found)} would do, with an "
        f"overhead of {spread:.3g}; uncut it is 2^{widest} amplitudes, 2^{widest + 4} bytes",
        hint="allow wider parts (`max_qubits`) or more cuts (`max_cuts`)",
        details={"cuts": len(found), "overhead": spread, "is_bound": is_bound, "uncut_qubits": widest},
    )


def _cost(wiring: Wiring, edges: frozenset[int]) -> float:
    return ordered_sum(sorted(wiring.edges[index].weight for index in edges))


@dataclass(frozen=True, slots=True)
class _State:
    """After some gates: the part that each wire is in (-1: no gate yet, or none any more), the widths of the parts that
    wires are in, and what was cut."""

    cost: float
    parts: tuple[int, ...]
    widths: tuple[int, ...]
    cut: frozenset[int]


def _walk(wiring: Wiring, max_qubits: int, max_cuts: int, known: float) -> tuple[frozenset[int] | None, bool]:
    wires = {qubit: index for index, qubit in enumerate(sorted(set(wiring.qubit)))}
    entering = {edge.second: index for index, edge in enumerate(wiring.edges) if edge.qubit >= 0}
    across = {edge.first: index for index, edge in enumerate(wiring.edges) if edge.qubit < 0}
    pairs = range(0, len(wiring.owner), 2)
    last = {wires[wire]: node for node, wire in enumerate(wiring.qubit)}
    kept = max(LEAST_KEPT, min(MOST_KEPT, WALK_STATES // max(1, len(pairs))))
    states, complete = [_State(0.0, (-1,) * len(wires), (), frozenset())], True
    for node in pairs:
        first, second = wires[wiring.qubit[node]], wires[wiring.qubit[node + 1]]
        at = _Gate(
            (first, second),
            (across[node], entering.get(node), entering.get(node + 1)),
            tuple(wire for wire, end in ((first, node), (second, node + 1)) if last[wire] == end),
        )
        found: dict[tuple[tuple[int, ...], tuple[int, ...], int], _State] = {}
        for state in states:
            for after in _moves(state, at, wiring.edges, (max_qubits, max_cuts, known)):
                key = (after.parts, after.widths, len(after.cut))
                if key not in found or after.cost < found[key].cost:
                    found[key] = after
        states = sorted(found.values(), key=lambda state: (state.cost, sorted(state.widths), state.parts))
        complete = complete and len(states) <= kept
        states = states[:kept]
    if not states:
        return None, complete
    parts = wiring.parts(states[0].cut)  # a cut between two ends of one part is none
    apart = (k for k in states[0].cut if parts[wiring.edges[k].first] != parts[wiring.edges[k].second])
    return frozenset(apart), complete


@dataclass(frozen=True, slots=True)
class _Gate:
    """The wires of a gate, the edges of the gate and of both wires before it, and the wires that it is the last on."""

    wires: tuple[int, int]
    edges: tuple[int, int | None, int | None]
    done: tuple[int, ...]


def _moves(state: _State, at: _Gate, edges: tuple[Edge, ...], bounds: tuple[int, int, float]) -> list[_State]:
    max_qubits, max_cuts, known = bounds
    first, second = at.wires
    parts, widths = list(state.parts), list(state.widths)
    for wire in (first, second):
        if parts[wire] < 0:
            parts[wire] = len(widths)
            widths.append(1)
    a, b = parts[first], parts[second]
    gate, before_first, before_second = at.edges
    moves: list[_State] = []

    def add(cut: tuple[int, ...], parts: list[int], widths: list[int]) -> None:
        cost = state.cost
        for index in cut:
            cost += edges[index].weight
        if cost < known and len(state.cut) + len(cut) <= max_cuts:
            moves.append(_canonical(cost, parts, widths, state.cut.union(cut), at.done))

    if before_first is not None and before_second is not None and max_qubits >= 2:
        moved = [len(widths) if k in (first, second) else part for k, part in enumerate(parts)]
        add((before_first, before_second), moved, [*widths, 2])
    if a == b:
        add((), parts, widths)
        return moves
    if widths[a] + widths[b] <= max_qubits:
        joined = [a if part == b else part for part in parts]
        add((), joined, [w + widths[b] if k == a else w for k, w in enumerate(widths)])
    add((gate,), parts, widths)
    for cut, wire, target in ((before_first, first, b), (before_second, second, a)):
        if cut is not None and widths[target] < max_qubits:
            moved = [target if k == wire else part for k, part in enumerate(parts)]
            add((cut,), moved, [w + (k == target) for k, w in enumerate(widths)])
    return moves


def _canonical(cost: float, parts: list[int], widths: list[int], cut: frozenset[int], done: tuple[int, ...]) -> _State:
    """Parts numbered by first appearance; those that no wire is in any more can grow no further and are forgotten."""
    if done:
        parts = parts.copy()
        for wire in done:
            parts[wire] = -1
    numbers: dict[int, int] = {}
    named = tuple(numbers.setdefault(part, len(numbers)) if part >= 0 else -1 for part in parts)
    return _State(cost, named, tuple(widths[part] for part in numbers), cut)
