"""The stabilizer engine against the oracle: values, probabilities, and counts of circuits that measure on the way."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_plan_sample import assert_distributed

from eigen import _core
from oracle import distribution, expectation, state

PLAIN = ["X", "Y", "Z", "H", "S", "Sdg", "SX", "SXdg", "CX", "CY", "CZ", "SWAP", "ISWAP", "ECR"]
ONE_ANGLE = ["RX", "RY", "RZ", "P", "RXX", "RYY", "RZZ", "RZX"]
SIZES = {row.name: row.num_qubits or 0 for row in _core.gate_table()}


@st.composite
def clifford_gates(draw: st.DrawFn, width: int, builder: _core.CircuitBuilder, **flow: object) -> None:
    """Add one Clifford gate: plain, a rotation by quarter turns, a Pauli product, or a controlled Pauli."""
    qubits = draw(st.permutations(range(width)))
    angle = draw(st.integers(-4, 4)) * pi / 2
    kind = draw(st.sampled_from(["plain", "angle", "pauli", "controlled"]))
    inverse = draw(st.booleans())
    if kind == "pauli":
        letters = draw(st.text("IXYZ", min_size=1, max_size=width))
        builder.gate("PAULI_ROT", qubits[: len(letters)], [angle], pauli=letters, inverse=inverse, **flow)
    elif kind == "controlled" and width > 1:
        name, bit = draw(st.sampled_from("XYZ")), draw(st.sampled_from("01"))
        builder.gate(name, qubits[:2], num_controls=1, ctrl_state=bit, inverse=inverse, **flow)
    else:
        name = draw(st.sampled_from([n for n in (ONE_ANGLE if kind == "angle" else PLAIN) if SIZES[n] <= width]))
        power = draw(st.sampled_from([1.0, 2.0, 3.0]))
        params = [angle] if kind == "angle" else []
        builder.gate(name, qubits[: SIZES[name]], params, inverse=inverse, power=power, **flow)


@st.composite
def clifford_circuits(draw: st.DrawFn) -> _core.Circuit:
    width = draw(st.integers(1, 5))
    builder = _core.CircuitBuilder(width)
    for _ in range(draw(st.integers(1, 20))):
        draw(clifford_gates(width, builder))
    return builder.build()


@st.composite
def measuring_circuits(draw: st.DrawFn, decides: bool) -> _core.Circuit:
    """Gates, measurements and resets in any order; with `decides`, also gates and blocks that depend on outcomes."""
    width, bits = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    builder = _core.CircuitBuilder(width, bits)
    kinds = ["gate", "gate", "measure", "reset", *(["if", "condition"] if decides else [])]
    for _ in range(draw(st.integers(2, 12))):
        kind, qubit, bit = draw(st.sampled_from(kinds)), draw(st.integers(0, width - 1)), draw(st.integers(0, bits - 1))
        if kind == "measure":
            builder.measure([qubit], [bit], basis=draw(st.sampled_from("XYZ")))
        elif kind == "reset":
            builder.reset([qubit])
        elif kind == "condition":
            draw(clifford_gates(width, builder, condition=_core.Condition.bit(bit)))
        elif kind == "if":
            builder.begin_if(~_core.Condition.bit(bit))
            draw(clifford_gates(width, builder))
            builder.measure([qubit], [bit])
            builder.end()
        else:
            draw(clifford_gates(width, builder))
    return builder.build()


@given(clifford_circuits(), st.data())
@settings(max_examples=150)
def test_values_are_those_of_the_oracle(circuit: _core.Circuit, data: st.DataObject) -> None:
    width = circuit.num_qubits
    plan = _core.Plan(circuit, engine="stabilizer")
    expected = np.abs(state(circuit)) ** 2
    np.testing.assert_allclose(plan.probabilities(), expected, atol=1e-9)
    index = data.draw(st.integers(0, 2**width - 1))
    assert plan.probability([], f"{index:0{width}b}") == pytest.approx(expected[index], abs=1e-9)
    label = data.draw(st.text("IXYZ", min_size=width, max_size=width))
    observable = _core.Observable.pauli(label)
    value = plan.expectation([], [observable])[0]
    assert value in {-1.0, 0.0, 1.0}
    assert value == pytest.approx(expectation(circuit, observable), abs=1e-9)
    assert plan.variance([], [observable])[0] == pytest.approx(1 - value * value, abs=1e-9)


@pytest.mark.parametrize("decides", [False, True], ids=["frames", "tree"])
@given(data=st.data())
def test_counts_are_distributed_as_the_branches(decides: bool, data: st.DataObject) -> None:
    """Chi-square at a rate of 1e-9 a comparison: all of them together stay below 1e-6."""
    circuit = data.draw(measuring_circuits(decides))
    counts = _core.Plan(circuit, engine="stabilizer", threads=1).sample(shots=4000, seed=11)
    assert counts.shots == 4000
    assert_distributed(counts, distribution(circuit))
    assert _core.Plan(circuit, engine="stabilizer", threads=2).sample(shots=4000, seed=11) == counts


@given(clifford_circuits())
@settings(max_examples=30)
def test_what_it_runs_is_what_it_says(circuit: _core.Circuit) -> None:
    assert _core.not_clifford(circuit) is None
    assert _core.not_clifford(circuit.inverse()) is None
