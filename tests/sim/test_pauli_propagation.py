"""Pauli propagation against the oracle and the state vector; noise against the density matrix; wide circuits."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_circuits import unitary_circuits
from test_plan_sample import assert_distributed

from eigen import _core
from oracle import distribution, expectation


def labels(width: int) -> st.SearchStrategy[str]:
    return st.text("IXYZ", min_size=width, max_size=width)


@given(unitary_circuits(symbolic=True, most_qubits=4), st.data())
@settings(max_examples=100)
def test_values_are_those_of_the_oracle(circuit: _core.Circuit, data: st.DataObject) -> None:
    width = circuit.num_qubits
    plan = _core.Plan(circuit, engine="pauli")
    values = data.draw(st.lists(st.floats(-3, 3), min_size=plan.num_parameters, max_size=plan.num_parameters))
    observable = _core.Observable.pauli(data.draw(labels(width)))
    named = dict(zip(circuit.parameters, values, strict=True))
    assert plan.expectation(values, [observable])[0] == pytest.approx(expectation(circuit, observable, named), abs=1e-8)
    assert plan.facts()["truncation_error_bound"] == 0.0


@given(unitary_circuits(most_qubits=3))
@settings(max_examples=25)
def test_shots_are_distributed_as_the_state(circuit: _core.Circuit) -> None:
    measured = circuit.measure_all()
    counts = _core.Plan(measured, engine="pauli").sample(shots=4000, seed=1)
    expected = {key: value for key, value in distribution(measured).items() if value > 1e-12}
    noise = {key for key in counts.to_dict() if key not in expected}
    assert not noise
    assert_distributed(counts, expected)


def ising(width: int, steps: int, angle: float, field: float) -> _core.Circuit:
    """Trotter steps of the transverse-field Ising chain."""
    builder = _core.CircuitBuilder(width)
    for _ in range(steps):
        for qubit in range(width - 1):
            builder.gate("RZZ", [qubit, qubit + 1], [angle])
        for qubit in range(width):
            builder.gate("RX", [qubit], [field])
    return builder.build()


def test_a_wide_chain_is_its_light_cone() -> None:
    """Ten qubits around the middle of a thousand know all that three steps can tell."""
    wide, narrow = ising(1000, 3, 0.3, 0.5), ising(10, 3, 0.3, 0.5)
    found = _core.Plan(wide, engine="pauli").expectation([], [_core.Observable.from_terms(1000, [("Z500", 1.0)])])
    expected = _core.Plan(narrow).expectation([], [_core.Observable.from_terms(10, [("Z5", 1.0)])])
    assert found[0] == pytest.approx(expected[0], abs=1e-12)


def test_truncation_tells_a_bound() -> None:
    circuit = ising(12, 6, 0.4, 0.7)
    observable = _core.Observable.from_terms(12, [("Z5 Z6", 1.0), ("X3", 0.5)])
    exact = _core.Plan(circuit).expectation([], [observable])[0]
    for options in ({"cutoff": 1e-4}, {"max_weight": 6}, {"cutoff": 1e-5, "max_weight": 8}):
        plan = _core.Plan(circuit, engine="pauli", options=options)
        value, facts = plan.expectation([], [observable])[0], plan.facts()
        assert 0 < abs(value - exact) <= facts["truncation_error_bound"]
        assert plan.expectation([], [observable])[0] == value


def test_what_would_take_too_much_is_refused_with_the_number() -> None:
    plan = _core.Plan(ising(12, 6, 0.4, 0.7), engine="pauli", options={"max_terms": 500})
    with pytest.raises(_core.CoreError, match="more than 500 Pauli terms") as caught:
        plan.expectation([], [_core.Observable.from_terms(12, [("Z5", 1.0)])])
    assert caught.value.code == "EIGEN_SIM_MEMORY"
    with pytest.raises(_core.CoreError, match="`cutoff` of the engine pauli cannot be `small`"):
        _core.Plan(ising(2, 1, 0.1, 0.1), engine="pauli", options={"cutoff": "small"})


def test_growth_is_told_beforehand() -> None:
    observable = _core.Observable.from_terms(12, [("Z5", 1.0)])
    hard = _core.pauli_growth(ising(12, 6, 0.4, 0.7), observable)
    assert hard["terms"] > 1000
    assert hard["walked"] < hard["rotations"] == 6 * 23
    clifford = _core.pauli_growth(ising(12, 6, pi / 2, pi), observable)
    assert clifford["terms"] == 1
    assert clifford["walked"] == clifford["rotations"]


def test_gradients_are_those_of_the_adjoint_method() -> None:
    builder = _core.CircuitBuilder(5)
    for layer in range(3):
        for qubit in range(5):
            builder.gate("RY", [qubit], [f"a{layer}{qubit}"])
        builder.gate("RZ", [layer], [_core.Affine.symbol("b") * 2.0])
        for qubit in range(4):
            builder.gate("CX", [qubit, qubit + 1])
        builder.gate("RX", [2], ["b"], num_controls=0, inverse=True)
        builder.gate("RZ", [0, 3], ["c"], num_controls=1)
    circuit = builder.build()
    values = np.linspace(-1.0, 2.0, len(circuit.parameters))
    observable = _core.Observable.from_terms(5, [("Z0 Z4", 1.0), ("X2", 0.7), ("Y1 X3", -0.4)])
    found = _core.Plan(circuit, engine="pauli").gradient(values, observable)
    expected = _core.Plan(circuit).gradient(values, observable)
    assert found[0] == pytest.approx(expected[0], abs=1e-10)
    np.testing.assert_allclose(found[1], expected[1], atol=1e-9)
    noisy = _core.Plan(circuit, engine="pauli", options={"noise": "depolarizing(0.02, 0.03)"})
    shifted = _core.Plan(
        circuit, engine="pauli", options={"noise": "depolarizing(0.02, 0.03) + amplitude_damping(1e-9)"}
    )
    # The first turns back through the noise, the second takes two values for each rotation.
    np.testing.assert_allclose(
        noisy.gradient(values, observable)[1], shifted.gradient(values, observable)[1], atol=1e-6
    )


def test_noise_multiplies_what_it_touches() -> None:
    """A chain of RX on one qubit under depolarising and relaxing noise, in closed form."""
    builder = _core.CircuitBuilder(1)
    for _ in range(3):
        builder.gate("RX", [0], [0.4])
    z, y = (_core.Observable.from_terms(1, [(label, 1.0)]) for label in ("Z0", "Y0"))
    plan = _core.Plan(builder.build(), engine="pauli", options={"noise": "depolarizing(0.03)"})
    factor = (1 - 4 * 0.03 / 3) ** 3
    assert plan.expectation([], [z, y]) == pytest.approx([factor * cos(1.2), -factor * sin(1.2)], abs=1e-12)
    plan = _core.Plan(builder.build(), engine="pauli", options={"noise": "amplitude_damping(0.1)"})
    value = np.array([0.0, 1.0])  # <Y>, <Z>
    for _ in range(3):
        value = np.array([[cos(0.4), -sin(0.4)], [sin(0.4), cos(0.4)]]) @ value
        value = np.array([0.9**0.5 * value[0], 0.9 * value[1] + 0.1])
    assert plan.expectation([], [y, z]) == pytest.approx(value.tolist(), abs=1e-12)


def test_noisy_clifford_values_agree_with_their_shots() -> None:
    width = 200
    builder = _core.CircuitBuilder(width)
    builder.gate("H", [0])
    for qubit in range(width - 1):
        builder.gate("CX", [qubit, qubit + 1])
    observable = _core.Observable.from_terms(width, [("Z0 Z100", 1.0), ("Z198 Z199", 0.5), ("X0", 0.3)])
    noise = {"noise": "depolarizing(0.001, 0.002)"}
    plan = _core.Plan(builder.build(), engine="stabilizer", options=noise)
    exact = plan.expectation([], [observable])[0]
    assert 1.0 < exact < 1.5
    assert exact == pytest.approx(
        _core.Plan(builder.build(), engine="pauli", options=noise).expectation([], [observable])[0], abs=1e-12
    )
    mean, error = plan.sample_expectation([], observable, shots=200_000, seed=3)
    assert abs(mean - exact) < 6.5 * error
    misread = _core.Plan(builder.build(), engine="stabilizer", options={"noise": "readout(0.1)"})
    mean, error = misread.sample_expectation([], observable, shots=200_000, seed=3)
    assert abs(mean - 1.5 * 0.8**2) < 6.5 * error
    assert misread.expectation([], [observable])[0] == 1.5


def test_no_amplitudes_and_no_shots_on_the_way() -> None:
    builder = _core.CircuitBuilder(2, 2)
    builder.gate("H", [0])
    builder.measure([0], [0])
    builder.gate("CX", [0, 1])
    builder.measure([1], [1])
    plan = _core.Plan(builder.build(), engine="pauli")
    with pytest.raises(_core.CoreError, match="no amplitudes"):
        plan.state([])
    with pytest.raises(_core.CoreError, match="draws shots only where measurements come last"):
        plan.sample(shots=10, seed=1)
    with pytest.raises(_core.CoreError, match="no single final state"):
        plan.expectation([], [_core.Observable.from_terms(2, [("Z0", 1.0)])])
