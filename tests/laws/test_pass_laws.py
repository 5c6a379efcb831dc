"""Passes, formats and binding keep the state of any circuit."""

from __future__ import annotations

import numpy as np
from hypothesis import given, reject
from hypothesis import strategies as st
from law_circuits import POINTS, law_circuits, named

import oracle
from eigen._core import Circuit, CoreError, Plan, decompose, simplify
from strategies import examples

ABSOLUTE = 1e-9
BASES = (
    "RZ SX X CX GPHASE",
    "U CZ GPHASE",
    "GPI GPI2 MS RZ GPHASE",
    "H RX RZ RZZ GPHASE",
    "PAULI_ROT RZ RX GPHASE",
)


@examples(60)
@given(law_circuits(widths=(1, 5), most_gates=20), POINTS, st.integers(0, 2))
def test_simpler_circuits_have_the_same_state(circuit: Circuit, point: list[float], level: int) -> None:
    expected = oracle.state(circuit, named(point))
    for kept in (simplify(circuit, level), Circuit.from_aqo(circuit.to_aqo()), circuit.inverse().inverse()):
        np.testing.assert_allclose(oracle.state(kept, named(point)), expected, rtol=0, atol=ABSOLUTE)
        np.testing.assert_allclose(Plan(kept).state(point), expected, rtol=0, atol=ABSOLUTE)


@examples(40)
@given(law_circuits(widths=(1, 4), most_gates=12), POINTS, st.sampled_from(BASES))
def test_gates_of_a_basis_have_the_same_state(circuit: Circuit, point: list[float], basis: str) -> None:
    expected = oracle.state(circuit, named(point))
    try:
        small = decompose(circuit, basis.split())
    except CoreError as refusal:
        if refusal.code != "EIGEN_COMPILER_UNSUPPORTED":
            raise
        reject()  # symbols in gates that fall into the basis only at given values
    for kept in (small, simplify(small, 2)):
        np.testing.assert_allclose(oracle.state(kept, named(point)), expected, rtol=0, atol=ABSOLUTE)


@examples(40)
@given(law_circuits(widths=(1, 6), most_gates=20), POINTS, POINTS)
def test_a_plan_with_new_values_is_a_new_plan(circuit: Circuit, first: list[float], second: list[float]) -> None:
    plan = Plan(circuit)
    plan.state(first)
    assert plan.state(second).tobytes() == Plan(circuit).state(second).tobytes()
    bound = Plan(circuit.bind(second)).state()
    np.testing.assert_allclose(plan.state(second), bound, rtol=0, atol=ABSOLUTE)
