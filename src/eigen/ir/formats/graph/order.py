"""The order that edges give to nodes, and what is wrong with edges that give none."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

from eigen.ir.formats.graph.words import invalid
from eigen.ir.values import is_dict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def ordered(
    names: Sequence[str],
    wires: Sequence[Sequence[str]],
    edges: Sequence[Any],
    places: Mapping[int | str, int],
    path: str,
) -> list[int]:
    """The nodes in an order that all edges allow; of several nodes that could come next, the first of the list.

    `names` says how to call a node, `wires` what it touches, `places` which number an id has. Raises
    EIGEN_FORMAT_INVALID where a wire does not lead through all nodes that touch it, once.
    """
    after: list[dict[str, int]] = [{} for _ in names]
    before: list[dict[str, int]] = [{} for _ in names]
    touched = [frozenset(own) for own in wires]
    for number, edge in enumerate(edges):
        source, target, wire = _edge(edge, places, f"{path}edge number {number}")
        for node, known, end in ((source, after, "out of"), (target, before, "into")):
            if wire not in touched[node]:
                raise invalid(f"{path}edge number {number} is on wire `{wire}`, which {names[node]} does not touch")
            if wire in known[node]:
                raise invalid(f"two edges on wire `{wire}` lead {end} {names[node]}")
        after[source][wire] = target
        before[target][wire] = source
    _check_starts(names, wires, before)
    return _sorted(names, after, before)


def _edge(edge: Any, places: Mapping[int | str, int], name: str) -> tuple[int, int, str]:
    if not is_dict(edge) or not edge.keys() == {"source", "target", "key"}:
        raise invalid(f"{name} has not exactly the fields `source`, `target` and `key`, which is its wire")
    ends: list[int] = []
    for end in (edge["source"], edge["target"]):
        if isinstance(end, bool) or not isinstance(end, (int, str)) or end not in places:
            raise invalid(f"{name} has an end that is the id of no node")
        ends.append(places[end])
    wire = edge["key"]
    if not isinstance(wire, str):
        raise invalid(f"{name} has a `key` that is no wire, such as `q0` or `c0`")
    return ends[0], ends[1], wire[:40]


def _check_starts(names: Sequence[str], wires: Sequence[Sequence[str]], before: Sequence[Mapping[str, int]]) -> None:
    """A wire has one node that no other comes before."""
    first: dict[str, int] = {}
    for node, own in enumerate(wires):
        for wire in own:
            if wire in before[node]:
                continue
            if wire in first:
                raise invalid(f"no edge on wire `{wire}` leads to {names[first[wire]]} or to {names[node]}: one misses")
            first[wire] = node


def _sorted(names: Sequence[str], after: Sequence[Mapping[str, int]], before: Sequence[Mapping[str, int]]) -> list[int]:
    waiting = [len(own) for own in before]
    ready = [node for node, count in enumerate(waiting) if not count]
    heapify(ready)
    order: list[int] = []
    while ready:
        node = heappop(ready)
        order.append(node)
        for target in after[node].values():
            waiting[target] -= 1
            if not waiting[target]:
                heappush(ready, target)
    if len(order) == len(names):
        return order
    raise invalid(
        f"the edges make a cycle: {_cycle(names, before, {node for node, left in enumerate(waiting) if left})}"
    )


def _cycle(names: Sequence[str], before: Sequence[Mapping[str, int]], rest: set[int]) -> str:
    """A cycle among nodes that each have one before them; of a long one the beginning."""
    seen: dict[int, int] = {}
    node = min(rest)
    while node not in seen:
        seen[node] = len(seen)
        node = next(source for source in before[node].values() if source in rest)
    cycle = [*list(seen)[seen[node] :][::-1], node]
    cycle = [cycle[-1], *cycle[:-1]]
    told = " before ".join(names[place] for place in cycle[:4])
    return told if len(cycle) <= 4 else f"{told} before {len(cycle) - 4} more"
