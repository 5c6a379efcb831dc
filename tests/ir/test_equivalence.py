"""Equivalence of circuits: verdicts against NumPy unitaries, near misses, measurements, what is refused."""

from __future__ import annotations

import doctest
import json
from itertools import pairwise
from math import pi

import numpy as np
import pytest

import eigen.ir.equivalence as package
import oracle
from eigen.errors import EigenError
from eigen.ir import Affine, Circuit, CircuitBuilder, Condition, decompose
from eigen.ir.equivalence import Certificate, equivalence
from eigen.ir.equivalence.dense import unitary

Gates = list[tuple]


def circuit(num_qubits: int, gates: Gates, num_clbits: int = 0) -> Circuit:
    """From (name, qubits, parameters …); MEASURE takes classical bits and perhaps a basis."""
    builder = CircuitBuilder(num_qubits, num_clbits)
    for name, qubits, *rest in gates:
        if name == "MEASURE":
            builder.measure(qubits, *rest)
        elif name == "RESET":
            builder.reset(qubits)
        elif name == "BARRIER":
            builder.barrier(qubits)
        else:
            builder.gate(name, qubits, *rest)
    return builder.build()


def summary(certificate: Certificate) -> tuple[str, str, bool]:
    return certificate.verdict, certificate.method, certificate.is_proof


