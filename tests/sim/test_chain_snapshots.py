"""Runs on a matrix product state that are interrupted between any gates go on from their snapshot to the same bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doubles.watching import InterruptedRunError, Shelf, interrupted
from eigen._core import Plan
from eigen.ir import CircuitBuilder, Observable

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.ir import Circuit


def woven(seed: int, *, qubits: int = 12, layers: int = 6, reach: int = 4) -> Circuit:
    """Layers of turns and of gates between qubits that are at most `reach` apart, with swaps and a global phase."""
    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(qubits)
    for _ in range(layers):
        for qubit in range(qubits):
            builder.gate("U", [qubit], list(rng.uniform(-3, 3, 3)))
        for _ in range(qubits // 2):
            a = int(rng.integers(0, qubits - 1))
            b = min(qubits - 1, a + int(rng.integers(1, reach + 1)))
            name = str(rng.choice(["CX", "SWAP", "RZZ"]))
            builder.gate(name, [a, b], [float(rng.uniform(-3, 3))] if name == "RZZ" else [])
    builder.gate("GPHASE", [], [0.3])
    return builder.build()


def plan(circuit: Circuit, **options: Any) -> Plan:
    return Plan(circuit, engine="mps", options=options)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("options", [{}, {"max_bond": 8}])
def test_a_chain_that_is_interrupted_after_every_gate(options: dict[str, Any]) -> None:
    circuit = woven(3)
    zeros = "0" * 12
    expected = plan(circuit, **options).probability([], zeros)
    answer, times = interrupted(lambda shelf: plan(circuit, **options).probability([], zeros, watch=shelf))
    assert times >= 20
    assert answer == expected


def test_counts_and_values_of_a_chain() -> None:
    circuit = woven(5)
    observable = Observable.from_terms(12, [("X0 Y5 Z7", 0.5), ("Z3", 1.0)])
    measured = circuit.measure_all()
    questions: list[Callable[[Any], Any]] = [
        lambda watch: plan(measured).sample(shots=50, seed=2, watch=watch).to_dict(),
        lambda watch: plan(circuit).sample_expectation([], observable, shots=100, seed=3, watch=watch),
    ]
    for question in questions:
        answer, times = interrupted(question, every=5)
        assert times
        assert answer == question(None)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), every=st.integers(1, 9), reach=st.integers(1, 6))
def test_wherever_a_chain_is_interrupted(seed: int, every: int, reach: int) -> None:
    circuit = woven(seed, layers=4, reach=reach).measure_all()
    expected = plan(circuit).sample(shots=20, seed=seed)
    answer, _ = interrupted(lambda shelf: plan(circuit).sample(shots=20, seed=seed, watch=shelf), every)
    assert answer.to_dict() == expected.to_dict()


def test_every_flipped_byte_of_a_chain_is_refused() -> None:
    circuit, zeros = woven(7), "0" * 12
    shelf = Shelf()
    shelf.begin(stop_after=15)
    with pytest.raises(InterruptedRunError):
        plan(circuit).probability([], zeros, watch=shelf)
    snapshot, expected = shelf.snapshots[-1], plan(circuit).probability([], zeros)
    for place in np.linspace(0, len(snapshot) - 1, 80, dtype=int):
        broken = bytearray(snapshot)
        broken[int(place)] ^= 0x10
        other = Shelf([bytes(broken)])
        assert plan(circuit).probability([], zeros, watch=other) == expected
        assert (len(other.refusals), other.restored) == (1, []), place


def test_a_chain_of_other_work_is_refused() -> None:
    shelf = Shelf()
    shelf.begin(stop_after=5)
    with pytest.raises(InterruptedRunError):
        plan(woven(1)).probability([], "0" * 12, watch=shelf)
    for circuit, options in ((woven(2), {}), (woven(1), {"max_bond": 4})):
        other = Shelf(shelf.snapshots)
        value = plan(circuit, **options).probability([], "0" * 12, watch=other)
        assert value == plan(circuit, **options).probability([], "0" * 12)
        assert (set(other.restored), len(other.refusals)) == (set(), len(shelf.snapshots))
