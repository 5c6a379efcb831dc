"""Product formulas: their order as a law, their bounds, and that a circuit is the evolution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
from eigen._core import CoreError
from eigen.ir import Affine, Coefficient, Evolution, Observable, Propagation
from evolution.dynamics import basis, evolved, pauli

HEISENBERG = [(f"{p}{k} {p}{k + 1}", 1.0) for k in range(2) for p in "XYZ"] + [("Z0", 0.5), ("X2", 0.3)]


def difference(order: int, steps: int, time: float) -> float:
    evolution = Evolution(HEISENBERG, time, initial="011")
    state = Propagation(evolution, method="trotter", order=order, steps=steps).state()
    exact = evolved(sum(value * pauli(label, 3) for label, value in HEISENBERG), time, basis("011"))
    return float(np.linalg.norm(state - exact))


@pytest.mark.parametrize("order", [1, 2, 4, 6])
def test_halving_the_step_divides_the_error_by_two_to_the_order(order: int) -> None:
    steps = {1: 256, 2: 64, 4: 16, 6: 8}[order]
    ratio = difference(order, steps, 1.0) / difference(order, 2 * steps, 1.0)
    assert np.log2(ratio) == pytest.approx(order, abs=0.15)


def test_order_holds_for_coefficients_that_change_with_time() -> None:
    terms = [("X0", Coefficient.cos(2.0)), ("Z0 Z1", 1.0), ("Y1", Coefficient.polynomial([0.2, 0.5]))]
    evolution = Evolution(terms, 1.5, num_qubits=2)
    exact = Propagation(evolution, tolerance=1e-12).state()
    for order, steps in [(2, 40), (4, 12)]:
        errors = [
            np.linalg.norm(Propagation(evolution, method="trotter", order=order, steps=n).state() - exact)
            for n in (steps, 2 * steps)
        ]
        assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.25)


@settings(max_examples=30, deadline=None)
@given(
    terms=st.lists(
        st.tuples(st.sampled_from(["X0", "Z0 Z1", "Y1", "X1 Y2", "Z2"]), st.floats(-1, 1)), min_size=2, max_size=6
    ),
    order=st.sampled_from([1, 2]),
    steps=st.integers(1, 8),
)
def test_the_error_stays_below_the_commutator_bound(terms: list[tuple[str, float]], order: int, steps: int) -> None:
    evolution = Evolution(terms, 1.0, num_qubits=3)
    bound = evolution.formula_bound(order=order, steps=steps)
    state = Propagation(evolution, method="trotter", order=order, steps=steps).state()
    exact = evolved(sum(value * pauli(label, 3) for label, value in terms), 1.0, basis("000"))
    assert bound is not None
    assert np.linalg.norm(state - exact) <= bound + 1e-12


def test_the_estimate_by_doubling_is_near_the_error() -> None:
    for order, steps in [(2, 32), (4, 8)]:
        plan = Propagation(Evolution(HEISENBERG, 1.0, initial="011"), method="trotter", order=order, steps=steps)
        plan.state()
        assert float(plan.facts()["error_estimate"]) == pytest.approx(difference(order, steps, 1.0), rel=0.2)


def test_steps_are_found_for_a_tolerance() -> None:
    evolution = Evolution(HEISENBERG, 1.0, initial="011")
    plan = Propagation(evolution, method="trotter", order=4, tolerance=1e-6)
    exact = evolved(sum(value * pauli(label, 3) for label, value in HEISENBERG), 1.0, basis("011"))
    assert np.linalg.norm(plan.state() - exact) < 2e-6


def test_circuits_run_on_the_oracle() -> None:
    terms: list[tuple[str, float | Affine]] = [("X0 Y1 Z2", Affine.symbol("a") * 2), ("Z0", 0.4), ("X1", 0.2)]
    evolution = Evolution(terms, 0.5, initial=[(0.3, 0.1), (1.0, 2.0), (0.0, 0.0)])
    circuit = evolution.to_circuit(order=2, steps=3)
    assert list(circuit.parameters) == ["a"]
    state = oracle.unitary(circuit, {"a": 0.7})[:, 0]
    ours = Propagation(evolution, method="trotter", order=2, steps=3).state([0.7])
    assert np.linalg.norm(state - ours) < 1e-12


def test_identity_terms_turn_the_phase() -> None:
    terms = [("", Coefficient.polynomial([0.3, 0.2])), ("X0", 0.5)]
    evolution = Evolution(terms, 2.0, num_qubits=1)
    states = [Propagation(evolution, method=method, steps=1).state() for method in ("trotter", "magnus")]
    assert np.linalg.norm(states[0] - states[1]) < 1e-9


def test_what_is_no_formula_is_refused() -> None:
    evolution = Evolution([("X0", 1.0)], 1.0, num_qubits=1)
    for order, steps in [(3, 1), (0, 1), (14, 1), (2, 0)]:
        with pytest.raises(CoreError):
            evolution.to_circuit(order=order, steps=steps)
    with pytest.raises(CoreError, match="limit"):
        evolution.to_circuit(order=2, steps=10**12)
    with pytest.raises(CoreError, match="collapse"):
        Evolution(Observable.pauli("X"), 1.0, collapse=[("S-0", 0.1)]).to_circuit(order=2, steps=1)
