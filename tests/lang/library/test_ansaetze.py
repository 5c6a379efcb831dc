"""Ansaetze: their counts, structure and states, against the formulas they document."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

import oracle
from eigen._core import Plan
from eigen.lang.library import ansatz_circuits as ansaetze
from eigen.lang.library.arguments import ArgumentError
from eigen.lang.library.hamiltonians import hydrogen, ising, maxcut
from eigen.lang.library.uccsd import excitations, uccsd


@given(st.integers(1, 5), st.integers(0, 4), st.sampled_from(["rx", "ry", "ryrz", ["rx", "ry", "rz"]]), st.booleans())
def test_parameters_of_the_hardware_efficient_ansatz(n: int, depth: int, rotations: str, final: bool) -> None:
    circuit = ansaetze.hardware_efficient(n, depth, "linear", rotations, final_rotation=final)
    kinds = {"rx": 1, "ry": 1, "ryrz": 2}.get(rotations, 3) if isinstance(rotations, str) else 3
    assert len(circuit.parameters) == (depth + final) * n * kinds
    assert circuit.parameters == tuple(f"p{k}" for k in range(len(circuit.parameters)))
    assert circuit.count_ops().get("CX", 0) == depth * (n - 1)


def test_layers_of_the_hardware_efficient_ansatz() -> None:
    circuit = ansaetze.hardware_efficient(2, 2, "linear", "ryrz")
    found = [
        (i.name, tuple(i.qubits), [*getattr(p, "terms", {})]) for i in circuit.instructions() for p in i.params or [0]
    ]
    assert found == [
        ("RY", (0,), ["p0"]), ("RY", (1,), ["p1"]), ("RZ", (0,), ["p2"]), ("RZ", (1,), ["p3"]), ("CX", (0, 1), []),
        ("RY", (0,), ["p4"]), ("RY", (1,), ["p5"]), ("RZ", (0,), ["p6"]), ("RZ", (1,), ["p7"]), ("CX", (0, 1), []),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "pairs"),
    [
        ("linear", [(0, 1), (1, 2), (2, 3)]),
        ("reverse_linear", [(2, 3), (1, 2), (0, 1)]),
        ("circular", [(0, 1), (1, 2), (2, 3), (3, 0)]),
        ("full", [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]),
        ("pairwise", [(0, 1), (2, 3), (1, 2)]),
        ("none", []),
        ([(3, 0), [1, 2]], [(3, 0), (1, 2)]),
    ],
)
def test_entanglement_patterns(pattern: object, pairs: list[tuple[int, int]]) -> None:
    assert ansaetze.entangled_pairs(pattern, 4) == pairs
    gates = ansaetze.hardware_efficient(4, 1, pattern, entangler="rzz")
    assert len(gates.parameters) == 4 + len(pairs)


@pytest.mark.parametrize(
    "arguments",
    [
        (0,),
        (2, -1),
        (2, 1, "line"),
        (2, 1, "linear", "rw"),
        (2, 1, "linear", "ry", "ccx"),
        (2, 1, [(0, 0)]),
        (2, 1, [(0, 2)]),
    ],
)
def test_hardware_efficient_refuses(arguments: tuple[object, ...]) -> None:
    with pytest.raises(ArgumentError):
        ansaetze.hardware_efficient(*arguments)


def test_a_size_beyond_the_limit_is_charged_before_it_is_built() -> None:
    charged: list[int] = []

    def stop(amount: int) -> None:
        charged.append(amount)
        if amount > 1_000_000:
            raise ArgumentError("too many")

    with pytest.raises(ArgumentError, match="too many"):
        ansaetze.hardware_efficient(100_000, 1, "full", charge=stop)
    with pytest.raises(ArgumentError, match="too many"):
        uccsd(40, 20, 10, charge=stop)
    assert len(charged) == 2


def exponential(matrix: np.ndarray, angle: float) -> np.ndarray:
    return oracle.exponential(matrix, angle)


@given(st.lists(st.floats(-2, 2), min_size=4, max_size=4))
def test_qaoa_is_the_product_of_exponentials(angles: list[float]) -> None:
    cost = maxcut([(0, 1), (1, 2, 0.5), (0, 2, 2.0)])
    circuit = ansaetze.qaoa(cost, 2)
    state = np.full(8, 8**-0.5, dtype=complex)
    mixer = sum(oracle.product(word) for word in ("XII", "IXI", "IIX"))
    for gamma, beta in zip(angles[0::2], angles[1::2], strict=True):
        state = exponential(mixer, beta) @ exponential(oracle.observable_matrix(cost), gamma) @ state
    found = oracle.state(circuit, dict(zip(circuit.parameters, angles, strict=True)))
    assert abs(np.vdot(found, state)) == pytest.approx(1, abs=1e-10)


def test_qaoa_with_a_field_uses_pauli_rotations() -> None:
    circuit = ansaetze.qaoa(ising(3, 1.0, 0.5), 1)
    assert circuit.count_ops() == {"H": 3, "RX": 6, "RZZ": 2}


def test_excitations_of_hydrogen() -> None:
    assert excitations(4, 2) == [((0,), (2,)), ((1,), (3,)), ((0, 1), (2, 3))]
    assert all(sum(s % 2 for s in a) == sum(t % 2 for t in b) for a, b in excitations(8, 3))


@given(st.lists(st.floats(-2, 2), min_size=3, max_size=3))
def test_uccsd_conserves_particles_and_spin(angles: list[float]) -> None:
    state = oracle.state(uccsd(4, 2), {f"p{k}": angle for k, angle in enumerate(angles)})
    for index in np.flatnonzero(np.abs(state) > 1e-12):
        assert bin(index & 0b0101).count("1") == bin(index & 0b1010).count("1") == 1


def test_uccsd_at_zero_is_hartree_fock() -> None:
    state = oracle.state(uccsd(6, 3), dict.fromkeys(uccsd(6, 3).parameters, 0.0))
    assert abs(state[0b000111]) == pytest.approx(1)


def test_uccsd_reaches_the_exact_energy_of_hydrogen() -> None:
    plan, energy = Plan(uccsd(4, 2)), hydrogen()
    found = minimize(lambda x: plan.expectation(list(x), [energy])[0], [0.0, 0.0, 0.1], method="BFGS", tol=1e-10)
    exact = np.linalg.eigvalsh(oracle.observable_matrix(energy))[0]
    assert found.fun == pytest.approx(exact, abs=1e-8)
