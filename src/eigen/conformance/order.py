"""Bit order, registers, wiring: that outcome `c[n-1]…c[0]` says what was asked, whatever the shape of the registers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen import _core
from eigen.conformance.check import OPENQASM, Check
from eigen.conformance.subject import builder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.conformance.subject import Subject

NOUN = "order"


def bit_order(subject: Subject) -> str:
    width = subject.width(5)
    for qubit in range(width):
        build = builder(width, width)
        build.gate("X", [qubit])
        build.measure(range(width), range(width))
        subject.always(build.build(), "".join("1" if bit == qubit else "0" for bit in reversed(range(width))))
    return f"{width} qubits"


def registers(subject: Subject) -> str:
    build = _core.CircuitBuilder()
    for name, size in (("a", 1), ("b", 3)):
        build.add_qubits(size, name)
    for name, size in (("u", 2), ("v", 1), ("w", 3)):
        build.add_clbits(size, name)
    build.gate("X", [1])
    build.gate("X", [3])
    build.measure([0, 1], [0, 1])
    build.measure([2, 3], [3, 5])
    subject.always(build.build(), "100010")
    return ""


def wiring(subject: Subject) -> str:
    flips: Sequence[int] = (0, 2)
    for places in ((1, 0, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0)):
        build = builder(3, 3)
        for qubit in flips:
            build.gate("X", [qubit])
        build.measure(range(3), places)
        ones = {places[qubit] for qubit in flips}
        subject.always(build.build(), "".join("1" if bit in ones else "0" for bit in reversed(range(3))))
    return ""


def idle(subject: Subject) -> str:
    build = builder(5, 4)
    build.gate("X", [3])
    build.measure([3, 1], [0, 2])
    subject.always(build.build(), "0001")
    build = builder(4, 6)  # the lowest and the highest qubit and bit are idle
    build.gate("X", [2])
    build.measure([1, 2], [1, 4])
    subject.always(build.build(), "010000")
    return ""


def overwritten(subject: Subject) -> str:
    build = builder(2, 2)
    build.gate("X", [0])
    build.measure([0], [1])
    build.measure([1], [1])
    build.measure([0], [0])
    circuit = build.build()
    if circuit.is_dynamic and not subject.has("dynamic"):
        build = builder(2, 2)
        build.gate("X", [0])
        build.measure([0], [1])
        build.measure([1], [1])
        subject.always(build.build(), "00")
        return ""
    subject.always(circuit, "01")
    return ""


def many_bits(subject: Subject) -> str:
    build = builder(3, 70)
    build.gate("X", [0])
    build.gate("X", [2])
    build.measure([0, 1, 2], [69, 64, 31])
    ones = {69, 31}
    subject.always(build.build(), "".join("1" if bit in ones else "0" for bit in reversed(range(70))))
    return ""


def bases(subject: Subject) -> str:
    build = builder(3, 3)
    build.gate("X", [2])
    build.gate("H", [2])  # |->
    build.gate("H", [0])
    build.gate("Sdg", [0])  # |-i>
    build.gate("H", [1])
    build.gate("S", [1])  # |i>
    build.measure([2], [0], basis="X")
    build.measure([0, 1], [2, 1], basis="Y")
    subject.always(build.build(), "101")
    return ""


def nothing_measured(subject: Subject) -> str:
    build = builder(2, 3)
    build.gate("X", [0])
    subject.always(build.build(), "000")
    return ""


CHECKS = (
    Check("bit_order", NOUN, "bit k of an outcome, counted from the right, is classical bit k", bit_order,
          source=OPENQASM),
    Check("registers", NOUN, "registers of unequal sizes keep their bits, the first register rightmost", registers,
          source=OPENQASM),
    Check("wiring", NOUN, "any qubit is measured into any bit", wiring),
    Check("idle", NOUN, "idle qubits and bits that are never written keep their places", idle),
    Check("overwritten", NOUN, "of two measurements into one bit the last one counts", overwritten, source=OPENQASM),
    Check("many_bits", NOUN, "outcomes are as wide as the classical bits, beyond 64 of them", many_bits),
    Check("bases", NOUN, "measurements in X, Y and Z read the eigenvalue +1 as 0", bases),
    Check("nothing_measured", NOUN, "bits that nothing is measured into are 0", nothing_measured),
)  # fmt: skip
