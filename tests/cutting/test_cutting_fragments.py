"""The parts: which qubits and ends they have, and the circuits that run."""

from __future__ import annotations

from cut_circuits import chain

from eigen.cutting import Cut
from eigen.cutting.fragments import Split, split
from eigen.cutting.places import edges
from eigen.cutting.wiring import wiring
from eigen.ir import CircuitBuilder, Observable


def cut_line(cuts: list[Cut]) -> Split:
    """CX 0 1, CX 1 2, CX 2 3 with the cuts named."""
    builder = CircuitBuilder(4)
    for qubit in range(3):
        builder.gate("CX", [qubit, qubit + 1])
    graph = wiring(builder.build(), Observable.pauli("XXXX"))
    return split(graph, sorted(edges(graph, cuts)), ())


def test_a_gate_leaves_an_end_on_both_sides() -> None:
    parted = cut_line([Cut(1)])
    upper, lower = parted.fragments
    assert (upper.qubits, lower.qubits) == ((0, 1), (2, 3))
    assert [(end.kind, end.wire, end.side) for end in (*upper.ends, *lower.ends)] == [("gate", 1, 0), ("gate", 0, 1)]
    assert (upper.width, upper.exact_width, upper.settings) == (2, 3, 5)
    assert parted.where == {0: (0, 0), 1: (0, 1), 2: (1, 0), 3: (1, 1)}


def test_a_wire_leaves_a_qubit_in_both_parts() -> None:
    parted = cut_line([Cut(1, qubit=1)])
    upper, lower = parted.fragments
    assert (upper.qubits, lower.qubits) == ((0, 1), (2, 3, 1))
    assert [(end.kind, end.side) for end in (*upper.ends, *lower.ends)] == [("out", 0), ("in", 1)]
    assert (upper.exact_width, upper.settings) == (2, 3)  # an open wire is its own end
    assert (lower.exact_width, lower.settings) == (4, 6)
    assert parted.where[1] == (1, 2)
    assert parted.joints == (None,)


def test_open_and_sampled_circuits_have_the_widths_told() -> None:
    circuit = chain(6, [0.3] * 5, layers=2)
    graph = wiring(circuit, Observable.pauli("ZZZZZZ"))
    parted = split(graph, sorted(edges(graph, [Cut(14), Cut(31)])), ())
    for part in parted.fragments:
        assert part.circuit().num_qubits == part.exact_width
        circuit, signs = part.sampled(["measure"] * len(part.ends), [(0, "X")])
        assert (circuit.num_qubits, circuit.num_clbits, signs) == (part.width, len(part.ends) + 1, len(part.ends))
        assert circuit.count_ops()["MEASURE"] == len(part.ends) + 1
