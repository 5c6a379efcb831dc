"""OpenQASM 3 is written exactly: what is read back is the circuit, control flow, parameters and names included."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given

import oracle
from eigen.errors import EigenError
from eigen.ir import Affine, Circuit, CircuitBuilder, Condition, Instruction, dump, load
from eigen.ir.formats.conversion import certify, convert
from strategies import GATES, circuits, lone_gate, unitary_circuits


@given(unitary_circuits(max_qubits=3, max_gates=6))
def test_what_is_read_back_is_the_circuit_with_its_phase(circuit: Circuit) -> None:
    again = load(dump(circuit, "qasm3"))
    np.testing.assert_allclose(oracle.unitary(again), oracle.unitary(circuit), atol=1e-9)


def is_plain(circuit: Circuit) -> bool:
    """Whether every operation has a form of its own in the language."""

    def plain(instruction: Instruction) -> bool:
        is_short = instruction.name == "FOR" and instruction.bound < 2
        if instruction.name == "UNITARY" or instruction.basis != "Z" or is_short:
            return False
        return all(plain(inner) for block in instruction.blocks for inner in block)

    # A condition without bits is decided while the program is read.
    return b'"const"' not in dump(circuit) and all(plain(instruction) for instruction in circuit.instructions())


def written(circuit: Circuit) -> bytes | None:
    """The program of a circuit; None where the language lacks what it needs."""
    try:
        return dump(circuit, "qasm3")
    except EigenError as error:
        if error.code == "EIGEN_FORMAT_UNSUPPORTED":
            return None
        raise


@given(circuits(symbolic=True))
def test_what_is_written_is_read_and_written_again_the_same(circuit: Circuit) -> None:
    text = written(circuit)
    if text is None:
        return
    again = load(text)
    assert (again.num_qubits, again.num_clbits) == (circuit.num_qubits, circuit.num_clbits)
    assert again.parameters == circuit.parameters
    if is_plain(circuit):
        assert load(dump(again, "qasm3")) == again
    elif not any(instruction.blocks for instruction in circuit.instructions()):
        assert certify(circuit, again).is_equivalent is not False


def everything() -> Circuit:
    builder = CircuitBuilder(parameters=["theta", "weights[0]"])
    builder.add_qubits(2, "a")
    builder.add_qubits(3, "work qubits")
    builder.add_clbits(3, "c")
    builder.add_clbits(2)
    theta, weight = Affine.symbol("theta"), Affine.symbol("weights[0]")
    builder.gate("RX", [0], [theta * 2 - 0.25 + weight])
    builder.gate("RZZ", [0, 3], [weight])
    builder.gate("ISWAP", [1, 2], power=0.5, num_controls=0)
    builder.gate("H", [0, 1, 4], num_controls=2, ctrl_state="01")
    builder.gate("MCX", [0, 1, 2, 3])
    builder.gate("PAULI_ROT", [4, 0, 2], [0.1], pauli="XYZ")
    builder.gate("GPHASE", [], [1e-300])
    builder.delay([0, 2], 12.5, "us")
    builder.barrier([0, 3])
    builder.reset([4, 2])
    builder.measure([3, 2], [0, 1])
    builder.measure([2], [4])
    builder.gate("X", [1], condition=Condition.bit(0) & ~Condition.bit(4))
    builder.begin_if(Condition.compare([0, 1, 2], "==", 5) | (Condition.bit(1) ^ Condition.bit(2)))
    builder.gate("Z", [0])
    builder.begin_else()
    builder.begin_for(7)
    builder.gate("T", [0])
    builder.end()
    builder.end()
    builder.begin_while(Condition.compare([2, 4], ">", 1), 12)
    builder.gate("H", [2])
    builder.measure([2], [4])
    builder.end()
    return builder.build()


def test_everything_but_matrices_is_read_back_the_same() -> None:
    circuit = everything()
    assert load(dump(circuit, "qasm3")) == circuit
    assert convert(circuit, "qasm3").certificate.method == "structure"


def test_the_text_is_as_one_would_write_it() -> None:
    builder = CircuitBuilder(parameters=["theta"])
    builder.add_qubits(2, "q")
    builder.add_clbits(2, "c")
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.gate("RZ", [1], [Affine.symbol("theta")])
    builder.measure([0, 1], [0, 1])
    builder.gate("X", [0], condition=Condition.bit(1))
    assert dump(builder.build(), "qasm3").decode().splitlines() == [
        "OPENQASM 3.0;",
        'include "stdgates.inc";',
        "input float theta;",
        "qubit[2] q;",
        "bit[2] c;",
        "h q[0];",
        "cx q[0], q[1];",
        "rz(theta) q[1];",
        "c = measure q;",
        "if (c[1]) x q[0];",
    ]


def test_the_reference_parser_reads_what_is_written() -> None:
    openqasm3 = pytest.importorskip("openqasm3")
    text = dump(everything(), "qasm3").decode()
    program = openqasm3.parse(text)
    assert program.version == "3.0"


def test_a_register_called_like_a_gate_gets_another_name_and_keeps_its_own() -> None:
    builder = CircuitBuilder()
    builder.add_qubits(1, "x")
    builder.add_qubits(1, "measure")
    builder.add_qubits(1, "rzz")
    builder.gate("X", [1])
    builder.gate("RZZ", [0, 2], [0.5])
    circuit = builder.build()
    again = load(dump(circuit, "qasm3"))
    assert again.qubit_registers == circuit.qubit_registers
    np.testing.assert_allclose(oracle.unitary(again), oracle.unitary(circuit), atol=1e-12)


@pytest.mark.parametrize("name", sorted(GATES))
def test_definitions_of_further_gates_are_the_gates(name: str) -> None:
    """Under another name a definition is not known again, and so is taken at its word."""
    circuit = lone_gate(GATES[name])
    text = dump(circuit, "qasm3").decode()
    found = re.search(r"^gate (\w+)", text, re.MULTILINE)
    if found:
        text = re.sub(rf"\b{found[1]}\b", "another", text)
    again = load(text)
    np.testing.assert_allclose(oracle.unitary(again), oracle.unitary(circuit), atol=1e-9)
