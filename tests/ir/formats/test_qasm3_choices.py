"""Qubits by an index that outcomes decide: the statement acts on the qubit that the index names in each history."""

from __future__ import annotations

import pytest

from eigen._core import Plan
from eigen.errors import EigenError
from eigen.ir import Circuit, dump, load

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'
CHOSEN = "qubit[2] a; qubit[4] q; bit[2] i; output bit[4] c;"


def counts(body: str) -> dict[str, int]:
    circuit = load(HEAD + body)
    assert load(dump(circuit, "qasm3")) == circuit
    return sampled(circuit)


def sampled(circuit: Circuit) -> dict[str, int]:
    return Plan(circuit).sample(shots=20, seed=4).to_dict()


def word(value: int) -> str:
    """The preparation of a number in `a`, and its measurement into `i`: an outcome that is certain."""
    return " ".join(f"x a[{k}];" for k in range(2) if value >> k & 1) + " i = measure a;"


@pytest.mark.parametrize("value", range(4))
@pytest.mark.parametrize(
    "statement",
    [
        "x q[i];",
        "x q[uint[2](i)];",
        "uint[2] k = i; x q[k];",
        "uint[2] k = 3 - uint[2](i); x q[3 - k];",
        "int[8] k = int[8](uint[2](i)) - 4; x q[k];",
        "x q; reset q[i]; x q;",
        "def flip(qubit p) { x p; } flip(q[i]);",
    ],
)
def test_the_qubit_is_that_of_the_index(statement: str, value: int) -> None:
    assert counts(f"{CHOSEN} {word(value)} {statement} c = measure q;") == {format(1 << value, "04b"): 20}


@pytest.mark.parametrize("value", range(4))
def test_one_qubit_is_measured_into_a_bit(value: int) -> None:
    for statement in ("bit r = measure q[i]; c[0] = r;", "c[0] = measure q[i];"):
        found = counts(f"{CHOSEN} {word(value)} x q[1]; x q[3]; {statement}")
        assert found == {format(value % 2, "04b"): 20}


@pytest.mark.parametrize("value", range(4))
def test_both_qubits_of_a_gate_may_be_chosen(value: int) -> None:
    body = f"{CHOSEN} {word(value)} x q[i]; uint[3] k = uint[2](i) + 1; ctrl @ x q[i], q[k]; c = measure q;"
    expected = 1 << value | (1 << value + 1 if value < 3 else 0)  # there is no q[4], and nothing is done to it
    assert counts(body) == {format(expected, "04b"): 20}


def test_a_bit_of_the_same_index_is_written() -> None:
    assert counts(f"{CHOSEN} {word(2)} x q[2]; c[i] = measure q[i];") == {"0100": 20}


def test_an_index_that_the_statement_overwrites_is_read_before() -> None:
    assert counts(f"{CHOSEN} {word(1)} x q[1]; i[0] = measure q[i]; c[0:1] = i;") == {"0001": 20}


def test_a_single_gate_is_a_gate_under_its_condition() -> None:
    circuit = load(HEAD + "qubit q; qubit[4] r; bit[2] i; h q; i[0] = measure q; x r[i];")
    gates = [one for one in circuit.instructions() if one.name == "X"]
    assert [gate.qubits for gate in gates] == [(1,), (2,), (3,), (4,)]
    assert all(gate.condition is not None for gate in gates)


def test_a_gate_on_one_qubit_twice_is_left_out() -> None:
    circuit = load(HEAD + "qubit q; qubit[3] r; bit[2] i; h q; i[0] = measure q; cx r[0], r[i];")
    assert [one.qubits for one in circuit.instructions() if one.name == "CX"] == [(1, 2), (1, 3)]


THREE = """qubit a; bit[27] b; qubit[400] q; b[0] = measure a;
uint[9] i = b[0:8]; uint[9] j = b[9:17]; uint[9] k = b[18:26]; ccx q[i], q[j], q[k];"""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("qubit a; bit[13] i; i[0] = measure a; qubit[5000] q; x q[i];", "EIGEN_LIMIT_EXCEEDED"),
        ("qubit a; bit[10] i; qubit[1000] q; i[0] = measure a; for int k in [0:9999] { rz(k) q[i]; }", "EIGEN_LIMIT"),
        ("qubit a; bit[27] i; qubit[400] q; i[0] = measure a; ccx q[i[0:8]], q[i[9:17]], q[i[18:26]];", "EIGEN_FORMAT"),
        (THREE, "EIGEN_LIMIT_EXCEEDED"),
        ("qubit a; bit[2] i; qubit[4] q; i[0] = measure a; float k = 1.0; if (i[0]) k = 2.0; x q[k];", "EIGEN_FORMAT"),
        ("qubit[4] q; bit i; i = measure q[0]; let r = q[{0, 1}]; x r[0:i];", "EIGEN_FORMAT_UNSUPPORTED"),
    ],
)
def test_what_would_become_too_much_or_is_no_index_is_refused(body: str, code: str) -> None:
    with pytest.raises(EigenError) as caught:
        load(HEAD + body)
    assert caught.value.code.startswith(code)
