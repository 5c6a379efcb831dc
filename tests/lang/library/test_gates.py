"""Gate functions, modifiers and registers: what they write, against dense matrices and the gate table."""

from __future__ import annotations

import numpy as np
import pytest
from language import checked, codes

import oracle
from eigen.ir import Circuit
from eigen.lang.library.gates import angle_names, gate_functions

GATES = gate_functions()


def circuit_of(*lines: str, qubits: int = 4) -> Circuit:
    body = "\n".join(f"    {line}" for line in lines)
    text = (
        "from eigen_lang import *\n\n\n@quantum_circuit\ndef made():\n"
        f"    q = QubitRegister({qubits})\n{body}\n\n\n@hybrid_program()\ndef main():\n"
        "    return ExpectationValue(made(), pauli('Z0'))\n"
    )
    result = checked(text)
    assert result.program is not None, result.diagnostics
    return result.program.circuits[0]


@pytest.mark.parametrize("name", sorted(GATES))
def test_every_gate_of_the_table_is_a_function(name: str) -> None:
    info = GATES[name].info
    payload = {"UNITARY": ["[[0, 1], [1, 0]]"], "PAULI_ROT": ["'XYZ'"]}.get(info.name, [])
    width = {"UNITARY": 1, "PAULI_ROT": 3}.get(info.name, 4 if info.num_qubits is None else info.num_qubits)
    angles = [0.1 * (k + 1) for k in range(len(angle_names(info)))]
    qubits = list(range(3, 3 - width, -1))
    call = ", ".join([*payload, *map(str, angles), *(f"q[{k}]" for k in qubits)])
    (written,) = circuit_of(f"{name}({call})").instructions()
    assert (written.name, list(written.qubits), list(written.params)) == (info.name, qubits, angles)
    assert written.pauli == ("XYZ" if info.name == "PAULI_ROT" else "")


def test_angles_may_be_named_and_come_before_qubits() -> None:
    (written,) = circuit_of("u(q[1], theta=0.1, phi=0.2, lam=0.3)").instructions()
    assert list(written.params) == [0.1, 0.2, 0.3]
    assert codes("q = QubitRegister(1)", "rx(q[0], 0.3)", "return measure_all(q)") == ["E0802"]


def test_single_qubit_gates_act_on_registers_and_pairs_act_on_pairs() -> None:
    assert circuit_of("h(q)", "x(q[0], q[2])").count_ops() == {"H": 4, "X": 2}
    found = [tuple(i.qubits) for i in circuit_of("cx(q[0:2], q[2:4])").instructions()]
    assert found == [(0, 2), (1, 3)]


def matrix_of(text: str, qubits: int) -> np.ndarray:
    return oracle.unitary(circuit_of(text, qubits=qubits))


def controlled(matrix: np.ndarray, states: str) -> np.ndarray:
    """Controls are the low qubits; `states` has the first control rightmost."""
    controls = len(states)
    full = np.eye(len(matrix) << controls, dtype=complex)
    rows = [(k << controls) | int(states, 2) for k in range(len(matrix))]
    full[np.ix_(rows, rows)] = matrix
    return full


def test_control_with_states() -> None:
    found = matrix_of('control(ry, 2, "01")(0.7, q[0], q[1], q[2])', 3)
    np.testing.assert_allclose(found, controlled(oracle.exponential(oracle.Y, 0.35), "01"), atol=1e-12)


def test_control_of_a_control_puts_the_new_controls_first() -> None:
    found = matrix_of('control(control(x, 1, "0"), 1, "1")(q[0], q[1], q[2])', 3)
    np.testing.assert_allclose(found, controlled(oracle.X, "01"), atol=1e-12)


def test_power_and_inverse() -> None:
    np.testing.assert_allclose(matrix_of("power(s, 0.5)(q[0])", 1), np.diag([1, np.exp(0.25j * np.pi)]), atol=1e-12)
    np.testing.assert_allclose(matrix_of("inverse(sx)(q[0])", 1) @ matrix_of("sx(q[0])", 1), np.eye(2), atol=1e-12)


