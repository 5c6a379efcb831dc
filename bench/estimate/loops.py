"""Predicted seconds of whole loops against measured ones: what was predicted for so many evaluations as there were."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import eigen
from bench.report import print_table
from eigen.estimate.budget import unbounded

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = """
from eigen_lang import *


@hybrid_program(seed=5)
def main():
    hamiltonian = create_ising_model_hamiltonian(n_spins={qubits}, J=-1.0, h=0.7)
    ansatz = create_hea_ansatz(n_qubits={qubits}, depth={depth}, rotations="ry")

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles{shots})

    return minimize(energy, [0.1] * ansatz.num_params, method="{method}", max_iter={iterations}).optimal_value
"""
LOOPS = (
    ("adam", 4, 2, 200, None),
    ("adam", 10, 2, 100, None),
    ("adam", 16, 2, 10, None),
    ("l-bfgs-b", 8, 2, 60, None),
    ("l-bfgs-b", 14, 2, 20, None),
    ("cobyla", 6, 2, 300, None),
    ("spsa", 8, 2, 200, None),
    ("spsa", 16, 2, 40, None),
    ("bfgs", 6, 2, 20, None),
    ("spsa", 4, 1, 60, 500),
    ("spsa", 10, 1, 40, 1000),
    ("cobyla", 14, 1, 30, 1000),
)
Row = dict[str, Any]


def measured() -> list[Row]:
    """Each loop once, on the device that the router chooses."""
    rows: list[Row] = []
    with TemporaryDirectory() as folder, eigen.connect(data_dir=folder) as client:
        for method, qubits, depth, iterations, shots in LOOPS:
            text = "" if shots is None else f", shots={shots}"
            path = Path(folder) / "loop.eigen.py"
            path.write_text(
                PROGRAM.format(method=method, qubits=qubits, depth=depth, iterations=iterations, shots=text)
            )
            found = client.estimate(path)
            if found.chosen is None:
                raise RuntimeError(found.why)
            seconds = found.of(found.chosen).seconds
            if seconds is None:
                raise RuntimeError(f"nothing is predicted of {method} on {found.chosen}")
            started = time.perf_counter()
            ran = client.run(path)
            whole = time.perf_counter() - started
            share = ran.metadata["evaluations"] / found.program["evaluations"]["usual"]
            rows.append(
                {
                    "loop": f"{method}, {qubits} qubits{'' if shots is None else f', {shots} shots'}",
                    "device": found.chosen,
                    "evaluations": ran.metadata["evaluations"],
                    "bound": unbounded(found.program["evaluations"]["most"]),
                    "predicted": seconds.usual * share,
                    "device_seconds": ran.metadata["execution_time_sec"],
                    "whole_seconds": whole,
                }
            )
    return rows


def show(rows: Sequence[Row]) -> None:
    """A table of the loops: milliseconds, of the device and of the whole job."""
    table = [
        [
            row["loop"],
            row["device"],
            f"{row['evaluations']}",
            f"{row['bound']:.0f}",
            f"{1e3 * row['predicted']:.1f}",
            f"{1e3 * row['device_seconds']:.1f}",
            f"{1e3 * row['whole_seconds']:.1f}",
            f"{row['device_seconds'] / row['predicted']:.2f}",
        ]
        for row in rows
    ]
    heads = ["loop", "device", "evaluations", "at most", "predicted", "device", "job", "device/predicted"]
    print_table("Loops: predicted for the evaluations that there were, and measured, in ms", heads, table)
