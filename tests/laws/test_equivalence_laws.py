"""Equivalence: every circuit equals its decomposition and its AQO round trip, and no circuit a changed one.

The verdict is compared with dense matrices. Of the circuits that are equal, none may be told different (rounding aside,
the false-positive rate is 0: every method only tells apart what lies beyond the tolerance); of those whose unitaries
differ by more than 1e-6, none may be told equal.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import oracle
from eigen._core import Circuit, CircuitBuilder, CoreError, decompose, simplify
from eigen.ir.equivalence import dense, equivalence, tableau, windows
from eigen.ir.equivalence.operations import append
from strategies import SYMBOLS, circuits, examples, unitary_circuits

VALUES = dict(zip(SYMBOLS, (0.7, -1.3, 2.1), strict=True))
BASES = [["RZ", "SX", "CX"], ["U", "CZ"], ["RZ", "RY", "ECR"], ["RX", "RY", "ISWAP"]]


def distance(a: Circuit, b: Circuit) -> float:
    """The spectral norm of the difference, up to about the best phase."""
    first, second = oracle.unitary(a), oracle.unitary(b)
    overlap = np.vdot(second, first)
    phase = overlap / abs(overlap) if abs(overlap) > 1e-9 else 1.0
    return float(np.linalg.norm(first - phase * second, 2))


@given(unitary_circuits(symbolic=True), st.sampled_from(BASES))
@examples(60)
def test_a_circuit_equals_its_decomposition(circuit: Circuit, basis: list[str]) -> None:
    try:
        lowered = decompose(circuit, basis)
        exact = decompose(circuit, [*basis, "GPHASE"])
    except CoreError:  # a power of a gate with open parameters
        assume(False)
        return
    assert equivalence(circuit, lowered).verdict == "equal"
    assert equivalence(circuit, exact, up_to_phase=False).verdict == "equal"
    assert equivalence(simplify(circuit, 2), lowered).verdict == "equal"


@given(circuits())
@examples(60)
def test_a_circuit_equals_its_round_trip(circuit: Circuit) -> None:
    certificate = equivalence(circuit, Circuit.from_aqo(circuit.to_aqo()), up_to_phase=False)
    assert (certificate.verdict, certificate.method) == ("equal", "structure")


@given(circuits(max_qubits=3, budget=5, symbolic=False), st.sampled_from(BASES[:2]))
@examples(60)
def test_a_circuit_that_measures_equals_its_decomposition(circuit: Circuit, basis: list[str]) -> None:
    certificate = equivalence(circuit, decompose(circuit, basis))
    assert certificate.is_equivalent is not False
    assert certificate.is_equivalent or "histories" in certificate.details[0]


@given(unitary_circuits(max_qubits=3, min_qubits=1), unitary_circuits(max_qubits=3, max_gates=1), st.data())
@examples(80)
def test_a_changed_gate_is_told_when_it_changes_anything(circuit: Circuit, other: Circuit, data: st.DataObject) -> None:
    instructions = circuit.instructions()
    assume(instructions and other.num_qubits <= circuit.num_qubits)
    index = data.draw(st.integers(0, len(instructions) - 1))
    builder = CircuitBuilder(circuit.num_qubits)
    same = {qubit: qubit for qubit in range(circuit.num_qubits)}
    for number, op in enumerate(instructions):
        if number != index:
            append(builder, op, same)
        else:
            builder.append(other, range(other.num_qubits))
    changed = builder.build()
    true = distance(circuit, changed)
    certificate = equivalence(circuit, changed)
    if true > 1e-6:
        assert certificate.verdict == "different"
        assert certificate.is_proof
    elif true < 1e-10:
        assert certificate.verdict == "equal"


@given(circuits(max_qubits=2, budget=5, symbolic=False), circuits(max_qubits=2, budget=3, symbolic=False))
@examples(60)
def test_channels_that_are_told_equal_measure_alike(first: Circuit, second: Circuit) -> None:
    """Equal as channels: the same distribution of outcomes, here from |0…0>."""
    certificate = equivalence(first, second, allow_idle=True)
    if not certificate.is_equivalent or first.num_clbits != second.num_clbits:
        return
    try:
        expected, found = oracle.distribution(first), oracle.distribution(second)
    except oracle.LoopBoundError:
        return
    for key in expected.keys() | found.keys():
        assert abs(expected.get(key, 0.0) - found.get(key, 0.0)) < 1e-7


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Circuit, Circuit]:
    """A circuit, and another that has one gate changed, added, left out or moved, perhaps in other gates."""
    circuit = draw(unitary_circuits(max_qubits=4, max_gates=12))
    same = {qubit: qubit for qubit in range(circuit.num_qubits)}
    instructions = circuit.instructions()
    kind = draw(st.sampled_from(["nothing", "change", "drop", "swap", "angle"]))
    if instructions and kind != "nothing":
        index = draw(st.integers(0, len(instructions) - 1))
        if kind == "swap":
            instructions[index : index + 2] = reversed(instructions[index : index + 2])
        elif kind != "angle":
            new = draw(unitary_circuits(max_qubits=1, max_gates=1)).instructions() if kind == "change" else []
            instructions[index : index + 1] = new
    builder = CircuitBuilder(circuit.num_qubits)
    for op in instructions:
        append(builder, op, same)
    if kind == "angle":
        builder.gate(draw(st.sampled_from(["RX", "RZ"])), [0], [draw(st.sampled_from([1e-6, 1e-7, -1e-5]))])
    other = builder.build()
    return circuit, decompose(other, draw(st.sampled_from(BASES))) if draw(st.booleans()) else other


@given(pairs(), st.sampled_from(["windows", "probes"]))
@examples(50)
def test_wide_methods_agree_with_dense_matrices(pair: tuple[Circuit, Circuit], method: str) -> None:
    """The methods for wide circuits, held to small ones: verdicts and, of windows, the distance."""
    first, second = pair
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dense, "MOST_UNITARY_QUBITS", 0)
        if method == "probes":
            patch.setattr(windows, "MOST_WIRES", 0)
            patch.setattr(tableau, "QUBIT_LIMIT", 0)
        certificate = equivalence(first, second)
    true = distance(first, second)
    if true > 1e-6:
        assert certificate.verdict == "different"
        assert certificate.is_proof
    elif true < 1e-10:
        assert certificate.verdict == "equal"
        assert certificate.is_proof == ("probes" not in certificate.method)
    if certificate.method == "windows" and not certificate.is_equivalent:
        assert certificate.max_error is not None
        assert certificate.max_error <= true * (1 + 1e-6) + 1e-9
