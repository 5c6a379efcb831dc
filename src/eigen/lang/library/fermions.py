"""Second quantisation in terms of Pauli strings: ladder operators under the Jordan-Wigner transformation.

a_j = Z_0 … Z_(j-1) (X_j + i Y_j) / 2, so that qubit j holds the occupation of spin orbital j.
Source: P. Jordan and E. Wigner, Z. Phys. 47, 631 (1928).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

PauliString = tuple[int, int]
"""(x mask, z mask): the operator i^|x & z| X^x Z^z, that is a product of I, X, Y and Z with coefficient one."""

PauliSum = dict[PauliString, complex]


def multiply(left: Mapping[PauliString, complex], right: Mapping[PauliString, complex]) -> PauliSum:
    """The product of two Pauli sums."""
    result: PauliSum = {}
    for (x1, z1), a in left.items():
        for (x2, z2), b in right.items():
            key = (x1 ^ x2, z1 ^ z2)
            result[key] = result.get(key, 0j) + a * b * _phase(x1, z1, x2, z2)
    return result


def add(*sums: Mapping[PauliString, complex]) -> PauliSum:
    """The sum of several Pauli sums."""
    result: PauliSum = {}
    for terms in sums:
        for key, value in terms.items():
            result[key] = result.get(key, 0j) + value
    return result


def scale(terms: Mapping[PauliString, complex], factor: complex) -> PauliSum:
    """A Pauli sum times a number."""
    return {key: value * factor for key, value in terms.items()}


def _phase(x1: int, z1: int, x2: int, z2: int) -> complex:
    """The phase of P1 P2 relative to the string P with the combined masks: a power of i."""
    power = (x1 & z1).bit_count() + (x2 & z2).bit_count() - ((x1 ^ x2) & (z1 ^ z2)).bit_count()
    power += 2 * (z1 & x2).bit_count()
    return (1 + 0j, 1j, -1 + 0j, -1j)[power % 4]


def lowering(orbital: int) -> PauliSum:
    """The annihilation operator of a spin orbital."""
    string, bit = (1 << orbital) - 1, 1 << orbital
    return {(bit, string): 0.5 + 0j, (bit, string | bit): 0.5j}


def raising(orbital: int) -> PauliSum:
    """The creation operator of a spin orbital."""
    string, bit = (1 << orbital) - 1, 1 << orbital
    return {(bit, string): 0.5 + 0j, (bit, string | bit): -0.5j}


def excitation(sources: Sequence[int], targets: Sequence[int]) -> PauliSum:
    """The anti-Hermitian generator T - T^dagger of the excitation that moves particles from sources to targets."""
    product: PauliSum = {(0, 0): 1 + 0j}
    for target in targets:
        product = multiply(product, raising(target))
    for source in reversed(sources):
        product = multiply(product, lowering(source))
    adjoint = {key: value.conjugate() for key, value in product.items()}
    return {key: value for key, value in add(product, scale(adjoint, -1)).items() if value}


def molecular_sum(
    constant: float, one_body: Sequence[Sequence[float]], two_body: Mapping[tuple[int, int, int, int], float]
) -> PauliSum:
    """The electronic Hamiltonian of real spatial integrals, spin orbital 2p + s for orbital p and spin s.

    H = constant + sum_pq h_pq a†_ps a_qs + 1/2 sum_pqrs (pq|rs) a†_ps a†_rt a_st a_qs over spins s, t, with
    `two_body` in chemists' notation. Source: Szabo and Ostlund, Modern Quantum Chemistry, section 2.3.
    """
    orbitals = range(len(one_body))
    parts: list[PauliSum] = [{(0, 0): complex(constant)}]
    for p in orbitals:
        for q in orbitals:
            for spin in (0, 1):
                hop = multiply(raising(2 * p + spin), lowering(2 * q + spin))
                parts.append(scale(hop, one_body[p][q]))
    for (p, q, r, s), value in two_body.items():
        for spin in (0, 1):
            for other in (0, 1):
                created = multiply(raising(2 * p + spin), raising(2 * r + other))
                destroyed = multiply(lowering(2 * s + other), lowering(2 * q + spin))
                parts.append(scale(multiply(created, destroyed), 0.5 * value))
    return add(*parts)


def label_of(string: PauliString) -> str:
    """A Pauli string as a sparse label such as `X0 Z3`; empty for the identity.

    >>> label_of((0b011, 0b110))
    'X0 Y1 Z2'
    """
    x, z = string
    letters = {(1, 0): "X", (1, 1): "Y", (0, 1): "Z"}
    return " ".join(
        f"{letters[x >> qubit & 1, z >> qubit & 1]}{qubit}"
        for qubit in range((x | z).bit_length())
        if (x | z) >> qubit & 1
    )


def real_terms(terms: Mapping[PauliString, complex], *, cutoff: float = 1e-12) -> list[tuple[str, float]]:
    """The terms of a Hermitian sum as (sparse label, coefficient), in canonical order, without negligible ones."""
    kept = [(key, value.real) for key, value in terms.items() if abs(value.real) > cutoff]
    return [(label_of(key), value) for key, value in sorted(kept)]
