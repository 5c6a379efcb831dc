"""Matrix product states and tensor networks give what the state vector gives, for any circuit."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from eigen import _core

ONE = ["H", "S", "T", "SX", "Y"]
TURN = ["RX", "RY", "RZ"]
TWO = ["CX", "CZ", "SWAP", "ISWAP", "CH"]
TURN_TWO = ["RXX", "RZZ", "CRX", "CP"]


@st.composite
def circuits(draw: st.DrawFn) -> _core.Circuit:
    width = draw(st.integers(2, 6))
    builder = _core.CircuitBuilder(width)
    angle = st.floats(-3, 3)
    for _ in range(draw(st.integers(0, 20))):
        qubits = draw(st.permutations(range(width)))
        match draw(st.integers(0, 4)):
            case 0:
                builder.gate(draw(st.sampled_from(ONE)), qubits[:1])
            case 1:
                builder.gate(draw(st.sampled_from(TURN)), qubits[:1], [draw(angle)])
            case 2:
                builder.gate(draw(st.sampled_from(TWO)), qubits[:2])
            case 3:
                builder.gate(draw(st.sampled_from(TURN_TWO)), qubits[:2], [draw(angle)])
            case _:
                builder.gate("MCX", qubits)
    return builder.build()


@settings(max_examples=60)
@given(circuits(), st.data())
def test_the_engines_agree(circuit: _core.Circuit, data: st.DataObject) -> None:
    width = circuit.num_qubits
    label = data.draw(st.text("IXYZ", min_size=width, max_size=width))
    observable = _core.Observable.from_terms(width, [(label, 1.0)])
    state = _core.Plan(circuit)
    chain = _core.Plan(circuit, engine="mps", options={"cutoff": 0.0})
    network = _core.Plan(circuit, engine="tn")
    mean = state.expectation([], [observable])[0]
    for plan in (chain, network):
        assert np.abs(plan.state() - state.state()).max() < 1e-9
        assert abs(plan.expectation([], [observable])[0] - mean) < 1e-9
    assert chain.facts()["truncation_error"] == 0.0


@settings(max_examples=40)
@given(circuits(), st.integers(1, 4))
def test_the_loss_is_bounded_by_what_is_told(circuit: _core.Circuit, bond: int) -> None:
    chain = _core.Plan(circuit, engine="mps", options={"max_bond": bond, "cutoff": 0.0})
    overlap = abs(np.vdot(_core.Plan(circuit).state(), chain.state())) ** 2
    told = chain.facts()["truncation_error"]
    assert isinstance(told, float)
    assert 1 - overlap <= told + 1e-9
