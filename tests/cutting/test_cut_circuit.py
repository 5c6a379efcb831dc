"""`eigen.cut` as users meet it: what it tells, what it takes, what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from cut_circuits import chain

import eigen
from eigen.cutting import Cut, cut
from eigen.errors import EigenError
from eigen.ir import Affine, Circuit, CircuitBuilder, NoiseModel, Observable


def rotations() -> Circuit:
    builder = CircuitBuilder(4, parameters=["a", "b"])
    for qubit in range(4):
        builder.gate("RY", [qubit], [Affine.symbol("b") + 0.3 * qubit])
    for qubit in range(3):
        builder.gate("RZZ", [qubit, qubit + 1], ["a"])
    return builder.build()


def test_it_tells_cuts_parts_and_overhead() -> None:
    assert eigen.cut is cut
    parted = eigen.cut(rotations(), Observable.pauli("XXXX"), max_qubits=2)
    assert parted.parameters == ("a", "b")
    assert parted.cuts == (Cut(5),)
    assert parted.is_optimal
    assert parted.overhead == 9.0
    assert [part.qubits for part in parted.parts] == [(0, 1), (2, 3)]
    assert str(parted) == (
        "1 cut, 2 parts, overhead 9\ncut gate 5: gamma 3\n"
        "part 0: width 2 (3 for exact values), 1 end\npart 1: width 2 (3 for exact values), 1 end"
    )
    assert repr(parted) == "CutCircuit(1 cut, 2 parts, width 2)"


def test_parameters_are_values_of_each_call() -> None:
    observable = Observable.from_terms(4, [("X0 X3", 1.0), ("X1 Y2", 0.4), ("Z2", 2.0)])
    parted = eigen.cut(rotations(), observable, max_qubits=2)
    whole = eigen.compile(rotations(), observable)
    for values in ([0.0, 0.0], [0.3, -1.1], np.array([2.2, 0.7])):
        assert parted.expectation(values) == pytest.approx(whole(values), abs=1e-12)


@pytest.mark.parametrize(
    "values", [[], [0.1], [0.1, 0.2, 0.3], [[0.1, 0.2]], [0.1, float("nan")], [0.1, float("inf")], ["x", 1]]
)
def test_values_that_do_not_fit_are_refused(values: list[object]) -> None:
    parted = eigen.cut(rotations(), Observable.pauli("XXXX"), max_qubits=2)
    for call in (parted.expectation, lambda given: parted.estimate(given, shots=10)):
        with pytest.raises(EigenError, match="the circuit takes 2 finite values, not `") as caught:
            call(values)
        assert caught.value.code == "EIGEN_CIRCUIT_PARAMETERS"


def test_cuts_that_were_found_can_be_used_again() -> None:
    circuit, observable = chain(20, [0.3] * 19), Observable.pauli("Z" * 20)
    found = eigen.cut(circuit, observable, max_qubits=8)
    again = eigen.cut(circuit, observable, cuts=found.cuts, max_qubits=8)
    assert again.cuts == found.cuts
    assert again.expectation() == found.expectation()
    assert not again.is_optimal  # nobody looked for others


def test_named_cuts_that_leave_too_much_are_refused() -> None:
    circuit, observable = chain(20, [0.3] * 19), Observable.pauli("Z" * 20)
    with pytest.raises(EigenError, match="the cuts named leave a part of `15` qubits, more than 8") as caught:
        eigen.cut(circuit, observable, cuts=[Cut(44)], max_qubits=8)
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"
    with pytest.raises(EigenError, match="the cuts named are `2`, more than 1; their overhead is") as caught:
        eigen.cut(circuit, observable, cuts=[Cut(44), Cut(50)], max_cuts=1)
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "neither `max_qubits` nor `cuts` is given"),
        ({"max_qubits": 0}, "`max_qubits` is `0`"),
        ({"max_qubits": 2, "max_cuts": -1}, "`max_cuts` is `-1`"),
        ({"max_qubits": 2, "max_cuts": 21}, "`max_cuts` is `21`"),
        ({"max_qubits": 2, "engine": "nonsense"}, "there is no engine `nonsense`"),
        ({"max_qubits": 2, "options": {"nonsense": 1}}, "`nonsense`"),
        (
            {"max_qubits": 2, "engine": "density", "options": {"noise": NoiseModel.parse("depolarizing(0.1)")}},
            "the parts of a cut circuit have no noise",
        ),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(EigenError, match=message) as caught:
        eigen.cut(rotations(), Observable.pauli("XXXX"), **arguments)  # type: ignore[arg-type]
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"


def test_facts_tell_how_each_part_was_done() -> None:
    parted = eigen.cut(rotations(), Observable.pauli("XXXX"), max_qubits=2)
    assert parted.facts() == [{}, {}]
    parted.expectation([0.1, 0.2])
    assert [fact["precision"] for fact in parted.facts()] == ["f64", "f64"]
