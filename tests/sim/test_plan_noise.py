"""Noisy circuits: density matrices against sums of Kraus operators, trajectories against density matrices."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import chi2

from eigen import _core
from eigen.ir import CircuitBuilder, NoiseModel, Observable, gate_matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Array = np.ndarray
Gate = tuple[str, list[int], list[float]]
Kraus = list[Array]
WIDTH = 3
FALSE_POSITIVE = 1e-7
PAULI = {"I": np.eye(2), "X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1, -1])}
PAIR = np.linalg.qr(np.random.default_rng(5).normal(size=(8, 4, 2)) @ np.array([1, 1j]))[0]
PAIR_KRAUS = [PAIR[:4], PAIR[4:]]


def depolarizing(width: int, probability: float) -> Kraus:
    found: Kraus = []
    for letters in product("IXYZ", repeat=width):
        matrix = np.eye(1)
        for letter in letters:
            matrix = np.kron(PAULI[letter], matrix)
        share = 1 - probability if set(letters) == {"I"} else probability / (4**width - 1)
        found.append(np.sqrt(share) * matrix)
    return found


def damping(gamma: float) -> Kraus:
    return [np.diag([1, np.sqrt(1 - gamma)]), np.array([[0, np.sqrt(gamma)], [0, 0]])]


def dephasing(share: float) -> Kraus:
    return [np.diag([1, np.sqrt(1 - share)]), np.diag([0, np.sqrt(share)])]


def pair_model() -> str:
    operators = [[[[entry.real, entry.imag] for entry in row] for row in matrix] for matrix in PAIR_KRAUS]
    rule = {"width": 2, "channel": {"kind": "kraus", "operators": operators}}
    return json.dumps({"kind": "noise", "version": "1", "rules": [rule]})


def each(*channels: Kraus) -> Callable[[list[int]], list[tuple[Kraus, list[int]]]]:
    return lambda qubits: [(kraus, [qubit]) for kraus in channels for qubit in qubits]


MODELS: dict[str, tuple[str, Callable[[list[int]], list[tuple[Kraus, list[int]]]]]] = {
    "depolarizing": (
        "depolarizing(0.05, 0.1)",
        lambda qubits: [(depolarizing(len(qubits), 0.05 * len(qubits)), qubits)],
    ),
    "damping": ("amplitude_damping(0.15)", each(damping(0.15))),
    "sum": (
        "depolarizing(0.02) + amplitude_damping(0.1) + phase_damping(0.1)",
        each(depolarizing(1, 0.02), damping(0.1), dephasing(0.1)),
    ),
    "pair": (pair_model(), lambda qubits: [(PAIR_KRAUS, qubits)] if len(qubits) == 2 else []),
}


def embedded(matrix: Array, qubits: Sequence[int]) -> Array:
    out = np.zeros((1 << WIDTH, 1 << WIDTH), complex)
    for column in range(1 << WIDTH):
        value = sum((column >> qubit & 1) << k for k, qubit in enumerate(qubits))
        rest = column & ~sum(1 << qubit for qubit in qubits)
        for row in range(len(matrix)):
            out[rest | sum((row >> k & 1) << qubit for k, qubit in enumerate(qubits)), column] += matrix[row, value]
    return out


def gates() -> list[Gate]:
    random = np.random.default_rng(3)
    found: list[Gate] = []
    for _ in range(14):
        kind, pair = int(random.integers(4)), [int(qubit) for qubit in random.permutation(WIDTH)[:2]]
        angles = [float(angle) for angle in random.uniform(0, 6, 3)]
        table: list[Gate] = [("RY", pair[:1], angles[:1]), ("U", pair[:1], angles), ("CX", pair, [])]
        found.append([*table, ("RXX", pair, angles[:1])][kind])
    return found


def circuit() -> _core.Circuit:
    builder = CircuitBuilder(WIDTH)
    for name, qubits, angles in gates():
        builder.gate(name, qubits, angles)
    return builder.build()


def expected(name: str) -> Array:
    rho = np.zeros((1 << WIDTH, 1 << WIDTH), complex)
    rho[0, 0] = 1
    for gate, qubits, angles in gates():
        unitary = embedded(np.array(gate_matrix(gate, angles)), qubits)
        rho = unitary @ rho @ unitary.conj().T
        for kraus, where in MODELS[name][1](qubits):
            wide = [embedded(operator, where) for operator in kraus]
            rho = sum((operator @ rho @ operator.conj().T for operator in wide), np.zeros_like(rho))
    return rho


def plan(of: _core.Circuit, noise: str | NoiseModel, method: str = "auto", threads: int = 1) -> _core.Plan:
    return _core.Plan(of, threads=threads, options={"noise": noise, "noise_method": method})


@pytest.mark.parametrize("name", MODELS)
def test_density_matrices_are_sums_over_kraus_operators(name: str) -> None:
    rho, observable = expected(name), Observable.from_terms(WIDTH, [("X0 Z1", 0.5), ("Y0 Y2", -1.2), ("", 0.1)])
    dense = np.array(observable.matrix())
    found = _core.Plan(circuit(), engine="density", options={"noise": MODELS[name][0]})
    assert np.allclose(found.density_matrix(), rho, atol=1e-12)
    mean = np.trace(dense @ rho).real
    assert found.expectation((), (observable,))[0] == pytest.approx(mean, abs=1e-12)
    assert found.variance((), (observable,))[0] == pytest.approx(np.trace(dense @ dense @ rho).real - mean**2)


@pytest.mark.parametrize("method", ["trajectories", "density"])
@pytest.mark.parametrize("name", MODELS)
def test_shots_follow_the_density_matrix(name: str, method: str) -> None:
    shots, wanted = 40_000, np.diag(expected(name)).real
    counts = [
        plan(circuit().measure_all(), MODELS[name][0], method, threads).sample(shots=shots, seed=5)
        for threads in (1, 2)
    ]
    assert counts[0] == counts[1]
    seen = counts[0].to_dict()
    found = np.array([seen.get(format(index, f"0{WIDTH}b"), 0) for index in range(1 << WIDTH)])
    assert chi2.sf(((found - shots * wanted) ** 2 / (shots * wanted)).sum(), len(wanted) - 1) > FALSE_POSITIVE


@pytest.mark.parametrize("method", ["trajectories", "density"])
def test_estimates_scatter_about_the_exact_value(method: str) -> None:
    observable = Observable.from_terms(WIDTH, [("X0 Z1", 0.5), ("Y0 Y2", -1.2), ("Z2", 0.3)])
    noise = "amplitude_damping(0.15) + readout(0.02, 0.05)"
    exact = plan(circuit(), noise).expectation((), (observable,))[0]
    value, error = plan(circuit(), noise, method).sample_expectation((), observable, shots=20_000, seed=4)
    assert abs(value - exact) < 6 * error


def test_misreading_attenuates_and_shifts() -> None:
    builder = CircuitBuilder(1)
    builder.gate("RY", [0], [0.8])
    found = plan(builder.build(), "readout(0.1, 0.3)")
    mean = found.expectation((), (Observable.from_terms(1, [("Z0", 1.0)]),))[0]
    assert mean == pytest.approx((0.3 - 0.1) + (1 - 0.4) * np.cos(0.8))
    assert found.probability((), "1") == pytest.approx((1 - mean) / 2)


def dynamic() -> _core.Circuit:
    builder = CircuitBuilder(2, 2)
    builder.gate("H", [0])
    builder.measure([0], [0])
    builder.begin_if(_core.Condition.bit(0))
    builder.gate("X", [1])
    builder.end()
    builder.reset([0])
    builder.gate("RY", [0], [1.0])
    builder.measure([0, 1], [0, 1])
    return builder.build()


def test_trajectories_and_density_matrices_agree_on_circuits_that_decide() -> None:
    noise, shots = "depolarizing(0.1) + reset(0.2) + readout(0.1, 0.2) + amplitude_damping(0.1)", 40_000
    seen = [
        plan(dynamic(), noise, method).sample(shots=shots, seed=9).to_dict() for method in ("trajectories", "density")
    ]
    statistic = sum((seen[0][key] - seen[1][key]) ** 2 / (seen[0][key] + seen[1][key]) for key in seen[0])
    assert chi2.sf(statistic, 3) > FALSE_POSITIVE


def test_gradients_under_noise_are_those_of_the_expectation_value() -> None:
    builder = CircuitBuilder(2)
    a, b = _core.Affine.symbol("a"), _core.Affine.symbol("b")
    builder.gate("RX", [0], [a * 2 + 0.1])
    builder.gate("CRY", [0, 1], [b])
    builder.gate("RZZ", [0, 1], [a])
    builder.gate("U", [1], [b, 0.3, a])
    found = plan(builder.build(), "depolarizing(0.02, 0.05) + amplitude_damping(0.1)")
    observable = Observable.from_terms(2, [("X0 Z1", 1.0), ("Z1", -0.5), ("Y1", 0.7)])
    at, step = np.array([0.4, -1.1]), 1e-5
    value, slopes = found.gradient(at, observable)
    assert value == pytest.approx(found.expectation(at, (observable,))[0])
    for k, shift in enumerate(step * np.eye(2)):
        ends = [found.expectation(at + sign * shift, (observable,))[0] for sign in (1, -1)]
        assert slopes[k] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-8)


def test_the_cheaper_method_is_chosen_and_told() -> None:
    deep = CircuitBuilder(2)
    for _ in range(200):
        deep.gate("RY", [0], [0.1])
        deep.gate("CX", [0, 1])
    few = plan(deep.build().measure_all(), "depolarizing(0.01)")
    few.sample(shots=10_000, seed=1)
    assert few.facts()["method"] == "density matrix"
    wide = CircuitBuilder(12)
    for qubit in range(12):
        wide.gate("RY", [qubit], [0.1])
    many = plan(wide.build().measure_all(), "depolarizing(0.001)")
    many.sample(shots=1000, seed=1)
    facts = many.facts()
    assert facts["method"] == "trajectories"
    assert facts["cost_of_trajectories"] < facts["cost_of_density_matrix"]
    assert facts["trajectories"] < 60
    assert facts["error_free_share"] == pytest.approx(np.exp(-0.012), abs=0.03)


def test_what_cannot_be_had_is_refused() -> None:
    trajectories = plan(circuit(), "depolarizing(0.1)", "trajectories")
    observable = Observable.from_terms(WIDTH, [("Z0", 1.0)])
    for ask in (lambda: trajectories.expectation((), (observable,)), trajectories.state, trajectories.probabilities):
        with pytest.raises(_core.CoreError, match="trajectories of a noisy circuit have no"):
            ask()
    wide = CircuitBuilder(20).build()
    with pytest.raises(_core.CoreError, match=r"`20` qubits needs 4\^20 entries = 16 TiB; limit 1 GiB"):
        _core.Plan(wide, engine="density", memory_limit_bytes=1 << 30)
    with pytest.raises(_core.CoreError, match="no noise method `magic`"):
        plan(circuit(), "depolarizing(0.1)", "magic")
