"""Runs that are interrupted between any two steps and go on from their snapshot have the bits of undisturbed ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doubles.watching import InterruptedRunError, Shelf, interrupted
from eigen._core import CoreError, Plan
from eigen.ir import CircuitBuilder, Condition, Observable

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.ir import Circuit

WIDE = 18  # wider than a tile, so that a run has several passes


def layered(seed: int, *, qubits: int = WIDE, layers: int = 12, real: bool = False, measured: bool = False) -> Circuit:
    """Turns of all qubits and CX between random ones; with `measured` some are measured on the way, and decide."""
    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(qubits, qubits)
    for layer in range(layers):
        for qubit in range(qubits):
            if real:
                builder.gate("RY", [qubit], [rng.uniform(-3, 3)])
            else:
                builder.gate("U", [qubit], list(rng.uniform(-3, 3, 3)))
        for a, b in rng.permutation(qubits).reshape(-1, 2):
            builder.gate("CZ" if real else "CX", [int(a), int(b)])
        if measured and layer in {1, 3}:
            builder.measure([layer], [layer])
            builder.gate("X", [layer + 1], condition=Condition.bit(layer))
    return builder.build()


@pytest.mark.parametrize("precision", ["f64", "f32"])
@pytest.mark.parametrize("real", [False, True])
def test_a_state_that_is_interrupted_after_every_pass(precision: str, real: bool) -> None:
    circuit = layered(3, real=real)
    options: dict[str, Any] = {"precision": precision}
    expected = Plan(circuit, options=options).state()
    answer, times = interrupted(lambda shelf: Plan(circuit, options=options).state(watch=shelf))
    assert times >= 3
    assert answer.tobytes() == expected.tobytes()


@pytest.mark.parametrize("precision", ["f64", "f32"])
def test_counts_of_measurements_on_the_way(precision: str) -> None:
    circuit = layered(5, measured=True).measure_all()
    options: dict[str, Any] = {"precision": precision}
    expected = Plan(circuit, options=options).sample(shots=50, seed=9)
    answer, times = interrupted(lambda shelf: Plan(circuit, options=options).sample(shots=50, seed=9, watch=shelf))
    assert times >= 8
    assert answer.to_dict() == expected.to_dict()


def test_every_question_of_the_whole_circuit() -> None:
    circuit = layered(4, qubits=18)
    observable = Observable.from_terms(18, [("X0 Y5 Z17", 0.5), ("Z3", 1.0)])
    plan = Plan(circuit)
    questions: list[Callable[[Any], Any]] = [
        lambda watch: plan.probability([], "01" * 9, watch=watch),
        lambda watch: plan.sample_expectation([], observable, shots=100, seed=3, watch=watch),
    ]
    for question in questions:
        answer, times = interrupted(question, every=2)
        assert times
        assert answer == question(None)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), every=st.integers(1, 4), real=st.booleans(), measured=st.booleans())
def test_wherever_it_is_interrupted(seed: int, every: int, real: bool, measured: bool) -> None:
    circuit = layered(seed, layers=8, real=real, measured=measured).measure_all()
    expected = Plan(circuit).sample(shots=7, seed=seed)
    answer, _ = interrupted(lambda shelf: Plan(circuit).sample(shots=7, seed=seed, watch=shelf), every)
    assert answer.to_dict() == expected.to_dict()


def test_any_number_of_threads_goes_on() -> None:
    circuit = layered(6)
    expected = Plan(circuit, threads=1).state()
    shelf = Shelf()
    for threads in (1, 2, 3):
        shelf.begin(stop_after=1)
        with pytest.raises(InterruptedRunError):
            Plan(circuit, threads=threads).state(watch=shelf)
    shelf.begin()
    assert Plan(circuit, threads=2).state(watch=shelf).tobytes() == expected.tobytes()
    assert shelf.restored


@pytest.fixture(scope="module")
def taken() -> tuple[Circuit, bytes, bytes]:
    """A circuit, a snapshot of it that is whole, and its final state."""
    circuit = layered(7, qubits=16, layers=20, real=True)
    shelf = Shelf()
    shelf.begin(stop_after=2)
    with pytest.raises(InterruptedRunError):
        Plan(circuit).state(watch=shelf)
    return circuit, shelf.snapshots[-1], Plan(circuit).state().tobytes()


def test_every_flipped_byte_is_refused_and_the_answer_is_right(taken: tuple[Circuit, bytes, bytes]) -> None:
    circuit, snapshot, expected = taken
    plan = Plan(circuit)
    head = range(0, 700, 7)
    for place in [*head, *np.linspace(700, len(snapshot) - 1, 40, dtype=int)]:
        broken = bytearray(snapshot)
        broken[int(place)] ^= 0x10
        shelf = Shelf([bytes(broken)])
        assert plan.state(watch=shelf).tobytes() == expected
        assert (len(shelf.refusals), shelf.restored) == (1, []), place


def test_cut_and_lengthened_files_are_refused(taken: tuple[Circuit, bytes, bytes]) -> None:
    circuit, snapshot, expected = taken
    plan = Plan(circuit)
    for broken in (b"", snapshot[:10], snapshot[:500], snapshot[:-1], snapshot[:-33], snapshot + b"\0"):
        shelf = Shelf([broken])
        assert plan.state(watch=shelf).tobytes() == expected
        assert len(shelf.refusals) == 1


def test_the_one_before_is_taken_where_the_newest_is_damaged() -> None:
    circuit = layered(8)
    shelf = Shelf()
    shelf.begin(stop_after=2)
    with pytest.raises(InterruptedRunError):
        Plan(circuit).state(watch=shelf)
    assert len(shelf.snapshots) == 2
    shelf.snapshots[1] = shelf.snapshots[1][:-40] + bytes(40)
    shelf.begin()
    assert Plan(circuit).state(watch=shelf).tobytes() == Plan(circuit).state().tobytes()
    assert (len(shelf.refusals), shelf.restored) == (1, [1])


def test_what_is_of_other_work_is_refused() -> None:
    builder = CircuitBuilder(WIDE, WIDE)
    for qubit in range(WIDE):
        builder.gate("RX", [qubit], ["a"])
        builder.gate("CX", [qubit, (qubit + 5) % WIDE])
    circuit = builder.build().measure_all()
    shelf = Shelf()
    shelf.begin(stop_after=1)
    with pytest.raises(InterruptedRunError):
        Plan(circuit).sample([0.5], shots=10, seed=1, watch=shelf)
    for values, shots, seed, options in (
        ([0.25], 10, 1, {}),
        ([0.5], 11, 1, {}),
        ([0.5], 10, 2, {}),
        ([0.5], 10, 1, {"precision": "f32"}),
    ):
        other = Shelf(shelf.snapshots)
        chosen: dict[str, Any] = options
        plan = Plan(circuit, options=chosen)
        counts = plan.sample(values, shots=shots, seed=seed, watch=other)
        assert counts.to_dict() == plan.sample(values, shots=shots, seed=seed).to_dict()
        assert (len(other.refusals), other.restored) == (1, [])


def test_a_snapshot_that_is_given_up_disturbs_nothing() -> None:
    circuit = layered(9)
    shelf = Shelf(most_bytes=1000)
    shelf.begin()
    assert Plan(circuit).state(watch=shelf).tobytes() == Plan(circuit).state().tobytes()
    assert shelf.snapshots == []


def test_engines_without_snapshots_say_so_by_name() -> None:
    circuit = layered(1, qubits=4, layers=2).measure_all()
    for engine in ("density", "sparse"):
        plan = Plan(circuit, engine=engine)  # type: ignore[arg-type]
        assert not plan.keeps_snapshots
        with pytest.raises(CoreError, match=engine) as error:
            plan.sample(shots=1, seed=0, watch=Shelf())
        assert error.value.code == "EIGEN_SIM_UNSUPPORTED"
