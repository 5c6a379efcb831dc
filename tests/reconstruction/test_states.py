"""Density matrices from frequencies: exact in, exact out; the projection is the nearest state, by brute force too."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from eigen.reconstruction.measurements import frequencies, settings
from eigen.reconstruction.states import (
    born,
    fidelity,
    from_expectations,
    is_pure,
    linear_inversion,
    nearest_probabilities,
    nearest_state,
    pauli_expectations,
    purity,
    weights,
)

Complex = NDArray[np.complex128]
PAULIS = {"I": np.eye(2), "X": [[0, 1], [1, 0]], "Y": [[0, -1j], [1j, 0]], "Z": [[1, 0], [0, -1]]}
seeds = st.integers(0, 2**32 - 1)


def product_of(letters: str) -> Complex:
    """The product of Pauli matrices; the rightmost letter is qubit 0."""
    found = np.eye(1, dtype=np.complex128)
    for letter in letters:
        found = np.kron(found, PAULIS[letter])
    return found


def mixed(size: int, rank: int, seed: int) -> Complex:
    random = np.random.default_rng(seed)
    root = random.normal(size=(2**size, rank)) + 1j * random.normal(size=(2**size, rank))
    found = root @ root.conj().T
    return found / np.trace(found)


@given(st.integers(1, 4), st.integers(1, 16), seeds)
def test_exact_probabilities_give_the_state(size: int, rank: int, seed: int) -> None:
    state = mixed(size, min(rank, 2**size), seed)
    exact = born(state)
    assert np.abs(exact.sum(axis=1) - 1).max() < 1e-12
    assert np.abs(linear_inversion(exact) - state).max() < 1e-12
    assert np.abs(nearest_state(linear_inversion(exact)) - state).max() < 1e-12


def test_six_qubits_likewise() -> None:
    state = mixed(6, 3, 5)
    assert np.abs(nearest_state(linear_inversion(born(state))) - state).max() < 1e-12


@given(st.integers(1, 3), seeds)
def test_probabilities_are_those_of_projectors(size: int, seed: int) -> None:
    state = mixed(size, 2, seed)
    exact = born(state)
    for number, setting in enumerate(settings(size)):
        for outcome in range(2**size):
            bits = f"{outcome:0{size}b}"
            projector = np.eye(1, dtype=np.complex128)
            for letter, bit in zip(setting, bits, strict=True):
                projector = np.kron(projector, (np.eye(2) + (1 - 2 * int(bit)) * np.array(PAULIS[letter])) / 2)
            assert abs(exact[number, outcome] - np.trace(projector @ state).real) < 1e-12


def test_expectation_values_stand_where_the_page_says() -> None:
    state = mixed(3, 2, 11)
    found = pauli_expectations(born(state))
    for index, letters in enumerate(product("IXYZ", repeat=3)):
        assert abs(found[index] - np.trace(product_of("".join(letters)) @ state).real) < 1e-12
    assert np.abs(from_expectations(found) - state).max() < 1e-12


@given(st.integers(1, 4), seeds)
def test_an_expectation_value_is_the_mean_over_all_settings_that_have_it(size: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    counted = random.multinomial(50, np.full(2**size, 0.5**size), size=3**size) / 50
    found = pauli_expectations(counted)
    letters = "".join(random.choice(list("IXYZ"), size))
    index = int("".join(str("IXYZ".index(letter)) for letter in letters), 4)
    means: list[float] = []
    for row, setting in zip(counted, settings(size), strict=True):
        if all(letter in ("I", own) for letter, own in zip(letters, setting, strict=True)):
            mask = int("".join("0" if letter == "I" else "1" for letter in letters), 2)
            means.append(sum(share * (-1) ** (outcome & mask).bit_count() for outcome, share in enumerate(row)))
    assert len(means) == 3 ** letters.count("I")
    assert abs(found[index] - np.mean(means)) < 1e-12


@given(st.integers(1, 4), seeds)
def test_weights_give_any_overlap_with_the_inversion(size: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    counted = random.multinomial(20, np.full(2**size, 0.5**size), size=3**size) / 20
    other = mixed(size, 2, seed + 1)
    assert abs(np.sum(weights(other) * counted) - np.trace(other @ linear_inversion(counted)).real) < 1e-12


def hermitian(size: int, spread: float, seed: int) -> Complex:
    random = np.random.default_rng(seed)
    found = random.normal(size=(2**size, 2**size)) + 1j * random.normal(size=(2**size, 2**size))
    found = spread * (found + found.conj().T)
    return found + np.eye(2**size) * (1 - np.trace(found)) / 2**size


@given(st.integers(1, 4), st.floats(1e-3, 3.0), seeds)
def test_the_projection_is_a_state_and_projects_once(size: int, spread: float, seed: int) -> None:
    matrix = hermitian(size, spread, seed)
    found = nearest_state(matrix)
    assert abs(np.trace(found) - 1) < 1e-12
    assert np.linalg.eigvalsh(found)[0] > -1e-12
    assert np.abs(found - found.conj().T).max() < 1e-12
    assert np.abs(nearest_state(found) - found).max() < 1e-12


@given(st.integers(1, 3), st.floats(1e-2, 3.0), seeds)
def test_no_state_is_nearer(size: int, spread: float, seed: int) -> None:
    """The condition of the nearest point of a convex set: from there, no state lies towards the matrix."""
    matrix = hermitian(size, spread, seed)
    found = nearest_state(matrix)
    towards = matrix - found
    # <towards, rho> is largest, over all states, for an eigenvector of the largest eigenvalue.
    assert np.linalg.eigvalsh(towards)[-1] <= np.trace(towards @ found).real + 1e-10


@given(st.lists(st.floats(-2.0, 2.0), min_size=2, max_size=5))
def test_probabilities_are_the_nearest_by_brute_force(values: list[float]) -> None:
    given_values = np.sort(np.array(values))
    given_values += (1 - given_values.sum()) / len(values)
    found = nearest_probabilities(given_values)
    best = np.inf
    for kept in product([False, True], repeat=len(values)):  # the support of the nearest point is one of these
        mask = np.array(kept)
        if not mask.any():
            continue
        point = np.where(mask, given_values + (1 - given_values[mask].sum()) / mask.sum(), 0.0)
        if (point >= -1e-12).all():
            best = min(best, float(np.sum((point - given_values) ** 2)))
    assert (found >= 0).all()
    assert abs(found.sum() - 1) < 1e-12
    assert np.sum((found - given_values) ** 2) <= best + 1e-9


def test_fidelities_in_closed_form() -> None:
    ghz = np.zeros((8, 8), dtype=np.complex128)
    ghz[np.ix_([0, 7], [0, 7])] = 0.5
    noisy = 0.9 * ghz + 0.1 * np.eye(8) / 8
    assert abs(fidelity(noisy, ghz) - (0.9 + 0.1 / 8)) < 1e-12
    assert abs(purity(noisy) - (0.81 + 2 * 0.09 / 8 + 0.01 / 8)) < 1e-12
    assert is_pure(ghz)
    assert not is_pure(noisy)
    first, second = np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.1, 0.6, 0.0, 0.3])
    classical = np.sqrt(first * second).sum() ** 2
    assert abs(fidelity(np.diag(first).astype(complex), np.diag(second).astype(complex)) - classical) < 1e-7


def test_counts_are_read_with_qubit_0_to_the_right() -> None:
    rows = [{"01": 3, "10": 1}] * 9
    assert frequencies(rows, 2)[4].tolist() == [0.0, 0.75, 0.25, 0.0]
    assert settings(2)[1] == "XY"


@pytest.mark.parametrize("size", range(1, 7))
def test_there_are_three_settings_for_each_qubit(size: int) -> None:
    assert len(set(settings(size))) == 3**size
