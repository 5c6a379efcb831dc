"""The search for cuts against trying all of them, and its refusals."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from cut_circuits import chain

from eigen.cutting.search import search
from eigen.cutting.wiring import Wiring, wiring
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Observable

MOST_EDGES = 14


def graph(seed: int) -> Wiring:
    draw = random.Random(seed)
    num_qubits = draw.randint(2, 6)
    builder = CircuitBuilder(num_qubits)
    for _ in range(draw.randint(2, 7)):
        qubits = draw.sample(range(num_qubits), 2)
        angle = draw.choice([None, 0.05, 1.5, draw.uniform(0, 3)])
        builder.gate("CX" if angle is None else "RZZ", qubits, [] if angle is None else [angle])
    return wiring(builder.build(), Observable.from_terms(num_qubits, [("Z" * num_qubits, 1.0)]))


def cost(wires: Wiring, cut: frozenset[int] | tuple[int, ...]) -> float:
    return sum(wires.edges[index].weight for index in sorted(cut))


def least(wires: Wiring, max_qubits: int, max_cuts: int) -> float | None:
    """The least cost of all sets of at most `max_cuts` edges that part the circuit finely enough."""
    costs = [
        cost(wires, cut)
        for size in range(min(max_cuts, len(wires.edges)) + 1)
        for cut in combinations(range(len(wires.edges)), size)
        if max(wires.widths(cut)) <= max_qubits
    ]
    return min(costs, default=None)


@pytest.mark.parametrize("first", range(0, 150, 25))
def test_no_other_cuts_cost_less(first: int) -> None:
    tried = 0
    for seed in range(first, first + 25):
        wires = graph(seed)
        if len(wires.edges) > MOST_EDGES:
            continue
        draw = random.Random(seed)
        max_qubits, max_cuts = draw.randint(1, 5), draw.choice([2, 4, 6])
        best = least(wires, max_qubits, max_cuts)
        tried += 1
        if best is None:
            with pytest.raises(EigenError) as caught:
                search(wires, max_qubits, max_cuts)
            assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"
            assert caught.value.details["is_bound"]
            assert f"at least {max_cuts + 1} cuts" in caught.value.message
            continue
        found = search(wires, max_qubits, max_cuts)
        assert found.is_optimal
        assert len(found.edges) <= max_cuts
        assert max(wires.widths(found.edges)) <= max_qubits
        assert cost(wires, found.edges) == pytest.approx(best, abs=1e-9)
    assert tried > 10


def test_time_can_be_cut_through() -> None:
    """Two long blocks on the same qubits that meet on one wire: the second may live in a part of its own."""
    builder = CircuitBuilder(5)
    for _ in range(6):
        for pair in ([0, 1], [1, 2]):
            builder.gate("CX", pair)
    for _ in range(6):
        for pair in ([2, 3], [3, 4]):
            builder.gate("CX", pair)
    wires = wiring(builder.build(), Observable.from_terms(5, [("Z0 Z4", 1.0)]))
    found = search(wires, 3, 6)
    assert [wires.edges[index].qubit for index in found.edges] == [2]
    assert found.is_optimal


def test_among_equals_the_widest_part_is_narrow() -> None:
    circuit = chain(32, [0.2] * 31)
    found = search(wiring(circuit, Observable.from_terms(32, [("Z" * 32, 1.0)])), 24, 6)
    assert len(found.edges) == 1
    assert max(wiring(circuit, Observable.from_terms(32, [("Z" * 32, 1.0)])).widths(found.edges)) <= 17


def test_it_is_the_same_each_time() -> None:
    for seed in range(20):
        wires = graph(seed)
        assert search(wires, 3, 12) == search(graph(seed), 3, 12)


def test_a_refusal_tells_the_numbers() -> None:
    builder = CircuitBuilder(12)
    for _ in range(7):
        for qubit in range(11):
            builder.gate("CZ", [qubit, qubit + 1])
            builder.gate("H", [qubit])
    with pytest.raises(EigenError) as caught:
        search(wiring(builder.build(), Observable.from_terms(12, [("Z11", 1.0)])), 6, 6)
    error = caught.value
    assert error.code == "EIGEN_LIMIT_EXCEEDED"
    assert error.details["cuts"] == 7
    assert error.details["overhead"] == pytest.approx(9.0**7)
    assert error.details["uncut_qubits"] == 12
    assert "7 would do, with an overhead of 4.78e+06" in error.message
    assert "2^12 amplitudes, 2^16 bytes" in error.message


def test_too_many_gates_are_not_searched() -> None:
    builder = CircuitBuilder(3)
    for index in range(2_001):
        builder.gate("CX", [index % 2, index % 2 + 1])
    with pytest.raises(EigenError, match="two-qubit gates to search for cuts: `2001` is beyond 2,000") as caught:
        search(wiring(builder.build(), Observable.from_terms(3, [("Z2", 1.0), ("Z0", 1.0)])), 2, 6)
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"
