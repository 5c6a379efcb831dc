"""Exact values of cut circuits against state vectors by plain matrix algebra, closed forms and other engines."""

from __future__ import annotations

import math

import numpy as np
import pytest
from cut_circuits import chain, neighbours, observable

import eigen
import oracle
from eigen.cutting import Cut
from eigen.cutting.engine import Engine
from eigen.cutting.exact import OpenPart, contract, link
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Observable

VALUES = {"a": 0.83, "b": -1.37}


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_cut_circuits_have_the_value_of_the_whole(first: int) -> None:
    done = 0
    for seed in range(first, first + 20):
        width = 3 + seed % 4
        circuit, wanted = neighbours(seed, width, 5 + seed % 9), observable(seed, width)
        try:
            parted = eigen.cut(circuit, wanted, max_qubits=max(2, width - 1 - seed % 2))
        except EigenError as refusal:
            assert refusal.code == "EIGEN_LIMIT_EXCEEDED"  # noqa: PT017
            continue
        assert parted.expectation(list(VALUES.values())) == pytest.approx(
            oracle.expectation(circuit, wanted, VALUES), abs=1e-9
        )
        done += bool(parted.cuts)
    assert done >= 5


@pytest.mark.parametrize(
    ("cuts", "qubits"),
    [
        ([Cut(11), Cut(25), Cut(39)], [(0, 1), (2, 3, 4)]),
        ([Cut(11), Cut(25), Cut(39, qubit=1)], [(0, 1), (2, 1, 3, 4)]),
        ([Cut(11), Cut(25), Cut(38, qubit=0), Cut(38, qubit=1)], [(0, 1), (2, 0, 1, 3, 4)]),
        ([Cut(11), Cut(25), Cut(39, qubit=2), Cut(40, qubit=2)], [(0, 1, 2), (2, 3, 4, 2)]),
        ([*(Cut(k) for k in (11, 25, 13, 27, 41)), Cut(39, qubit=1)], [(0, 1), (2, 1, 3), (4,)]),
    ],
)
def test_wires_and_gates_cut_together(cuts: list[Cut], qubits: list[tuple[int, ...]]) -> None:
    """In three layers on five qubits; gate `14 layer + 10 + q` is the one on q and q + 1."""
    circuit, wanted = chain(5, [0.7, 1.1, -0.4, 0.9], layers=3), observable(5, 5, num_terms=8)
    parted = eigen.cut(circuit, wanted, cuts=cuts)
    assert sorted(sorted(part.qubits) for part in parted.parts) == sorted(sorted(part) for part in qubits)
    assert set(parted.cuts) == set(cuts)
    assert parted.expectation() == pytest.approx(oracle.expectation(circuit, wanted), abs=1e-9)


def test_a_hundred_qubits_against_a_closed_form() -> None:
    """In a chain of `RZZ` after turns about Y, X between two neighbours is a product of cosines: with spins at angle t
    to Z, and s = sin t, c = cos t, <X_k> = s_k Re[(cos f + i c_(k-1) sin f)(cos g + i c_(k+1) sin g)]."""
    width = 100
    builder = CircuitBuilder(width)
    turns = [0.3 + 0.02 * k for k in range(width)]
    angles = [0.5 - 0.008 * k for k in range(width - 1)]
    for qubit in range(width):
        builder.gate("RY", [qubit], [turns[qubit]])
    for qubit in range(width - 1):
        builder.gate("RZZ", [qubit, qubit + 1], [angles[qubit]])
    terms = [(f"X{k}", 0.1 + 0.01 * k) for k in range(1, width - 1)]
    parted = eigen.cut(builder.build(), Observable.from_terms(width, terms), max_qubits=16)
    assert len(parted.cuts) == 6
    assert max(part.width for part in parted.parts) <= 16
    expected = math.fsum(
        weight
        * math.sin(turns[k])
        * (
            complex(math.cos(angles[k - 1]), math.cos(turns[k - 1]) * math.sin(angles[k - 1]))
            * complex(math.cos(angles[k]), math.cos(turns[k + 1]) * math.sin(angles[k]))
        ).real
        for k, (_, weight) in enumerate(terms, start=1)
    )
    assert parted.expectation() == pytest.approx(expected, abs=1e-9)


def test_a_wide_circuit_against_matrix_product_states() -> None:
    circuit = chain(44, [0.3 - 0.01 * k for k in range(43)], layers=2)
    terms = [(f"Z{k} Y{k + 1}", 0.3) for k in range(0, 43, 7)] + [("X0 X21 X43", 0.5)]
    wanted = Observable.from_terms(44, terms)
    parted = eigen.cut(circuit, wanted, max_qubits=15)
    assert parted.expectation() == pytest.approx(eigen.compile(circuit, wanted, engine="mps")([]), abs=1e-9)
    assert parted.expectation() == eigen.cut(circuit, wanted, max_qubits=15, threads=1).expectation()


def clifford(width: int) -> CircuitBuilder:
    builder = CircuitBuilder(width)
    for qubit in range(width):
        builder.gate("H", [qubit])
    for qubit in range(width - 1):
        builder.gate("CZ", [qubit, qubit + 1])
    return builder


