"""Every other engine answers as dense matrices do, whatever it is asked that it can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from law_circuits import POINTS, law_circuits, named, size, sums
from law_statistics import agree, outcomes

import oracle
from eigen._core import Circuit, CoreError, Plan
from strategies import circuits, examples

if TYPE_CHECKING:
    from collections.abc import Callable

OPTIONS: dict[str, dict[str, Any]] = {"mps": {"cutoff": 0.0}}
UNIVERSAL = ("sparse", "mps", "tn", "density", "pauli")
ABSOLUTE = 1e-10


def prepared(circuit: Circuit, engine: str, threads: int = 0) -> Plan:
    return Plan(circuit, engine=engine, threads=threads, options=OPTIONS.get(engine))


def check(answer: Callable[[], Any], expected: Any, *, scale: float = 1.0, may_refuse: bool = False) -> None:
    """What the engine answers is right; a question that it says it has no answer to is none where it may refuse."""
    try:
        found = answer()
    except CoreError as refusal:
        if may_refuse and refusal.code == "EIGEN_SIM_UNSUPPORTED":
            return
        raise
    np.testing.assert_allclose(found, expected, rtol=0, atol=ABSOLUTE * scale)


NO_AMPLITUDES = {"density", "pauli", "stabilizer"}


def check_all(engine: str, circuit: Circuit, point: list[float], data: st.DataObject) -> None:
    width = circuit.num_qubits
    state = oracle.state(circuit, named(point) if circuit.parameters else {})
    odds = np.abs(state) ** 2
    order = data.draw(st.permutations(range(width)))
    qubits = order[: data.draw(st.integers(0, width))]
    bits = data.draw(st.text("01", min_size=width, max_size=width))
    observable = data.draw(sums(width))
    seen, scale = oracle.observed(observable, state), size(observable)
    mean = np.vdot(state, seen).real
    values = point if circuit.parameters else []
    plan, hidden = prepared(circuit, engine), engine in NO_AMPLITUDES
    check(lambda: plan.expectation(values, [observable]), [mean], scale=scale)
    check(lambda: plan.probabilities(values, qubits), oracle.marginal(odds, qubits))
    check(lambda: plan.probability(values, bits), odds[int(bits, 2)])
    check(lambda: plan.state(values), state, may_refuse=hidden)
    check(lambda: plan.amplitude(values, int(bits, 2)), state[int(bits, 2)], may_refuse=hidden)
    variance = np.vdot(seen, seen).real - mean**2
    check(lambda: plan.variance(values, [observable]), [variance], scale=scale**2, may_refuse=True)
    index = np.array([int("".join(str(k >> q & 1) for q in reversed(order)), 2) for k in range(len(state))])
    turned = np.empty_like(state)
    turned[index] = state
    rho = np.outer(turned, turned.conj())
    whole = engine in {"density", "sparse", "mps", "tn"}
    check(lambda: plan.density_matrix(values, list(order)), rho, may_refuse=not whole)


@pytest.mark.parametrize("engine", UNIVERSAL)
@examples(40, soak=2_000)
@given(POINTS, st.data())
def test_engines_answer_as_the_matrices_do(engine: str, point: list[float], data: st.DataObject) -> None:
    most = 4 if engine == "pauli" else 6  # all its probabilities are sums over 4^n strings
    circuit = data.draw(law_circuits(widths=(1, most), most_gates=16))
    check_all(engine, circuit, point, data)


@examples(60)
@given(law_circuits(widths=(1, 7), most_gates=30, symbolic=False, families=["clifford"]), st.data())
def test_the_tableau_answers_as_the_matrices_do(circuit: Circuit, data: st.DataObject) -> None:
    check_all("stabilizer", circuit, [], data)


@pytest.mark.parametrize("engine", ["density", "pauli"])
@examples(40, soak=2_000)
@given(law_circuits(widths=(1, 4), most_gates=12, plain=True), POINTS, st.data())
def test_engines_with_gradients_have_those_of_the_matrices(
    engine: str, circuit: Circuit, point: list[float], data: st.DataObject
) -> None:
    observable = data.draw(sums(circuit.num_qubits))
    try:
        mean, found = prepared(circuit, engine).gradient(point, observable)
    except CoreError as refusal:
        if (engine, refusal.code) != ("pauli", "EIGEN_SIM_UNSUPPORTED"):
            raise
        reject()  # it has no rotations for some controlled ones
    scale = size(observable)
    assert mean == pytest.approx(oracle.expectation(circuit, observable, named(point)), abs=ABSOLUTE * scale)
    assert found == pytest.approx(
        oracle.slopes(circuit, observable, named(point)), abs=1e-7 * scale * (1 + len(circuit))
    )


@pytest.mark.parametrize("engine", [*UNIVERSAL, "stabilizer"])
@examples(15, soak=1_000)
@given(st.data(), POINTS, st.integers(0, 2**64 - 1))
def test_counts_are_drawn_from_the_state(engine: str, data: st.DataObject, point: list[float], seed: int) -> None:
    families = {"families": ["clifford"], "symbolic": False} if engine == "stabilizer" else {}
    circuit = data.draw(law_circuits(widths=(1, 5), most_gates=10, **families))
    values = point if circuit.parameters else []
    measured, shots = circuit.measure_all(), 500
    counts = prepared(measured, engine, threads=1).sample(values, shots=shots, seed=seed)
    state = oracle.state(circuit, named(point) if values else {})
    agree(counts, outcomes(np.abs(state) ** 2), shots)
    assert prepared(measured, engine, threads=2).sample(values, shots=shots, seed=seed) == counts


@pytest.mark.parametrize("engine", ["statevector", "sparse", "density", "mps"])
@examples(25, soak=2_000)
@given(circuits(max_qubits=3, budget=6, symbolic=False), st.integers(0, 2**64 - 1))
def test_circuits_that_decide_go_all_their_ways(engine: str, circuit: Circuit, seed: int) -> None:
    """Measurements on the way, resets, conditions and loops."""
    shots = 500
    try:
        expected = oracle.distribution(circuit)
    except oracle.LoopBoundError:
        expected = None  # on some way, which the shots may or may not take
    try:
        counts = prepared(circuit, engine, threads=1).sample([], shots=shots, seed=seed)
    except CoreError as refusal:
        if (refusal.code, expected) == ("EIGEN_SIM_LOOP_BOUND", None):
            return
        raise
    assert prepared(circuit, engine, threads=2).sample([], shots=shots, seed=seed) == counts
    if expected is not None:
        agree(counts, expected, shots)
