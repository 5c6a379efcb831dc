"""Propagators of pure states against exact diagonalisation, closed forms and free fermions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigen._core import CoreError
from eigen.ir import Coefficient, Evolution, Observable, Propagation
from evolution.dynamics import basis, evolved, ising, pauli

LABELS = ["X0", "Y1", "Z2", "X0 Y2", "Z0 Z1", "Y0 Y1 X3", "Z3", "X1 X2", ""]
terms = st.lists(st.tuples(st.sampled_from(LABELS), st.floats(-2, 2)), min_size=1, max_size=8)


@pytest.mark.parametrize("method", ["krylov", "chebyshev", "magnus", "auto"])
@settings(max_examples=25, deadline=None)
@given(terms=terms, time=st.floats(0, 20), start=st.integers(0, 15))
def test_polynomial_methods_match_diagonalisation(
    method: str, terms: list[tuple[str, float]], time: float, start: int
) -> None:
    bits = f"{start:04b}"
    plan = Propagation(Evolution(terms, time, initial=bits), method=method)
    exact = evolved(sum(value * pauli(label, 4) for label, value in terms), time, basis(bits))
    assert np.linalg.norm(plan.state() - exact) < 2e-10


@pytest.mark.parametrize("num_qubits", [9, 12])
def test_wide_states_and_save_times(num_qubits: int) -> None:
    hamiltonian, zero = ising(num_qubits), "0" * num_qubits
    observables = [Observable.from_terms(num_qubits, [("Z0", 1.0)]), hamiltonian]
    times = [0.0, 0.4, 1.1, 3.0]
    evolution = Evolution(hamiltonian, 3.5, times=times, observables=observables, initial=zero)
    krylov, _, _ = Propagation(evolution, method="krylov").run()
    chebyshev, _, _ = Propagation(evolution, method="chebyshev").run()
    assert np.allclose(krylov, chebyshev, atol=5e-10)
    assert np.allclose(krylov[:, 1], -(num_qubits - 1), atol=1e-8)  # the energy is kept
    state = Propagation(evolution, method="krylov", memory_limit_bytes=16 << num_qubits + 4).state()
    assert np.linalg.norm(state - Propagation(evolution, method="chebyshev").state()) < 1e-9


def test_free_fermions() -> None:
    """The periodic transverse-field Ising chain from its polarised state: <X> by Bogoliubov modes."""
    num_qubits, field, time = 12, 0.7, 2.3
    bonds = [(f"Z{k} Z{(k + 1) % num_qubits}", -1.0) for k in range(num_qubits)]
    chain = Observable.from_terms(num_qubits, bonds + [(f"X{k}", -field) for k in range(num_qubits)])
    mean = Observable.from_terms(num_qubits, [(f"X{k}", 1 / num_qubits) for k in range(num_qubits)])
    evolution = Evolution(chain, time, initial=[(math.pi / 2, 0.0)] * num_qubits, observables=[mean])
    values, _, _ = Propagation(evolution).run()
    momenta = [math.pi * (2 * m + 1) / num_qubits for m in range(num_qubits // 2)]
    expected = 0.0
    for k in momenta:
        a, b = 2 * (field - math.cos(k)), 2 * math.sin(k)
        energy = math.hypot(a, b)
        expected += 1 - 2 * (b / energy) ** 2 * math.sin(energy * time) ** 2
    assert values[0, 0] == pytest.approx(2 * expected / num_qubits, abs=1e-9)


def test_rabi_and_ramsey_closed_forms() -> None:
    z = Observable.pauli("Z")
    for detuning, rabi in [(0.0, 1.0), (0.7, 1.3)]:
        times = [0.1 * k for k in range(40)]
        evolution = Evolution([("Z0", detuning / 2), ("X0", rabi / 2)], 4.0, times=times, observables=[z], num_qubits=1)
        values, _, _ = Propagation(evolution).run()
        whole = math.hypot(detuning, rabi)
        exact = [1 - 2 * (rabi / whole) ** 2 * math.sin(whole * t / 2) ** 2 for t in times]
        assert np.allclose(values[:, 0], exact, atol=1e-10)


def test_landau_zener_probability() -> None:
    """H = (v t) Z / 2 + (gap / 2) X from far before to far after the crossing."""
    velocity, gap, reach = 2.0, 0.8, 60.0
    sweep = Coefficient.polynomial([-velocity * reach / 2, velocity / 2])
    z = Observable.pauli("Z")
    evolution = Evolution([("Z0", sweep), ("X0", gap / 2)], 2 * reach, observables=[z], num_qubits=1)
    plan = Propagation(evolution, tolerance=1e-5)
    values, _, _ = plan.run()
    stays = math.exp(-math.pi * gap**2 / (2 * velocity))
    # The remaining oscillation falls like gap / (v reach).
    assert (1 + values[0, 0]) / 2 == pytest.approx(stays, abs=gap / (velocity * reach))
    assert plan.facts()["method"] == "magnus"


def test_driven_evolution_matches_small_steps() -> None:
    drive = Coefficient.gaussian(1.0, 0.4) * Coefficient.cos(5.0, 0.3) + Coefficient.table([0, 1, 2], [0.0, 1.0, 0.2])
    held = Coefficient.table([0.0, 0.5, 1.7], [0.3, -1.0, 0.8], linear=False)
    evolution = Evolution([("X0", drive), ("Z0 Z1", held), ("Y1", 0.4)], 2.0, initial="01")
    state = basis("01")
    parts = [pauli(label, 2) for label in ("X0", "Z0 Z1", "Y1")]
    steps = 8000
    for k in range(steps):
        t = (k + 0.5) * 2.0 / steps
        hamiltonian = float(drive.value(t)) * parts[0] + float(held.value(t)) * parts[1] + 0.4 * parts[2]
        state = evolved(hamiltonian, 2.0 / steps, state)
    assert np.linalg.norm(Propagation(evolution, tolerance=1e-9).state() - state) < 1e-6


def test_tolerances_are_kept_and_told() -> None:
    drive = Coefficient.cos(3.0)
    evolution = Evolution([("X0", drive), ("Z0", 1.0), ("Z0 Z1", 0.5), ("X1", 0.3)], 5.0, num_qubits=2)
    exact = Propagation(evolution, tolerance=1e-12).state()
    for tolerance in (1e-3, 1e-5, 1e-7, 1e-9):
        plan = Propagation(evolution, tolerance=tolerance)
        assert np.linalg.norm(plan.state() - exact) < 2 * tolerance
        assert float(plan.facts()["error_estimate"]) <= tolerance


def test_threads_give_the_same_bits() -> None:
    evolution = Evolution(ising(13), 1.5, observables=[ising(13)], collapse=None)
    for method in ("krylov", "chebyshev", "trotter"):
        states = [Propagation(evolution, method=method, steps=7, threads=threads).state() for threads in (1, 2, 3)]
        assert all(np.array_equal(states[0], other) for other in states[1:])


def test_parameters_are_bound_at_each_run() -> None:
    z = Observable.pauli("Z")
    evolution = Evolution([("X0", "theta")], 1.0, observables=[z], num_qubits=1)
    assert evolution.parameters == ["theta"]
    plan = Propagation(evolution)
    for theta in (0.1, 0.9):
        assert plan.run([theta])[0][0, 0] == pytest.approx(math.cos(2 * theta), abs=3e-10)
    with pytest.raises(CoreError, match="parameters"):
        plan.run([])


def test_shots_come_from_the_final_state() -> None:
    evolution = Evolution([("X0", 0.5)], math.pi / 2, num_qubits=2)
    _, _, counts = Propagation(evolution).run(seed=5, shots=100_000)
    assert counts is not None
    assert counts.shots == 100_000
    share = counts.to_dict()["01"] / counts.shots
    assert set(counts.to_dict()) == {"00", "01"}
    # Five standard deviations: wrong once in 1.7 million seeds, and the seed is fixed.
    assert abs(share - 0.5) < 5 * 0.5 / math.sqrt(100_000)


def test_what_does_not_fit_is_refused() -> None:
    constant = Evolution([("X0", 1.0)], 1.0, num_qubits=1)
    for method in ("density", "trajectories", "euler"):
        with pytest.raises(CoreError):
            Propagation(constant, method=method)
    with pytest.raises(CoreError, match="2\\^40 amplitudes"):
        Propagation(Evolution([("X0", 1.0)], 1.0, num_qubits=40))
    with pytest.raises(CoreError, match="applications"):
        Propagation(Evolution([("X0", 1e30)], 1.0, num_qubits=1)).run()
    with pytest.raises(CoreError, match="constant"):
        Propagation(Evolution([("X0", Coefficient.sin(1.0))], 1.0, num_qubits=1), method="krylov")
