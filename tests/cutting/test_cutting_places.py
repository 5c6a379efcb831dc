"""Cuts in the terms of the circuit: named by the search, and by the user."""

from __future__ import annotations

import pytest
from cut_circuits import neighbours, observable

from eigen.cutting import Cut
from eigen.cutting.places import edges, places
from eigen.cutting.search import search
from eigen.cutting.wiring import Wiring, wiring
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Observable


def line() -> Wiring:
    """Operation 0: CX 0 1; 1: H 1; 2: CX 1 2; 3: SWAP 2 3; 4: H 3."""
    builder = CircuitBuilder(4)
    builder.gate("CX", [0, 1])
    builder.gate("H", [1])
    builder.gate("CX", [1, 2])
    builder.gate("SWAP", [2, 3])
    builder.gate("H", [3])
    return wiring(builder.build(), Observable.pauli("XXXX"))


def test_cuts_that_are_found_can_be_named() -> None:
    for seed in range(30):
        graph = wiring(neighbours(seed, 4, 8), observable(seed, 4))
        found = search(graph, 3, 20).edges
        assert edges(graph, places(graph, sorted(found))) == found


def test_a_wire_is_cut_before_the_next_gate_that_joins() -> None:
    graph = line()
    before_h, before_cx = edges(graph, [Cut(1, qubit=1)]), edges(graph, [Cut(2, qubit=1)])
    assert before_h == before_cx
    assert places(graph, before_h) == (Cut(2, qubit=1),)
    assert [cut.gamma for cut in places(graph, before_h)] == [4.0]
    assert str(Cut(2, qubit=1)) == "wire 1 before operation 2"


def test_a_gate_of_several_pieces_is_cut_whole_or_by_piece() -> None:
    graph = line()
    whole = places(graph, sorted(edges(graph, [Cut(3)])))
    assert whole == (Cut(3, piece=0), Cut(3, piece=1), Cut(3, piece=2))
    assert [cut.gamma for cut in whole] == pytest.approx([3.0] * 3)
    assert str(whole[1]) == "gate 3, piece 1"
    assert edges(graph, whole) == edges(graph, [Cut(3)])


@pytest.mark.parametrize(
    ("cut", "why"),
    [
        (Cut(1), "the operation acts on one qubit"),
        (Cut(9), "the observable does not depend on that operation"),
        (Cut(-1), "the observable does not depend on that operation"),
        (Cut(3, piece=5), "it has fewer pieces"),
        (Cut(0, qubit=0), "no two-qubit gate that the observable depends on lies on both sides of it"),
        (Cut(4, qubit=3), "no two-qubit gate that the observable depends on lies on both sides of it"),
        (Cut(2, qubit=7), "no two-qubit gate that the observable depends on lies on both sides of it"),
    ],
)
def test_cuts_that_are_nowhere_are_refused(cut: Cut, why: str) -> None:
    with pytest.raises(EigenError, match=f"there is nothing to cut at `{cut}`: {why}") as caught:
        edges(line(), [cut])
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"


def test_cuts_that_part_nothing_are_refused() -> None:
    with pytest.raises(EigenError, match="the cut `gate 3, piece 1` parts nothing") as caught:
        edges(line(), [Cut(3, piece=1)])
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"
