"""Cuts by sweeps: orders of the ends, split at the best places, then improved by moving single ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.ordered import ordered_sum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.cutting.wiring import Wiring

MOST_BREAKS = 200
MOST_DENSE = 1_500  # ends beyond which no spectrum is computed
MOST_ROUNDS = 20
SLACK = 8  # wires by which an interval may be too wide on the way to a narrower one


def sweep(wiring: Wiring, orders: Sequence[Sequence[int]], max_qubits: int, max_cuts: int) -> frozenset[int]:
    """The edges of the cheapest split found along `orders`; with at most `max_cuts` of them if any found has."""
    neighbours: list[list[tuple[int, float, bool]]] = [[] for _ in wiring.owner]
    for edge in wiring.edges:
        wire = edge.qubit >= 0
        neighbours[edge.first].append((edge.second, edge.weight, wire))
        neighbours[edge.second].append((edge.first, edge.weight, wire))
    single = [[(other, 1.0, wire) for other, _, wire in row] for row in neighbours]
    best: tuple[tuple[bool, float, int], frozenset[int]] | None = None
    for order in orders:
        for weighted in (neighbours, single):
            parts = _split(wiring, order, weighted, max_qubits)
            _improve(parts, weighted, max_qubits)
            cut = frozenset(k for k, edge in enumerate(wiring.edges) if parts[edge.first] != parts[edge.second])
            cost = ordered_sum(sorted(wiring.edges[k].weight for k in cut))
            many = len(cut) > max_cuts
            rank = (many, float(len(cut)) if many else cost, len(cut))
            if best is None or rank < best[0]:
                best = rank, cut
    assert best is not None
    return best[1]


def ends_in_order(wiring: Wiring) -> list[list[int]]:
    """Ends along the wires, in time, and by the second eigenvector of the graph's Laplacian: of wires, and of ends."""
    nodes = list(range(len(wiring.owner)))
    along = sorted(nodes, key=lambda node: (wiring.qubit[node], node))
    orders = [along, nodes]
    if len(nodes) <= MOST_DENSE:
        wires = sorted(set(wiring.qubit))
        place = {wire: index for index, wire in enumerate(wires)}
        links = [(place[wiring.qubit[e.first]], place[wiring.qubit[e.second]], e.weight) for e in wiring.edges]
        heights = _fiedler(len(wires), links)
        orders.append(sorted(nodes, key=lambda node: (heights[place[wiring.qubit[node]]], node)))
        heights = _fiedler(len(nodes), [(e.first, e.second, e.weight) for e in wiring.edges])
        orders.append(sorted(nodes, key=lambda node: (heights[node], node)))
    return orders


def _fiedler(size: int, links: Sequence[tuple[int, int, float]]) -> list[float]:
    import numpy as np

    laplacian = np.zeros((size, size))
    for a, b, weight in links:
        if a != b:
            laplacian[a, b] -= weight
            laplacian[b, a] -= weight
            laplacian[a, a] += weight
            laplacian[b, b] += weight
    # Rounded, so that the order of equals does not hang on the last digits of a host's LAPACK.
    vector = np.linalg.eigh(laplacian)[1][:, min(1, size - 1)]
    return [round(float(height), 9) for height in vector]


def _split(
    wiring: Wiring, order: Sequence[int], neighbours: list[list[tuple[int, float, bool]]], max_qubits: int
) -> list[int]:
    """The part of each end: intervals of the order, of the least weight between them."""
    size = len(order)
    place = [0] * size
    for index, node in enumerate(order):
        place[node] = index
    changes = [k for k in range(1, size) if wiring.qubit[order[k]] != wiring.qubit[order[k - 1]]]
    breaks = sorted({0, size, *_thinned(changes), *_thinned(list(range(size)))})
    ordinal = {at: index for index, at in enumerate(breaks)}
    cost = [0.0] + [float("inf")] * (len(breaks) - 1)
    start = [0] * len(breaks)
    for index, begin in enumerate(breaks[:-1]):
        width, crossing = 0, 0.0
        for at in range(begin, size):
            width += 1
            for other, weight, wire in neighbours[order[at]]:
                if place[other] < begin:
                    crossing += weight
                elif wire and place[other] < at:
                    width -= 1
            if width > max_qubits + SLACK:
                break
            to = ordinal.get(at + 1)
            if to is not None and width <= max_qubits and cost[index] + crossing < cost[to]:
                cost[to], start[to] = cost[index] + crossing, index
        if cost[index + 1] == float("inf"):  # the thinned places are too far apart: each end on its own always fits
            span = breaks[index + 1] - begin
            cost[index + 1], start[index + 1] = cost[index] + 1e6 * span, index
    parts = [0] * size
    at, number = len(breaks) - 1, 0
    while at:
        inside = range(breaks[start[at]], breaks[at])
        lonely = cost[at] - cost[start[at]] >= 1e6
        for k in inside:
            parts[order[k]] = number
            number += lonely
        number += 1
        at = start[at]
    return parts


def _thinned(places: list[int]) -> list[int]:
    step = max(1, -(-len(places) // MOST_BREAKS))
    return places[::step]


def _improve(parts: list[int], neighbours: list[list[tuple[int, float, bool]]], max_qubits: int) -> None:
    """Moves ends to the parts of their neighbours while the weight between parts falls."""
    widths: dict[int, int] = {}
    for node, part in enumerate(parts):
        inner = sum(wire and other < node and parts[other] == part for other, _, wire in neighbours[node])
        widths[part] = widths.get(part, 0) + 1 - inner
    for _ in range(MOST_ROUNDS):
        moved = False
        for node, row in enumerate(neighbours):
            here = parts[node]
            wires = [parts[other] for other, _, wire in row if wire]
            for target in sorted({parts[other] for other, _, _ in row} - {here}):
                gain = ordered_sum(weight for other, weight, _ in row if parts[other] == target)
                gain -= ordered_sum(weight for other, weight, _ in row if parts[other] == here)
                after = widths[target] + 1 - wires.count(target)
                if gain > 1e-9 and after <= max_qubits and widths[here] - 1 + wires.count(here) <= max_qubits:
                    widths[target], widths[here] = after, widths[here] - 1 + wires.count(here)
                    parts[node], moved = target, True
                    break
        if not moved:
            return
