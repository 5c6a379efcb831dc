"""Our engines and Qiskit Aer, which knows nothing of ours, agree on random circuits."""

from __future__ import annotations

import aer_peer
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from law_circuits import POINTS, law_circuits, named, size, sums

from eigen._core import Circuit, Plan
from strategies import examples

ABSOLUTE = 1e-9


@examples(60)
@given(law_circuits(widths=(1, 7)), POINTS, st.data())
def test_states_and_means_are_those_of_aer(circuit: Circuit, point: list[float], data: st.DataObject) -> None:
    plan, values = Plan(circuit), named(point)
    state = aer_peer.state(circuit, values)
    np.testing.assert_allclose(plan.state(point), state, rtol=0, atol=ABSOLUTE)
    half = Plan(circuit, options={"precision": "f32"})
    np.testing.assert_allclose(half.state(point), state, rtol=0, atol=5e-5)
    observable = data.draw(sums(circuit.num_qubits))
    mean = pytest.approx(aer_peer.expectation(circuit, values, observable), abs=ABSOLUTE * size(observable))
    assert plan.expectation(point, [observable]) == [mean]
    assert Plan(circuit, engine="pauli").expectation(point, [observable]) == [mean]


@examples(4, soak=200)
@given(law_circuits(widths=(9, 16), most_gates=30, families=["words", "ladders", "pairs"]), POINTS)
def test_wide_states_are_those_of_aer(circuit: Circuit, point: list[float]) -> None:
    state = aer_peer.state(circuit, named(point))
    np.testing.assert_allclose(Plan(circuit).state(point), state, rtol=0, atol=ABSOLUTE)


@pytest.mark.parametrize("engine", ["sparse", "mps", "tn"])
@examples(20, soak=1_000)
@given(law_circuits(widths=(1, 5), most_gates=16), POINTS)
def test_amplitudes_of_other_engines_are_those_of_aer(engine: str, circuit: Circuit, point: list[float]) -> None:
    plan = Plan(circuit, engine=engine, options={"cutoff": 0.0} if engine == "mps" else None)
    np.testing.assert_allclose(plan.state(point), aer_peer.state(circuit, named(point)), rtol=0, atol=ABSOLUTE)


@examples(20, soak=1_000)
@given(law_circuits(widths=(1, 6), most_gates=30, symbolic=False, families=["clifford"]), st.data())
def test_the_tableau_has_the_means_of_aer(circuit: Circuit, data: st.DataObject) -> None:
    observable = data.draw(sums(circuit.num_qubits))
    mean = aer_peer.expectation(circuit, {}, observable)
    found = Plan(circuit, engine="stabilizer").expectation([], [observable])
    assert found == [pytest.approx(mean, abs=ABSOLUTE * size(observable))]
