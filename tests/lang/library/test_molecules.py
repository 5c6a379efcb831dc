"""H2 in STO-3G: integrals against published values, symmetries, and the exact energy."""

from __future__ import annotations

import numpy as np
import pytest

import oracle
from eigen.lang.library.fermions import excitation, label_of, lowering, multiply, raising
from eigen.lang.library.hamiltonians import hydrogen
from eigen.lang.library.molecules import BOHR_ANGSTROM, hydrogen_integrals
from eigen.lang.library.spectra import ground_energy

# Szabo and Ostlund, Modern Quantum Chemistry, section 3.5.2: H2 at 1.4 bohr in STO-3G, to four decimals.
SZABO_BOND = 1.4 * BOHR_ANGSTROM


def matrix(terms: dict[tuple[int, int], complex], n: int) -> np.ndarray:
    total = np.zeros((2**n, 2**n), dtype=complex)
    for string, weight in terms.items():
        letters = ["I"] * n
        for word in label_of(string).split():
            letters[int(word[1:])] = word[0]
        total += weight * oracle.product("".join(letters))
    return total


def test_integrals_at_the_textbook_distance() -> None:
    repulsion, one_body, two_body = hydrogen_integrals(SZABO_BOND)
    assert repulsion == pytest.approx(1 / 1.4)
    assert one_body[0][0] == pytest.approx(-1.2528, abs=2e-4)
    assert one_body[1][1] == pytest.approx(-0.4756, abs=2e-4)
    assert one_body[0][1] == pytest.approx(0, abs=1e-12)
    assert two_body[0, 0, 0, 0] == pytest.approx(0.6746, abs=2e-4)
    assert two_body[0, 0, 1, 1] == pytest.approx(0.6636, abs=2e-4)
    assert two_body[1, 1, 1, 1] == pytest.approx(0.6975, abs=2e-4)
    assert two_body[0, 1, 0, 1] == pytest.approx(0.1813, abs=2e-4)


def test_exact_energy() -> None:
    dense = oracle.observable_matrix(hydrogen())
    assert np.linalg.eigvalsh(dense)[0] == pytest.approx(-1.137306, abs=5e-7)
    assert ground_energy(hydrogen()) == pytest.approx(np.linalg.eigvalsh(dense)[0], abs=1e-11)
    assert dense[3, 3].real == pytest.approx(-1.116999, abs=1e-6)  # Hartree-Fock: both spins of orbital 0


def test_far_apart_the_atoms_are_free() -> None:
    assert ground_energy(hydrogen(20.0)) == pytest.approx(2 * -0.46658185, abs=1e-6)


def test_the_hamiltonian_conserves_particles_and_spin() -> None:
    dense = oracle.observable_matrix(hydrogen())
    states = np.arange(16)
    up = np.array([bin(s & 0b0101).count("1") for s in states])
    down = np.array([bin(s & 0b1010).count("1") for s in states])
    for number in (np.diag(up), np.diag(down)):
        np.testing.assert_allclose(dense @ number, number @ dense, atol=1e-12)


def test_ladder_operators_anticommute() -> None:
    n = 3
    for p in range(n):
        for q in range(n):
            a, b = matrix(lowering(p), n), matrix(raising(q), n)
            np.testing.assert_allclose(a @ b + b @ a, np.eye(2**n) * (p == q), atol=1e-14)
            np.testing.assert_allclose(matrix(multiply(lowering(p), raising(q)), n), a @ b, atol=1e-14)


def test_excitations_move_particles() -> None:
    generator = matrix(excitation((0, 1), (2, 3)), 4)
    np.testing.assert_allclose(generator, -generator.conj().T, atol=1e-14)
    assert abs(generator[0b1100, 0b0011]) == pytest.approx(1)
    assert np.count_nonzero(np.abs(generator) > 1e-12) == 2
