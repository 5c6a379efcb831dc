"""Gates on two qubits after our passes and after Qiskit's, all qubits coupled, in U and CX: counts and seconds.

The circuits are those of `bench.sim`, Pauli rotations written as ladders of CX for both. Qiskit may leave its qubits
permuted, and so do we (`optimise_relabelled`); neither gate counts those renamings.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from bench.report import print_table, save
from bench.sim.circuit import Circuit as Neutral
from bench.sim.circuit import without_pauli_rotations
from bench.sim.families import FAMILIES
from bench.sim.native import native
from eigen._core import Circuit, optimise, optimise_relabelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from qiskit import QuantumCircuit

WIDTHS = (4, 8, 12)
SKIPPED = {"surface-code"}
BASIS = ("U", "CX", "GPHASE")
ROUNDS = 3
LEVELS = (1, 2, 3)


def main() -> None:
    """Compile each circuit at each level with both, and print counts and seconds."""
    from bench.sim.peers.qiskit_circuit import circuit_of

    cells: list[dict[str, Any]] = []
    for family in FAMILIES.values():
        for width in (w for w in WIDTHS if w in family.widths and family.name not in SKIPPED):
            neutral = family.build(width)
            neutral = Neutral(width, tuple(without_pauli_rotations(neutral)), neutral.angles)
            ours, theirs = native(neutral), circuit_of(neutral)
            cell: dict[str, Any] = {"family": family.name, "qubits": width}
            for level in LEVELS:
                count, seconds = _timed(lambda level=level, ours=ours: _eigen(ours, level))
                cell[f"eigen-{level}"], cell[f"eigen-{level}-seconds"] = count, seconds
                count, seconds = _timed(lambda level=level, theirs=theirs: _qiskit(theirs, level))
                cell[f"qiskit-{level}"], cell[f"qiskit-{level}-seconds"] = count, seconds
            cells.append(cell)
    _show(cells)
    save("passes", {"cells": cells})


def _eigen(circuit: Circuit, level: int) -> int:
    if level < 2:
        return optimise(circuit, level, BASIS, new_pairs=True)[1][-1].two_qubit_gates
    return optimise_relabelled(circuit, level, BASIS)[1][-1].two_qubit_gates


def _qiskit(circuit: QuantumCircuit, level: int) -> int:
    from qiskit import transpile

    out = transpile(circuit, basis_gates=["u", "cx"], optimization_level=level, seed_transpiler=1)
    return out.num_nonlocal_gates()


def _timed(run: Callable[[], int]) -> tuple[int, float]:
    """What it gives, and the least of some times."""
    least = math.inf
    count = 0
    for _ in range(ROUNDS):
        started = time.perf_counter()
        count = run()
        least = min(least, time.perf_counter() - started)
    return count, least


def _show(cells: list[dict[str, Any]]) -> None:
    rows = [
        (
            f"{cell['family']} {cell['qubits']}",
            *(str(cell[f"{who}-{level}"]) for level in LEVELS for who in ("eigen", "qiskit")),
            f"{cell['eigen-2-seconds'] * 1e3:.2f}",
            f"{cell['qiskit-2-seconds'] * 1e3:.2f}",
            "loss" if cell["eigen-2"] > cell["qiskit-2"] else "",
        )
        for cell in cells
    ]
    heads = [f"{who} {level}" for level in LEVELS for who in ("eigen", "qiskit")]
    print_table("Gates on two qubits by level", ("circuit", *heads, "eigen 2 ms", "qiskit 2 ms", ""), rows)
    for level in LEVELS:
        both = [(cell[f"eigen-{level}"], cell[f"qiskit-{level}"]) for cell in cells]
        count = math.exp(sum(math.log((ours + 1) / (theirs + 1)) for ours, theirs in both) / len(both))
        ratios = [cell[f"eigen-{level}-seconds"] / cell[f"qiskit-{level}-seconds"] for cell in cells]
        seconds = math.exp(sum(map(math.log, ratios)) / len(ratios))
        print(f"level {level}: {count:.3f} of Qiskit's gates, {seconds:.3f} of its time (geometric means)")


if __name__ == "__main__":
    main()
