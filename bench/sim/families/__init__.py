"""The families of circuits that are measured: each a function of the number of qubits, always the same circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.sim.families import algorithms, ansatz, dynamics, memory, scrambling

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.sim.circuit import Circuit

WIDTHS = (4, 8, 12, 16, 20, 22, 24, 26)


@dataclass(frozen=True, slots=True)
class Family:
    """A family with the widths it is measured at.

    `dense`: the state has no structure that beats 2^n amplitudes. `records`: it measures on the way, for sampling only.
    """

    name: str
    build: Callable[[int], Circuit]
    about: str
    widths: tuple[int, ...] = WIDTHS
    dense: bool = True
    records: bool = False


_TABLE = (
    Family("qft", algorithms.qft, "QFT of a product state"),
    Family("hea", ansatz.hea, "HEA ry+rz, 5 layers"),
    Family("ry-hea", ansatz.ry_hea, "HEA ry, 5 layers"),
    Family("qaoa", ansatz.qaoa, "QAOA 3-regular, p=4"),
    Family("grid", scrambling.grid, "random grid, depth 20"),
    Family("quantum-volume", scrambling.quantum_volume, "quantum volume"),
    Family("tfim", dynamics.tfim, "TFIM Trotter, 20 steps"),
    Family("heisenberg", dynamics.heisenberg, "Heisenberg Trotter, 20 steps"),
    Family("uccsd", ansatz.uccsd, "UCCSD", widths=(4, 8, 12, 16)),
    Family("qpe", algorithms.qpe, "phase estimation"),
    Family("grover", algorithms.grover, "Grover, 10 rounds"),
    Family("adder", algorithms.adder, "Cuccaro adder", dense=False),
    Family("ghz", algorithms.ghz, "GHZ", dense=False),
    Family("qft-zero", algorithms.qft_zero, "QFT of |0>", dense=False),
    Family(
        "surface-code", memory.surface_code, "surface code memory", widths=(49, 161, 449), dense=False, records=True
    ),
)
FAMILIES = {family.name: family for family in _TABLE}
MAIN = ("qft", "hea", "ry-hea", "qaoa", "grid", "quantum-volume", "tfim")
