"""The unitary coupled cluster ansatz with singles and doubles, under the Jordan-Wigner transformation."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from eigen._core import Affine, CircuitBuilder
from eigen.lang.library.ansatz_circuits import add_pauli_rotation, free
from eigen.lang.library.arguments import ArgumentError, integer
from eigen.lang.library.fermions import excitation, label_of

if TYPE_CHECKING:
    from eigen._core import Circuit
    from eigen.lang.library.ansatz_circuits import Charge

MAX_SPIN_ORBITALS = 40

Excitation = tuple[tuple[int, ...], tuple[int, ...]]  # (occupied spin orbitals, virtual ones)


def excitations(orbitals: int, electrons: int) -> list[Excitation]:
    """Single, then double excitations from the lowest `electrons` spin orbitals that keep the spin projection."""
    occupied, virtual = range(electrons), range(electrons, orbitals)
    found: list[Excitation] = []
    for order in (1, 2):
        for sources in combinations(occupied, order):
            spin = sum(source % 2 for source in sources)
            found += [
                (sources, targets)
                for targets in combinations(virtual, order)
                if sum(target % 2 for target in targets) == spin
            ]
    return found


def uccsd(n_qubits: Any, n_electrons: Any, repetitions: Any = 1, *, charge: Charge = free) -> Circuit:
    """The Hartree-Fock state followed by exp(theta_k (T_k - T_k^dagger)) for each excitation k, singles first.

    One parameter for each excitation and repetition. Spin orbital 2p + s is orbital p with spin s; the state
    starts with the lowest `n_electrons` qubits set. The particle number and the spin projection are conserved
    exactly: each factor is written without error, since the strings of one excitation commute.
    Source: A. Peruzzo et al., Nat. Commun. 5, 4213 (2014); J. Romero et al., Quantum Sci. Technol. 4, 014008 (2018).
    """
    size = integer(n_qubits, "n_qubits", low=2, high=MAX_SPIN_ORBITALS)
    electrons = integer(n_electrons, "n_electrons", low=1, high=size)
    rounds = integer(repetitions, "repetitions", low=1, high=1000)
    empty = size - electrons
    pairs = electrons * (electrons - 1) // 2 * (empty * (empty - 1) // 2)
    charge(electrons + rounds * (2 * electrons * empty + 8 * pairs))
    moves = excitations(size, electrons)
    if not moves:
        raise ArgumentError(f"there is no excitation of {electrons} electrons in {size} spin orbitals")

    builder = CircuitBuilder(size, name="uccsd", parameters=[f"p{k}" for k in range(len(moves) * rounds)])
    for qubit in range(electrons):
        builder.gate("x", [qubit])
    generators = [sorted(excitation(sources, targets).items()) for sources, targets in moves]
    used = 0
    for _ in range(rounds):
        for generator in generators:
            theta = Affine.symbol(f"p{used}")
            used += 1
            for string, weight in generator:  # T - T^dagger = sum of i * weight.imag * P
                add_pauli_rotation(builder, label_of(string).split(), theta * (-2.0 * weight.imag))
    return builder.build()
