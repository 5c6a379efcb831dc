"""Graphs as circuits: the edges are the order, and are checked to be one; each node is read as AQO reads it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.circuit import Circuit, core_errors
from eigen.ir.formats.graph.order import ordered
from eigen.ir.formats.graph.words import BLOCKS, BRANCHING, HEAD, NODE, SCHEMA, VERSION, invalid, wires_of
from eigen.ir.values import is_dict, is_list

if TYPE_CHECKING:
    from collections.abc import Collection

MAX_DEPTH = 32
"""Of graphs inside nodes, as of blocks of a circuit."""

_PLACE = re.compile(r"operation (\d+)")


def load(data: bytes, *, where: str = "") -> Circuit:
    """The circuit of a graph: its operations in an order that the edges allow, of several the one of the node list.

    Every wire must lead, edge by edge, through all nodes that touch it. `links` is another name of `edges`.

    Raises EigenError: EIGEN_FORMAT_INVALID for what is no such graph, by node or edge: unknown fields, edges to nodes
    that are not there or on wires that they do not touch, missing edges, cycles; EIGEN_FORMAT_UNSUPPORTED for other
    versions; EIGEN_LIMIT_EXCEEDED; those of AQO for a node that is no operation.
    """
    document = _json(data, where)
    try:
        _only(document, {"directed", "multigraph", "graph", "nodes", "edges", "links"}, "the document")
        if document.get("directed") is not True or document.get("multigraph") is not True:
            raise invalid("the graph of a circuit is `directed` and a `multigraph`")
        head = _head(document.get("graph"))
        reader = _Reader()
        operations, _ = reader.graph(document, "", 0)
    except EigenError as error:
        error.where = where
        raise
    aqo = json.dumps({"version": "1.1", **head, "operations": operations}).encode()
    try:
        with core_errors(where):
            return Circuit.from_aqo(aqo)
    except EigenError as error:
        raise reader.named(error) from None


def _json(data: bytes, where: str) -> dict[str, Any]:
    try:
        value: Any = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_no_constant)
    except ValueError:
        raise EigenError("EIGEN_FORMAT_INVALID", "the graph is not strict JSON", where=where) from None
    if not is_dict(value):
        raise EigenError("EIGEN_FORMAT_INVALID", "the graph is no JSON object", where=where)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _no_constant(word: str) -> float:
    raise ValueError(word)


def _head(head: Any) -> dict[str, Any]:
    """What the document says of the whole circuit, in the words of AQO."""
    if not is_dict(head) or head.get("schema") != SCHEMA:
        raise invalid(f'`graph` says `"schema": "{SCHEMA}"` in the graph of a circuit')
    if head.get("version") != VERSION:
        raise EigenError(
            "EIGEN_FORMAT_UNSUPPORTED", f"this version of circuit graphs is not read here, but `{VERSION}` is"
        )
    _only(head, {"schema", "version", *HEAD}, "`graph`")
    return {HEAD[key]: value for key, value in head.items() if key in HEAD}


class _Reader:
    """Reads graphs and keeps the names of their nodes, in the order in which AQO counts operations."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def graph(self, graph: Any, path: str, depth: int) -> tuple[list[dict[str, Any]], list[str]]:
        """The operations of a graph in order, and the wires that they touch."""
        if depth > MAX_DEPTH:
            raise EigenError("EIGEN_LIMIT_EXCEEDED", f"graphs are nested at most `{MAX_DEPTH}` deep")
        nodes = graph.get("nodes") if is_dict(graph) else None
        if not is_list(nodes):
            raise invalid(f"{path}a graph has a list `nodes`")
        edges = graph.get("edges", graph.get("links", []))
        if not is_list(edges) or ("edges" in graph and "links" in graph):
            raise invalid(f"{path}a graph has one list `edges`")
        names: list[str] = []
        inside: list[tuple[dict[str, Any], list[str], list[str]]] = []
        places: dict[int | str, int] = {}
        for index, node in enumerate(nodes):
            name = _id(node, index, path)
            if name in places:
                raise invalid(f"{path}two nodes have the id `{shown(name)}`")
            places[name] = index
            names.append(f"{path}node `{shown(name)}`")
            inside.append(self._node(node, names[-1], depth))
        order = ordered(names, [wires for _, wires, _ in inside], edges, places, path)
        for index in order:
            self._names += [names[index], *inside[index][2]]
        wires = list(dict.fromkeys(wire for _, touched, _ in inside for wire in touched))
        return [inside[index][0] for index in order], wires

    def _node(self, node: dict[str, Any], name: str, depth: int) -> tuple[dict[str, Any], list[str], list[str]]:
        """An operation of AQO, its wires, and the names of the nodes inside it."""
        _only(node, {"id", *NODE}, name)
        operation = {NODE[key]: value for key, value in node.items() if key != "id" and key not in BLOCKS}
        if operation.get("op") in BRANCHING and "if" in operation:
            operation["cond"] = operation.pop("if")
        for key in ("q", "c"):
            indices = operation.get(key, [])
            if not is_list(indices) or any(type(index) is not int or index < 0 for index in indices):
                raise invalid(f"{name}: `{'qubits' if key == 'q' else 'bits'}` is a list of indices")
        wires = wires_of(operation)
        inner = _Reader()
        for key in BLOCKS:
            if key in node:
                _only(node[key], {"nodes", "edges", "links"}, f"{name}, `{key}`")
                operation[key], touched = inner.graph(node[key], f"{name}, `{key}`: ", depth + 1)
                wires += touched
        return operation, list(dict.fromkeys(wires)), inner._names

    def named(self, error: EigenError) -> EigenError:
        """An error of AQO with the node in place of the number of the operation."""
        found = _PLACE.match(error.message)
        if found is None or int(found[1]) >= len(self._names):
            return error
        message = self._names[int(found[1])] + error.message[found.end() :]
        return EigenError(error.code, message, hint=error.hint, where=error.where)


def _id(node: Any, index: int, path: str) -> int | str:
    name = node.get("id") if is_dict(node) else None
    if type(name) is int or isinstance(name, str):
        return name
    raise invalid(f"{path}node number {index} has no `id` that is text or a whole number")


def shown(name: int | str) -> str:
    """An id, short enough for a message."""
    return str(name)[:40]


def _only(value: Any, known: Collection[str], name: str) -> None:
    if not is_dict(value):
        raise invalid(f"{name} is no JSON object")
    for key in value:
        if key not in known:
            raise invalid(f"{name} has a field `{shown(key)}`, which is not known here")
