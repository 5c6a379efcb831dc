"""Dynamical decoupling: pulses in the idle time of a scheduled circuit, so that slow phase noise refocuses.

Sequences are spaced as in Carr-Purcell-Meiboom-Gill: half a gap before the first pulse and behind the last. XY4 after
Maudsley, J. Magn. Reson. 69, 488 (1986), also forgives errors of the pulses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen import _core
from eigen.errors import EigenError
from eigen.ir.rewriting import rewritten
from eigen.ir.targets.schedule import PER_SECOND, PICOSECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.ir.circuit import Circuit

SEQUENCES = {"XX": "XX", "XY4": "XYXY"}
"""Pulses whose product is the identity up to a phase."""


def decoupled(
    circuit: Circuit, durations: Mapping[str, float], sequence: str, *, basis: Sequence[str] = ()
) -> tuple[Circuit, int]:
    """The circuit with the sequence in each DELAY on one qubit that is long enough, and how many DELAYs those are.

    Pulses are X and Y in the gates of `basis`; a delay is long enough when half of it is left beside them. A qubit that
    nothing has acted on is left alone. Raises EIGEN_USAGE for an unknown sequence or a gate without duration.
    """
    if sequence not in SEQUENCES:
        message = f"there is no sequence of pulses `{sequence[:40]}`"
        raise EigenError("EIGEN_USAGE", message, hint=f"one of {', '.join(SEQUENCES)}")
    words = {letter: _pulse(letter, basis) for letter in set(SEQUENCES[sequence])}
    lengths = {letter: _length(word, durations) for letter, word in words.items()}
    busy = sum(lengths[letter] for letter in SEQUENCES[sequence])
    acted: set[int] = set()
    filled = 0

    def fill(builder: _core.CircuitBuilder, instruction: _core.Instruction) -> bool:
        nonlocal filled
        if instruction.name != "DELAY":
            acted.update(instruction.qubits)
            return False
        length = instruction.params[0]
        if len(instruction.qubits) != 1 or instruction.qubits[0] not in acted or not isinstance(length, float):
            return False
        whole = round(length * PICOSECONDS[instruction.unit])
        if whole < 2 * busy:
            return False
        gaps = _gaps(whole - busy, len(SEQUENCES[sequence]))
        for gap, letter in zip(gaps, (*SEQUENCES[sequence], ""), strict=True):
            if gap:
                builder.delay(instruction.qubits, gap / PICOSECONDS["ns"], "ns")
            for gate in words[letter] if letter else ():
                builder.gate(gate.name, instruction.qubits, gate.params)
        filled += 1
        return True

    return rewritten(circuit, fill), filled


def _pulse(letter: str, basis: Sequence[str]) -> list[_core.Instruction]:
    """X or Y in the gates of a basis."""
    builder = _core.CircuitBuilder(1)
    builder.gate(letter, [0])
    word = _core.decompose(builder.build(), list(basis)) if basis else builder.build()
    return [gate for gate in word.instructions() if gate.qubits]


def _length(word: Sequence[_core.Instruction], durations: Mapping[str, float]) -> int:
    for gate in word:
        if gate.name not in durations:
            message = f"no duration of `{gate.name}` is known"
            raise EigenError("EIGEN_USAGE", message, hint="give the device's `durations`")
    return sum(round(durations[gate.name] * PER_SECOND) for gate in word)


def _gaps(total: int, pulses: int) -> list[int]:
    """Whole picoseconds between pulses, half as much at both ends; what does not divide goes to the middle."""
    unit = total // (2 * pulses)
    gaps = [unit, *[2 * unit] * (pulses - 1), unit]
    gaps[pulses // 2] += total - sum(gaps)
    return gaps
