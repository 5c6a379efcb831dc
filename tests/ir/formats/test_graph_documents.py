"""Graphs of circuits in JSON: every circuit comes back, NetworkX reads and writes them, and edges are checked."""

from __future__ import annotations

import copy
import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from format_features import FEATURES
from hypothesis import given

from eigen.errors import EigenError
from eigen.ir import dump, load
from eigen.ir.formats.conversion import certify, convert
from eigen.ir.formats.table import of_text
from strategies import examples, unitary_circuits

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.ir import Circuit

COMPUTING = """OPENQASM 3; bit[2] b; qubit[2] q; uint[4] x = 0; b = measure q; x = x + uint[4](b);
if (x == 3) { U(0, 0, 1) q[0]; while (b[0]) { b[0] = measure q[0]; } }"""


def graph(circuit: Circuit) -> dict[str, Any]:
    """The document of a circuit, open for changes."""
    return json.loads(dump(circuit, "graph"))


@pytest.mark.parametrize("feature", FEATURES)
def test_every_circuit_comes_back_with_its_digest(feature: str) -> None:
    done = convert(FEATURES[feature], "graph")
    assert load(done.document) == FEATURES[feature]
    assert done.certificate.is_proof


def test_classical_computation_comes_back() -> None:
    circuit = load(COMPUTING)
    assert circuit.computes
    assert load(dump(circuit, "graph")) == circuit


@given(unitary_circuits())
@examples(40, 400)
def test_the_order_of_the_nodes_says_nothing(circuit: Circuit) -> None:
    document = graph(circuit)
    shuffled = list(document["nodes"])
    random.Random(len(shuffled)).shuffle(shuffled)
    document["nodes"] = shuffled
    assert certify(circuit, load(json.dumps(document))).verdict == "equal"


def test_an_edge_is_a_wire_between_neighbours() -> None:
    document = graph(FEATURES["IF with ELSE"])
    assert [(edge["source"], edge["target"], edge["key"]) for edge in document["edges"]] == [(0, 1, "c0"), (1, 2, "q1")]
    assert document["nodes"][1]["then"] == {"nodes": [{"id": 0, "gate": "X", "qubits": [1]}], "edges": []}


@pytest.mark.parametrize("word", ["edges", "links"])
def test_networkx_reads_and_writes_the_same_documents(word: str) -> None:
    networkx = pytest.importorskip("networkx")
    for circuit in [*FEATURES.values(), load(COMPUTING)]:
        drawn = networkx.node_link_graph(graph(circuit), edges="edges")
        assert drawn.is_directed()
        assert networkx.is_directed_acyclic_graph(drawn)
        assert load(json.dumps(networkx.node_link_data(drawn, edges=word))) == circuit


def test_inspection_tells_a_graph_from_aqo() -> None:
    circuit = FEATURES["IF on a bit"]
    assert of_text(dump(circuit, "graph")).name == "graph"
    assert of_text(json.dumps(graph(circuit), indent=2, sort_keys=True).encode()).name == "graph"
    assert of_text(dump(circuit, "aqo")).name == "aqo"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d["edges"].pop(), "no edge on wire `q1` leads to node `1` or to node `2`: one misses"),
        (lambda d: d["edges"].append(dict(d["edges"][0])), "two edges on wire `c0` lead out of node `0`"),
        (lambda d: d["edges"][1].update(key="q0"), "edge number 1 is on wire `q0`, which node `1` does not touch"),
        (lambda d: d["edges"][1].update(target=9), "edge number 1 has an end that is the id of no node"),
        (
            lambda d: d["edges"].append({"source": 1, "target": 0, "key": "c0"}),
            "a cycle: node `0` before node `1` before node `0`",
        ),
        (
            lambda d: d["nodes"][1]["else"]["edges"].append({"source": 0, "target": 0, "key": "q1"}),
            "a cycle: node `1`, `else`: node `0` before node `1`, `else`: node `0`",
        ),
        (lambda d: d["nodes"][1]["else"]["nodes"][0].update(gate="RX"), "node `1`, `else`: node `0`: parameter"),
        (lambda d: d["nodes"][2].update(gate="NOSUCH"), "node `2`: there is no operation `NOSUCH`"),
        (lambda d: d["nodes"][2].update(bits=[7]), "node `2` .MEASURE.: classical bit `7`"),
        (lambda d: d["nodes"][2].update(colour="red"), "node `2` has a field `colour`"),
        (lambda d: d["nodes"][2].update(id=0), "two nodes have the id `0`"),
        (lambda d: d["graph"].update(version="2.0"), "`1.0` is"),
    ],
)
def test_what_is_wrong_is_named(change: Callable[[dict[str, Any]], object], words: str) -> None:
    document = graph(FEATURES["IF with ELSE"])
    change(document)
    with pytest.raises(EigenError, match=words):
        load(json.dumps(document), where="x.graph.json")


ODD: tuple[Any, ...] = (None, True, 0, -1, 1.5, "q0", "", [], {}, [0], [[0]], {"bit": 0}, {"nodes": [], "edges": []})


def _changed(value: Any, draw: random.Random) -> Any:
    """A value with something in it deleted, doubled, or put in the place of something else."""
    if not isinstance(value, (dict, list)) or not value or draw.random() < 0.15:
        return copy.deepcopy(draw.choice(ODD))
    place: Any = draw.choice(list(value)) if isinstance(value, dict) else draw.randrange(len(value))
    kind = draw.random()
    if kind < 0.1:
        del value[place]
    elif kind < 0.2 and isinstance(value, list):
        value.append(copy.deepcopy(value[place]))
    elif kind < 0.2:
        value[draw.choice(["id", "gate", "qubits", "then", "key", "colour"])] = copy.deepcopy(draw.choice(ODD))
    else:
        value[place] = _changed(value[place], draw)
    return value


def test_changed_documents_are_circuits_or_coded_errors() -> None:
    draw = random.Random(1)
    documents = [graph(circuit) for circuit in FEATURES.values()]
    codes: set[str] = set()
    for _ in range(1500):
        document = copy.deepcopy(draw.choice(documents))
        for _ in range(draw.randint(1, 3)):
            document = _changed(document, draw)
        try:
            load(json.dumps(document), "graph")
        except EigenError as error:
            codes.add(error.code)
    assert "EIGEN_FORMAT_INVALID" in codes
    assert "EIGEN_INTERNAL" not in codes
