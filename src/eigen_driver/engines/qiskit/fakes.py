"""Snapshots of IBM's machines as devices: circuits in their gates, on their couplings, run by Aer with the noise that
`NoiseModel.from_backend` makes of their calibration, on the qubits that a circuit uses."""

# Qiskit has hints for some of its names only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false, reportMissingImports=false

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from qiskit_aer.noise import thermal_relaxation_error
from qiskit_aer.noise.device import basic_device_gate_errors

from eigen_driver.engines.qiskit.circuits import Translated, counted, translate
from eigen_driver.engines.qiskit.errors import readout_model
from eigen_driver.engines.qiskit.running import ran, simulator
from eigen_driver.failure import RefusedError
from eigen_driver.noise import UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver.circuit import Circuit, Operation
    from eigen_driver.engines.qiskit.snapshots import Snapshot

CIRCUITS_KEPT = 64


@dataclass(frozen=True)
class _Kept:
    made: Translated
    readout: Any


class Fakes:
    """Runs circuits as the described machines would. One at a time."""

    def __init__(self, memory_bytes: int) -> None:
        self._memory = memory_bytes
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._simulators: dict[tuple[str, int], Any] = {}

    def sample(
        self, where: str, machine: Snapshot, circuit: Circuit, values: Sequence[float], shots: int, seed: int,
        *, method: str, threads: int,
    ) -> tuple[dict[int, int], str]:  # fmt: skip
        """Counts, and the method that made them; zeros of a circuit that measures nothing."""
        kept = self._prepared(machine, circuit)
        if not kept.made.measures:
            return {0: shots}, method
        given: dict[str, Any] = {"enable_truncation": False} if kept.made.branches else {}
        if kept.readout is not None:
            given["noise_model"] = kept.readout
        if (method, threads) not in self._simulators:
            self._simulators[method, threads] = simulator(method, threads, self._memory)
        on = self._simulators[method, threads]
        data, used = ran(where, on, kept.made.bound(values), shots, seed, given)
        return counted(data["counts"], circuit.num_clbits), used

    def _prepared(self, machine: Snapshot, circuit: Circuit) -> _Kept:
        key = (machine.name, circuit.digest)
        known = self._kept.pop(key, None)
        if known is None:
            used = sorted({qubit for operation in circuit.every() for qubit in operation.qubits}) or [0]
            errors = MachineErrors(machine, used)
            rates = {place: errors.readout(qubit) for place, qubit in enumerate(used)}
            noisy = {place: rate for place, rate in rates.items() if rate != (0.0, 0.0)}
            known = _Kept(translate(circuit, errors, used), readout_model(noisy))
            if len(self._kept) >= CIRCUITS_KEPT:
                del self._kept[next(iter(self._kept))]
        self._kept[key] = known
        return known


class MachineErrors:
    """The errors of a machine on some of its qubits, as `Errors` of a circuit."""

    def __init__(self, machine: Snapshot, used: Sequence[int]) -> None:
        self._machine = machine
        self._gates = _gate_errors(machine, used)
        self._waits: dict[tuple[int, float], Any] = {}

    def before(self, operation: Operation) -> Sequence[tuple[Any, tuple[int, ...]]]:
        """Nothing: what a measurement does wrong is in its record."""
        return ()

    def after(self, operation: Operation) -> Sequence[tuple[Any, tuple[int, ...]]]:
        """The error of a gate or a reset, and relaxation while qubits wait."""
        if operation.name == "DELAY":
            return [pair for qubit in operation.qubits for pair in self._waited(qubit, operation)]
        if operation.name == "RESET":
            sites = [(qubit,) for qubit in operation.qubits]
            return [(self._gates["RESET", site], site) for site in sites if ("RESET", site) in self._gates]
        error = self._gates.get((operation.name, operation.qubits))
        return () if error is None else [(error, operation.qubits)]

    def edge(self) -> None:
        """Nothing: no error depends on what was before."""

    def readout(self, qubit: int) -> tuple[float, float]:
        """How often 1 is recorded for 0, and 0 for 1."""
        row = self._machine.calibration["qubits"][qubit]
        return row["one_given_zero"], row["zero_given_one"]

    def _waited(self, qubit: int, operation: Operation) -> list[tuple[Any, tuple[int, ...]]]:
        row = self._machine.calibration["qubits"][qubit]
        length = operation.params.get("duration", 0.0)
        if not isinstance(length, int | float):
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", "a delay on this device is a number")
        unit = self._machine.calibration.get("dt_ns") if operation.unit == "dt" else UNITS[operation.unit]
        if unit is None:
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", f"`{self._machine.name}` does not say how long `dt` is")
        if "t1_ns" not in row or length <= 0.0:
            return []
        key = (qubit, length * unit)
        if key not in self._waits:
            self._waits[key] = thermal_relaxation_error(row["t1_ns"], row["t2_ns"], length * unit)
        return [(self._waits[key], (qubit,))]


def _gate_errors(machine: Snapshot, used: Sequence[int]) -> Mapping[tuple[str, tuple[int, ...]], Any]:
    """Aer's errors by gate and qubits, of the couplings and gates among some qubits.

    They are told as a machine's `properties`, of these qubits alone: of a whole machine they take seconds.
    """
    place = {qubit: index for index, qubit in enumerate(used)}
    gates = [
        _gate(row["gate"], [place[qubit] for qubit in row["qubits"]], row["duration_ns"], row["error"])
        for row in machine.calibration["gates"]
        if all(qubit in place for qubit in row["qubits"])
    ]
    gates += [_gate("RESET", [index], machine.calibration["reset_ns"]) for index in range(len(used))]
    qubits = [
        [_Item(name, row[key], "ns") for name, key in (("T1", "t1_ns"), ("T2", "t2_ns")) if key in row]
        for row in (machine.calibration["qubits"][qubit] for qubit in used)
    ]
    found = basic_device_gate_errors(SimpleNamespace(gates=gates, qubits=qubits))
    return {(name, tuple(used[index] for index in indices)): error for name, indices, error in found}


def _gate(name: str, qubits: list[int], length_ns: float, error: float | None = None) -> SimpleNamespace:
    parameters = [_Item("gate_length", length_ns, "ns")]
    parameters += [] if error is None else [_Item("gate_error", error, "")]
    return SimpleNamespace(gate=name, qubits=qubits, parameters=parameters)


class _Item(NamedTuple):
    name: str
    value: float
    unit: str
