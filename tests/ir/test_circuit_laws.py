"""Laws of circuits: formats round-trip, transformations and passes keep the unitary that the oracle computes."""

from __future__ import annotations

import json
import re
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracle
from eigen._core import (
    Circuit,
    CircuitBuilder,
    Condition,
    CoreError,
    canonical_json,
    decompose,
    gate_matrix,
    simplify,
    verify,
)
from strategies import GATES, SYMBOLS, circuits, conditions, unitary_circuits, width

VALUES = dict(zip(SYMBOLS, (0.7, -1.3, 2.1), strict=True))
TOLERANCE = 1e-9


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


@given(circuits())
def test_aqo_round_trips_and_is_canonical(circuit: Circuit) -> None:
    data = circuit.to_aqo()
    again = Circuit.from_aqo(data)
    assert again.to_aqo() == data
    assert again == circuit
    assert hash(again) == hash(circuit)
    assert again.parameters == circuit.parameters
    assert circuit.digest == sha256(data).hexdigest()
    assert canonical(json.loads(data)) == data
    verify(again)


@given(circuits(), st.randoms(use_true_random=False))
def test_the_order_of_members_does_not_matter(circuit: Circuit, source: object) -> None:
    def shuffled(value: object) -> object:
        if isinstance(value, dict):
            items = list(value.items())
            source.shuffle(items)  # type: ignore[attr-defined]
            return {key: shuffled(inner) for key, inner in items}
        return [shuffled(inner) for inner in value] if isinstance(value, list) else value

    text = json.dumps(shuffled(json.loads(circuit.to_aqo())), indent=1).encode()
    assert Circuit.from_aqo(text).to_aqo() == circuit.to_aqo()


@given(circuits())
def test_instructions_rebuild_the_circuit(circuit: Circuit) -> None:
    """What `instructions()` shows is all there is: a builder fed with it makes the same operations."""
    builder = CircuitBuilder(circuit.num_qubits, circuit.num_clbits, parameters=list(circuit.parameters))
    _replay(builder, circuit.instructions())
    theirs, ours = json.loads(circuit.to_aqo()), json.loads(builder.build().to_aqo())
    assert ours["operations"] == theirs["operations"]
    assert len(circuit) == builder.num_operations


def _replay(builder: CircuitBuilder, instructions: list) -> None:
    for op in instructions:
        if op.name == "MEASURE":
            builder.measure(op.qubits, op.clbits, op.basis, condition=op.condition)
        elif op.name == "RESET":
            builder.reset(op.qubits, condition=op.condition)
        elif op.name == "BARRIER":
            builder.barrier(op.qubits)
        elif op.name == "DELAY":
            builder.delay(op.qubits, op.params[0], op.unit)
        elif op.blocks:
            if op.name == "IF":
                builder.begin_if(op.condition)
            elif op.name == "WHILE":
                builder.begin_while(op.condition, op.bound)
            else:
                builder.begin_for(op.bound)
            for k, block in enumerate(op.blocks):
                if k:
                    builder.begin_else()
                _replay(builder, block)
            builder.end()
        else:
            builder.gate(
                op.name,
                op.qubits,
                op.params,
                num_controls=op.num_controls,
                ctrl_state=op.ctrl_state,
                inverse=op.inverse,
                power=op.power,
                condition=op.condition,
                matrix=op.matrix,
                pauli=op.pauli or None,
            )


@pytest.mark.parametrize("name", sorted(GATES))
def test_gate_matrices_are_those_of_the_formulas(name: str) -> None:
    row = GATES[name]
    angles = [0.37, -1.2, 2.9, 0.81][: len(row.param_names)]
    extra = {"matrix": gate_matrix("U", [1.0, 0.2, -0.4])} if name == "UNITARY" else {}
    extra |= {"pauli": "YX"} if name == "PAULI_ROT" else {}
    builder = CircuitBuilder(width(row))
    builder.gate(name, range(width(row)), angles, **extra)
    (gate,) = builder.build().instructions()
    matrix = np.array(gate_matrix(name, angles, width(row), **extra))
    assert np.abs(matrix - oracle.gate_matrix(gate, {})).max() < 1e-12


@given(unitary_circuits(symbolic=True))
def test_modified_gates_are_those_of_the_oracle(circuit: Circuit) -> None:
    """Binding then asking the table for matrices agrees with the oracle on the symbolic circuit."""
    bound = circuit.bind({name: VALUES[name] for name in circuit.parameters})
    assert not bound.parameters
    assert np.abs(oracle.unitary(circuit, VALUES) - oracle.unitary(bound)).max() < TOLERANCE
    by_position = circuit.bind([VALUES[name] for name in circuit.parameters])
    assert by_position == bound
    for op in bound.instructions():
        table = gate_matrix(
            op.name,
            op.params,
            len(op.qubits),
            num_controls=op.num_controls,
            ctrl_state=op.ctrl_state or None,
            inverse=op.inverse,
            power=op.power,
            matrix=op.matrix,
            pauli=op.pauli or None,
        )
        assert np.abs(np.array(table) - oracle.gate_matrix(op, {})).max() < TOLERANCE


