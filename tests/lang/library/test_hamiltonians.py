"""Hamiltonians against dense matrices built here, and against brute force over all assignments."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracle
from eigen.ir import Observable
from eigen.ir.values import Array
from eigen.lang.library import hamiltonians, molecules
from eigen.lang.library.arguments import ArgumentError
from eigen.lang.library.spectra import ground_energy

NUMBERS = st.floats(-3, 3).map(lambda x: round(x, 3))


def on(n: int, sites: dict[int, str]) -> np.ndarray:
    return oracle.product("".join(sites.get(site, "I") for site in range(n)))


def values(observable: object) -> np.ndarray:
    return np.real(np.diag(oracle.observable_matrix(observable)))


@given(st.integers(1, 5), NUMBERS, NUMBERS, st.booleans(), st.sampled_from(["transverse", "longitudinal"]))
def test_ising_chain(n: int, coupling: float, h: float, periodic: bool, field: str) -> None:
    expected = np.zeros((2**n, 2**n), dtype=complex)
    bonds = [(i, i + 1) for i in range(n - 1)] + ([(0, n - 1)] if periodic and n > 2 else [])
    for i, j in bonds:
        expected += coupling * on(n, {i: "Z", j: "Z"})
    for i in range(n):
        expected += h * on(n, {i: "X" if field == "transverse" else "Z"})
    found = hamiltonians.ising(n, coupling, h, periodic, field)
    np.testing.assert_allclose(oracle.observable_matrix(found), expected, atol=1e-12)


def test_ising_with_a_matrix_counts_each_pair_once() -> None:
    symmetric = [[0, 1.5, -2], [1.5, 0, 0.5], [-2, 0.5, 0]]
    upper = [[0, 1.5, -2], [0, 0, 0.5], [0, 0, 0]]
    expected = {"Z0 Z1": 1.5, "Z0 Z2": -2.0, "Z1 Z2": 0.5}
    assert dict(hamiltonians.ising(J=symmetric).terms) == expected
    assert dict(hamiltonians.ising(3, Array.of(upper)).terms) == expected
    assert dict(hamiltonians.ising(3, list(map(list, zip(*upper, strict=True)))).terms) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_spins": 2, "J": [[0, 1], [2, 0]]}, "symmetric"),
        ({"n_spins": 2, "J": [[1, 1], [1, 0]]}, "does not couple to itself"),
        ({"n_spins": 3, "J": [[0, 1], [1, 0]]}, "3x3"),
        ({"n_spins": 2, "J": [[0, 1], [1, 0]], "periodic": True}, "periodic"),
        ({"n_spins": 2, "field": "sideways"}, "transverse"),
        ({"n_spins": 0}, "between 1"),
        ({"n_spins": True}, "integer"),
        ({"n_spins": 2, "h": [1.0]}, "2 elements"),
        ({"n_spins": 2, "J": float("nan")}, "finite"),
        ({"J": 1.0}, "n_spins"),
    ],
)
def test_ising_refuses(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        hamiltonians.ising(**arguments)


@given(st.integers(2, 4), NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_heisenberg_chain(n: int, jx: float, jy: float, jz: float, h: float) -> None:
    expected = sum(h * on(n, {i: "Z"}) for i in range(n))
    for i in range(n - 1):
        for letter, strength in zip("XYZ", (jx, jy, jz), strict=True):
            expected = expected + strength * on(n, {i: letter, i + 1: letter})
    found = hamiltonians.heisenberg(n, (jx, jy, jz), h)
    np.testing.assert_allclose(oracle.observable_matrix(found), expected, atol=1e-12)


def test_two_heisenberg_spins_form_a_singlet() -> None:
    assert ground_energy(hamiltonians.heisenberg(2)) == pytest.approx(-3.0, abs=1e-10)


GRAPHS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 5)).filter(lambda e: e[0] != e[1]), min_size=1
)


@given(GRAPHS)
def test_the_lowest_value_of_maxcut_is_minus_the_largest_cut(edges: list[tuple[int, int, int]]) -> None:
    found = hamiltonians.maxcut(edges, 5)
    cuts = [sum(w for i, j, w in edges if bits[i] != bits[j]) for bits in product((0, 1), repeat=5)]
    assert min(values(found)) == pytest.approx(-max(cuts))
    assert ground_energy(found) == pytest.approx(-max(cuts))


def test_maxcut_of_a_matrix_is_that_of_its_edges() -> None:
    matrix = [[0, 1, 0, 2], [1, 0, 3, 0], [0, 3, 0, 1], [2, 0, 1, 0]]
    edges = [(0, 1), (0, 3, 2), (1, 2, 3), (2, 3)]
    assert hamiltonians.maxcut(matrix) == hamiltonians.maxcut(edges)
    assert hamiltonians.maxcut([[0, 1], [1, 2], [0, 2]]).num_qubits == 3


@given(st.lists(st.integers(1, 20), min_size=1, max_size=6))
def test_number_partition_is_the_squared_difference(items: list[int]) -> None:
    found = hamiltonians.number_partition(items)
    for state, value in enumerate(values(found)):
        signs = [-1 if state >> k & 1 else 1 for k in range(len(items))]
        assert value == pytest.approx(sum(s * x for s, x in zip(signs, items, strict=True)) ** 2)


@given(st.integers(1, 5), st.lists(st.tuples(st.text("IXYZ", min_size=5, max_size=5), NUMBERS), min_size=1, max_size=6))
def test_ground_energy_is_the_lowest_eigenvalue(n: int, terms: list[tuple[str, float]]) -> None:
    from eigen.ir import Observable

    observable = Observable.from_terms(n, [(label[:n], weight) for label, weight in terms])
    lowest = np.linalg.eigvalsh(oracle.observable_matrix(observable))[0]
    assert ground_energy(observable) == pytest.approx(lowest, abs=1e-9)


def test_ground_energy_refuses_many_qubits() -> None:
    with pytest.raises(ArgumentError, match="12 qubits"):
        ground_energy(hamiltonians.ising(13))


def test_the_molecule_has_the_same_bits_under_every_python() -> None:
    """Python 3.12 made the built-in `sum` of floats more precise than 3.11's: none may enter a Hamiltonian."""
    digest = "b54de233e58b7fcdb66e5090268fe0a5bb984c0d25b805115ecb53fadfd02f6e"
    terms = molecules.hydrogen_terms(0.735)
    assert Observable.from_terms(4, terms).digest == digest