def ladder(num_qubits: int, layers: int = 3, step: float = 0.1, twist: float = 0.0) -> Gates:
    """Layers of rotations and entanglers that are not Clifford."""
    gates: Gates = []
    for layer in range(layers):
        gates += [("RY", [q], [step * (q + 1) + layer]) for q in range(num_qubits)]
        gates += [("RZZ", list(pair), [0.3 + 0.01 * layer]) for pair in pairwise(range(num_qubits))]
    if twist:
        gates[num_qubits // 2] = ("RY", [num_qubits // 2], [step * (num_qubits // 2 + 1) + twist])
    return gates


def test_the_unitary_is_that_of_the_oracle() -> None:
    tested = circuit(3, [*ladder(3), ("CCX", [2, 0, 1]), ("T", [1]), ("CX", [2, 0])])
    assert np.abs(unitary(tested) - oracle.unitary(tested)).max() < 1e-14


def test_the_same_operations_in_another_order_of_independent_ones() -> None:
    first = circuit(40, [("H", [0]), ("T", [1]), ("CX", [0, 1]), ("BARRIER", [0, 1]), ("RZ", [39], [0.3])])
    second = circuit(40, [("RZ", [39], [0.3]), ("T", [1]), ("H", [0]), ("CX", [0, 1])])
    certificate = equivalence(first, second)
    assert summary(certificate) == ("equal", "structure", True)
    assert certificate.max_error == 0.0
    assert certificate.details == ("not compared: 1 and 0 times BARRIER",)


def test_a_decomposition_is_equal_as_a_unitary() -> None:
    first = circuit(3, [("CCX", [0, 1, 2]), ("CSWAP", [2, 0, 1])])
    certificate = equivalence(first, decompose(first, ["U", "CZ"]))
    assert summary(certificate) == ("equal", "unitary", True)
    assert certificate.max_error is not None
    assert certificate.max_error < 1e-13


@pytest.mark.parametrize("width", [2, 8, 9, 11])
@pytest.mark.parametrize("twist", [1e-6, -3e-6])
def test_a_tiny_angle_makes_a_difference(width: int, twist: float) -> None:
    """Half the angle is the spectral norm of the difference, whatever the width and the method."""
    first, second = circuit(width, ladder(width)), circuit(width, ladder(width, twist=twist))
    certificate = equivalence(first, second)
    assert certificate.verdict == "different"
    assert certificate.is_proof
    assert certificate.max_error is not None
    assert 1e-7 < certificate.max_error <= abs(twist)


def test_the_distance_is_the_spectral_norm() -> None:
    certificate = equivalence(circuit(2, [("RZ", [0], [0.4])]), circuit(2, [("RZ", [0], [0.401])]))
    assert certificate.max_error == pytest.approx(2 * np.sin(0.001 / 4), rel=1e-9)


def test_an_angle_within_the_tolerance_is_none() -> None:
    certificate = equivalence(circuit(1, [("RZ", [0], [0.4])]), circuit(1, [("RZ", [0], [0.4 + 1e-9])]))
    assert certificate.verdict == "equal"
    assert certificate.max_error == pytest.approx(5e-10, rel=1e-3)


def test_swapped_bits_are_told() -> None:
    first = circuit(3, [("RX", [0], [0.3]), ("CX", [0, 1]), ("CX", [1, 2])])
    assert equivalence(first, first.remap([2, 1, 0])).verdict == "different"
    swapped = circuit(3, [("RX", [0], [0.3]), ("CX", [0, 1]), ("CX", [1, 2]), ("SWAP", [0, 2])])
    assert equivalence(first, swapped).verdict == "different"
    assert equivalence(first, swapped, layout=[2, 1, 0]).verdict == "equal"
    assert equivalence(first, swapped, layout=[1, 2, 0]).verdict == "different"


def test_a_final_relabelling_that_is_no_involution() -> None:
    rotated = [("SWAP", [0, 1]), ("SWAP", [1, 2])]
    gates = ladder(3)
    # Qubit 0 goes to 1 and on to 2, qubit 1 to 0, qubit 2 to 1.
    certificate = equivalence(circuit(3, gates), circuit(3, [*gates, *rotated]), layout=[2, 0, 1])
    assert certificate.verdict == "equal"
    assert equivalence(circuit(3, gates), circuit(3, [*gates, *rotated]), layout=[1, 2, 0]).verdict == "different"


def test_wide_circuits_that_exchange_their_qubits_on_the_way() -> None:
    width = 30
    gates = ladder(width)
    swaps = [("SWAP", [k, k + 1]) for k in range(width - 1)]
    moved = [(name, [(q - 1) % width for q in qubits], *rest) for name, qubits, *rest in gates]
    layout = [width - 1, *range(width - 1)]
    twice = circuit(width, [*gates, *swaps, *moved])
    first = circuit(width, gates + gates)
    assert summary(equivalence(first, twice, layout=layout)) == ("equal", "windows", True)
    assert summary(equivalence(first, twice)) == ("different", "windows", True)


def routed(width: int, count: int) -> tuple[Circuit, Circuit, list[int]]:
    """Gates between distant qubits, the same with SWAPs to neighbours on a line, and where each qubit ends."""
    first, second = CircuitBuilder(width), CircuitBuilder(width)
    where = list(range(width))
    for number in range(count):
        one, other, angle = 7 * number % width, (11 * number + 3) % width, 0.1 + 0.01 * number
        if one == other:
            continue
        first.gate("RX", [one], [angle])
        first.gate("CP", [one, other], [angle])
        second.gate("RX", [where[one]], [angle])
        while abs(where[one] - where[other]) > 1:
            near = where[one] + (1 if where[other] > where[one] else -1)
            second.gate("SWAP", [where[one], near])
            moved = where.index(near)
            where[moved], where[one] = where[one], near
        second.gate("CP", [where[one], where[other]], [angle])
    return first.build(), second.build(), where


@pytest.mark.parametrize("basis", [[], ["RZ", "SX", "CX"], ["U", "CZ"]])
def test_routed_circuits_of_any_width(basis: list[str]) -> None:
    first, second, layout = routed(40, 60)
    lowered = decompose(second, basis) if basis else second
    assert summary(equivalence(first, lowered, layout=layout)) == ("equal", "windows", True)
    slip = circuit(40, [("RZ", [17], [1e-6])])
    assert summary(equivalence(first, lowered.compose(slip), layout=layout)) == ("different", "windows", True)
    assert equivalence(first, lowered, most_work=1).is_equivalent is not True


def test_the_global_phase_counts_when_asked_for() -> None:
    first, second = circuit(1, [("P", [0], [0.3])]), circuit(1, [("RZ", [0], [0.3])])
    assert equivalence(first, second).verdict == "equal"
    certificate = equivalence(first, second, up_to_phase=False)
    assert certificate.verdict == "different"
    assert "equal but for a global phase of 0.15" in certificate.details
    third = circuit(1, [("RZ", [0], [0.3]), ("GPHASE", [], [0.15])])
    assert equivalence(first, third, up_to_phase=False).verdict == "equal"
    assert equivalence(second, third, up_to_phase=False).verdict == "different"
    assert equivalence(second, third).verdict == "equal"


def test_phases_of_separate_parts_are_added_up() -> None:
    first = circuit(4, [("P", [0], [0.3]), ("P", [3], [-0.3])])
    second = circuit(4, [("RZ", [0], [0.3]), ("RZ", [3], [-0.3])])
    assert equivalence(first, second, up_to_phase=False).verdict == "equal"


def test_idle_qubits_count_unless_allowed() -> None:
    first, second = circuit(2, [("CX", [0, 1])]), circuit(3, [("CX", [0, 1])])
    assert summary(equivalence(first, second)) == ("different", "interface", True)
    assert equivalence(first, second, allow_idle=True).verdict == "equal"
    used = circuit(3, [("CX", [0, 1]), ("RX", [2], [1e-5])])
    assert equivalence(first, used, allow_idle=True).verdict == "different"


@pytest.mark.parametrize(
    ("gate", "equal"),
    [(("S", [70]), False), (("Z", [3]), False), (("CX", [3, 90]), False), (("Y", [99]), False), (("I", [5]), True)],
)
def test_wide_cliffords_by_their_tableau_signs_included(gate: tuple, equal: bool) -> None:
    chain = [("H", [0]), *(("CX", [q, q + 1]) for q in range(99)), *(("S", [q]) for q in range(0, 100, 3))]
    first = circuit(100, chain)
    again = decompose(first, ["U", "CZ"])
    certificate = equivalence(first, again)
    assert summary(certificate) == ("equal", "tableau", True)
    assert certificate.max_error is not None
    assert certificate.max_error < 1e-12
    assert "the tableau has no global phase: it was not compared" in certificate.details
    changed = again.compose(circuit(100, [gate]))
    assert summary(equivalence(first, changed)) == ("equal" if equal else "different", "tableau", True)


def test_wide_circuits_in_windows() -> None:
    first = circuit(60, [*ladder(60), ("CCX", [10, 11, 12]), ("SWAP", [20, 40])])
    second = decompose(first, ["RZ", "SX", "CX"])
    certificate = equivalence(first, second)
    assert summary(certificate) == ("equal", "windows", True)
    assert certificate.max_error is not None
    assert certificate.max_error < 1e-8
    exact = decompose(first, ["RZ", "SX", "CX", "GPHASE"])
    assert summary(equivalence(first, exact, up_to_phase=False)) == ("equal", "windows", True)
    phase = exact.compose(circuit(60, [("GPHASE", [], [1e-5])]))
    assert equivalence(first, phase, up_to_phase=False).verdict == "different"


def test_windows_tell_a_difference_where_everything_else_cancels() -> None:
    first = circuit(60, ladder(60))
    second = decompose(first, ["U", "CZ"]).compose(circuit(60, [("RX", [59], [1e-6])]))
    certificate = equivalence(first, second)
    assert summary(certificate) == ("different", "windows", True)
    assert certificate.max_error == pytest.approx(5e-7, rel=1e-3)


def scrambled(width: int) -> tuple[Circuit, Circuit]:
    """Two circuits that are equal and cancel nowhere before the end: diagonal layers in two orders, conjugated."""
    pairs = [(i, j) for i in range(width) for j in range(i)]
    turns = [("H", [q]) for q in range(width)]
    angles = {pair: 0.1 + 0.01 * number for number, pair in enumerate(pairs)}
    rows = [("RZZ", list(pair), [angles[pair]]) for pair in pairs]
    return circuit(width, [*turns, *rows, *turns]), circuit(width, [*turns, *sorted(rows, key=str)[::-1], *turns])


def test_probes_where_nothing_else_fits() -> None:
    first, second = scrambled(12)
    certificate = equivalence(first, second, seed=3)
    assert summary(certificate) == ("equal", "probes", False)
    assert certificate.max_error is not None
    assert certificate.max_error < 1e-12
    assert certificate == equivalence(first, second, seed=3)
    changed = second.compose(circuit(12, [("RZZ", [0, 1], [1e-6])]))
    told = equivalence(first, changed)
    assert summary(told) == ("different", "probes", True)


def test_nothing_fits_and_the_numbers_say_why() -> None:
    certificate = equivalence(*scrambled(12), most_work=1 << 18)
    assert summary(certificate) == ("undecided", "none", False)
    assert certificate.is_equivalent is None
    assert certificate.max_error is None
    assert "2^12 amplitudes, more than the 2.62e+05" in certificate.details[0]
    certificate = equivalence(*scrambled(14), memory_limit_bytes=1000)
    assert certificate.verdict == "undecided"
    assert "limit 1000 B" in certificate.details[0]


def parametric(names: tuple[str, str], scale: float = 1.0) -> Circuit:
    builder = CircuitBuilder(2)
    builder.gate("RX", [0], [Affine.symbol(names[0]) * scale])
    builder.gate("RX", [0], [Affine.symbol(names[1])])
    builder.gate("CX", [0, 1])
    return builder.build()


def test_parameters_are_compared_by_name_at_seeded_values() -> None:
    first = parametric(("a", "b"))
    certificate = equivalence(first, parametric(("b", "a")))
    assert summary(certificate) == ("equal", "unitary", False)
    assert "2 open parameters: compared at 3 seeded sets of values, which is no proof" in certificate.details
    assert summary(equivalence(first, parametric(("a", "c")))) == ("different", "unitary", True)
    assert summary(equivalence(first, parametric(("a", "b"), 1.0000001)))[0] == "different"
    assert summary(equivalence(first, first.rename_parameters({"a": "a"}))) == ("equal", "structure", True)


def test_measurements_at_the_end_must_be_the_same() -> None:
    bell = [("H", [0]), ("CX", [0, 1])]
    first = circuit(2, [*bell, ("MEASURE", [0, 1], [0, 1])], 2)
    apart = circuit(2, [*bell, ("MEASURE", [1], [1]), ("MEASURE", [0], [0])], 2)
    assert equivalence(first, apart).verdict == "equal"
    crossed = equivalence(first, circuit(2, [*bell, ("MEASURE", [0, 1], [1, 0])], 2))
    assert summary(crossed) == ("different", "interface", True)
    assert crossed.details == (
        "classical bit 0 takes qubit 0 in basis Z of the first and qubit 1 in basis Z of the second",
    )
    assert equivalence(first, circuit(2, [*bell, ("MEASURE", [0], [0])], 2)).verdict == "different"
    in_x = circuit(2, [*bell, ("MEASURE", [0, 1], [0, 1], "X")], 2)
    assert equivalence(first, in_x).verdict == "different"


@pytest.mark.parametrize("width", [3, 12])
def test_phases_of_outcomes_do_not_count(width: int) -> None:
    """Diagonal gates before a measurement of their qubits, in its basis, change nothing."""
    measured = [("MEASURE", [0, 1], [0, 1])]
    first = circuit(width, [*ladder(width), *measured], 2)
    free = circuit(width, [*ladder(width), ("CP", [0, 1], [0.7]), ("T", [0]), *measured], 2)
    assert equivalence(first, free).verdict == "equal"
    seen = circuit(width, [*ladder(width), ("CP", [0, 2], [0.7]), *measured], 2)
    assert equivalence(first, seen).verdict == "different"
    in_x = [("MEASURE", [0, 1], [0, 1], "X")]
    turned = circuit(width, [*ladder(width), ("RX", [0], [0.4]), *in_x], 2)
    assert equivalence(circuit(width, [*ladder(width), *in_x], 2), turned).verdict == "equal"
    phased = circuit(width, [*ladder(width), ("RZ", [0], [0.4]), *in_x], 2)
    assert equivalence(circuit(width, [*ladder(width), *in_x], 2), phased).verdict == "different"


def teleport(*, deferred: bool, wrong: bool = False) -> Circuit:
    """Teleportation of qubit 0 to 2: corrections from classical bits, or from the qubits before they are measured."""
    builder = CircuitBuilder(3, 2)
    for name, qubits in [("H", [1]), ("CX", [1, 2]), ("CX", [0, 1]), ("H", [0])]:
        builder.gate(name, qubits)
    if deferred:
        builder.gate("CX", [1, 2])
        builder.gate("CZ", [0, 2])
    builder.measure([0, 1], [0, 1])
    if not deferred:
        builder.gate("X", [2], condition=Condition.bit(1))
        builder.begin_if(Condition.bit(1 if wrong else 0))
        builder.gate("Z", [2])
        builder.end()
    return builder.build()


def test_feed_forward_equals_its_deferred_form() -> None:
    certificate = equivalence(teleport(deferred=True), teleport(deferred=False))
    assert summary(certificate) == ("equal", "channel", True)
    assert certificate.max_error is not None
    assert certificate.max_error < 1e-14
    assert certificate.details == ("16 and 16 histories, followed for every input",)
    assert summary(equivalence(teleport(deferred=True), teleport(deferred=False, wrong=True))) == (
        "different",
        "channel",
        True,
    )


def test_dynamic_circuits_of_any_width_that_correspond() -> None:
    def dynamic(width: int, extra: Gates, clbit: int = 0, angle: float = 0.2) -> Circuit:
        builder = CircuitBuilder(width, 2)
        builder.append(circuit(width, ladder(width)), range(width))
        builder.measure([3], [0])
        builder.gate("RX", [4], [0.3], condition=Condition.bit(clbit))
        builder.reset([5])
        builder.begin_if(~Condition.bit(0))
        builder.gate("CCX", [5, 6, 7])
        builder.begin_else()
        builder.gate("CP", [6, 7], [angle])
        builder.end()
        builder.append(circuit(width, [*ladder(width), *extra]), range(width))
        builder.measure([0], [1])
        return builder.build()

    first = dynamic(40, [])
    assert summary(equivalence(first, Circuit.from_aqo(first.to_aqo()))) == ("equal", "structure", True)
    assert summary(equivalence(first, decompose(dynamic(40, [("X", [7]), ("X", [7])]), ["U", "CZ"]))) == (
        "equal",
        "windows",
        True,
    )
    # Gates are taken off from both ends, but not enough of them for what is left to lie on few qubits.
    for other in (dynamic(40, [], clbit=1), dynamic(40, [], angle=0.2 + 1e-6)):
        certificate = equivalence(first, other)
        assert summary(certificate) == ("undecided", "none", False)
        assert "as channels only 6 qubits are compared" in certificate.details[0]


def test_what_was_measured_before_does_not_become_zero() -> None:
    """The measurement that both begin with is taken off: what is left must agree for both of its outcomes."""

    def after(condition: Condition) -> Circuit:
        builder = CircuitBuilder(2, 1)
        builder.measure([0], [0])
        builder.gate("X", [1], condition=condition)
        return builder.build()

    never = Condition.bit(0) & ~Condition.bit(0)
    assert equivalence(after(Condition.bit(0)), after(never)).verdict == "different"
    assert equivalence(after(Condition.bit(0)), after(~~Condition.bit(0))).verdict == "equal"


def test_loops_until_success_and_their_bound() -> None:
    def repeat(most: int) -> Circuit:
        builder = CircuitBuilder(1, 1)
        builder.gate("RY", [0], [1.0])
        builder.measure([0], [0])
        builder.begin_while(Condition.bit(0), most)
        builder.gate("RY", [0], [0.5])
        builder.measure([0], [0])
        builder.end()
        return builder.build()

    assert equivalence(repeat(3), decompose(repeat(3), ["RZ", "SX", "CX"])).verdict == "equal"
    assert equivalence(repeat(3), repeat(2)).verdict == "different"


def test_a_reset_is_no_measurement() -> None:
    reset = circuit(1, [("H", [0]), ("RESET", [0])], 1)
    measured = circuit(1, [("H", [0]), ("MEASURE", [0], [0]), ("RESET", [0])], 1)
    assert summary(equivalence(reset, measured)) == ("different", "channel", True)
    assert summary(equivalence(reset, circuit(1, [("X", [0]), ("RESET", [0])], 1))) == ("equal", "channel", True)


def test_loops_of_gates_are_written_out() -> None:
    builder = CircuitBuilder(12)
    builder.begin_for(5)
    builder.append(circuit(12, ladder(12)), range(12))
    builder.end()
    looped = builder.build()
    certificate = equivalence(looped, circuit(12, ladder(12) * 5))
    assert summary(certificate) == ("equal", "windows", True)
    builder.begin_for(1_000_000_000)
    builder.gate("RX", [0], [0.1])
    builder.end()
    assert "2000000" in equivalence(builder.build(), looped).details[0]


def test_certificates_in_words_and_as_json() -> None:
    certificate = equivalence(circuit(1, [("RX", [0], [pi])]), circuit(1, [("X", [0])]))
    assert str(certificate).startswith("equal, proven: unitary on 1 qubits, error at most ")
    again = json.loads(json.dumps(certificate.to_json(), allow_nan=False))
    assert again == certificate.to_json()
    assert again["verdict"] == "equal"
    assert again["is_proof"] is True


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"layout": [0, 0]}, "no permutation of 2 qubits"),
        ({"layout": [0]}, "no permutation"),
        ({"tolerance": 0.0}, "tolerance `0.0`"),
        ({"tolerance": float("nan")}, "tolerance `nan`"),
        ({"probes": 0}, "`0` probes"),
    ],
)
def test_arguments_that_make_no_sense(asked: dict, said: str) -> None:
    two = circuit(2, [])
    with pytest.raises(EigenError, match=said) as caught:
        equivalence(two, two, **asked)
    assert caught.value.code == "EIGEN_USAGE"