@given(unitary_circuits())
def test_the_inverse_undoes(circuit: Circuit) -> None:
    both = circuit.compose(circuit.inverse())
    assert np.abs(oracle.unitary(both) - np.eye(1 << circuit.num_qubits)).max() < TOLERANCE


@given(unitary_circuits(max_qubits=3, max_gates=6), st.sampled_from(["0", "1"]))
def test_control_and_power(circuit: Circuit, bit: str) -> None:
    matrix = oracle.unitary(circuit)
    assert np.abs(oracle.unitary(circuit.controlled(1, bit)) - oracle.control(matrix, [int(bit)])).max() < TOLERANCE
    assert np.abs(oracle.unitary(circuit.power(2)) - matrix @ matrix).max() < TOLERANCE


BASES = ["RZ SX X CX GPHASE", "U CZ GPHASE", "GPI GPI2 MS GPHASE", "RZ RY ECR GPHASE", "RX RY ISWAP GPHASE"]


@given(unitary_circuits(max_gates=6, symbolic=True), st.sampled_from(BASES))
def test_decompose_keeps_the_unitary(circuit: Circuit, names: str) -> None:
    basis = names.split()
    if any(op.power != 1.0 and any(not isinstance(p, float) for p in op.params) for op in circuit.instructions()):
        with pytest.raises(CoreError, match="symbolic"):
            decompose(circuit, basis)
        return
    lowered = decompose(circuit, basis)
    assert set(lowered.count_ops()) <= set(basis)
    assert np.abs(oracle.unitary(lowered, VALUES) - oracle.unitary(circuit, VALUES)).max() < TOLERANCE
    without_phase = decompose(circuit, basis[:-1])
    overlap = np.vdot(oracle.unitary(without_phase, VALUES), oracle.unitary(circuit, VALUES))
    assert abs(abs(overlap) - (1 << circuit.num_qubits)) < TOLERANCE * 16


@given(unitary_circuits(max_gates=14, symbolic=True), st.integers(0, 3))
def test_simplify_keeps_the_unitary(circuit: Circuit, level: int) -> None:
    smaller = simplify(circuit, level)
    assert len(smaller) <= len(circuit)
    assert np.abs(oracle.unitary(smaller, VALUES) - oracle.unitary(circuit, VALUES)).max() < TOLERANCE
    verify(smaller)


@given(circuits(max_qubits=3, budget=6), st.sampled_from([["RZ", "SX", "CX"], ["U", "CZ"]]))
def test_passes_keep_what_is_measured(circuit: Circuit, basis: list[str]) -> None:
    try:
        expected = oracle.distribution(circuit, VALUES)
        lowered = decompose(circuit, basis)
    except (oracle.LoopBoundError, CoreError):
        return
    for other in (lowered, simplify(circuit, 2), simplify(lowered, 1)):
        found = oracle.distribution(other, VALUES)
        for key in expected.keys() | found.keys():
            assert abs(expected.get(key, 0) - found.get(key, 0)) < TOLERANCE


@given(unitary_circuits(max_qubits=3, max_gates=6), st.permutations(range(4)))
def test_remap_moves_qubits(circuit: Circuit, order: list[int]) -> None:
    moved = circuit.remap(order[: circuit.num_qubits], 4)
    plain = oracle.state(circuit)
    spread = np.zeros(16, dtype=complex)
    for index, amplitude in enumerate(plain):
        spread[sum(((index >> k) & 1) << order[k] for k in range(circuit.num_qubits))] = amplitude
    assert np.abs(oracle.state(moved) - spread).max() < TOLERANCE


@given(conditions(4), st.lists(st.booleans(), min_size=4, max_size=4))
def test_conditions_mean_what_their_json_says(condition: Condition, bits: list[bool]) -> None:
    assert condition.holds(bits) == oracle.holds(condition, bits)
    assert (~condition).holds(bits) != condition.holds(bits)
    assert Condition.from_json(condition.to_json()) == condition
    assert set(condition.clbits) <= set(range(4))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_canonical_json_is_that_of_python(value: object) -> None:
    assert canonical_json(value) == canonical(value)


@given(st.binary(max_size=200))
def test_noise_is_refused_with_a_code(data: bytes) -> None:
    with pytest.raises(CoreError) as caught:
        Circuit.from_aqo(data)
    assert re.fullmatch(r"EIGEN_[A-Z_]+", caught.value.code)
