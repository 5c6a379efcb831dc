"""Circuits as graphs: one node for each operation in their order, one edge for each wire from one to the next."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from eigen.ir.formats.graph.words import BLOCKS, HEAD, NODE, SCHEMA, VERSION, wires_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.ir.circuit import Circuit

_HEAD = {aqo: word for word, aqo in HEAD.items()}
_NODE = {aqo: word for word, aqo in NODE.items()} | {"cond": "condition"}


def dump(circuit: Circuit) -> bytes:
    """The document of a circuit. Every circuit has one, and it reads back as the same circuit, digest and all."""
    document = json.loads(circuit.to_aqo())
    head = {_HEAD[key]: value for key, value in document.items() if key in _HEAD}
    inner, _ = _graph(document["operations"])
    graph = {"schema": SCHEMA, "version": VERSION, **head}
    whole = {"directed": True, "multigraph": True, "graph": graph, **inner}
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode()


def _graph(operations: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], list[str]]:
    """Nodes and edges of some operations, and the wires that they touch."""
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    last: dict[str, int] = {}
    for index, operation in enumerate(operations):
        node, wires = _node(index, operation)
        nodes.append(node)
        edges += [{"source": last[wire], "target": index, "key": wire} for wire in wires if wire in last]
        last |= dict.fromkeys(wires, index)
    return {"nodes": nodes, "edges": edges}, list(last)


def _node(index: int, operation: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    node: dict[str, Any] = {"id": index, "gate": operation["op"]}
    wires = wires_of(operation)
    for key, value in operation.items():
        if key in BLOCKS:
            node[key], inside = _graph(value)
            wires += inside
        else:
            node[_NODE[key]] = value
    return node, list(dict.fromkeys(wires))
