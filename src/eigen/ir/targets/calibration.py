"""`Calibration`: what was measured of a device: relaxation and readout of its qubits, errors and durations of gates."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types import Json

Place = tuple[str, tuple[int, ...]]
NS = 1e-9
FRAMES = frozenset({"RZ", "P", "Z", "S", "Sdg", "T", "Tdg", "I", "GPHASE"})
"""Gates that are changes of frame where nothing was measured of them: they take no time and make no error."""


@dataclass(frozen=True, slots=True)
class QubitData:
    """One qubit: T1 and T2 in seconds (None: not measured), and how often its outcome is recorded wrongly."""

    t1: float | None = None
    t2: float | None = None
    one_given_zero: float = 0.0
    zero_given_one: float = 0.0

    @property
    def readout_error(self) -> float:
        """The mean of the two ways to be recorded wrongly."""
        return (self.one_given_zero + self.zero_given_one) / 2.0

    def idle_error(self, seconds: float) -> float:
        """One minus the average fidelity of waiting: of amplitude damping by T1 with dephasing to T2 (Georgopoulos,
        Emary and Zuliani, Phys. Rev. A 104, 062432, section III)."""
        if self.t1 is None or self.t2 is None or seconds <= 0.0:
            return 0.0
        process = (1.0 + _core.math.exp(-seconds / self.t1) + 2.0 * _core.math.exp(-seconds / self.t2)) / 4.0
        return 1.0 - (2.0 * process + 1.0) / 3.0


@dataclass(frozen=True, slots=True)
class GateData:
    """One gate on some qubits: one minus its average fidelity, and its seconds."""

    error: float
    duration: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """A document of kind `calibration`, read; `measure` and `reset` are seconds."""

    qubits: tuple[QubitData, ...]
    gates: Mapping[Place, GateData] = field(default_factory=dict[Place, GateData])
    measure: float = 0.0
    reset: float = 0.0

    @staticmethod
    def from_json(document: Mapping[str, Json]) -> Calibration:
        """The calibration of a JSON object, as the guide on noise has it. Raises EIGEN_NOISE_INVALID."""
        try:
            _core.NoiseModel.from_json(json.dumps(document).encode())
        except _core.CoreError as error:
            raise EigenError.from_core(error) from None
        names = {alias.lower(): row.name for row in _core.gate_table() for alias in (row.name, *row.aliases)}
        gates = {
            (names[str(row["gate"]).lower()], tuple(int(qubit) for qubit in row["qubits"])): GateData(
                float(row.get("error", 0.0)), float(row.get("duration_ns", 0.0)) * NS
            )
            for row in document.get("gates", ())
        }
        return Calibration(
            tuple(_qubit(row) for row in document.get("qubits", ())),
            gates,
            float(document.get("measure_ns", 0.0)) * NS,
            float(document.get("reset_ns", 0.0)) * NS,
        )

    def gate(self, name: str, qubits: tuple[int, ...]) -> GateData | None:
        """What is known of a gate on these qubits, in either order; None when it was not measured."""
        found = self.gates.get((name, qubits))
        return self.gates.get((name, qubits[::-1])) if found is None else found

    def qubit(self, index: int) -> QubitData:
        """What is known of a qubit; nothing of one beyond the list."""
        return self.qubits[index] if index < len(self.qubits) else QubitData()

    def pair_errors(self) -> dict[tuple[int, int], float]:
        """The error of the best gate on each pair."""
        found: dict[tuple[int, int], float] = {}
        for (_, qubits), data in self.gates.items():
            if len(qubits) == 2:
                pair = (qubits[0], qubits[1])
                found[pair] = min(data.error, found.get(pair, 1.0))
        return found

    def qubit_errors(self) -> dict[int, float]:
        """The error of the worst gate on each single qubit."""
        found: dict[int, float] = {}
        for (_, qubits), data in self.gates.items():
            if len(qubits) == 1:
                found[qubits[0]] = max(data.error, found.get(qubits[0], 0.0))
        return found

    def durations(self) -> dict[str, float]:
        """Seconds by gate, of its longest place, with MEASURE and RESET: what schedules take."""
        found = {"MEASURE": self.measure, "RESET": self.reset} | dict.fromkeys(FRAMES, 0.0)
        for (name, _), data in self.gates.items():
            found[name] = max(data.duration, found.get(name, 0.0))
        return found


def _qubit(row: Mapping[str, Any]) -> QubitData:
    """T2 is at most twice T1: measured times scatter."""
    t1 = float(row["t1_ns"]) * NS if "t1_ns" in row else None
    t2 = t1 if t1 is None else min(float(row.get("t2_ns", row["t1_ns"])) * NS, 2.0 * t1)
    return QubitData(t1, t2, float(row.get("one_given_zero", 0.0)), float(row.get("zero_given_one", 0.0)))
