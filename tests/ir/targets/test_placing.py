"""Placing by what is known of single qubits: records and gates on one qubit, beside errors of pairs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigen.compiler.lower import lower
from eigen.ir import Circuit, CircuitBuilder, Target, compile_for
from eigen.ir.targets.placing import Placed, expected_errors
from eigen.ir.targets.snapshot import device_of
from eigen.ir.targets.target import both_ways

BOWTIE = both_ways([(0, 1), (0, 2), (1, 2), (2, 3), (2, 4), (3, 4)])
"""Five qubits, two triangles with one in common, as on a machine of IBM's."""
BASIS = ("RZ", "SX", "X", "CX")


def ghz(width: int, *, measured: bool = True) -> Circuit:
    builder = CircuitBuilder(width, width if measured else 0)
    builder.gate("H", [0])
    for qubit in range(width - 1):
        builder.gate("CX", [qubit, qubit + 1])
    if measured:
        builder.measure(range(width), range(width))
    return builder.build()


def bowtie(**known: dict[int, float]) -> Target:
    return Target(5, BOWTIE, BASIS, dict.fromkeys(BOWTIE, 0.01), **known)  # type: ignore[arg-type]


@pytest.mark.parametrize("poor", range(5))
@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("measured", [True, False])
def test_a_qubit_that_is_read_by_chance_is_not_chosen(poor: int, width: int, level: int, measured: bool) -> None:
    """Whichever it is, as long as the others suffice; also where it is not yet known what will be measured."""
    target = bowtie(readout_errors={**dict.fromkeys(range(5), 0.01), poor: 0.5})
    if poor == 2 and width == 3:
        return  # the others are two pairs
    done = compile_for(ghz(width, measured=measured), target, level=level)
    assert poor not in done.final
    assert done.certificate is not None
    assert done.certificate.is_equivalent


@pytest.mark.parametrize("poor", range(5))
def test_a_qubit_with_poor_gates_is_not_chosen(poor: int) -> None:
    target = bowtie(qubit_errors={**dict.fromkeys(range(5), 1e-4), poor: 0.2})
    for width in (1, 2):
        builder = CircuitBuilder(width)
        for qubit in range(width):
            builder.gate("RY", [qubit], [0.3 + qubit])
        if width == 2:
            builder.gate("CX", [0, 1])
        done = compile_for(builder.build(), target)
        assert poor not in done.final


def test_a_swap_is_less_than_a_coin() -> None:
    """Where the shortest way needs the poor qubit, a longer one does not end there."""
    pairs = both_ways([(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)])
    known = {**dict.fromkeys(range(6), 0.01), 0: 0.5}
    target = Target(6, pairs, BASIS, dict.fromkeys(pairs, 0.005), readout_errors=known)
    builder = CircuitBuilder(4, 4)
    for first, second in ((0, 1), (1, 2), (2, 3), (3, 0)):  # a ring, which a line is not
        builder.gate("CX", [first, second])
        builder.gate("RY", [second], [0.3])
    builder.measure(range(4), range(4))
    done = compile_for(builder.build(), target)
    assert 0 not in done.final


def test_layouts_that_are_given_stay() -> None:
    target = bowtie(readout_errors={0: 0.5, 1: 0.5})
    assert compile_for(ghz(2), target, layout=[0, 1]).initial == (0, 1)


def test_qubits_that_meet_nobody_go_where_they_are_read_best() -> None:
    target = bowtie(readout_errors={0: 0.05, 1: 0.04, 2: 0.03, 3: 0.02, 4: 0.01})
    builder = CircuitBuilder(5, 2)
    builder.gate("H", [1])
    builder.gate("H", [3])
    builder.measure([1, 3], [0, 1])
    done = compile_for(builder.build(), target)
    assert {done.final[1], done.final[3]} == {3, 4}
    assert sorted(done.final) == list(range(5))


def test_a_device_says_it_by_its_calibration() -> None:
    rows: list[dict[str, Any]] = [
        {"gate": "CX", "qubits": list(pair), "error": 0.01, "duration_ns": 300} for pair in BOWTIE
    ]
    rows += [{"gate": "SX", "qubits": [qubit], "error": 0.001 * qubit, "duration_ns": 30} for qubit in range(5)]
    qubits = [{"one_given_zero": 0.01, "zero_given_one": 0.02} for _ in range(5)]
    qubits[1] = {"one_given_zero": 0.4, "zero_given_one": 0.6}
    calibration = {"kind": "calibration", "version": "1", "qubits": qubits, "gates": rows, "measure_ns": 1000}
    text = json.dumps({"coupling": [list(pair) for pair in BOWTIE], "basis": BASIS, "calibration": calibration})
    device = device_of(text.encode(), "chip")
    target = Target.of_device(device)
    assert target.readout_errors[1] == pytest.approx(0.5)
    assert target.qubit_errors[4] == pytest.approx(0.004)
    assert Target.from_json(text).readout_errors == target.readout_errors
    lowered = lower(ghz(2), device)
    assert 1 not in lowered.qubit_map
    assert set(lowered.qubit_map) <= {0, 2}  # and of the rest those whose gates err least


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_is_chosen_errs_no_more_than_what_pairs_alone_would_choose(data: st.DataObject) -> None:
    rate = st.floats(0.0, 0.3)
    records = {qubit: data.draw(rate) for qubit in range(5)}
    singles = {qubit: data.draw(st.floats(0.0, 0.01)) for qubit in range(5)}
    target = bowtie(readout_errors=records, qubit_errors=singles)
    plain = bowtie()
    builder = CircuitBuilder(4, 4)
    for _ in range(data.draw(st.integers(0, 6))):
        first, second = data.draw(st.permutations(range(4)))[:2]
        builder.gate("CX", [first, second])
        builder.gate("RY", [first], [0.3])
    builder.measure(range(4), range(4))
    circuit = builder.build()

    def wrong(known: Target) -> float:
        done = compile_for(circuit, known, level=1)
        gates = sum(len(item.qubits) == 2 for item in done.circuit.instructions())
        found = Placed(done.circuit, list(done.initial), list(done.final), done.swaps, gates, [])
        return expected_errors(found, target)

    assert wrong(target) <= wrong(plain) + 0.1  # passes behind the placement move single gates


def test_an_error_rate_that_is_none_is_refused() -> None:
    from eigen.errors import EigenError

    for known in ({"readout_errors": {0: 1.5}}, {"qubit_errors": {7: 0.1}}):
        with pytest.raises(EigenError, match="no error rate") as error:
            bowtie(**known)  # type: ignore[arg-type]
        assert error.value.code == "EIGEN_USAGE"
