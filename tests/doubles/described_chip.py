"""Descriptions of devices, as files of them say: chips with couplings and calibrations, drawn by a seed."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from eigen.ir.targets import topologies

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def chip(
    name: str, pairs: Sequence[tuple[int, int]], *, seed: int = 1, errors: float = 1.0, **changes: Any
) -> dict[str, Any]:
    """A chip in RZ, SX, X and CZ. `errors` scales all that goes wrong: at 0 nothing does."""
    draw = random.Random(seed)
    count = 1 + max(max(pair) for pair in pairs)
    coupled = sorted({(min(pair), max(pair)) for pair in pairs})

    def between(low: float, high: float) -> float:
        return errors * draw.uniform(low, high)

    qubits = [
        {"one_given_zero": between(0.004, 0.03), "zero_given_one": between(0.008, 0.05)}
        | ({"t1_ns": draw.uniform(6e4, 1.6e5), "t2_ns": draw.uniform(4e4, 1.2e5)} if errors else {})
        for _ in range(count)
    ]
    single = [
        {"gate": gate, "qubits": [qubit], "error": between(2e-4, 6e-4), "duration_ns": 36}
        for qubit in range(count)
        for gate in ("SX", "X")
    ]
    double = [{"gate": "CZ", "qubits": [*pair], "error": between(0.004, 0.018), "duration_ns": 84} for pair in coupled]
    return {
        "name": name,
        "num_qubits": count,
        "coupling": [[*pair] for pair in coupled],
        "basis": ["RZ", "SX", "X", "CZ"],
        "calibration": {
            "kind": "calibration",
            "version": "1",
            "measure_ns": 1200,
            "reset_ns": 1200,
            "qubits": qubits,
            "gates": single + double,
        },
        **changes,
    }


def heavy_hex(name: str = "falcon", size: int = 27, **changes: Any) -> dict[str, Any]:
    """A chip of that many qubits in a heavy-hexagon lattice."""
    return chip(name, topologies.heavy_hex(size), **changes)


def written(folder: Path, *descriptions: dict[str, Any]) -> Path:
    """The folder with a file for each."""
    folder.mkdir(parents=True, exist_ok=True)
    for each in descriptions:
        (folder / f"{each['name']}.json").write_text(json.dumps(each))
    return folder
