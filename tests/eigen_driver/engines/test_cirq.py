"""Cirq as devices: every gate is the table's, states and counts are those of the native engine, and outcomes decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigen._core import gate_matrix, gate_table
from eigen.drivers.native import NativeDriver
from eigen.ir import CircuitBuilder, Observable, load
from eigen.types import ExpectationWork
from eigen_driver import Circuit, Expectation, Probability, RefusedError, Sample
from eigen_driver import Observable as Theirs
from eigen_driver.engines import cirq as engines

if TYPE_CHECKING:
    from eigen.ir import Circuit as Ours
    from eigen_driver import Device

cirq = pytest.importorskip("cirq")
ROWS = {row.name: row for row in gate_table()}
METHODS = ("cirq:statevector", "cirq:density_matrix")


@pytest.fixture(scope="module")
def engine() -> engines.CirqEngine:
    made = engines.CirqEngine()
    made.start({}, 0)
    return made


def device(engine: engines.CirqEngine, name: str) -> Device:
    return next(found for found in engine.devices() if found.id == name)


def read(circuit: Ours) -> Circuit:
    return Circuit.from_aqo(circuit.digest, circuit.to_aqo())


@pytest.mark.parametrize("name", [name for name in engines.GATES if name != "UNITARY"])
@pytest.mark.parametrize("angle", [0.7, -2.9, 1e-9, 1e3])
def test_every_gate_is_the_tables(engine: engines.CirqEngine, name: str, angle: float) -> None:
    """Up to a phase, which no device shows."""
    row = ROWS[name]
    values = [angle * (place + 1) for place in range(len(row.param_names))]
    builder = CircuitBuilder(row.num_qubits)
    builder.gate(name, list(range(row.num_qubits)), values)
    run = engines._Run(device(engine, METHODS[0]), read(builder.build()), {}, None)  # pyright: ignore[reportPrivateUsage]
    found = cirq.Circuit(run._gate(run._circuit.operations[0])).unitary(  # pyright: ignore[reportPrivateUsage]
        qubit_order=list(reversed(run.qubits))
    )
    wanted = np.array(gate_matrix(name, values))
    assert abs(abs(np.trace(found.conj().T @ wanted)) / len(wanted) - 1) < 1e-9


@st.composite
def programs(draw: st.DrawFn) -> Ours:
    builder = CircuitBuilder(3, 3)
    for _ in range(draw(st.integers(1, 12))):
        name = draw(st.sampled_from([name for name in engines.GATES if name != "UNITARY"]))
        row = ROWS[name]
        qubits = draw(st.permutations(range(3)))[: row.num_qubits]
        values = [draw(st.floats(-7, 7)) for _ in row.param_names]
        builder.gate(name, list(qubits), values)
    return builder.build()


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=30)
@given(circuit=programs())
def test_exact_values_are_those_of_the_native_engine(engine: engines.CirqEngine, name: str, circuit: Ours) -> None:
    native = NativeDriver()
    native.initialize({})
    observable = Observable.from_terms(3, [("Z0 Y2", 0.5), ("X1 Z0", -1.25), ("X2", 0.3), ("", 2.0)])
    ours = native.execute_circuit("sim:statevector", ExpectationWork(circuit, (), observable, None, 0)).value
    theirs = Theirs.from_json(observable.digest, observable.to_json())
    chosen = device(engine, name)
    assert engine.expectation(chosen, Expectation(read(circuit), (), theirs)).value == pytest.approx(ours, abs=1e-9)
    total = sum(engine.probability(chosen, Probability(read(circuit), (), f"{state:03b}")).value for state in range(8))
    assert total == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("name", METHODS)
def test_bits_and_bases(engine: engines.CirqEngine, name: str) -> None:
    """Qubit 2 is |-> and measured in X into bit 0, qubit 0 is |-i> in Y into bit 1, qubit 1 is |1> into bit 3."""
    builder = CircuitBuilder(3, 4)
    builder.gate("X", [2])
    builder.gate("H", [2])
    builder.gate("H", [0])
    builder.gate("Sdg", [0])
    builder.gate("X", [1])
    builder.measure([2], [0], basis="X")
    builder.measure([0], [1], basis="Y")
    builder.measure([1], [3])
    found = engine.sample(device(engine, name), Sample(read(builder.build()), (), 100, 3))
    assert dict(found.found) == {0b1011: 100}


@pytest.mark.parametrize("name", METHODS)
def test_outcomes_decide(engine: engines.CirqEngine, name: str) -> None:
    """A teleported |1>, a reset, and a loop until a one comes."""
    source = """OPENQASM 3.0;
    include "stdgates.inc";
    qubit[3] q; bit[5] c;
    x q[0]; h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0];
    c[0] = measure q[0]; c[1] = measure q[1];
    if (c[1]) x q[2];
    if (c[0]) z q[2];
    c[2] = measure q[2];
    reset q[2];
    c[3] = measure q[2];
    for int i in [0:63] { if (!c[4]) { h q[0]; c[4] = measure q[0]; } }
    """
    circuit = read(load(source.encode(), format="qasm3"))
    first, again = (engine.sample(device(engine, name), Sample(circuit, (), 200, 5)).found for _ in range(2))
    assert first == again
    assert sum(first.values()) == 200
    assert {outcome & 0b11100 for outcome in first} == {0b10100}
    assert {outcome & 0b11 for outcome in first} == {0, 1, 2, 3}  # each is missed with probability 4 (3/4)^200 < 1e-24


def test_a_loop_beyond_its_bound_is_told(engine: engines.CirqEngine) -> None:
    builder = CircuitBuilder(1, 1)
    builder.measure([0], [0])
    document: dict[str, Any] = {"qubits": 1, "clbits": 1, "operations": []}
    document["operations"] = [{"op": "WHILE", "cond": {"not": {"bit": 0}}, "max": 3, "body": [{"op": "X", "q": [0]}]}]
    document["operations"].append({"op": "MEASURE", "q": [0], "c": [0]})
    import json

    circuit = Circuit.from_aqo("0", json.dumps(document).encode())
    with pytest.raises(RefusedError, match="beyond its bound"):
        engine.sample(device(engine, METHODS[0]), Sample(circuit, (), 1, 1))


def test_a_matrix_of_two_qubits_is_little_endian(engine: engines.CirqEngine) -> None:
    """A CX whose control is the first qubit, the least significant one."""
    document = (
        b'{"qubits":2,"clbits":2,"operations":[{"op":"X","q":[1]},{"op":"UNITARY","q":[1,0],"matrix":%s},%s]}'
        % (
            b"[[1,0,0,0],[0,0,0,1],[0,0,1,0],[0,1,0,0]]",
            b'{"op":"MEASURE","q":[0,1],"c":[0,1]}',
        )
    )
    found = engine.sample(device(engine, METHODS[0]), Sample(Circuit.from_aqo("0", document), (), 10, 1))
    assert dict(found.found) == {3: 10}
