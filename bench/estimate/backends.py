"""Fake devices: Qiskit's generic backend with its drawn calibration, made better or worse, as descriptions of ours.

Two sets that share neither seeds nor shapes: intervals are fitted to one and judged on the other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from typing import Any

from eigen.estimate import device_of
from eigen.ir.targets import Target
from eigen.types import Device

SHAPES = {
    "fitted": ("line:10", "grid:3x4", "ring:9", "line:14", "grid:2x6", "ring:12", "line:8", "grid:4x4"),
    "held out": ("heavy-hex:27", "grid:3x3", "line:12", "ring:10", "heavy-hex:27", "grid:3x5", "line:9", "ring:14"),
}
SEEDS = {"fitted": 1, "held out": 1_001}
BASES = (["rz", "sx", "x", "cx"], ["rz", "sx", "x", "cz"])


@dataclass(frozen=True, slots=True)
class Backend:
    """A device with the calibration document that its noise is simulated from."""

    name: str
    device: Device
    document: dict[str, Any]


def backends(which: str) -> list[Backend]:
    """The devices of one set."""
    return [_backend(which, number, shape) for number, shape in enumerate(SHAPES[which])]


def _backend(which: str, number: int, shape: str) -> Backend:
    from qiskit.providers.fake_provider import GenericBackendV2

    seed = SEEDS[which] + number
    dice = Random(seed)
    target = Target.of(shape)
    made = GenericBackendV2(
        target.num_qubits,
        basis_gates=list(BASES[number % 2]),
        coupling_map=[list(pair) for pair in target.coupling],
        seed=seed,
    )
    errors, readout, times = (2.0 ** dice.uniform(-2, 3), 2.0 ** dice.uniform(-2, 1), 2.0 ** dice.uniform(-2, 1))
    document = calibration(made, dice, errors=errors, readout=readout, times=times)
    description = {
        "name": f"{which} {number}: {shape}",
        "num_qubits": target.num_qubits,
        "coupling": [list(pair) for pair in target.coupling],
        "directed": True,
        "basis": BASES[number % 2],
        "calibration": document,
    }
    return Backend(description["name"], device_of(json.dumps(description).encode(), shape), document)


def calibration(backend: Any, dice: Random, *, errors: float, readout: float, times: float) -> dict[str, Any]:
    """A backend's properties as calibration data, with factors on errors and on T1 and T2. Each gate and qubit has a
    spread of its own besides, as devices do."""
    target = backend.target
    gates: list[dict[str, Any]] = []
    measure = 0.0
    flips = dict[int, float]()
    for name in target.operation_names:
        for qubits, known in (target[name] or {}).items():
            if known is None or qubits is None:
                continue
            if name == "measure":
                flips[qubits[0]] = min(0.4, (known.error or 0.0) * readout * 2.0 ** dice.gauss(0, 0.7))
                measure = max(measure, known.duration or 0.0)
            elif name not in {"reset", "delay"} and (known.error or known.duration):
                rate = min(0.3, (known.error or 0.0) * errors * 2.0 ** dice.gauss(0, 0.7))
                length = (known.duration or 0.0) * 1e9
                gates.append({"gate": name.upper(), "qubits": list(qubits), "error": rate, "duration_ns": length})
    qubits = [
        {
            "t1_ns": (known.t1 or 1e-4) * 1e9 * times * 2.0 ** dice.gauss(0, 0.5),
            "t2_ns": (known.t2 or 1e-4) * 1e9 * times * 2.0 ** dice.gauss(0, 0.5),
            "one_given_zero": 0.7 * flips.get(index, 0.0),
            "zero_given_one": 1.3 * flips.get(index, 0.0),
        }
        for index, known in enumerate(target.qubit_properties)
    ]
    return {"kind": "calibration", "version": "1", "measure_ns": measure * 1e9, "qubits": qubits, "gates": gates}