def test_the_stabilizer_engine_runs_parts_of_any_width() -> None:
    """The stabilizers of a cluster state have the value 1."""
    width = 400
    terms = [(f"Z{k - 1} X{k} Z{k + 1}", 1.0) for k in range(190, 210)]
    parted = eigen.cut(
        clifford(width).build(), Observable.from_terms(width, terms), cuts=[Cut(width + 199)], engine="stabilizer"
    )
    assert len(parted.parts) == 2
    assert parted.expectation() == pytest.approx(20.0, abs=1e-12)


@pytest.mark.parametrize("engine", ["mps", "tn", "pauli", "density", "sparse"])
def test_any_engine_runs_the_parts(engine: str) -> None:
    circuit, wanted = chain(5, [0.7, 1.1, -0.4, 0.9]), observable(3, 5)
    parted = eigen.cut(circuit, wanted, cuts=[Cut(12)], engine=engine)
    assert parted.expectation() == pytest.approx(oracle.expectation(circuit, wanted), abs=1e-9)
    assert len(parted.facts()) == 2


def test_the_light_cone_drops_qubits_and_their_cuts() -> None:
    circuit = chain(12, [0.3] * 11)
    assert eigen.cut(circuit, Observable.from_terms(12, [("Z11", 1.0)]), max_qubits=12).cuts == ()
    parted = eigen.cut(circuit, Observable.from_terms(12, [("X0", 1.0)]), max_qubits=6)
    reached = {qubit for part in parted.parts for qubit in part.qubits}
    assert reached == {0, 1}
    assert parted.expectation() == pytest.approx(
        oracle.expectation(chain(4, [0.3] * 3), Observable.from_terms(4, [("X0", 1.0)])), abs=1e-12
    )


def test_constants_and_qubits_without_gates() -> None:
    builder = CircuitBuilder(3)
    builder.gate("RY", [1], [0.4])
    circuit = builder.build()
    assert eigen.cut(circuit, Observable.from_terms(3, [("", 2.5)]), max_qubits=1).expectation() == 2.5
    assert eigen.cut(circuit, Observable.from_terms(3, []), max_qubits=1).expectation() == 0.0
    parted = eigen.cut(circuit, Observable.from_terms(3, [("X1 Z2", 2.0)]), max_qubits=1)
    assert [part.qubits for part in parted.parts] == [(1,), (2,)]
    assert parted.expectation() == pytest.approx(2 * math.sin(0.4), abs=1e-12)


def test_a_part_with_too_many_ends_is_refused() -> None:
    builder = CircuitBuilder(12)
    for qubit in range(1, 12):
        builder.gate("CX", [0, qubit])
    parted = eigen.cut(
        builder.build(), Observable.pauli("X" * 12), cuts=[Cut(index) for index in range(11)], max_cuts=11
    )
    with pytest.raises(EigenError, match="a part of 1 qubits has `11` ends, a tensor of 4\\^11") as caught:
        parted.expectation()
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"


def test_an_engine_is_not_asked_too_much() -> None:
    builder = CircuitBuilder(9)
    for qubit in range(1, 9):
        builder.gate("CX", [0, qubit])
    wanted = Observable.from_terms(9, [("X0", 1.0), ("Y0", 1.0)])
    parted = eigen.cut(builder.build(), wanted, cuts=[Cut(k) for k in range(8)], max_cuts=8, engine="stabilizer")
    with pytest.raises(EigenError, match="a part with `8` ends and 2 terms: 131072 is beyond 65,536") as caught:
        parted.expectation()
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"


def test_memory_is_checked_before_it_is_taken() -> None:
    circuit = chain(24, [0.3] * 23)
    wanted = Observable.pauli("Z" * 24)
    parted = eigen.cut(circuit, wanted, max_qubits=12, memory_limit_bytes=1 << 16)
    with pytest.raises(EigenError, match="2\\^13 amplitudes") as caught:
        parted.expectation()
    assert caught.value.code == "EIGEN_SIM_MEMORY"
    assert parted.estimate(shots=10).shots == 10  # twelve qubits fit


def test_a_state_that_fits_once_is_asked() -> None:
    circuit, wanted = chain(10, [0.3] * 9), observable(2, 10)
    parted = eigen.cut(circuit, wanted, cuts=[Cut(24)], memory_limit_bytes=1600)
    assert [part.exact_width for part in parted.parts] == [6, 6]  # 1 KiB each, and as much for a copy
    assert parted.expectation() == pytest.approx(oracle.expectation(circuit, wanted), abs=1e-12)


def test_links_join_what_was_one() -> None:
    """A wire joins the Pauli letters of a state to those of an effect; a gate of angle 0 joins nothing."""
    builder = CircuitBuilder(2)
    builder.gate("RY", [0], [0.4])
    builder.gate("CX", [0, 1])
    parted = eigen.cut(builder.build(), Observable.pauli("ZZ"), cuts=[Cut(1)])
    (tensor,) = OpenPart(parted.parts[0], Engine()).tensors(np.zeros(0), [()]).values()
    assert tensor.shape == (4,)
    assert contract([((0,), tensor), ((0,), tensor)], [link(0.0)]) == pytest.approx(
        (tensor[0] + tensor[3]) ** 2, abs=1e-12
    )