def test_control_of_a_circuit_function() -> None:
    text = "control(lambda a: ry(0.5, a))(q[0], q[1])"
    np.testing.assert_allclose(matrix_of(text, 2), controlled(oracle.exponential(oracle.Y, 0.25), "1"), atol=1e-12)


def test_a_circuit_is_written_into_another_one() -> None:
    text = "a = create_hea_ansatz(2, depth=1)\n    a([q[1], q[0]], [0.3, 0.4])"
    found = [(i.name, tuple(i.qubits), list(i.params)) for i in circuit_of(text, qubits=2).instructions()]
    assert found == [("RY", (1,), [0.3]), ("RY", (0,), [0.4]), ("CX", (1, 0), [])]


def test_parameters_are_affine() -> None:
    program = checked(
        "from eigen_lang import *\n\n\n@hybrid_program()\ndef main():\n    t = Param('t', 2)\n\n    @quantum_circuit\n"
        "    def f():\n        q = QubitRegister(1)\n        ry(2 * t[0] - t[1] / 4 + 1, q[0])\n\n"
        "    return ExpectationValue(f(), pauli('Z0'), params={'t': [0.5, 0.25]})\n"
    ).program
    assert program is not None
    (angle,) = program.circuits[0].instructions()[0].params
    assert (angle.constant, angle.terms) == (1.0, {"t[0]": 2.0, "t[1]": -0.25})


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("q = QubitRegister(0)",), "E0403"),
        (("q = QubitRegister(2)", "x(q[2])"), "E0404"),
        (("q = QubitRegister(2)", "x(q['a'])"), "E0402"),
        (("q = QubitRegister(2)", "cx(q[0])"), "E0802"),
        (("q = QubitRegister(2)", "rx('a', q[0])"), "E0802"),
        (("q = QubitRegister(2)", "rx(float('inf'), q[0])"), "E0802"),
        (("q = QubitRegister(2)", "rx(theta=1, tetha=2)"), "E0401"),
        (("q = QubitRegister(2)", "unitary([[1, 1], [0, 1]], q[0])"), "E0403"),
        (("q = QubitRegister(2)", "unitary([[1, 'a'], [0, 1]], q[0])"), "E0403"),
        (("q = QubitRegister(2)", "pauli_rot('XA', 0.1, q[0], q[1])"), "E0403"),
        (("q = QubitRegister(2)", "gate('hadamart', q[0])"), "E0802"),
        (("q = QubitRegister(2)", "measure(q, ClassicalRegister(1))"), "E0802"),
        (("q = QubitRegister(2)", "measure(q, basis='W')"), "E0403"),
        (("q = QubitRegister(2)", "delay('long', q[0])"), "E0403"),
        (("q = QubitRegister(2)", "control(3)(q[0])"), "E0802"),
        (("q = QubitRegister(2)", "control(x, 0)(q[0])"), "E0403"),
        (("h([])",), "E0801"),
        (("gphase(0.3)",), "E0801"),
        (("measure_all()",), "E0801"),
    ],
)
def test_mistakes_are_diagnosed(lines: tuple[str, ...], code: str) -> None:
    assert codes(*lines) == [code]


@pytest.mark.parametrize(
    "lines",
    [
        ("minimize(lambda v: (x(q[0]), v[0])[1], [0.1])",),
        ("@quantum_circuit", "def f():", "    r = QubitRegister(1)", "    x(q[0])", "f()"),
        ("@quantum_circuit", "def f(r):", "    x(q[0])", "control(f)(q[1], q[2])"),
    ],
)
def test_a_function_with_a_circuit_of_its_own_cannot_reach_the_one_outside(lines: tuple[str, ...]) -> None:
    assert codes("q = QubitRegister(3)", *lines, "return measure_all(q)") == ["E0803"]
