"""Mapping to devices: every pair coupled, the circuit the same but for where its qubits start and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen._core import Circuit, CircuitBuilder, Condition, CoreError, Instruction, Mapped, map_to_device
from eigen.ir.equivalence import equivalence
from strategies import circuits, examples, unitary_circuits

if TYPE_CHECKING:
    from collections.abc import Iterable

Edges = list[tuple[int, int]]
LINE = [(k, k + 1) for k in range(5)]


@st.composite
def devices(draw: st.DrawFn, least: int) -> tuple[int, Edges]:
    """A connected device: a random tree and a few more couplings, some in both directions."""
    width = draw(st.integers(max(least, 1), max(least, 1) + 2))
    tree = [(draw(st.integers(0, k - 1)), k) for k in range(1, width)]
    pairs = st.tuples(st.integers(0, width - 1), st.integers(0, width - 1)).filter(lambda pair: pair[0] != pair[1])
    return width, draw(st.permutations(tree + draw(st.lists(pairs, max_size=3))))


def pairs_of(instructions: Iterable[Instruction]) -> set[tuple[int, ...]]:
    """The qubits of every gate on several of them, blocks included."""
    found: set[tuple[int, ...]] = set()
    for op in instructions:
        if op.name not in {"BARRIER", "MEASURE", "DELAY", "RESET"} and len(op.qubits) > 1:
            found.add(tuple(sorted(op.qubits)))
        for block in op.blocks:
            found |= pairs_of(block)
    return found


def assert_mapped(circuit: Circuit, width: int, edges: Edges, mapped: Mapped) -> None:
    """`circuit` is as wide as the device, so that the places of all qubits are known."""
    assert pairs_of(mapped.circuit.instructions()) <= {tuple(sorted(edge)) for edge in edges}
    assert sorted(mapped.initial) == sorted(mapped.last) == list(range(width))
    ends = dict(zip(mapped.initial, mapped.last, strict=True))
    start = circuit.remap(mapped.initial, width)
    certificate = equivalence(start, mapped.circuit, layout=[ends[place] for place in range(width)])
    assert certificate.verdict == "equal", certificate


@examples(60)
@given(st.data(), st.integers(0, 3), st.integers(0, 2**64 - 1))
def test_unitary_circuits_stay_the_same(data: st.DataObject, level: int, seed: int) -> None:
    circuit = data.draw(unitary_circuits(max_qubits=5, max_gates=14))
    width, edges = data.draw(devices(circuit.num_qubits))
    wide = circuit.remap(range(circuit.num_qubits), width)
    assert_mapped(wide, width, edges, map_to_device(wide, width, edges, level=level, seed=seed, threads=1))


@examples(40)
@given(st.data(), st.integers(0, 2))
def test_circuits_with_control_flow_stay_the_same(data: st.DataObject, level: int) -> None:
    circuit = data.draw(circuits(max_qubits=3, budget=6, symbolic=False))
    width, edges = data.draw(devices(circuit.num_qubits))
    wide = circuit.remap(range(circuit.num_qubits), width)
    assert_mapped(wide, width, edges, map_to_device(wide, width, edges, level=level, threads=1))


def chain(width: int) -> Circuit:
    builder = CircuitBuilder(width, parameters=["a"])
    for k in range(width - 1):
        builder.gate("RZZ", [k, k + 1], ["a"])
    return builder.build()


def test_a_chain_takes_no_swap_and_every_device_qubit_may_be_used() -> None:
    mapped = map_to_device(chain(6), 6, [(4, 0), (0, 3), (3, 5), (5, 1), (1, 2)])
    assert mapped.swaps == 0
    assert mapped.initial == mapped.last
    assert mapped.circuit.parameters == ("a",)
    assert [step.name for step in mapped.steps] == ["input", "map"]


def test_gates_that_commute_may_change_their_order() -> None:
    builder = CircuitBuilder(4)
    for pair in ([0, 1], [2, 3], [0, 3], [1, 2], [0, 2]):
        builder.gate("RZZ", pair, [0.3])
    mapped = map_to_device(builder.build(), 4, [(0, 1), (1, 2), (2, 3)], level=3)
    assert mapped.swaps == 1, "three pairs before it and two behind it, out of order"


def test_a_given_layout_is_where_qubits_start() -> None:
    mapped = map_to_device(chain(3), 6, LINE, initial=[5, 0, 3])
    assert mapped.initial == [5, 0, 3]
    assert mapped.swaps > 0


def test_qubits_are_back_at_the_end_of_a_block() -> None:
    builder = CircuitBuilder(4, 1)
    builder.measure([0], [0])
    builder.begin_if(Condition.bit(0))
    for a, b in ([0, 1], [0, 2], [0, 3], [2, 3], [1, 3]):
        builder.gate("CX", [a, b])
    builder.end()
    circuit = builder.build()
    mapped = map_to_device(circuit, 4, [(0, 1), (1, 2), (2, 3)])
    assert mapped.initial == mapped.last
    assert_mapped(circuit, 4, [(0, 1), (1, 2), (2, 3)], mapped)


def test_a_block_on_one_pair_brings_its_qubits_together_before() -> None:
    builder = CircuitBuilder(3, 1)
    builder.gate("CX", [0, 1])
    builder.gate("CX", [1, 2])
    builder.measure([1], [0])
    builder.begin_if(Condition.bit(0))
    builder.gate("CX", [0, 2])
    builder.end()
    mapped = map_to_device(builder.build(), 3, [(0, 1), (1, 2)])
    (block,) = [op for op in mapped.circuit.instructions() if op.blocks]
    assert [op.name for op in block.blocks[0]] == ["CX"]


def test_the_better_coupling_is_taken() -> None:
    edges = [(0, 1), (1, 2), (2, 3)]
    mapped = map_to_device(chain(2), 4, edges, errors=[0.02, 0.03, 0.001], level=3)
    assert sorted(mapped.initial) == [2, 3]


@pytest.mark.parametrize(
    ("width", "edges", "options", "code"),
    [
        (2, [(0, 1)], {}, "EIGEN_COMPILER_UNSUPPORTED"),
        (4, [(0, 1), (2, 3)], {}, "EIGEN_COMPILER_UNSUPPORTED"),
        (3, [(0, 3)], {}, "EIGEN_CIRCUIT_INVALID"),
        (3, [(0, 1), (1, 2)], {"initial": [0, 1]}, "EIGEN_CIRCUIT_INVALID"),
        (3, [(0, 1), (1, 2)], {"initial": [0, 1, 1]}, "EIGEN_CIRCUIT_INVALID"),
        (3, [(0, 1), (1, 2)], {"errors": [0.1]}, "EIGEN_CIRCUIT_INVALID"),
        (3, [(0, 1), (1, 2)], {"errors": [0.1, float("nan")]}, "EIGEN_CIRCUIT_INVALID"),
        (3, [(0, 1), (1, 2)], {"level": 4}, "EIGEN_GATE_ARGUMENTS"),
        (3, [(0, 1), (1, 2)], {"trials": 10**6}, "EIGEN_LIMIT_EXCEEDED"),
        (10**6, [(0, 1), (1, 2)], {}, "EIGEN_LIMIT_EXCEEDED"),
    ],
)
def test_what_does_not_fit_is_refused(width: int, edges: Edges, options: dict[str, object], code: str) -> None:
    with pytest.raises(CoreError) as refusal:
        map_to_device(chain(3), width, edges, **options)  # type: ignore[arg-type]
    assert refusal.value.code == code


def test_seeds_decide_and_threads_do_not() -> None:
    builder = CircuitBuilder(8)
    for k in range(60):
        builder.gate("CX", [k * 3 % 8, (k * 5 + 1) % 8] if k * 3 % 8 != (k * 5 + 1) % 8 else [0, 7])
    circuit = builder.build()
    edges = [(k, k + 1) for k in range(7)]
    once = map_to_device(circuit, 8, edges, seed=3, threads=1)
    again = map_to_device(circuit, 8, edges, seed=3, threads=2)
    assert (once.circuit, once.initial, once.last) == (again.circuit, again.initial, again.last)
