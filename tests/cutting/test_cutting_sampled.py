"""Values from shots: the sums that cuts are made of, no bias, honest errors, the same for the same seed.

Seeds are fixed. A mean that is right lies beyond 6 standard errors with a probability of 2e-9.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from cut_circuits import chain, neighbours, observable

import eigen
import oracle
from eigen.cutting import Cut
from eigen.cutting.sampled import WIRE, Term, gate_terms
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Observable

Array = np.ndarray
Z = np.diag([1.0, -1.0])
PAULIS = {"I": np.eye(2), "X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": Z}
STATES = {
    "0": [1, 0],
    "1": [0, 1],
    "+": [1 / math.sqrt(2), 1 / math.sqrt(2)],
    "-": [1 / math.sqrt(2), -1 / math.sqrt(2)],
    "+i": [1 / math.sqrt(2), 1j / math.sqrt(2)],
    "-i": [1 / math.sqrt(2), -1j / math.sqrt(2)],
}


def random_density(qubits: int) -> Array:
    draw = np.random.default_rng(7)
    root = draw.normal(size=(2**qubits, 2**qubits)) + 1j * draw.normal(size=(2**qubits, 2**qubits))
    return root @ root.conj().T / np.trace(root @ root.conj().T)


def done(name: str, rho: Array, side: int) -> Array:
    """What an operation makes of one of two qubits; a measurement counts its outcomes with their signs."""

    def both(single: Array) -> Array:
        return np.kron(single, np.eye(2)) if side else np.kron(np.eye(2), single)

    if name == "measure":
        return sum(sign * both(p) @ rho @ both(p) for sign, p in ((1, (np.eye(2) + Z) / 2), (-1, (np.eye(2) - Z) / 2)))
    angle = {"none": 0.0, "half": math.pi, "quarter": math.pi / 2, "back": -math.pi / 2}[name]
    turn = both(np.diag([np.exp(-0.5j * angle), np.exp(0.5j * angle)]))
    return turn @ rho @ turn.conj().T


@pytest.mark.parametrize("angle", [0.0, 0.4, -math.pi / 2, 2.9, 5.0])
def test_a_gate_is_the_sum_of_its_terms(angle: float) -> None:
    rho = random_density(2)
    gate = np.diag(np.exp(-0.5j * angle * np.array([1, -1, -1, 1])))
    terms = gate_terms(angle)
    total = sum(term.weight * done(term.second, done(term.first, rho, 0), 1) for term in terms)
    assert np.allclose(total, gate @ rho @ gate.conj().T, atol=1e-12)
    assert sum(abs(term.weight) for term in terms) == pytest.approx(1 + 2 * abs(math.sin(angle)), abs=1e-12)


def test_a_wire_is_the_sum_of_its_terms() -> None:
    rho = random_density(1)

    def prepared(term: Term) -> Array:
        ket = np.array(STATES[term.second])
        return np.trace(PAULIS[term.first] @ rho) * np.outer(ket, ket.conj())

    assert np.allclose(sum(term.weight * prepared(term) for term in WIRE), rho, atol=1e-12)
    assert sum(abs(term.weight) for term in WIRE) == 4.0


@pytest.mark.parametrize("seed", range(0, 60, 4))
def test_estimates_lie_around_the_value(seed: int) -> None:
    circuit, wanted = neighbours(seed, 4, 6), observable(seed, 4)
    parted = eigen.cut(circuit, wanted, max_qubits=3, max_cuts=20)
    found = parted.estimate([0.83, -1.37], shots=20_000, seed=seed)
    exact = oracle.expectation(circuit, wanted, {"a": 0.83, "b": -1.37})
    assert abs(found.value - exact) <= 6 * found.standard_error + 1e-12
    assert found.shots == 20_000
    assert 1.0 <= found.overhead <= parted.overhead * (1 + 1e-12)


@pytest.mark.parametrize("cuts", [[Cut(7), Cut(15)], [Cut(7), Cut(15, qubit=1)]], ids=["gates", "gate and wire"])
def test_standard_errors_are_honest(cuts: list[Cut]) -> None:
    """The spread of 300 estimates against the standard errors they tell: the ratio of variances has a standard
    deviation of 0.08, so 0.5 and 1.5 are beyond 6 of them. And their mean is right: there is no bias."""
    circuit = chain(3, [0.8, -1.2], layers=2)
    wanted = Observable.from_terms(3, [("Z0 X2", 1.0), ("Y1", 0.5), ("X0", -0.7), ("", 0.2)])
    parted = eigen.cut(circuit, wanted, cuts=cuts)
    estimates = [parted.estimate(shots=400, seed=seed) for seed in range(300)]
    values = np.array([estimate.value for estimate in estimates])
    told = np.mean([estimate.standard_error**2 for estimate in estimates])
    assert 0.5 < values.var(ddof=1) / told < 1.5
    exact = oracle.expectation(circuit, wanted)
    assert abs(values.mean() - exact) < 6 * values.std(ddof=1) / math.sqrt(300)


def test_uncut_circuits_are_estimated_as_they_are() -> None:
    builder = CircuitBuilder(1)
    builder.gate("H", [0])
    found = eigen.cut(builder.build(), Observable.pauli("X"), max_qubits=1).estimate(shots=10)
    assert (found.value, found.standard_error, found.overhead) == (1.0, 0.0, 1.0)
    found = eigen.cut(builder.build(), Observable.from_terms(1, [("", 2.0)]), max_qubits=1).estimate(shots=1)
    assert (found.value, found.standard_error, found.shots) == (2.0, 0.0, 1)


def test_the_overhead_is_that_of_the_values() -> None:
    builder = CircuitBuilder(2)
    builder.gate("RZZ", [0, 1], ["a"])
    parted = eigen.cut(builder.build(), Observable.pauli("XX"), cuts=[Cut(0)])
    assert parted.overhead == 9.0
    assert parted.estimate([0.0], shots=10).overhead == 1.0
    assert parted.estimate([0.4], shots=10).overhead == pytest.approx((1 + 2 * math.sin(0.4)) ** 2)


def test_the_same_seed_gives_the_same_bits() -> None:
    circuit, wanted = chain(6, [0.4] * 5, layers=2), observable(1, 6)
    one = eigen.cut(circuit, wanted, max_qubits=3, threads=1)
    two = eigen.cut(circuit, wanted, max_qubits=3, threads=2)
    assert one.estimate(shots=3000, seed=5) == two.estimate(shots=3000, seed=5)
    assert one.estimate(shots=3000, seed=5) != one.estimate(shots=3000, seed=6)


def test_facts_tell_the_worst_of_all_runs() -> None:
    circuit, wanted = chain(6, [0.9] * 5, layers=3), observable(1, 6)
    parted = eigen.cut(circuit, wanted, max_qubits=4, engine="mps", options={"max_bond": 2})
    facts = parted.estimate(shots=200).facts
    assert facts["max_bond"] == 2
    assert float(facts["truncation_error"]) > 1e-6
    assert float(facts["fidelity_estimate"]) < 1 - 1e-6


def test_the_stabilizer_engine_samples_parts() -> None:
    builder = CircuitBuilder(60)
    builder.gate("H", [0])
    for qubit in range(59):
        builder.gate("CX", [qubit, qubit + 1])
    wanted = Observable.pauli("X" * 60)
    parted = eigen.cut(builder.build(), wanted, max_qubits=30, engine="stabilizer")
    found = parted.estimate(shots=5000, seed=2)
    assert abs(found.value - 1.0) < 6 * found.standard_error
    assert parted.expectation() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(("shots", "terms"), [(0, 1), (1, 1), (3, 2), (-4, 1), (100_000_001, 1)])
def test_shots_out_of_range_are_refused(shots: int, terms: int) -> None:
    wanted = Observable.from_terms(1, [("Z0", 1.0), ("X0", 1.0)][:terms])
    with pytest.raises(EigenError, match=f"`{shots}` shots: {terms} groups of terms take {2 * terms} to") as caught:
        eigen.cut(CircuitBuilder(1).build(), wanted, max_qubits=1).estimate(shots=shots)
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"


@pytest.mark.parametrize("seed", [-1, 1 << 64])
def test_seeds_out_of_range_are_refused(seed: int) -> None:
    with pytest.raises(EigenError, match=f"not at `{seed}`") as caught:
        eigen.cut(CircuitBuilder(1).build(), Observable.pauli("Z"), max_qubits=1).estimate(shots=2, seed=seed)
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"
