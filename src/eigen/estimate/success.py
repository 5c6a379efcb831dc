"""How likely a circuit's shots are what they would be without errors: a product of fidelities from calibration data."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log1p
from typing import TYPE_CHECKING, Any

from eigen.estimate.confidence import SUCCESS_HIGH, SUCCESS_LOW
from eigen.ir.targets.calibration import FRAMES
from eigen.ir.targets.schedule import PER_SECOND, PICOSECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eigen._core import Instruction
    from eigen.ir.circuit import Circuit
    from eigen.ir.targets.calibration import Calibration

SILENT = frozenset({"BARRIER", "COMPUTE", "GPHASE"})
MOST_OPERATIONS = 2_000_000
"""Of a circuit with its loops written out."""


@dataclass(frozen=True, slots=True)
class Success:
    """The estimate of one circuit on one device, and what it comes from.

    `value` is the product of one minus each error: of its `gates`, its `readout`, and its `idle` time; of a circuit
    with one right outcome `low` and `high` are the interval that its probability lies in as often as
    `eigen.estimate.confidence` says. Where many outcomes are right, less is seen of each error: the Hellinger fidelity
    of the counts is seldom below `low`. `duration` is that of one shot in seconds.
    """

    value: float
    low: float
    high: float
    gates: float
    readout: float
    idle: float
    duration: float

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Success:
        """The estimate that `to_json` wrote."""
        return Success(**{name: value[name] for name in Success.__slots__})


class UnknownErrorRate(Exception):  # noqa: N818  (no failure: the estimate is not there, with this reason)
    """Something that the circuit does was not measured."""


def success_of(circuit: Circuit, calibration: Calibration) -> Success:
    """The estimate of a circuit in the device's terms. Raises `UnknownErrorRate` with the reason.

    Qubits idle between their first operation and their last one, each operation beginning as soon as it can. Of an IF
    the longer side counts, of a WHILE its bound.
    """
    tally = _Tally(calibration, [0] * circuit.num_qubits, set())
    for operation in _written_out(circuit.instructions(), [MOST_OPERATIONS]):
        tally.add(operation)
    logs = (tally.gates, tally.readout, tally.idle)
    total = sum(logs)
    gates, readout, idle = (exp(part) for part in logs)
    low, high = exp(SUCCESS_LOW * total), exp(SUCCESS_HIGH * total)
    return Success(exp(total), low, high, gates, readout, idle, max(tally.free, default=0) / PER_SECOND)


@dataclass(slots=True)
class _Tally:
    """Logarithms of fidelities, and when each qubit is free again, in picoseconds."""

    calibration: Calibration
    free: list[int]
    used: set[int]
    gates: float = 0.0
    readout: float = 0.0
    idle: float = 0.0

    def add(self, operation: Instruction) -> None:
        if operation.name in SILENT and operation.name != "BARRIER":
            return
        start = max((self.free[qubit] for qubit in operation.qubits), default=0)
        length = 0 if operation.name == "BARRIER" else self._do(operation)
        for qubit in operation.qubits:
            if operation.name != "BARRIER":
                self._wait(qubit, start)
                self.used.add(qubit)
            if operation.name != "BARRIER" or qubit not in self.used:
                self.free[qubit] = start + length

    def _wait(self, qubit: int, start: int) -> None:
        if qubit in self.used and start > self.free[qubit]:
            seconds = (start - self.free[qubit]) / PER_SECOND
            self.idle += log1p(-self.calibration.qubit(qubit).idle_error(seconds))

    def _do(self, operation: Instruction) -> int:
        """Count what an operation costs; its length in picoseconds."""
        name, qubits = operation.name, operation.qubits
        if name == "MEASURE":
            for qubit in qubits:
                self.readout += _log(self.calibration.qubit(qubit).readout_error)
            return round(self.calibration.measure * PER_SECOND)
        if name == "RESET":
            return round(self.calibration.reset * PER_SECOND)
        if name == "DELAY":
            return self._delay(operation)
        known = self.calibration.gate(name, qubits)
        if known is None:
            if len(qubits) == 1 and name in FRAMES:
                return 0
            places = ", ".join(map(str, qubits))
            raise UnknownErrorRate(f"the calibration has no error of `{name}` on {places}")
        # A gate is not better than waiting as long: where it was measured to be, the two were not measured together.
        waiting = 1.0
        for qubit in qubits:
            waiting *= 1.0 - self.calibration.qubit(qubit).idle_error(known.duration)
        self.gates += _log(max(known.error, 1.0 - waiting))
        return round(known.duration * PER_SECOND)

    def _delay(self, operation: Instruction) -> int:
        length = operation.params[0]
        if not isinstance(length, float) or operation.unit not in PICOSECONDS:
            raise UnknownErrorRate(f"a DELAY of `{length}` `{operation.unit}` has no length in seconds")
        for qubit in operation.qubits:
            seconds = length * PICOSECONDS[operation.unit] / PER_SECOND
            self.idle += log1p(-self.calibration.qubit(qubit).idle_error(seconds))
        return round(length * PICOSECONDS[operation.unit])


def _log(error: float) -> float:
    """The logarithm of one minus an error; of one that is certain, of a very small number."""
    return log1p(-min(error, 1.0 - 1e-12))


def _written_out(operations: Sequence[Instruction], room: list[int]) -> Iterator[Instruction]:
    """Every operation in its order, loops as often as they may go round."""
    for operation in operations:
        room[0] -= 1
        if room[0] < 0:
            raise UnknownErrorRate(f"with its loops written out the circuit has more than {MOST_OPERATIONS} operations")
        if not operation.blocks:
            yield operation
        elif operation.name in {"FOR", "WHILE"}:
            for _ in range(operation.bound):
                yield from _written_out(operation.blocks[0], room)
        else:
            yield from _written_out(max(operation.blocks, key=len), room)
