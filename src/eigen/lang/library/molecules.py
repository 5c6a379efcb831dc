"""The hydrogen molecule in the STO-3G basis: integrals from closed formulas, then its qubit Hamiltonian.

Both basis functions are of s type, so that every integral over their Gaussians has a closed form (Szabo and
Ostlund, Modern Quantum Chemistry, appendix A), and the molecular orbitals follow from symmetry alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from eigen._core import math as exact
from eigen.ir.ordered import ordered_sum
from eigen.lang.library.fermions import molecular_sum, real_terms

BOHR_ANGSTROM = 0.529177210903
"""One bohr in angstrom (CODATA 2018)."""

STO_3G_HYDROGEN = ((3.42525091, 0.15432897), (0.62391373, 0.53532814), (0.16885540, 0.44463454))
"""(exponent, contraction coefficient) of hydrogen's 1s function.

Source: W. J. Hehre, R. F. Stewart, J. A. Pople, J. Chem. Phys. 51, 2657 (1969).
"""

_PI = 3.141592653589793

Primitive = tuple[float, float, float]  # exponent, weight (normalised), position on the bond axis


def _boys(t: float) -> float:
    """F0(t) = integral of exp(-t u^2) over 0 <= u <= 1."""
    if t < 1e-8:
        return 1.0 - t / 3.0
    return 0.5 * exact.sqrt(_PI / t) * exact.erf(exact.sqrt(t))


def _basis_function(position: float) -> list[Primitive]:
    return [(a, weight * exact.pow(2.0 * a / _PI, 0.75), position) for a, weight in STO_3G_HYDROGEN]


def _pair(left: Primitive, right: Primitive) -> tuple[float, float, float]:
    """The product of two Gaussians: its exponent, its weight and its centre."""
    (a, wa, xa), (b, wb, xb) = left, right
    total = a + b
    distance = xa - xb
    return total, wa * wb * exact.exp(-a * b / total * (distance * distance)), (a * xa + b * xb) / total


def _overlap(f: Sequence[Primitive], g: Sequence[Primitive]) -> float:
    return ordered_sum(weight * exact.pow(_PI / p, 1.5) for p, weight, _ in (_pair(u, v) for u in f for v in g))


def _kinetic(f: Sequence[Primitive], g: Sequence[Primitive]) -> float:
    total = 0.0
    for u in f:
        for v in g:
            p, weight, _ = _pair(u, v)
            reduced, distance = u[0] * v[0] / p, u[2] - v[2]
            total += weight * reduced * (3.0 - 2.0 * reduced * (distance * distance)) * exact.pow(_PI / p, 1.5)
    return total


def _attraction(f: Sequence[Primitive], g: Sequence[Primitive], nucleus: float) -> float:
    total = 0.0
    for u in f:
        for v in g:
            p, weight, centre = _pair(u, v)
            total -= 2.0 * _PI / p * weight * _boys(p * ((centre - nucleus) * (centre - nucleus)))
    return total


def _repulsion(f: Sequence[Primitive], g: Sequence[Primitive], h: Sequence[Primitive], k: Sequence[Primitive]) -> float:
    """(fg|hk) in chemists' notation."""
    total = 0.0
    for p, left, x in [_pair(u, v) for u in f for v in g]:
        for q, right, y in [_pair(u, v) for u in h for v in k]:
            factor = 2.0 * exact.pow(_PI, 2.5) / (p * q * exact.sqrt(p + q))
            total += left * right * factor * _boys(p * q / (p + q) * ((x - y) * (x - y)))
    return total


def hydrogen_integrals(
    bond_length_angstrom: float,
) -> tuple[float, list[list[float]], dict[tuple[int, int, int, int], float]]:
    """Nuclear repulsion, one-body h_pq and two-body (pq|rs) integrals in the molecular orbitals, in hartree.

    Orbital 0 is the bonding one (sum of the two atomic functions), orbital 1 the antibonding one.
    """
    distance = bond_length_angstrom / BOHR_ANGSTROM
    atoms = [_basis_function(0.0), _basis_function(distance)]
    overlap = _overlap(atoms[0], atoms[1])
    signs = ((1.0, 1.0), (1.0, -1.0))
    norms = [1.0 / exact.sqrt(2.0 * (1.0 + overlap)), 1.0 / exact.sqrt(2.0 * (1.0 - overlap))]
    orbital = [[norms[p] * signs[p][a] for a in (0, 1)] for p in (0, 1)]

    pairs = [(a, b) for a in (0, 1) for b in (0, 1)]
    core = {
        (a, b): _kinetic(atoms[a], atoms[b])
        + _attraction(atoms[a], atoms[b], 0.0)
        + _attraction(atoms[a], atoms[b], distance)
        for a, b in pairs
    }
    one_body = [
        [ordered_sum(orbital[p][a] * orbital[q][b] * core[a, b] for a, b in pairs) for q in (0, 1)] for p in (0, 1)
    ]
    atomic = {(*ab, *cd): _repulsion(*(atoms[index] for index in (*ab, *cd))) for ab in pairs for cd in pairs}
    two_body: dict[tuple[int, int, int, int], float] = {}
    for p, q in pairs:
        for r, s in pairs:
            two_body[p, q, r, s] = ordered_sum(
                orbital[p][a] * orbital[q][b] * orbital[r][c] * orbital[s][d] * value
                for (a, b, c, d), value in atomic.items()
            )
    return 1.0 / distance, one_body, two_body


def hydrogen_terms(bond_length_angstrom: float) -> list[tuple[str, float]]:
    """The Pauli terms of H2/STO-3G on four qubits (Jordan-Wigner, spin orbital 2p + spin), repulsion included."""
    return real_terms(molecular_sum(*hydrogen_integrals(bond_length_angstrom)))
