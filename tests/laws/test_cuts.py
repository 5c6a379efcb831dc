"""Cutting changes no expectation value: any gates on both sides of the gates that join them, any observable."""

from __future__ import annotations

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import eigen
from eigen.ir import Circuit, CircuitBuilder, Observable
from oracle import expectation
from strategies import SYMBOLS, affines, observables, unitary_circuits

sides = unitary_circuits(max_qubits=3, max_gates=5, symbolic=True, min_qubits=3)


@st.composite
def joined(draw: st.DrawFn) -> Circuit:
    """Gates on qubits 0 to 2 and on 3 to 5, one or two gates between them, and gates on both again."""
    builder = CircuitBuilder(6)
    for _ in range(draw(st.integers(1, 2))):
        builder.append(draw(sides), [0, 1, 2])
        builder.append(draw(sides), [3, 4, 5])
        name = draw(st.sampled_from(["CX", "CH", "RZZ", "RZX", "CP", "CRY"]))
        angles = [] if name in {"CX", "CH"} else [draw(affines())]
        builder.gate(name, draw(st.permutations([draw(st.integers(0, 2)), draw(st.integers(3, 5))])), angles)
    builder.append(draw(sides), [0, 1, 2])
    builder.append(draw(sides), [3, 4, 5])
    return builder.build()


@given(joined(), observables(6))
@settings(deadline=None, max_examples=60)
def test_parts_have_the_value_of_the_whole(circuit: Circuit, observable: Observable) -> None:
    parted = eigen.cut(circuit, observable, max_qubits=3, max_cuts=2)
    event(f"{len(parted.cuts)} cuts")
    assert all(part.width <= 3 for part in parted.parts)
    values = dict(zip(SYMBOLS, (0.73, -1.9, 2.6), strict=True))
    found = parted.expectation([values[name] for name in parted.parameters])
    assert found == pytest.approx(expectation(circuit, observable, values), abs=1e-9)
