"""The state vector engine gives what dense matrices give: all outputs, both precisions, any number of threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from law_circuits import ANGLES, POINTS, law_circuits, named, size, sums
from law_statistics import agree, outcomes

import eigen
import oracle
from eigen._core import Circuit, Plan
from strategies import examples

if TYPE_CHECKING:
    from collections.abc import Sequence

F64, F32 = 1e-10, 5e-5


def check_states(circuit: Circuit, points: Sequence[Sequence[float]]) -> None:
    expected = [oracle.state(circuit, named(point)) for point in points]
    plan, cores = Plan(circuit, threads=1), Plan(circuit, threads=2)
    single = [Plan(circuit, threads=threads, options={"precision": "f32"}) for threads in (1, 2)]
    found = [plan.state(point) for point in points]
    for point, ours, theirs in zip(points, found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=F64)
        assert abs(np.linalg.norm(ours) - 1) < F64
        assert cores.state(point).tobytes() == ours.tobytes()
        halves = [each.state(point) for each in single]
        np.testing.assert_allclose(halves[0], theirs, rtol=0, atol=F32)
        assert halves[0].tobytes() == halves[1].tobytes()
        np.testing.assert_allclose(Plan(circuit.bind(point)).state(), theirs, rtol=0, atol=F64)
    assert plan.state(points[0]).tobytes() == found[0].tobytes()  # nothing is left of other values


@examples(100)
@given(law_circuits(), st.lists(POINTS, min_size=1, max_size=3))
def test_states_are_those_of_the_matrices(circuit: Circuit, points: list[list[float]]) -> None:
    check_states(circuit, points)


@examples(8, soak=400)
@given(law_circuits(widths=(9, 18), most_gates=40), POINTS)
def test_wide_states_are_those_of_the_matrices(circuit: Circuit, point: list[float]) -> None:
    check_states(circuit, [point])


@examples(60)
@given(law_circuits(), POINTS, st.data())
def test_answers_are_those_of_the_state(circuit: Circuit, point: list[float], data: st.DataObject) -> None:
    width = circuit.num_qubits
    state = oracle.state(circuit, named(point))
    odds = np.abs(state) ** 2
    qubits = data.draw(st.permutations(range(width)))[: data.draw(st.integers(0, width))]
    bits = data.draw(st.text("01", min_size=width, max_size=width))
    plan, cores = Plan(circuit, threads=1), Plan(circuit, threads=2)
    np.testing.assert_allclose(plan.probabilities(point, qubits), oracle.marginal(odds, qubits), rtol=0, atol=F64)
    assert plan.amplitude(point, int(bits, 2)) == pytest.approx(state[int(bits, 2)], abs=F64)
    assert cores.probability(point, bits) == pytest.approx(odds[int(bits, 2)], abs=F64)
    observable = data.draw(sums(width))
    seen = oracle.observed(observable, state)
    mean, scale = np.vdot(state, seen).real, size(observable)
    found = plan.expectation(point, [observable])
    assert found == [pytest.approx(mean, abs=F64 * scale)]
    assert cores.expectation(point, [observable]) == found
    variance = np.vdot(seen, seen).real - mean**2
    assert plan.variance(point, [observable]) == [pytest.approx(variance, abs=F64 * scale**2)]
    half = Plan(circuit, options={"precision": "f32"})
    assert half.expectation(point, [observable]) == [pytest.approx(mean, abs=2 * F32 * scale)]


@examples(60)
@given(law_circuits(widths=(1, 6), most_gates=16), st.lists(POINTS, min_size=1, max_size=3), st.data())
def test_energies_and_slopes_are_those_of_the_matrices(
    circuit: Circuit, points: list[list[float]], data: st.DataObject
) -> None:
    observable = data.draw(sums(circuit.num_qubits))
    scale = size(observable)
    means = [oracle.expectation(circuit, observable, named(point)) for point in points]
    compiled, plan = eigen.compile(circuit, observable), Plan(circuit)
    energies, gradients = compiled.gradients(np.array(points))
    assert compiled.energies(np.array(points)) == pytest.approx(means, abs=F64 * scale)
    assert energies == pytest.approx(means, abs=F64 * scale)
    expected = oracle.slopes(circuit, observable, named(points[0]))
    error = 1e-7 * scale * (1 + len(circuit))
    assert gradients[0] == pytest.approx(expected, abs=error)
    mean, adjoint = plan.gradient(points[0], observable)
    assert mean == pytest.approx(means[0], abs=F64 * scale)
    assert adjoint == pytest.approx(expected, abs=error)


@examples(30)
@given(law_circuits(most_gates=12), POINTS, st.integers(0, 2**64 - 1))
def test_counts_are_drawn_from_the_state(circuit: Circuit, point: list[float], seed: int) -> None:
    measured, shots = circuit.measure_all(), 1000
    counts = Plan(measured, threads=1).sample(point, shots=shots, seed=seed)
    agree(counts, outcomes(np.abs(oracle.state(circuit, named(point))) ** 2), shots)
    assert Plan(measured, threads=2).sample(point, shots=shots, seed=seed) == counts
    half = Plan(measured, options={"precision": "f32"}).sample(point, shots=shots, seed=seed)
    assert half.shots == shots


@examples(60)
@given(law_circuits(widths=(1, 5), most_gates=10), st.lists(ANGLES, min_size=3, max_size=3))
def test_a_circuit_undoes_its_inverse(circuit: Circuit, point: list[float]) -> None:
    state = Plan(circuit.compose(circuit.inverse())).state(point)
    assert abs(state[0] - 1) < F64
