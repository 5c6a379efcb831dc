"""OpenQASM 2 is written exactly: what is read back, by us or by Qiskit, is the circuit; what it lacks is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

import oracle
from eigen.errors import EigenError
from eigen.ir import Circuit, CircuitBuilder, Condition, dump, load
from eigen.ir.formats.conversion import certify
from strategies import circuits, unitary_circuits


@given(unitary_circuits(max_qubits=3, max_gates=6))
def test_what_is_read_back_is_the_circuit_with_its_phase(circuit: Circuit) -> None:
    again = load(dump(circuit, "qasm2"))
    np.testing.assert_allclose(oracle.unitary(again), oracle.unitary(circuit), atol=1e-9)


@given(unitary_circuits(max_qubits=3, max_gates=5))
def test_qiskit_reads_the_circuit(circuit: Circuit) -> None:
    qasm2 = pytest.importorskip("qiskit.qasm2")
    from qiskit.quantum_info import Operator

    text = dump(circuit, "qasm2").decode()
    read = qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
    np.testing.assert_allclose(Operator(read).data, oracle.unitary(circuit), atol=1e-9)


def written(circuit: Circuit) -> bytes | None:
    """The program of a circuit; None where the language lacks what it needs."""
    try:
        return dump(circuit, "qasm2")
    except EigenError as error:
        if error.code == "EIGEN_FORMAT_UNSUPPORTED":
            return None
        raise


@given(circuits(symbolic=False))
def test_what_is_written_is_read_and_written_again_the_same(circuit: Circuit) -> None:
    """Anything a circuit can hold is written, or refused by a code."""
    text = written(circuit)
    if text is None:
        return
    again = load(text)
    assert (again.num_qubits, again.num_clbits) == (circuit.num_qubits, circuit.num_clbits)
    assert dump(again, "qasm2") == text
    assert load(dump(again, "qasm2")) == again
    assert certify(circuit, again).is_equivalent is not False


def test_registers_are_written_in_order_and_gaps_get_names() -> None:
    builder = CircuitBuilder()
    builder.add_qubits(1)
    builder.add_qubits(2, "b")
    builder.add_qubits(2, "a")
    builder.add_clbits(3, "q")
    builder.gate("CX", [0, 4])
    text = dump(builder.build(), "qasm2").decode()
    assert text.splitlines()[2:] == ["qreg q1[1];", "qreg b[2];", "qreg a[2];", "creg q[3];", "cx q1[0],a[1];"]


def test_a_measurement_in_another_basis_is_turned_and_turned_back() -> None:
    builder = CircuitBuilder(1, 1)
    builder.measure([0], [0], "Y")
    lines = dump(builder.build(), "qasm2").decode().splitlines()
    assert lines[4:] == ["sdg q[0];", "h q[0];", "measure q[0] -> c[0];", "h q[0];", "s q[0];"]


def test_a_repetition_is_written_out() -> None:
    builder = CircuitBuilder(1)
    builder.begin_for(3)
    builder.gate("H", [0])
    builder.end()
    assert dump(builder.build(), "qasm2").decode().count("h q[0];") == 3


def build(kind: str) -> Circuit:
    """A circuit with one thing that OpenQASM 2 lacks."""
    builder = CircuitBuilder(2, 10, parameters=["theta"] if kind == "parameter" else None)
    if kind == "WHILE":
        builder.begin_while(Condition.bit(0), 3)
        builder.end()
    elif kind == "delay":
        builder.delay([0], 10, "ns")
    elif kind == "condition":
        builder.gate("X", [0], condition=Condition.compare(list(range(10)), "<", 3))
    elif kind == "branch":
        builder.begin_if(Condition.bit(0))
        builder.measure([0], [0])
        builder.gate("X", [0])
        builder.end()
    elif kind == "endless":
        builder.begin_for(10**9)
        builder.gate("X", [0])
        builder.end()
    return builder.build()


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("parameter", "`theta`"),
        ("WHILE", "`WHILE`"),
        ("delay", "`10.0 ns`"),
        ("condition", "`c == number`"),
        ("branch", "its own condition"),
        ("endless", "limit of 2000000"),
    ],
)
def test_what_the_language_lacks_is_refused_by_name(kind: str, said: str) -> None:
    with pytest.raises(EigenError) as caught:
        dump(build(kind), "qasm2")
    assert caught.value.code in {"EIGEN_FORMAT_UNSUPPORTED", "EIGEN_LIMIT_EXCEEDED"}
    assert said in caught.value.message


@pytest.mark.parametrize("name", ["Alice", "gate", "cx", "my register", "ä", "pi"])
def test_a_register_of_another_name_is_refused(name: str) -> None:
    builder = CircuitBuilder()
    builder.add_qubits(1, name)
    with pytest.raises(EigenError, match="cannot be the name of a register"):
        dump(builder.build(), "qasm2")
