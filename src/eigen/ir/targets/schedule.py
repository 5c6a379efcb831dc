"""When each operation of a circuit begins, from the durations of gates; idle time becomes DELAY, on record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.rewriting import copy_operation, empty_like

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen._core import Instruction
    from eigen.ir.circuit import Circuit

MODES = ("asap", "alap")
PICOSECONDS = {"s": 10**12, "ms": 10**9, "us": 10**6, "ns": 10**3, "ps": 1}
PER_SECOND = PICOSECONDS["s"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A circuit with its idle time as DELAYs, how long it takes and how long its qubits idle in sum, in seconds.

    A qubit idles between its first operation and its last one; before that it is in |0>.
    """

    circuit: Circuit
    mode: str
    duration: float
    idle: float


def scheduled(circuit: Circuit, durations: Mapping[str, float], mode: str = "alap") -> Schedule:
    """Every operation as soon (`asap`) or as late (`alap`) as the ones on its qubits allow.

    `durations` are seconds by name of gate, with MEASURE and RESET; GPHASE and BARRIER take no time, and neither do
    gates of duration 0, such as an RZ that is a change of frame. DELAYs of the circuit keep their length. Times are
    whole picoseconds. Raises EIGEN_USAGE for another mode or a gate without duration, EIGEN_COMPILER_UNSUPPORTED for
    blocks and conditions, whose time is not known beforehand.
    """
    if mode not in MODES:
        raise EigenError("EIGEN_USAGE", f"there is no schedule `{mode[:40]}`", hint=f"one of {', '.join(MODES)}")
    operations = circuit.instructions()
    lengths = [_length(operation, durations) for operation in operations]
    starts, total = _starts(operations, lengths, circuit.num_qubits)
    if mode == "alap":
        backwards, total = _starts(operations[::-1], lengths[::-1], circuit.num_qubits)
        starts = [total - start - length for start, length in zip(backwards[::-1], lengths, strict=True)]
    # Written by time: what begins earlier stands earlier, and what takes no time stays where it was.
    order = sorted(range(len(operations)), key=lambda index: (starts[index], index))
    builder, free, idle = empty_like(circuit), dict[int, int](), 0
    for index in order:
        operation, start = operations[index], starts[index]
        for qubit in operation.qubits:
            gap = start - free.get(qubit, start)
            if gap:
                builder.delay([qubit], gap / PICOSECONDS["ns"], "ns")
                idle += gap
            if qubit in free or operation.name != "BARRIER":  # behind a barrier alone it is still in |0>
                free[qubit] = start + lengths[index]
        copy_operation(builder, operation, operation.qubits)
    return Schedule(builder.build(), mode, total / PER_SECOND, idle / PER_SECOND)


def _starts(operations: Sequence[Instruction], lengths: Sequence[int], num_qubits: int) -> tuple[list[int], int]:
    """The earliest start of each, in picoseconds, and the end of all."""
    free, end = [0] * num_qubits, 0
    starts: list[int] = []
    clbits: dict[int, int] = {}
    for operation, length in zip(operations, lengths, strict=True):
        start = max((free[qubit] for qubit in operation.qubits), default=0)
        start = max([start, *(clbits.get(bit, 0) for bit in operation.clbits)])
        starts.append(start)
        for qubit in operation.qubits:
            free[qubit] = start + length
        for bit in operation.clbits:
            clbits[bit] = start + length
        end = max(end, start + length)
    return starts, end


def _length(operation: Instruction, durations: Mapping[str, float]) -> int:
    """Of an operation, in picoseconds."""
    name = operation.name
    if operation.blocks or operation.condition is not None:
        message = f"`{name}` depends on outcomes: when it ends is not known beforehand"
        raise EigenError("EIGEN_COMPILER_UNSUPPORTED", message, hint="schedules are of circuits without conditions")
    if name in {"BARRIER", "GPHASE"}:
        return 0
    if name == "DELAY":
        length = operation.params[0]
        if not isinstance(length, float) or operation.unit not in PICOSECONDS:
            message = f"a DELAY of `{length}` `{operation.unit}` has no length in seconds"
            raise EigenError("EIGEN_COMPILER_UNSUPPORTED", message)
        return round(length * PICOSECONDS[operation.unit])
    if name not in durations:
        raise EigenError("EIGEN_USAGE", f"no duration of `{name}` is known", hint="give the device's `durations`")
    return round(durations[name] * PER_SECOND)
