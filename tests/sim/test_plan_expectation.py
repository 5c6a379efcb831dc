"""Expectation values, variances, estimates from shots and gradients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_circuits import unitary_circuits

from eigen import _core
from oracle import observable_matrix, state

VALUES = (0.7, -1.9, 3.3)


@st.composite
def observables(draw: st.DrawFn, width: int) -> _core.Observable:
    labels = st.text("IXYZ", min_size=width, max_size=width)
    coefficients = st.floats(-2, 2, allow_nan=False).map(lambda x: round(x, 3))
    return _core.Observable.from_terms(width, draw(st.lists(st.tuples(labels, coefficients), max_size=12)))


@given(unitary_circuits(), st.data())
def test_moments_match_the_matrix(circuit: _core.Circuit, data: st.DataObject) -> None:
    observable = data.draw(observables(circuit.num_qubits))
    psi = state(circuit)
    image = observable_matrix(observable) @ psi
    mean = np.vdot(psi, image).real
    plan = _core.Plan(circuit)
    assert plan.expectation([], [observable])[0] == pytest.approx(mean, abs=1e-10)
    assert plan.variance([], [observable])[0] == pytest.approx(np.vdot(image, image).real - mean**2, abs=1e-9)


def test_many_terms_with_one_mask() -> None:
    width = 8
    builder = _core.CircuitBuilder(width, 0)
    for qubit in range(width):
        builder.gate("U", [qubit], [0.3 + qubit, 0.2, 0.1])
    pairs = [(f"Z{a} Z{b}", 0.1 * a - 0.07 * b) for a in range(width) for b in range(a)]
    flips = [(f"X0 Y1 Z{b}", 0.3 - 0.1 * b) for b in range(2, width)] + [("X0 X1", 0.9), ("Y0 Y1", 0.2)]
    observable = _core.Observable.from_terms(width, pairs + flips)
    circuit = builder.build()
    psi = state(circuit)
    expected = np.vdot(psi, observable_matrix(observable) @ psi).real
    assert _core.Plan(circuit).expectation([], [observable, observable]) == pytest.approx([expected] * 2, abs=1e-12)


@given(unitary_circuits(symbolic=True), st.data())
@settings(max_examples=120)
def test_gradients_match_finite_differences(circuit: _core.Circuit, data: st.DataObject) -> None:
    observable = data.draw(observables(circuit.num_qubits))
    plan = _core.Plan(circuit)
    value, gradient = plan.gradient(VALUES, observable)
    assert value == pytest.approx(plan.expectation(VALUES, [observable])[0], abs=1e-10)
    for k, slope in enumerate(gradient):

        def at(step: float, k: int = k) -> float:
            moved = [v + step * (j == k) for j, v in enumerate(VALUES)]
            return plan.expectation(moved, [observable])[0]

        h = 3e-3
        expected = (45 * (at(h) - at(-h)) - 9 * (at(2 * h) - at(-2 * h)) + (at(3 * h) - at(-3 * h))) / (60 * h)
        assert slope == pytest.approx(expected, abs=1e-5, rel=1e-5)


@pytest.mark.parametrize("power", [0.5, -0.3, -2.0, 3.0, 70.0])
def test_gradients_of_powers(power: float) -> None:
    builder = _core.CircuitBuilder(2, 0)
    builder.gate("H", [1])
    builder.gate("U", [0], ["a", 0.2, "b"], power=power)
    builder.gate("U", [1, 0], ["b", "a", 0.1], num_controls=1, power=power)
    observable = _core.Observable.from_terms(2, [("X0", 1.0), ("Y1 Z0", 0.4)])
    plan, values, h = _core.Plan(builder.build()), [0.7, 0.4], 1e-4
    _, slopes = plan.gradient(values, observable)
    for k in range(2):
        ends = [[v + step * (j == k) for j, v in enumerate(values)] for step in (h, -h)]
        plus, minus = (plan.energy(end, observable) for end in ends)
        # The third derivative grows with the cube of the power.
        assert slopes[k] == pytest.approx((plus - minus) / (2 * h), abs=1e-7 + 1e-8 * abs(power) ** 3)


def test_gradients_through_loops_that_nothing_measured_decides() -> None:
    builder = _core.CircuitBuilder(2, 1)
    builder.begin_for(3)
    builder.gate("RX", [0], ["a"])
    builder.begin_if(_core.Condition.bit(0))
    builder.gate("X", [1])
    builder.begin_else()
    builder.gate("CRY", [0, 1], ["b"])
    builder.end()
    builder.end()
    flat = _core.CircuitBuilder(2)
    for _ in range(3):
        flat.gate("RX", [0], ["a"])
        flat.gate("CRY", [0, 1], ["b"])
    observable = _core.Observable.from_terms(2, [("Z0", 1.0), ("X0 X1", 0.4)])
    found = _core.Plan(builder.build()).gradient([0.7, 0.4], observable)
    assert found == _core.Plan(flat.build()).gradient([0.7, 0.4], observable)


def test_what_outcomes_decide_has_no_gradient() -> None:
    builder = _core.CircuitBuilder(2, 1)
    builder.gate("RX", [0], ["a"])
    builder.measure([0], [0])
    builder.gate("X", [1], condition=_core.Condition.bit(0))
    with pytest.raises(_core.CoreError) as caught:
        _core.Plan(builder.build()).gradient([0.1], _core.Observable.pauli("ZZ"))
    assert caught.value.code == "EIGEN_CIRCUIT_NOT_UNITARY"
    assert caught.value.hint


def test_sampled_expectation_agrees_within_its_error() -> None:
    builder = _core.CircuitBuilder(3, 0)
    for qubit in range(3):
        builder.gate("U", [qubit], [0.5 + qubit, 0.3, 0.8])
    builder.gate("CX", [0, 1])
    builder.gate("CX", [1, 2])
    observable = _core.Observable.from_terms(3, [("Z0 Z1", 1.0), ("X0 X1", 0.5), ("Y2", -0.7), ("", 2.0)])
    plan = _core.Plan(builder.build())
    exact = plan.expectation([], [observable])[0]
    mean, error = plan.sample_expectation([], observable, shots=100_000, seed=1)
    assert 0 < error < 0.02
    # Six standard errors: wrong with probability 2e-9.
    assert abs(mean - exact) < 6 * error
    assert plan.sample_expectation([], observable, shots=100_000, seed=1) == (mean, error)
    assert plan.sample_expectation([], observable, shots=100_000, seed=2) != (mean, error)


def test_sampled_errors_are_of_the_right_size() -> None:
    builder = _core.CircuitBuilder(2, 0)
    builder.gate("RY", [0], [1.0])
    builder.gate("RY", [1], [0.4])
    observable = _core.Observable.from_terms(2, [("Z0", 1.0), ("X1", 0.8)])
    plan = _core.Plan(builder.build())
    exact = plan.expectation([], [observable])[0]
    draws = [plan.sample_expectation([], observable, shots=200, seed=seed) for seed in range(400)]
    pulls = np.array([(mean - exact) / error for mean, error in draws])
    # The mean of 400 pulls has a standard deviation of 0.05, their variance one of 0.07; eight of each, and the
    # error of the estimated errors, stay inside.
    assert abs(pulls.mean()) < 0.4
    assert 0.5 < pulls.var() < 1.6


def test_eigenstates_have_no_spread() -> None:
    plan = _core.Plan(_core.CircuitBuilder(2, 0).build())
    observable = _core.Observable.from_terms(2, [("Z0", 1.5), ("Z0 Z1", -0.5), ("", 3.0)])
    assert plan.sample_expectation([], observable, shots=10, seed=1) == (4.0, 0.0)
    constant = _core.Observable.from_terms(2, [("", 3.0)])
    assert plan.sample_expectation([], constant, shots=1, seed=1) == (3.0, 0.0)
    with pytest.raises(_core.CoreError, match="`1` shots cannot serve 2 groups"):
        plan.sample_expectation([], _core.Observable.from_terms(2, [("Z0", 1.0), ("X0", 1.0)]), shots=1, seed=1)
