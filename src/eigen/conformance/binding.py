"""Parameters: that values reach the angles they belong to, however small, large or often."""

from __future__ import annotations

from math import cos, pi, sin
from typing import TYPE_CHECKING

from eigen import _core
from eigen.conformance.check import BrokenError, Check, InapplicableError
from eigen.conformance.subject import builder
from eigen.ir import Observable
from eigen.types import SampleWork

if TYPE_CHECKING:
    from eigen.conformance.subject import Subject
    from eigen.ir import Circuit

NOUN = "binding"
QUARTER = pi / 2


def _late_and_early() -> Circuit:
    build = builder(3, 3)
    build.gate("RX", [1], ["z"])
    build.gate("RX", [0], ["b"])
    build.gate("RX", [2], ["a"])
    build.measure(range(3), range(3))
    return build.build()


def parameter_order(subject: Subject) -> str:
    circuit = _late_and_early()
    for values, outcome in (((pi, 0.0, 0.0), "010"), ((0.0, pi, 0.0), "001"), ((0.0, 0.0, pi), "100")):
        subject.always(circuit, outcome, values)
    return ""


def affine_angles(subject: Subject) -> str:
    a, b = _core.Affine.symbol("a"), _core.Affine.symbol("b")
    build = builder(3, 3)
    build.gate("RX", [0], [a * 2.0 - b + pi])
    build.gate("RX", [1], [(a + b) * 0.5])
    build.gate("RX", [2], [-a + QUARTER * 4])
    build.measure(range(3), range(3))
    circuit = build.build()
    order = {"a": 0, "b": 1}
    for given, outcome in (((pi, pi), "110"), ((pi, 0.0), None), ((-pi, 3 * pi), "110"), ((0.0, 2 * pi), "011")):
        values = [given[order[name]] for name in circuit.parameters]
        if outcome is None:
            subject.follows(circuit, {"101": 0.5, "111": 0.5}, values, shots=2000)
        else:
            subject.always(circuit, outcome, values)
    return ""


def rebinding(subject: Subject) -> str:
    build = builder(2, 2)
    build.gate("RY", [0], ["t"])
    build.gate("RX", [1], ["s"])
    build.measure([0, 1], [0, 1])
    circuit = build.build()
    for values, outcome in (((pi, 0.0), "01"), ((0.0, pi), "10"), ((pi, pi), "11"), ((pi, 0.0), "01")):
        subject.always(circuit, outcome, values)
    return ""


def value_count(subject: Subject) -> str:
    circuit = subject.lower(_late_and_early(), (0.0, 0.0, 0.0)).circuit
    for values in ((), (0.1, 0.2), (0.1, 0.2, 0.3, 0.4)):
        work = SampleWork(circuit, values, 1, 1)
        subject.refusal(work, "EIGEN_CIRCUIT_PARAMETERS", what=f"{len(values)} values for 3 parameters")
    return ""


def tiny_angles(subject: Subject) -> str:
    if subject.is_clifford:
        raise InapplicableError("it runs Clifford circuits only")
    if subject.is_exact:
        for angle in (1e-3, 1e-6, 1e-9):
            build = builder(1)
            build.gate("RX", [0], ["t"])
            found = subject.expectation(build.build(), Observable.pauli("Y"), [angle]).value
            if found is None or not abs(found + sin(angle)) <= 1e-3 * angle + subject.tolerance**1.5:
                raise BrokenError(f"RX({angle:g}) turns <Y> to {-sin(angle):.12g}, got {found}")
    if subject.is_noisy:
        raise InapplicableError("it makes errors")
    build = builder(1, 1)
    for _ in range(1000):
        build.gate("RX", [0], ["t"])
    build.measure([0], [0])
    subject.always(build.build(), "1", [pi / 1000])
    return ""


def huge_angles(subject: Subject) -> str:
    if subject.is_clifford:
        raise InapplicableError("it runs Clifford circuits only")
    for turns in (3, -1000, 1_000_000):
        angle = 0.4 + 2 * pi * turns
        if subject.is_exact:
            build = builder(2)
            build.gate("RX", [0], [angle])
            build.gate("RZ", [1], ["t"])
            found = subject.expectation(build.build(), Observable.from_terms(2, [("Y0", 1.0)]), [angle]).value
            if found is None or not abs(found + sin(angle)) <= 1e-6 + subject.tolerance:
                raise BrokenError(f"RX({angle:.10g}) turns <Y> to {-sin(angle):.9g}, got {found}")
        build = builder(1, 1)
        build.gate("RX", [0], ["t"])
        build.measure([0], [0])
        expected = {"0": cos(angle / 2) ** 2, "1": sin(angle / 2) ** 2}
        subject.follows(build.build(), expected, [angle], what=f"RX({angle:.10g})")
    return ""


def full_turn(subject: Subject) -> str:
    """A rotation by 2 pi is -1, which shows under a control."""
    build = builder(2, 2)
    build.gate("H", [0])
    build.gate("CRX", [0, 1], ["t"])
    build.gate("H", [0])
    build.measure([0, 1], [0, 1])
    circuit = build.build()
    subject.always(circuit, "01", [2 * pi])
    subject.always(circuit, "00", [4 * pi])
    subject.always(circuit, "01", [-2 * pi])
    return ""


CHECKS = (
    Check("parameter_order", NOUN, "values come in the order of the circuit's parameters", parameter_order),
    Check("affine_angles", NOUN, "sums, multiples and constants of parameters", affine_angles),
    Check("rebinding", NOUN, "one circuit at several values, and at the first ones again", rebinding),
    Check("value_count", NOUN, "another number of values is refused", value_count),
    Check("tiny_angles", NOUN, "angles down to 1e-9 are not dropped, and a thousand of them add up", tiny_angles),
    Check("huge_angles", NOUN, "angles of a million turns", huge_angles),
    Check("full_turn", NOUN, "rotations have a period of 4 pi, which a control shows", full_turn),
)
