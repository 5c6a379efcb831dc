"""Runs on a tableau that are interrupted between any gates go on to the counts of undisturbed ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doubles.watching import InterruptedRunError, Shelf, interrupted
from eigen._core import Plan
from eigen.ir import CircuitBuilder, Condition, Observable

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.ir import Circuit

QUBITS = 70  # columns of more than one word
GATES = 256  # between two looks


def clifford(seed: int, *, gates: int = 2000, measured: int = 0) -> Circuit:
    """Random Clifford gates, then all measured; `measured` outcomes on the way decide about a gate or a reset."""
    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(QUBITS, QUBITS)
    places = set(rng.choice(gates, measured, replace=False).tolist())
    for place in range(gates):
        a, b = (int(qubit) for qubit in rng.choice(QUBITS, 2, replace=False))
        name = str(rng.choice(["H", "S", "SX", "Y", "CX", "CZ", "ISWAP"]))
        builder.gate(name, [a, b] if name in {"CX", "CZ", "ISWAP"} else [a])
        if place in places:
            builder.measure([a], [place % QUBITS])
            builder.gate("X", [b], condition=Condition.bit(place % QUBITS))
            builder.reset([a])
    return builder.build().measure_all()


def plan(circuit: Circuit) -> Plan:
    return Plan(circuit, engine="stabilizer")


@pytest.mark.parametrize("measured", [0, 12])
def test_counts_of_a_run_that_is_interrupted_at_every_look(measured: int) -> None:
    circuit = clifford(3, measured=measured)
    expected = plan(circuit).sample(shots=200, seed=9)
    answer, times = interrupted(lambda shelf: plan(circuit).sample(shots=200, seed=9, watch=shelf))
    assert times >= 2000 // GATES
    assert answer.to_dict() == expected.to_dict()


def test_values_and_probabilities() -> None:
    circuit = clifford(4).without_measurements()
    observable = Observable.from_terms(QUBITS, [("X0 Y5 Z17", 0.5), ("Z3", 1.0)])
    questions: list[Callable[[Any], Any]] = [
        lambda watch: plan(circuit).probability([], "0" * QUBITS, watch=watch),
        lambda watch: plan(circuit).sample_expectation([], observable, shots=100, seed=3, watch=watch),
    ]
    for question in questions:
        answer, times = interrupted(question, every=2)
        assert times
        assert answer == question(None)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), every=st.integers(1, 4), measured=st.integers(0, 20))
def test_wherever_a_tableau_is_interrupted(seed: int, every: int, measured: int) -> None:
    circuit = clifford(seed, gates=1500, measured=measured)
    expected = plan(circuit).sample(shots=7, seed=seed)
    answer, _ = interrupted(lambda shelf: plan(circuit).sample(shots=7, seed=seed, watch=shelf), every)
    assert answer.to_dict() == expected.to_dict()


def test_every_flipped_byte_of_a_tableau_is_refused() -> None:
    circuit = clifford(7, measured=5)
    shelf = Shelf()
    shelf.begin(stop_after=3)
    with pytest.raises(InterruptedRunError):
        plan(circuit).sample(shots=20, seed=1, watch=shelf)
    snapshot, expected = shelf.snapshots[-1], plan(circuit).sample(shots=20, seed=1).to_dict()
    for place in np.linspace(0, len(snapshot) - 1, 80, dtype=int):
        broken = bytearray(snapshot)
        broken[int(place)] ^= 0x10
        other = Shelf([bytes(broken)])
        assert plan(circuit).sample(shots=20, seed=1, watch=other).to_dict() == expected
        assert (len(other.refusals), other.restored) == (1, []), place


def test_a_tableau_of_another_circuit_is_refused() -> None:
    shelf = Shelf()
    shelf.begin(stop_after=1)
    with pytest.raises(InterruptedRunError):
        plan(clifford(1)).sample(shots=10, seed=1, watch=shelf)
    other, circuit = Shelf(shelf.snapshots), clifford(2)
    counts = plan(circuit).sample(shots=10, seed=1, watch=other)
    assert counts.to_dict() == plan(circuit).sample(shots=10, seed=1).to_dict()
    assert (len(other.refusals), other.restored) == (1, [])
