"""Optimisation passes keep any circuit: its unitary, its parameters, its branches; and never lose to doing nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from law_circuits import POINTS, SYMBOLS, append, gates, law_circuits, named

import oracle
from eigen._core import (
    Circuit,
    CircuitBuilder,
    CoreError,
    apply_pass,
    decompose,
    elide_swaps,
    optimise,
    optimise_relabelled,
    pass_names,
    woven,
)
from strategies import conditions, examples

ABSOLUTE = 1e-9
PASSES = pass_names()
BASES = (
    None,
    "U CX GPHASE",
    "RZ SX X CZ GPHASE",
    "RZ SX X ECR GPHASE",
    "RX RZ RZZ GPHASE",
    "U ISWAP GPHASE",
    "GPI GPI2 MS RZ GPHASE",
)


def in_basis(circuit: Circuit, level: int, basis: str | None, new_pairs: bool = False) -> Circuit:
    try:
        return optimise(circuit, level, None if basis is None else basis.split(), new_pairs=new_pairs)[0]
    except CoreError as refusal:
        if refusal.code != "EIGEN_COMPILER_UNSUPPORTED":
            raise
        reject()  # symbols in gates that fall into the basis only at given values


def renamed(circuit: Circuit, level: int, basis: str | None) -> tuple[Circuit, list[int]]:
    try:
        kept, _, places = optimise_relabelled(circuit, level, None if basis is None else basis.split())
    except CoreError as refusal:
        if refusal.code != "EIGEN_COMPILER_UNSUPPORTED":
            raise
        reject()
    return kept, places


def two_qubit_gates(circuit: Circuit) -> int:
    return sum(
        len(gate.qubits) > 1
        for gate in circuit.instructions()
        if not gate.blocks and gate.name not in {"MEASURE", "BARRIER"}
    )


@examples(60)
@given(law_circuits(widths=(1, 4), most_gates=20), POINTS, st.sampled_from(PASSES), st.sampled_from(BASES))
def test_each_pass_keeps_the_unitary(circuit: Circuit, point: list[float], name: str, basis: str | None) -> None:
    kept = apply_pass(circuit, name, None if basis is None else basis.split())
    assert kept.parameters == circuit.parameters
    expected = oracle.unitary(circuit, named(point))
    np.testing.assert_allclose(oracle.unitary(kept, named(point)), expected, rtol=0, atol=ABSOLUTE)


@examples(100)
@given(law_circuits(widths=(1, 4), most_gates=16), POINTS, st.integers(0, 3), st.sampled_from(BASES), st.booleans())
def test_each_level_keeps_the_unitary(
    circuit: Circuit, point: list[float], level: int, basis: str | None, new_pairs: bool
) -> None:
    kept = in_basis(circuit, level, basis, new_pairs)
    assert kept.parameters == circuit.parameters
    expected = oracle.unitary(circuit, named(point))
    np.testing.assert_allclose(oracle.unitary(kept, named(point)), expected, rtol=0, atol=ABSOLUTE)


@st.composite
def measured_circuits(draw: st.DrawFn) -> Circuit:
    """Gates with measurements, resets, barriers, conditions and blocks between them."""
    width = draw(st.integers(1, 3))
    builder = CircuitBuilder(width, 2, parameters=SYMBOLS)
    open_blocks: list[str] = []
    for _ in range(draw(st.integers(1, 14))):
        others = ["measure", "measure", "reset", "barrier", "if", "else", "for", "end"]
        kind = draw(st.sampled_from(["gate"] * 8 + others))
        qubit = draw(st.integers(0, width - 1))
        if kind == "gate":
            made = draw(gates(width, draw(st.sampled_from(["all", "words", "diagonals", "permutations"])), True))
            if made is not None:
                append(builder, made)
        elif kind == "measure":
            builder.measure([qubit], [draw(st.integers(0, 1))], draw(st.sampled_from(["Z", "Z", "Z", "X"])))
        elif kind == "reset":
            builder.reset([qubit])
        elif kind == "barrier":
            builder.barrier(list(range(width)))
        elif kind == "if" and len(open_blocks) < 2:
            builder.begin_if(draw(conditions(2)))
            open_blocks.append(kind)
        elif kind == "for" and len(open_blocks) < 2:
            builder.begin_for(draw(st.integers(0, 2)))
            open_blocks.append(kind)
        elif kind == "else" and open_blocks[-1:] == ["if"]:
            builder.begin_else()
            open_blocks[-1] = kind
        elif kind == "end" and open_blocks:
            builder.end()
            open_blocks.pop()
    for _ in open_blocks:
        builder.end()
    return builder.build()


@examples(80)
@given(measured_circuits(), POINTS, st.sampled_from([*PASSES, "1", "2", "3", "U CX", "RZ SX X CZ"]))
def test_measurements_and_branches_stay(circuit: Circuit, point: list[float], name: str) -> None:
    if name in PASSES:
        kept = apply_pass(circuit, name)
    elif name.isdigit():
        kept = optimise(circuit, int(name))[0]
    else:
        kept = in_basis(circuit, 2, name, new_pairs=True)
    values = named(point)
    np.testing.assert_allclose(oracle.density(kept, values), oracle.density(circuit, values), rtol=0, atol=ABSOLUTE)
    expected, found = oracle.distribution(circuit, values), oracle.distribution(kept, values)
    for bits in expected.keys() | found.keys():
        assert found.get(bits, 0.0) == pytest.approx(expected.get(bits, 0.0), abs=ABSOLUTE)


@examples(40)
@given(law_circuits(widths=(2, 5), most_gates=20, plain=True), st.integers(1, 3), st.sampled_from(BASES[1:]))
def test_no_level_takes_more_pairs_than_translation(circuit: Circuit, level: int, basis: str) -> None:
    kept = in_basis(circuit, level, basis)
    assert two_qubit_gates(kept) <= two_qubit_gates(decompose(circuit, basis.split()))
    assert kept == in_basis(circuit, level, basis), "the same circuit, the same bytes"


@examples(40)
@given(law_circuits(widths=(1, 4), most_gates=20, families=("permutations", "clifford", "all")), POINTS)
def test_elided_swaps_are_names(circuit: Circuit, point: list[float]) -> None:
    kept, places = elide_swaps(circuit)
    assert_same_but_for_places(kept, places, circuit, point)


@examples(80)
@given(law_circuits(widths=(1, 5), most_gates=24), POINTS, st.integers(0, 3), st.sampled_from(BASES))
def test_renamed_qubits_hold_the_same(circuit: Circuit, point: list[float], level: int, basis: str | None) -> None:
    assert_same_but_for_places(*renamed(circuit, level, basis), circuit, point)


@examples(40)
@given(law_circuits(widths=(2, 6), most_gates=40, families=("clifford", "rotations", "ladders", "wide")), POINTS)
def test_rotations_woven_anew_hold_the_same(circuit: Circuit, point: list[float]) -> None:
    assert_same_but_for_places(*renamed(circuit, 3, "U CX GPHASE"), circuit, point)


@examples(60)
@given(
    law_circuits(widths=(2, 6), most_gates=30, families=("clifford", "ladders", "all")),
    POINTS,
    st.sampled_from(BASES[1:]),
)
def test_circuits_woven_for_a_mapping_hold_the_same(circuit: Circuit, point: list[float], basis: str) -> None:
    try:
        found = woven(circuit, circuit, 3, basis.split(), 1.0, keep=False)
    except CoreError as refusal:
        if refusal.code != "EIGEN_COMPILER_UNSUPPORTED":
            raise
        reject()
    if found is not None:
        kept, _, places, _ = found
        assert_same_but_for_places(kept, places, circuit, point)
        assert set(kept.count_ops()) <= {*basis.split(), "MEASURE", "RESET", "BARRIER", "DELAY", "IF", "WHILE", "FOR"}


def assert_same_but_for_places(kept: Circuit, places: list[int], circuit: Circuit, point: list[float]) -> None:
    moved = oracle.state(kept, named(point)).reshape((2,) * circuit.num_qubits)
    last = circuit.num_qubits - 1
    found = moved.transpose([last - places[last - axis] for axis in range(circuit.num_qubits)]).reshape(-1)
    np.testing.assert_allclose(found, oracle.state(circuit, named(point)), rtol=0, atol=ABSOLUTE)
