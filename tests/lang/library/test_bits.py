"""Measured bits: conditions inside the circuit, counts outside; distributions against the dense oracle."""

from __future__ import annotations

import pytest
from language import checked, codes

import oracle
from eigen.ir import Circuit


def circuit_of(*lines: str) -> Circuit:
    body = "\n".join(f"    {line}" for line in lines)
    result = checked(f"from eigen_lang import *\n\n\n@hybrid_program(shots=10)\ndef main():\n{body}\n")
    assert result.program is not None, [item.render("", filename="p") for item in result.diagnostics]
    return result.program.circuits[0]


SETUP = ("q = QubitRegister(3)", "c = ClassicalRegister(2)", "h(q[0:2])", "measure(q[0:2], c)")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("c == 2", lambda b: b == 2),
        ("c != 2", lambda b: b != 2),
        ("c < 2", lambda b: b < 2),
        ("1 <= c", lambda b: b >= 1),
        ("c[0]", lambda b: b & 1),
        ("not c[0]", lambda b: not b & 1),
        ("~c[1]", lambda b: not b & 2),
        ("c[0] and c[1]", lambda b: b == 3),
        ("c[0] or c[1]", lambda b: b > 0),
        ("c[0] ^ c[1]", lambda b: b in (1, 2)),
        ("c[0] == c[1]", lambda b: b in (0, 3)),
        ("c[0] != 1", lambda b: not b & 1),
        ("c == 7", lambda b: False),
        ("c[0] == True and not (c[1] or False)", lambda b: b == 1),
    ],
)
def test_conditions(condition: str, holds: object) -> None:
    circuit = circuit_of(*SETUP, f"if {condition}:", "    x(q[2])", "return measure(q[2])")
    expected = {f"{int(bool(holds(b)))}{b:02b}": 0.25 for b in range(4)}
    assert oracle.distribution(circuit) == pytest.approx(expected)


def test_else_and_elif() -> None:
    circuit = circuit_of(
        *SETUP, "if c == 0:", "    x(q[2])", "elif c[0]:", "    pass", "else:", "    x(q[2])", "return measure(q[2])"
    )
    expected = {"100": 0.25, "001": 0.25, "110": 0.25, "011": 0.25}
    assert oracle.distribution(circuit) == pytest.approx(expected)


def test_bases_of_measurement() -> None:
    assert oracle.distribution(circuit_of("q = QubitRegister(1)", "h(q)", "return measure(q, basis='X')")) == {
        "0": pytest.approx(1)
    }


def test_bit_zero_is_the_rightmost_character() -> None:
    circuit = circuit_of("q = QubitRegister(3)", "x(q[0])", "return measure_all(q)")
    assert oracle.distribution(circuit) == {"001": pytest.approx(1)}


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("return c[0] + c[1]",), "E0805"),
        (("if c:", "    x(q[0])"), "E0805"),
        (("x(q[2])", "n = c.counts", "x(q[2])", "return n"), "E0804"),
        (("n = c.counts", "if c[0]:", "    x(q[0])", "return n"), "E0804"),
        (("if c[0]:", "    n = c.counts"), "E0805"),
        (("return c['0']",), "E0404"),
        (("return c['02']",), "E0404"),
        (("return [1, 2][c[0]]",), None),
        (("if c[0]:", "    r = QubitRegister(1)"), "E0403"),
    ],
)
def test_mistakes_are_diagnosed(lines: tuple[str, ...], code: str | None) -> None:
    found = codes(*SETUP, *lines)
    assert found == [code] if code else found


def test_registers_after_a_run_form_a_new_circuit() -> None:
    text = (
        "from eigen_lang import *\n\n\n@hybrid_program(shots=10)\ndef main():\n    a = QubitRegister(1)\n"
        "    first = measure_all(a).counts\n    b = QubitRegister(2)\n    x(b[1])\n    return first, measure_all(b)\n"
    )
    program = checked(text).program
    assert program is not None
    assert [circuit.num_qubits for circuit in program.circuits] == [1, 2]
