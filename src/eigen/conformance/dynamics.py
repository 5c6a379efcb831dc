"""Dynamic circuits: measurements on the way, resets, and what outcomes decide."""

from __future__ import annotations

from math import cos
from typing import TYPE_CHECKING

from eigen import _core
from eigen.conformance.check import NIELSEN_CHUANG, OPENQASM, Check
from eigen.conformance.subject import UNSUPPORTED, builder
from eigen.types import SampleWork

if TYPE_CHECKING:
    from eigen.conformance.subject import Subject
    from eigen.ir import Circuit

NOUN = "dynamics"
NEEDS = frozenset({"dynamic"})
Bit = _core.Condition.bit
Compare = _core.Condition.compare


def refused(subject: Subject) -> str:
    build = builder(1, 2)
    build.measure([0], [0])
    build.reset([0])
    build.measure([0], [1])
    words = subject.refusal(SampleWork(build.build(), (), 5, 1), *UNSUPPORTED, what="a circuit that resets").message
    flip = builder(1)
    flip.gate("X", [0])
    lowered = subject.lower(flip.build())
    build = builder(lowered.circuit.num_qubits, 2)
    for bit in range(2):
        build.append(lowered.circuit, range(lowered.circuit.num_qubits), [])
        build.measure([lowered.qubit_map[0]], [bit])
    subject.refusal(SampleWork(build.build(), (), 5, 1), *UNSUPPORTED, what="a qubit that is measured and goes on")
    return words


def measured_twice(subject: Subject) -> str:
    build = builder(2, 4)
    build.gate("X", [1])
    build.measure([1], [0])
    build.gate("X", [1])
    build.measure([1, 0], [1, 2])
    build.gate("X", [0])
    build.measure([0], [3])
    subject.always(build.build(), "1001")
    return ""


def collapse(subject: Subject) -> str:
    build = builder(2, 4)
    build.gate("H", [0])
    build.gate("CX", [0, 1])
    build.measure([0], [0])
    build.measure([0], [1])
    build.measure([1], [2])
    build.gate("H", [1])
    build.measure([1], [3])
    half = {"0000": 0.25, "0111": 0.25, "1000": 0.25, "1111": 0.25}
    subject.follows(build.build(), half, shots=2000)
    return ""


def reset(subject: Subject) -> str:
    build = builder(2, 2)
    build.gate("X", [0])
    build.gate("X", [1])
    build.reset([0])
    build.measure([0, 1], [0, 1])
    subject.always(build.build(), "10")
    build = builder(2, 2)  # the partner of a qubit that is reset is left in a mixture
    build.gate("H", [0])
    build.gate("CX", [0, 1])
    build.reset([0])
    build.gate("H", [1])
    build.measure([0, 1], [0, 1])
    subject.follows(build.build(), {"00": 0.5, "10": 0.5}, shots=2000)
    return ""


def feed_forward(subject: Subject) -> str:
    circuit = _teleported(1.1)
    kept = cos(1.1 / 4) ** 2
    if not subject.can(circuit):
        circuit, kept = _teleported(None), 0.0
    expected = {
        f"{last}{pair}": weight / 4
        for last, weight in (("0", kept), ("1", 1 - kept))
        if weight > 1e-15
        for pair in ("00", "01", "10", "11")
    }
    subject.follows(circuit, expected, shots=2000)
    return ""


def _teleported(angle: float | None) -> Circuit:
    """RY(angle)|0>, or |1>, from qubit 0 to qubit 2, which is turned half of the way back."""
    build = builder(3, 3)
    if angle is None:
        build.gate("X", [0])
    else:
        build.gate("RY", [0], [angle])
    build.gate("H", [1])
    build.gate("CX", [1, 2])
    build.gate("CX", [0, 1])
    build.gate("H", [0])
    build.measure([0, 1], [0, 1])
    build.gate("X", [2], condition=Bit(1))
    build.gate("Z", [2], condition=Bit(0))
    if angle is not None:
        build.gate("RY", [2], [-angle / 2])
    build.measure([2], [2])
    return build.build()


def branches(subject: Subject) -> str:
    build = builder(4, 6)
    build.gate("X", [0])
    build.gate("X", [2])
    build.measure([0, 1, 2], [0, 1, 2])  # the number 5
    build.begin_if(Compare([0, 1, 2], "==", 5))
    build.begin_if(~Bit(1) & Bit(2))
    build.gate("X", [3])
    build.begin_else()
    build.gate("X", [1])
    build.end()
    build.begin_else()
    build.gate("X", [0])
    build.end()
    build.measure([3], [3])
    build.begin_if(Compare([2, 1], "<", 1) | (Bit(0) ^ Bit(3)))  # false: [2, 1] is 1, and the bits are equal
    build.gate("X", [3])
    build.begin_else()
    build.gate("X", [1])
    build.end()
    build.measure([3, 1], [4, 5])
    subject.always(build.build(), "111101")
    return ""


def conditions(subject: Subject) -> str:
    """Conditions on measurements and on resets, beside those on gates."""
    build = builder(2, 6)
    build.gate("X", [0])
    build.measure([0], [0])
    build.measure([0], [1], condition=~Bit(0))  # not done
    build.measure([0], [2], condition=Bit(0))
    build.reset([0], condition=Bit(1))  # not done
    build.measure([0], [3])
    build.gate("X", [1], condition=Compare([0, 1, 2], "==", 5))
    build.measure([1], [4])
    build.reset([0], condition=Bit(4))
    build.measure([0], [5])
    subject.always(build.build(), "011101")
    return ""


def loops(subject: Subject) -> str:
    build = builder(2, 3)
    build.begin_for(3)
    build.gate("X", [1])
    build.begin_for(2)
    build.gate("X", [0])
    build.end()
    build.end()
    build.measure([0, 1], [0, 1])
    build.begin_while(~Bit(2), 64)
    build.reset([0])
    build.gate("H", [0])
    build.measure([0], [2])
    build.end()
    build.measure([0], [0])
    subject.always(build.build(), "111")  # 64 tosses all fail in one run of 5e-20
    return ""


LOOP_SHOTS = 1000
"""Where records err a shot may leave its loop: if every other one did, all would with a probability of 10^-13."""


def loop_bound(subject: Subject) -> str:
    build = builder(1, 1)
    build.begin_while(~Bit(0), 4)
    build.measure([0], [0])
    build.end()
    work = SampleWork(subject.lower(build.build()).circuit, (), LOOP_SHOTS, 1)
    subject.refusal(work, "EIGEN_SIM_LOOP_BOUND", what="a loop beyond its bound")
    return ""


CHECKS = tuple(
    Check(name, NOUN, holds, run, NEEDS, refused, source)
    for name, holds, run, source in (
        ("measured_twice", "a qubit goes on after its measurement, from what was found", measured_twice, OPENQASM),
        ("collapse", "measuring again gives the same, and entangled partners agree", collapse, NIELSEN_CHUANG),
        ("reset", "a reset leaves |0>, and its partner in a mixture", reset, OPENQASM),
        ("feed_forward", "teleportation: outcomes decide gates within a shot", feed_forward, NIELSEN_CHUANG),
        ("branches", "IF and ELSE, nested, on bits and on numbers of bits", branches, OPENQASM),
        ("conditions", "measurements and resets happen where their condition holds", conditions, OPENQASM),
        ("loops", "FOR goes round as often as it says, WHILE until its condition fails", loops, OPENQASM),
        ("loop_bound", "a WHILE beyond its bound is an error", loop_bound, ""),
    )
)