def test_empty_circuits_are_equal() -> None:
    nothing = CircuitBuilder().build()
    assert summary(equivalence(nothing, nothing)) == ("equal", "structure", True)
    phase = circuit(0, [("GPHASE", [], [0.4])])
    assert equivalence(nothing, phase).verdict == "equal"
    assert equivalence(nothing, phase, up_to_phase=False).verdict == "different"


def test_the_examples_of_docstrings_hold() -> None:
    failed, tried = doctest.testmod(package)
    assert (failed, tried > 0) == (0, True)


def test_phases_of_wide_cliffords_that_nothing_else_can_compare() -> None:
    """Beyond windows and memory the tableau still tells what differs, and that the phase is open."""
    width = 40
    pairs = [("CZ", [i, j]) for i in range(width) for j in range(i)]
    turns = [("H", [q]) for q in range(width)]
    first = circuit(width, [*turns, *pairs, *turns])
    second = circuit(width, [*turns, *sorted(pairs, key=str)[::-1], *turns])
    assert summary(equivalence(first, second)) == ("equal", "tableau", True)
    certificate = equivalence(first, second, up_to_phase=False)
    assert certificate.verdict == "undecided"
    assert "the phase could not be compared" in certificate.details
    assert equivalence(first, second.compose(circuit(width, [("S", [5])])), up_to_phase=False).verdict == "different"


@pytest.mark.parametrize("measures_on_the_way", [False, True])
def test_parameters_of_what_corresponds_are_bound_where_it_is_looked_at_again(measures_on_the_way: bool) -> None:
    """Phases of outcomes are compared in front of the measurements, where more of the circuits is left."""

    def made(pair: bool, phase: bool, last: float = 0.0) -> Circuit:
        builder = CircuitBuilder(3, 3)
        if measures_on_the_way:
            builder.measure([2], [2])
            builder.gate("X", [2])
        for _ in range(2 * pair):
            builder.gate("H", [1])
        builder.gate("RX", [1], ["angle"])
        if phase:
            builder.gate("RZ", [0], [0.3])
        if last:
            builder.gate("RX", [0], [last])
        builder.measure([0, 1], [0, 1])
        return builder.build()

    plain = made(pair=False, phase=False)
    assert equivalence(plain, made(pair=True, phase=False)).is_proof
    assert equivalence(plain, made(pair=True, phase=True)).verdict == "equal"
    assert equivalence(plain, made(pair=True, phase=True, last=0.3)).verdict == "different"
