"""What IBM says of a machine, its configuration and its properties as JSON, as a device with its calibration.

The snapshots that come with qiskit-ibm-runtime are read as files: loading the package takes seconds, and has nothing to
add.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eigen_driver.failure import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eigen_driver.asks import Sample
    from eigen_driver.engine import Device

PACKAGE = "qiskit_ibm_runtime"
GATES = {
    **{name.lower(): name for name in ("X", "SX", "RX", "RZ", "P", "U", "CX", "CZ", "ECR", "RZZ")},
    "id": "I",
    "u1": "P",
    "u3": "U",
}
"""IBM's names of gates and those of the gate table; gates with no counterpart are left out."""
MICRO = 1e3  # ns
SCALES = {"us": MICRO, "µs": MICRO, "ns": 1.0, "ms": 1e6, "s": 1e9}
BROKEN = 1.0
"""The error rate that IBM writes for what does not work."""
LEAST_DT_NS = 0.01


@dataclass(frozen=True)
class Snapshot:
    """A machine: its gates by the names of the gate table, the directed pairs that work, and its calibration, as the
    guide on noise has it. `words` are IBM's names of its gates."""

    name: str
    num_qubits: int
    gates: tuple[str, ...]
    coupling: tuple[tuple[int, int], ...]
    dynamic: bool
    max_shots: int
    calibration: Mapping[str, Any]
    calibrated_at: str = ""
    words: Mapping[str, str] = field(default_factory=dict[str, str])

    def properties(self) -> dict[str, Any]:
        """What placing, estimating and scheduling ask of a device."""
        longest: dict[str, float] = {"MEASURE": self.calibration["measure_ns"] * 1e-9}
        longest["RESET"] = self.calibration["reset_ns"] * 1e-9
        errors: list[list[Any]] = []
        for row in self.calibration["gates"]:
            longest[row["gate"]] = max(longest.get(row["gate"], 0.0), row["duration_ns"] * 1e-9)
            if len(row["qubits"]) == 2:
                errors.append([*row["qubits"], row["error"]])
        return {
            "calibration": dict(self.calibration),
            "calibrated_at": self.calibrated_at,
            "durations": longest,
            "pair_errors": errors,
        }


def snapshots() -> Iterator[Snapshot]:
    """Those of the installed package, by name, each with the prefix `fake_`."""
    for path in sorted(_folder().glob("*/conf_*.json")):
        found = sorted(path.parent.glob("props_*.json"))
        if found:
            configuration, properties = (json.loads(each.read_text("utf-8")) for each in (path, found[0]))
            yield snapshot(f"fake_{path.parent.name}", configuration, properties)


def snapshot(name: str, configuration: Mapping[str, Any], properties: Mapping[str, Any]) -> Snapshot:
    """A machine from its two documents; RefusedError for documents that are none."""
    try:
        return _snapshot(name, configuration, properties)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        message = f"what IBM says of `{name}` cannot be read: {type(error).__name__}: {error}"
        raise RefusedError("EIGEN_DEVICE_FAILED", message) from error


def refuse_beyond(device: Device, machine: Snapshot, ask: Sample) -> None:
    """Refuse what the machine does not have: couplings, and measurements in another basis than Z."""
    pairs = set(machine.coupling)
    for operation in ask.circuit.every():
        if operation.name == "MEASURE" and operation.basis != "Z":
            message = f"`{device.id}` measures in the Z basis, not in `{operation.basis}`"
            raise RefusedError("EIGEN_COMPILER_UNSUPPORTED", message)
        if len(operation.qubits) == 2 and operation.name in device.gates and operation.qubits not in pairs:
            first, second = operation.qubits
            message = f"`{device.id}` does not couple qubits `{first}` and `{second}` for `{operation.name}`"
            raise RefusedError("EIGEN_COMPILER_UNSUPPORTED", message)


def _snapshot(name: str, configuration: Mapping[str, Any], properties: Mapping[str, Any]) -> Snapshot:
    basis = [gate for gate in configuration["basis_gates"] if gate in GATES]
    rows: list[dict[str, Any]] = []
    broken: set[int] = set()
    resets: list[float] = []
    for item in properties["gates"]:
        numbers = _numbers(item["parameters"])
        length = numbers.get("gate_length", 0.0)
        if item["gate"] == "reset":
            resets.append(length)
        if item["gate"] not in basis:
            continue
        error = min(1.0, max(0.0, numbers.get("gate_error", 0.0)))
        qubits = [int(qubit) for qubit in item["qubits"]]
        if error >= BROKEN and len(qubits) == 1:
            broken.add(qubits[0])
        rows.append({"gate": GATES[item["gate"]], "qubits": qubits, "error": error, "duration_ns": length})
    pairs = {
        (row["qubits"][0], row["qubits"][1])
        for row in rows
        if len(row["qubits"]) == 2 and row["error"] < BROKEN and not broken & set(row["qubits"])
    }
    qubits = [_qubit(_numbers(each)) for each in properties["qubits"]]
    reads = [_numbers(each).get("readout_length", 0.0) for each in properties["qubits"]]
    calibration: dict[str, Any] = {
        "kind": "calibration",
        "version": "1",
        "measure_ns": max(reads, default=0.0),
        "reset_ns": max(resets, default=max(reads, default=0.0)),
        "qubits": qubits,
        "gates": [row for row in rows if len(row["qubits"]) == 1 or tuple(row["qubits"]) in pairs],
    }
    dt = float(configuration.get("dt") or 0.0)
    if dt >= LEAST_DT_NS:
        calibration["dt_ns"] = dt
    known = configuration.get("supported_instructions") or ()
    return Snapshot(
        name,
        int(configuration["n_qubits"]),
        tuple(dict.fromkeys(GATES[gate] for gate in basis)),
        tuple(sorted(pairs)),
        "if_else" in known and "reset" in known,
        int(configuration.get("max_shots") or 8192),
        calibration,
        str(properties.get("last_update_date", "")),
        {GATES[gate]: gate for gate in basis},
    )


def _numbers(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Measured numbers by name, times in nanoseconds."""
    return {row["name"]: float(row["value"]) * SCALES.get(row.get("unit") or "", 1.0) for row in rows}


def _qubit(numbers: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    if numbers.get("T1", 0.0) > 0.0 and numbers.get("T2", 0.0) > 0.0:
        found = {"t1_ns": numbers["T1"], "t2_ns": min(numbers["T2"], 2.0 * numbers["T1"])}
    error = numbers.get("readout_error", 0.0)
    found["one_given_zero"] = min(1.0, max(0.0, numbers.get("prob_meas1_prep0", error)))
    found["zero_given_one"] = min(1.0, max(0.0, numbers.get("prob_meas0_prep1", error)))
    return found


def _folder() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise RefusedError("EIGEN_NOT_AVAILABLE", f"the package `{PACKAGE}` is not installed")
    return Path(spec.submodule_search_locations[0]) / "fake_provider" / "backends"
