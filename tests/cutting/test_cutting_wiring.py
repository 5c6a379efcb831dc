"""The graph of a circuit: what is kept, what joins what, and what is refused."""

from __future__ import annotations

import pytest

from eigen.cutting.wiring import wiring
from eigen.errors import EigenError
from eigen.ir import Circuit, CircuitBuilder, Condition, Observable


def ladder(num_qubits: int) -> CircuitBuilder:
    builder = CircuitBuilder(num_qubits, 1)
    for qubit in range(num_qubits - 1):
        builder.gate("CX", [qubit, qubit + 1])
    return builder


def z(qubit: int, num_qubits: int) -> Observable:
    return Observable.from_terms(num_qubits, [(f"Z{qubit}", 1.0)])


def test_only_the_light_cone_is_kept() -> None:
    graph = wiring(ladder(6).build(), z(2, 6))
    assert [operation.source for operation in graph.operations] == [0, 1, 2]
    assert wiring(ladder(6).build(), Observable.from_terms(6, [("", 2.0)])).operations == ()


def test_gates_and_wires_are_edges() -> None:
    graph = wiring(ladder(3).build(), z(2, 3))
    assert [(edge.first, edge.second, edge.qubit, edge.gamma) for edge in graph.edges] == [
        (0, 1, -1, 3.0),
        (1, 2, 1, 4.0),
        (2, 3, -1, 3.0),
    ]
    assert graph.widths(()) == [3]
    assert graph.widths({1}) == [2, 2]
    assert graph.widths({0}) == [1, 2]


def test_qubits_alone_have_no_ends() -> None:
    builder = CircuitBuilder(3)
    builder.gate("H", [1])
    graph = wiring(builder.build(), Observable.from_terms(3, [("X1 Z2", 1.0)]))
    assert graph.alone == (1, 2)
    assert graph.owner == ()


def test_wide_gates_become_gates_on_two() -> None:
    builder = CircuitBuilder(3)
    builder.gate("CCX", [0, 1, 2])
    graph = wiring(builder.build(), Observable.pauli("XXX"))
    assert {operation.source for operation in graph.operations} == {0}
    assert (
        sum(operation.pair is not None for operation in graph.operations) == 6
    )  # Shende and Markov, QIC 9, 461 (2009)


def measured() -> Circuit:
    builder = ladder(3)
    builder.measure([0], [0])
    return builder.build()


def reset() -> Circuit:
    builder = ladder(3)
    builder.reset([0])
    return builder.build()


def conditioned() -> Circuit:
    builder = ladder(3)
    builder.gate("X", [0], condition=Condition.bit(0))
    return builder.build()


def looped() -> Circuit:
    builder = ladder(3)
    builder.begin_for(2)
    builder.gate("X", [0])
    builder.end()
    return builder.build()


@pytest.mark.parametrize(
    ("circuit", "name"), [(measured(), "MEASURE"), (reset(), "RESET"), (conditioned(), "X"), (looped(), "FOR")]
)
def test_what_is_no_gate_is_refused(circuit: Circuit, name: str) -> None:
    with pytest.raises(EigenError, match=f"operation 2 \\(`{name}`\\) cannot be cut") as caught:
        wiring(circuit, z(2, 3))
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"


def test_an_observable_beyond_the_circuit_is_refused() -> None:
    with pytest.raises(EigenError, match="acts on qubit `7`, beyond the 3 qubits") as caught:
        wiring(ladder(3).build(), z(7, 8))
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"


def test_large_circuits_are_refused() -> None:
    with pytest.raises(EigenError, match="qubits of a circuit to cut: `10001` is beyond 10,000") as caught:
        wiring(CircuitBuilder(10_001).build(), z(0, 1))
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"
    builder = CircuitBuilder(1)
    builder.begin_for(1)
    builder.end()
    for _ in range(100_000):
        builder.gate("X", [0])
    with pytest.raises(EigenError, match="operations of a circuit to cut: `100001`") as caught:
        wiring(builder.build(), z(0, 1))
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"
