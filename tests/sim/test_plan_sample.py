"""Counts: exact distributions of static and dynamic circuits, seeds, loop bounds."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from scipy.stats import chi2
from sim_circuits import dynamic_circuits, unitary_circuits

from eigen import _core
from oracle import distribution

FALSE_POSITIVE_RATE = 1e-9
"""Of one comparison; all comparisons of this file together stay below 1e-6."""


def assert_distributed(counts: _core.Counts, expected: dict[str, float]) -> None:
    """Chi-square test; keys with an expectation below 10 are pooled."""
    found = counts.to_dict()
    assert not set(found) - {key for key, p in expected.items() if p > 0}
    shots = counts.shots
    cells = [(found.get(key, 0), shots * p) for key, p in expected.items()]
    rare = [(n, e) for n, e in cells if e < 10]
    cells = [(n, e) for n, e in cells if e >= 10]
    if sum(e for _, e in rare) >= 10:
        cells.append((sum(n for n, _ in rare), sum(e for _, e in rare)))
    if len(cells) < 2:
        return
    statistic = sum((n - e) ** 2 / e for n, e in cells)
    assert statistic < chi2.isf(FALSE_POSITIVE_RATE, len(cells) - 1), (statistic, len(cells))


@given(dynamic_circuits())
@settings(max_examples=120)
def test_dynamic_circuits_are_distributed_as_their_branches(circuit: _core.Circuit) -> None:
    counts = _core.Plan(circuit).sample(shots=4000, seed=11)
    assert counts.shots == 4000
    assert counts.num_clbits == circuit.num_clbits
    assert_distributed(counts, distribution(circuit))


@given(dynamic_circuits())
def test_too_little_memory_for_copies_changes_nothing(circuit: _core.Circuit) -> None:
    one_state = 16 * 2**circuit.num_qubits
    scarce = _core.Plan(circuit, memory_limit_bytes=one_state).sample(shots=500, seed=5)
    assert scarce == _core.Plan(circuit).sample(shots=500, seed=5)


@given(unitary_circuits())
def test_static_circuits_are_distributed_as_their_probabilities(circuit: _core.Circuit) -> None:
    measured = circuit.measure_all()
    assert_distributed(_core.Plan(measured).sample(shots=4000, seed=2), distribution(measured))


def superposition(width: int, num_clbits: int) -> _core.CircuitBuilder:
    builder = _core.CircuitBuilder(width, num_clbits)
    for qubit in range(width):
        builder.gate("RY", [qubit], [0.4 + 0.2 * qubit])
    return builder


def test_seeds_and_shots() -> None:
    plan = _core.Plan(superposition(5, 0).build().measure_all())
    first = plan.sample(shots=1000, seed=7)
    assert plan.sample(shots=1000, seed=7) == first
    assert plan.sample(shots=1000, seed=8) != first
    assert plan.sample(shots=1, seed=2**64 - 1).shots == 1
    assert sum(first.to_dict().values()) == 1000


def test_one_shot_at_a_time_is_distributed_alike() -> None:
    builder = superposition(2, 2)
    builder.measure([0, 1], [0, 1])
    circuit = builder.build()
    plan = _core.Plan(circuit)
    counts = _core.Counts.from_dict({}, 2)
    for seed in range(2000):
        counts = counts.merge(plan.sample(shots=1, seed=seed))
    assert_distributed(counts, distribution(circuit))


def test_classical_bits_in_any_order_overwritten_or_never_written() -> None:
    builder = _core.CircuitBuilder(3, 5)
    builder.gate("X", [0])
    builder.gate("X", [2])
    builder.measure([0, 1, 2], [4, 3, 1])
    builder.measure([1], [4])
    builder.measure([0], [3])
    assert _core.Plan(builder.build()).sample(shots=3, seed=0).to_dict() == {"01010": 3}


@pytest.mark.parametrize(("basis", "gate"), [("X", "H"), ("Y", "SXDG"), ("Z", "I")])
def test_a_measured_basis_state_is_certain_again_and_again(basis: str, gate: str) -> None:
    builder = _core.CircuitBuilder(1, 3)
    builder.gate(gate, [0])
    for clbit in range(3):
        builder.measure([0], [clbit], basis)
        builder.gate("Z" if basis == "Z" else "I", [0])
    assert _core.Plan(builder.build()).sample(shots=100, seed=1).to_dict() == {"000": 100}


def test_keys_wider_than_a_machine_word() -> None:
    builder = _core.CircuitBuilder(3, 130)
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.measure([0, 1, 2], [129, 64, 3])
    found = _core.Plan(builder.build()).sample(shots=100, seed=4).to_dict()
    one = "1" + "0" * 64 + "1" + "0" * 64
    assert set(found) == {"0" * 130, one}


def test_teleportation() -> None:
    builder = _core.CircuitBuilder(3, 3)
    builder.gate("U", [0], [1.1, 0.4, 0.2])
    builder.gate("H", [1])
    builder.gate("CX", [1, 2])
    builder.gate("CX", [0, 1])
    builder.gate("H", [0])
    builder.measure([0, 1], [0, 1])
    builder.gate("X", [2], condition=_core.Condition.bit(1))
    builder.gate("Z", [2], condition=_core.Condition.bit(0))
    builder.measure([2], [2])
    counts = _core.Plan(builder.build()).sample(shots=20_000, seed=3)
    one = math.sin(0.55) ** 2
    assert_distributed(counts.marginal([2]), {"0": 1 - one, "1": one})
    assert_distributed(counts.marginal([0, 1]), dict.fromkeys(["00", "01", "10", "11"], 0.25))


def repeat_until_success(bound: int) -> _core.Circuit:
    builder = _core.CircuitBuilder(1, 1)
    builder.gate("H", [0])
    builder.measure([0], [0])
    builder.begin_while(_core.Condition.bit(0), bound)
    builder.gate("H", [0])
    builder.measure([0], [0])
    builder.end()
    return builder.build()


def test_while_ends_or_says_that_its_bound_is_reached() -> None:
    assert _core.Plan(repeat_until_success(200)).sample(shots=1000, seed=1).to_dict() == {"0": 1000}
    with pytest.raises(_core.CoreError, match="WHILE at operation 2 still wants to go on after `2` rounds") as caught:
        _core.Plan(repeat_until_success(2)).sample(shots=1000, seed=1)
    assert caught.value.code == "EIGEN_SIM_LOOP_BOUND"


def test_endless_loops_are_counted() -> None:
    builder = _core.CircuitBuilder(1, 1)
    builder.begin_for(10**9)
    builder.gate("X", [0], condition=_core.Condition.bit(0))
    builder.end()
    assert _core.Plan(builder.build()).sample(shots=1, seed=1).to_dict() == {"0": 1}  # every round is empty
    builder = _core.CircuitBuilder(1, 1)
    builder.begin_for(10**9)
    builder.measure([0], [0])
    builder.gate("X", [0], condition=_core.Condition.bit(0))
    builder.end()
    with pytest.raises(_core.CoreError) as caught:
        _core.Plan(builder.build()).sample(shots=1, seed=1)
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"


def test_reset_forgets() -> None:
    builder = _core.CircuitBuilder(2, 2)
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.reset([0])
    builder.measure([0, 1], [0, 1])
    counts = _core.Plan(builder.build()).sample(shots=4000, seed=1)
    assert_distributed(counts, {"00": 0.5, "10": 0.5})


def test_sampling_a_wide_state() -> None:
    builder = _core.CircuitBuilder(17, 0)
    builder.gate("H", [16])
    for qubit in range(16):
        builder.gate("CX", [16, qubit])
    counts = _core.Plan(builder.build().measure_all()).sample(shots=100_000, seed=9)
    assert_distributed(counts, {"0" * 17: 0.5, "1" * 17: 0.5})
