"""The Lindblad equation: exactly against a dense superoperator, by trajectories against the exact solution."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigen._core import CoreError
from eigen.ir import Coefficient, Evolution, Observable, Propagation
from evolution.dynamics import basis, jump, mixed, pauli

JUMPS = ["S-0", "S+1", "N2", "Z0", "X0 Y2", "S-2"]
COLLAPSE = [("S-0", 0.3), ("S+1", 0.2), ("N2", 0.15), ("X0 Y2", 0.1)]
TERMS = [("Z0 Z1", 1.0), ("X0", 0.8), ("X1", 0.5), ("Y2", 0.4), ("X1 Y2", 0.3)]
OBSERVABLES = [Observable.from_terms(3, [(label, 1.0)]) for label in ("Z0", "Z1", "Z2", "X0 Y1", "Y2")]


@settings(max_examples=25, deadline=None)
@given(
    collapse=st.lists(st.tuples(st.sampled_from(JUMPS), st.floats(0, 1)), min_size=1, max_size=4),
    time=st.floats(0.01, 5),
    start=st.integers(0, 7),
)
def test_the_density_matrix_matches_the_superoperator(
    collapse: list[tuple[str, float]], time: float, start: int
) -> None:
    bits = f"{start:03b}"
    hamiltonian = sum(value * pauli(label, 3) for label, value in TERMS)
    state = basis(bits)
    exact = mixed(hamiltonian, [(jump(label, 3), rate) for label, rate in collapse], time, np.outer(state, state))
    plan = Propagation(Evolution(TERMS, time, initial=bits, collapse=collapse, observables=OBSERVABLES))
    assert np.abs(plan.density() - exact).max() < 1e-9
    values, errors, _ = plan.run()
    expected = [np.trace(observable.matrix() @ exact).real for observable in OBSERVABLES]
    assert errors is None
    assert np.allclose(values[0], expected, atol=1e-9)


def test_decay_and_dephasing_closed_forms() -> None:
    rate, dephasing, times = 0.4, 0.25, [0.0, 0.5, 2.0]
    z, x = Observable.pauli("Z"), Observable.pauli("X")
    decay = Evolution([("Z0", 0.0)], 2.0, times=times, initial="1", observables=[z], collapse=[("S-0", rate)])
    values, _, _ = Propagation(decay).run()
    assert np.allclose(values[:, 0], [1 - 2 * math.exp(-rate * t) for t in times], atol=1e-10)
    plus = [(math.pi / 2, 0.0)]
    spread = Evolution([("Z0", 0.0)], 2.0, times=times, initial=plus, observables=[x], collapse=[("Z0", dephasing)])
    values, _, _ = Propagation(spread).run()
    assert np.allclose(values[:, 0], [math.exp(-2 * dephasing * t) for t in times], atol=1e-10)


@pytest.mark.parametrize("driven", [False, True])
def test_trajectories_average_to_the_density_matrix(driven: bool) -> None:
    terms = [("X0", Coefficient.cos(2.0)), *TERMS[:1]] if driven else TERMS
    times = [0.7, 2.0]
    evolution = Evolution(terms, 2.0, times=times, initial="101", collapse=COLLAPSE, observables=OBSERVABLES)
    exact, _, _ = Propagation(evolution, method="density").run()
    plan = Propagation(evolution, method="trajectories", trajectories=300 if driven else 1000)
    values, errors, counts = plan.run(seed=11, shots=5000)
    assert errors is not None
    assert counts is not None
    assert counts.shots == 5000
    # Ten values, six standard errors each: wrong less than once in 10^7 seeds, and the seed is fixed.
    assert np.all(np.abs(values - exact) < 6 * errors + 1e-7)
    assert plan.facts()["method"] == "trajectories"
    assert np.array_equal(values, plan.run(seed=11)[0])
    assert not np.array_equal(values, plan.run(seed=12)[0])


def test_trajectories_do_not_depend_on_threads() -> None:
    evolution = Evolution(TERMS, 1.0, initial="101", collapse=COLLAPSE, observables=OBSERVABLES)
    runs = [
        Propagation(evolution, method="trajectories", trajectories=40, threads=threads).run(seed=3, shots=100)
        for threads in (1, 2, 3)
    ]
    for values, errors, counts in runs[1:]:
        assert np.array_equal(values, runs[0][0])
        assert np.array_equal(errors, runs[0][1])
        assert counts == runs[0][2]


def test_driven_density_matrix() -> None:
    """A resonantly driven qubit that decays: the same in small exact steps."""
    drive, rate, steps = Coefficient.sin(1.5), 0.3, 600
    evolution = Evolution([("X0", drive), ("Z0", 0.5)], 3.0, initial="0", collapse=[("S-0", rate)])
    rho = np.diag([1, 0]).astype(complex)
    for k in range(steps):
        t = (k + 0.5) * 3.0 / steps
        hamiltonian = float(drive.value(t)) * pauli("X0", 1) + 0.5 * pauli("Z0", 1)
        rho = mixed(hamiltonian, [(jump("S-0", 1), rate)], 3.0 / steps, rho)
    assert np.abs(Propagation(evolution, tolerance=1e-9).density() - rho).max() < 1e-5


def test_counts_of_a_density_matrix() -> None:
    evolution = Evolution([("Z0", 0.0)], 1.0, initial="1", collapse=[("S-0", 1.0)])
    _, _, counts = Propagation(evolution).run(seed=2, shots=100_000)
    assert counts is not None
    expected = math.exp(-1.0)
    deviation = math.sqrt(expected * (1 - expected) / 100_000)
    # Five standard deviations: wrong once in 1.7 million seeds, and the seed is fixed.
    assert abs(counts.to_dict()["1"] / 100_000 - expected) < 5 * deviation


def test_width_decides_between_them() -> None:
    few = Evolution(Observable.pauli("XX"), 0.1, collapse=[("S-0", 0.1)])
    many = Evolution([("X0", 1.0)], 0.1, collapse=[("S-0", 0.1)], num_qubits=12)
    for evolution, method in [(few, "density"), (many, "trajectories")]:
        plan = Propagation(evolution, trajectories=4)
        plan.run()
        assert plan.facts()["method"] == ("density" if method == "density" else "trajectories")
    with pytest.raises(CoreError, match="amplitudes"):
        Propagation(many, method="density", memory_limit_bytes=64 << 20).run()
