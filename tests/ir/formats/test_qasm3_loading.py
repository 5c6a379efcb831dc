"""OpenQASM 3: what is known while a program is read becomes an ordinary circuit, equal to one built by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

import oracle
from eigen.errors import EigenError
from eigen.ir import Circuit, CircuitBuilder, Condition, load

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'


def read(body: str, **options: object) -> Circuit:
    return load(HEAD + body, **options)


def gates(circuit: Circuit) -> list[tuple[str, tuple[int, ...], tuple[float, ...]]]:
    return [(op.name, op.qubits, tuple(float(value) for value in op.params)) for op in circuit.instructions()]


def test_registers_keep_names_and_order() -> None:
    circuit = read("qubit[2] a; bit[3] c; qubit b; qreg d[2]; creg e[1];")
    assert circuit.qubit_registers == (("a", 0, 2), ("b", 2, 1), ("d", 3, 2))
    assert circuit.clbit_registers == (("c", 0, 3), ("e", 3, 1))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("pi / 4", math.pi / 4),
        ("-π + τ", math.pi),
        ("2 ** 3 ** 2", 512.0),
        ("-2 ** 2", -4.0),
        ("7 / 2", 3.5),
        ("int(7) / int(2)", 3.0),
        ("7 % 4 + 0x1F + 0b101 + 1_000", 3 + 31 + 5 + 1000),
        (
            "sin(0.5) * arccos(0.25) + exp(1.5) - log(2) + sqrt(2.0)",
            math.sin(0.5) * math.acos(0.25) + math.exp(1.5) - math.log(2) + math.sqrt(2),
        ),
        ("floor(2.7) + ceiling(2.1) + mod(-1, 5) + popcount(uint[8](7))", 2 + 3 + 4 + 3),
        ("float(uint[4](17)) + int[4](9)", 1 - 7),
        ("angle[4](pi / 2)", math.pi / 2),
        ('angle[4]("0100")', math.pi / 2),
        ("angle[8](3 * pi) ", math.pi),
        ("uint[8](rotl(uint[8](129), 1)) + uint[8](~uint[8](250))", 3 + 5),
        ("float(int[4]((3 > 2) && !(1 == 2)))", 1.0),
        ("1 << 4 | 1 ^ 3 & 2", 16 | 1 ^ 3 & 2),
        ("real((1 + 2im) * (3 - 1im))", 5.0),
        ("100ns / 50ns + 1us / 500ns", 4.0),
    ],
)
def test_expressions_are_computed(expression: str, value: float) -> None:
    circuit = read(f"qubit q; rx({expression}) q;")
    [(name, _, (found,))] = gates(circuit)
    assert name == "RX"
    assert found == pytest.approx(value, abs=1e-12)


def test_constants_variables_and_arrays_leave_no_trace() -> None:
    circuit = read(
        """
        const uint n = 3;
        qubit[n] q;
        array[float[64], 2, 2] m = {{0.1, 0.2}, {0.3, 0.4}};
        int k = 0;
        while (k < n) { rx(m[0, 1] * k) q[k]; k += 1; }
        m[1][0] = 2.5;
        for int i in {0, 2} { ry(m[1, 0]) q[i]; }
        for uint i in [n - 1:-1:0] z q[i];
        if (sizeof(m, 0) == 2) { x q[-1]; } else { y q[0]; }
        switch (k) { case 1, 2 { y q; } case 3 { h q[0:2:2]; } default { y q; } }
        """
    )
    assert circuit == read(
        """qubit[3] q; rx(0) q[0]; rx(0.2) q[1]; rx(0.4) q[2]; ry(2.5) q[0]; ry(2.5) q[2];
        z q[2]; z q[1]; z q[0]; x q[2]; h q[0]; h q[2];"""
    )
    assert not circuit.is_dynamic
    assert circuit.num_clbits == 0


def test_gates_broadcast_and_aliases_are_their_bits() -> None:
    circuit = read(
        "qubit[2] a; qubit[3] b; let all = a ++ b; let odd = all[1:2:4]; cx a, odd; cx a[0], b; barrier all;"
    )
    pairs = [qubits for _, qubits, _ in gates(circuit)]
    assert pairs == [(0, 1), (1, 3), (0, 2), (0, 3), (0, 4), (0, 1, 2, 3, 4)]


def test_modifiers_make_the_unitaries_that_they_say() -> None:
    circuit = read(
        """
        gate twice(t) a, b { cx a, b; rz(t) b; gphase(t / 4); pow(2) @ s a; }
        qubit[4] q;
        negctrl @ ctrl(2) @ x q[0], q[1], q[2], q[3];
        inv @ twice(0.3) q[0], q[1];
        ctrl @ inv @ pow(3) @ twice(0.3) q[3], q[0], q[1];
        pow(1 / 2) @ twice(0.7) q[2], q[1];
        pow(1 / 2) @ x q[0];
        ctrl @ gphase(0.4) q[2];
        """
    )
    builder = CircuitBuilder(4)
    builder.gate("X", [0, 1, 2, 3], num_controls=3, ctrl_state="110")
    expected = oracle.unitary(builder.build())

    def twice(angle: float, control: int, target: int, *more: int) -> np.ndarray:
        made = CircuitBuilder(4)
        made.gate("CX", [*more, control, target], num_controls=len(more))
        made.gate("RZ", [*more, target], [angle], num_controls=len(more))
        made.gate("GPHASE", [*more], [angle / 4], num_controls=len(more))
        made.gate("Z", [*more, control], num_controls=len(more))
        return oracle.unitary(made.build())

    expected = twice(0.3, 0, 1).conj().T @ expected
    expected = np.linalg.matrix_power(twice(0.3, 0, 1, 3), 3).conj().T @ expected
    unitary = oracle.unitary(circuit)
    rest = unitary @ np.linalg.inv(expected)
    # What is left squares to the gates whose roots were taken, and a phase on one qubit.
    last = CircuitBuilder(4)
    last.gate("P", [2], [0.4])
    last.gate("SX", [0])
    tail = oracle.unitary(last.build())
    root = np.linalg.inv(tail) @ rest
    np.testing.assert_allclose(root @ root, twice(0.7, 2, 1), atol=1e-9)


def test_physical_qubits_and_old_measurements() -> None:
    circuit = read("bit[2] c; x $1; measure $1 -> c[1]; c[0] = measure $0;")
    assert circuit.num_qubits == 2
    assert [(op.name, op.qubits, op.clbits) for op in circuit.instructions()] == [
        ("X", (1,), ()),
        ("MEASURE", (1,), (1,)),
        ("MEASURE", (0,), (0,)),
    ]


def test_conditions_are_plain_conditions() -> None:
    circuit = read(
        """
        qubit[2] q; bit[3] c; bit d;
        c[0:1] = measure q;
        if (c == 5 || d && !c[1]) { x q[0]; } else { y q[0]; }
        if (c[0:1] > 1) z q[1];
        while (c[0] ^ d) { c[0] = measure q[0]; }
        """
    )
    builder = CircuitBuilder()
    builder.add_qubits(2, "q")
    builder.add_clbits(3, "c")
    builder.add_clbits(1, "d")
    builder.measure([0, 1], [0, 1])
    builder.begin_if(Condition.compare([0, 1, 2], "==", 5) | (Condition.bit(3) & ~Condition.bit(1)))
    builder.gate("X", [0])
    builder.begin_else()
    builder.gate("Y", [0])
    builder.end()
    builder.gate("Z", [1], condition=Condition.compare([0, 1], ">", 1))
    builder.begin_while(Condition.bit(0) ^ Condition.bit(3), 1_000_000)
    builder.measure([0], [0])
    builder.end()
    assert circuit == builder.build()
    assert not circuit.computes


def test_inputs_are_parameters_or_numbers() -> None:
    text = "input float theta; input angle[16] phi; input int n; qubit[3] q; rx(2 * theta + 1) q[n]; rz(phi) q[0];"
    circuit = read(text, inputs={"n": 2})
    assert circuit.parameters == ("theta", "phi")
    assert circuit == read(text.replace("input int n;", "const int n = 2;"))
    assert read(text, inputs={"n": 2, "theta": 0.5}).parameters == ("phi",)
    with pytest.raises(EigenError, match="needs a value"):
        read(text)


def test_a_repeated_body_stays_a_block() -> None:
    circuit = read("qubit q; for uint i in [1:100] { h q; t q; }")
    assert circuit.count_ops() == {"FOR": 1, "H": 1, "T": 1}


def test_subroutines_are_evaluated_where_they_are_called() -> None:
    circuit = read(
        """
        def rotate(qubit[2] r, angle[32] a, int k) -> float {
          for int i in [0:1] { rx(a * k) r[i]; }
          if (k > 1) { return 0.5; }
          return 0.25;
        }
        def fill(mutable array[int[32], #dim = 1] xs, int by) { for int i in [0:sizeof(xs) - 1] { xs[i] += by; } }
        qubit[2] q;
        array[int[32], 2] xs = {1, 2};
        fill(xs, 5);
        rz(rotate(q, pi / 4, 2)) q[0];
        rz(xs[1]) q[1];
        """
    )
    assert gates(circuit) == [
        ("RX", (0,), (pytest.approx(math.pi / 2),)),
        ("RX", (1,), (pytest.approx(math.pi / 2),)),
        ("RZ", (0,), (0.5,)),
        ("RZ", (1,), (7.0,)),
    ]


def test_boxes_delays_pragmas_annotations_and_calibrations_are_read() -> None:
    circuit = read(
        """
        pragma vendor anything at all { ;
        defcalgrammar "openpulse";
        cal { port p; { } }
        defcal x $0 { play(p, "}"); }
        qubit[2] q;
        @note for someone
        /* a comment
           of two lines */
        box { delay[2.5us] q[0]; x q[1]; }
        barrier q;
        """
    )
    assert circuit.count_ops() == {"BARRIER": 3, "DELAY": 1, "X": 1}


def test_the_standard_gates_are_those_of_the_specification() -> None:
    circuit = read("qubit[2] q; u3(0.1, 0.2, 0.3) q[0]; cu(0.1, 0.2, 0.3, 0.4) q[0], q[1]; U(0.4, 0.5, 0.6) q[1];")
    builder = CircuitBuilder(2)
    builder.gate("GPHASE", [], [-(0.2 + 0.3) / 2])
    builder.gate("U", [0], [0.1, 0.2, 0.3])
    builder.gate("P", [0], [0.4])
    builder.gate("U", [0, 1], [0.1, 0.2, 0.3], num_controls=1)
    builder.gate("U", [1], [0.4, 0.5, 0.6])
    np.testing.assert_allclose(oracle.unitary(circuit), oracle.unitary(builder.build()), atol=1e-12)
