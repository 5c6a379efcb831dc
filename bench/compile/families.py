"""The circuits that are compiled, by family and width: those of `bench.sim` and some that only compilers find hard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.compile import circuits
from bench.sim.families import algorithms, ansatz, dynamics, scrambling

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.sim.circuit import Circuit


@dataclass(frozen=True, slots=True)
class Family:
    """A family with the widths at which it is compiled."""

    name: str
    build: Callable[[int], Circuit]
    about: str
    widths: tuple[int, ...]


_TABLE = (
    Family("ghz", algorithms.ghz, "GHZ", (4, 8, 16, 27, 50, 100, 127, 250, 433, 1000)),
    Family("bv", circuits.bernstein_vazirani, "Bernstein-Vazirani", (4, 8, 16, 27, 50, 100, 250, 500, 1000)),
    Family("w", circuits.w_state, "W state", (4, 8, 16, 27, 50, 100, 118, 250, 500, 1000)),
    Family("qft", algorithms.qft_zero, "QFT", (4, 6, 8, 12, 16, 20, 27, 32, 50, 63, 100)),
    Family("qpe", algorithms.qpe, "phase estimation", (4, 8, 12, 16, 20, 32)),
    Family("qaoa", ansatz.qaoa, "QAOA 3-regular, p=4", (4, 8, 12, 16, 20, 28, 50, 64, 100, 200, 500, 1000)),
    Family("tfim", dynamics.tfim, "TFIM Trotter, 20 steps", (4, 8, 16, 27, 50, 98, 127, 250, 500, 1000)),
    Family("heisenberg", dynamics.heisenberg, "Heisenberg Trotter, 20 steps", (4, 8, 16, 27, 50, 100, 250, 1000)),
    Family("pauli", circuits.pauli_evolution, "random Pauli evolution", (4, 8, 12, 16, 20, 30)),
    Family("uccsd", ansatz.uccsd, "UCCSD", (4, 6, 8, 10, 12)),
    Family("hea", ansatz.hea, "HEA line, 5 layers", (4, 8, 16, 27, 50, 100, 250, 500, 1000)),
    Family("hea-ring", circuits.hea_ring, "HEA ring, 5 layers", (4, 8, 16, 27, 50, 89, 127)),
    Family("hea-full", circuits.hea_full, "HEA full, 3 layers", (4, 8, 12, 16, 20, 32, 50)),
    Family("layers", circuits.layers, "RY and CX along the line, 15 layers", (8, 100, 1000)),
    Family("adder", algorithms.adder, "Cuccaro adder", (4, 8, 16, 28, 64, 100, 200, 500, 1000)),
    Family("grover", algorithms.grover, "Grover", (4, 5, 6, 8)),
    Family("mcx", circuits.controlled_increment, "increment by multi-controlled X", (4, 6, 8, 10, 12)),
    Family("clifford", circuits.clifford, "random Clifford", (4, 6, 8, 10, 12, 16, 20, 32)),
    Family("quantum-volume", scrambling.quantum_volume, "quantum volume", (4, 6, 8, 12, 16, 20, 27, 32, 50)),
    Family("grid", scrambling.grid, "random grid, depth 20", (4, 9, 16, 25, 36, 64, 100)),
    Family("sparse", circuits.sparse, "random pairs, 10 layers", (4, 8, 16, 27, 50, 100, 250, 500, 1000)),
)
FAMILIES = {family.name: family for family in _TABLE}
QUICK = (8, 16, 100)
"""The widths of a quick look; a family without one of them is left at those that it has."""
