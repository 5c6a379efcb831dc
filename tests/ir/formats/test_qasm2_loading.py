"""OpenQASM 2 is read as Qiskit's loader reads it: the same gates, parameters, registers, conditions."""

from __future__ import annotations

import random

import numpy as np
import pytest

import oracle
from eigen._core import Plan
from eigen.errors import EigenError
from eigen.ir import Circuit, load

qasm2 = pytest.importorskip("qiskit.qasm2")
Operator = pytest.importorskip("qiskit.quantum_info").Operator

HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
GATES = {
    **dict.fromkeys(["id", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg"], (0, 1)),
    **dict.fromkeys(["u1", "p", "rx", "ry", "rz"], (1, 1)),
    **{"u0": (1, 1), "u2": (2, 1), "u3": (3, 1), "u": (3, 1), "U": (3, 1)},
    **dict.fromkeys(["cx", "CX", "cz", "cy", "swap", "ch", "csx"], (0, 2)),
    **dict.fromkeys(["crx", "cry", "crz", "cu1", "cp", "rxx", "rzz"], (1, 2)),
    **{"cu3": (3, 2), "cu": (4, 2), "ccx": (0, 3), "cswap": (0, 3), "rccx": (0, 3)},
    **{"rc3x": (0, 4), "c3x": (0, 4), "c3sqrtx": (0, 4), "c4x": (0, 5)},
}


def theirs(text: str) -> np.ndarray:
    """The unitary that Qiskit reads from a program."""
    return Operator(qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)).data


@pytest.mark.parametrize("name", GATES)
def test_every_gate_of_the_library_is_the_one_that_qiskit_has(name: str) -> None:
    params, qubits = GATES[name]
    values = [1.0] if name == "u0" else [0.3, -1.1, 2.7, 0.9][:params]
    called = f"({','.join(map(str, values))})" if values else ""
    order = random.Random(name).sample(range(qubits), qubits)
    text = f"{HEAD}qreg q[{qubits}];\n{name}{called} {','.join(f'q[{k}]' for k in order)};\n"
    np.testing.assert_allclose(oracle.unitary(load(text)), theirs(text), atol=1e-12)


def expression(source: random.Random, names: list[str], depth: int = 3) -> str:
    kind = source.randrange(7) if depth else 0
    inner = [expression(source, names, depth - 1) for _ in range(2)] if kind > 1 else []
    match kind:
        case 0 | 1:
            return source.choice([*names, "pi", "2", "0.75", ".5", "3.", "1.25e-1"])
        case 2 | 3:
            return f"{inner[0]}{source.choice('+-*')}{inner[1]}"
        case 4:
            return f"-({inner[0]})/2"
        case 5:
            return f"{source.choice(['sin', 'cos'])}({inner[0]})^2"
        case _:
            return f"({inner[0]}-{inner[1]})"


def operation(source: random.Random, qubits: list[str], names: list[str]) -> str:
    fitting = [name for name, (_, count) in GATES.items() if count <= len(qubits) and name not in {"u0", "c4x"}]
    name = source.choice(fitting)
    params, count = GATES[name]
    called = f"({','.join(expression(source, names) for _ in range(params))})" if params else ""
    return f"{name}{called} {','.join(source.sample(qubits, count))};"


def program(seed: int) -> str:
    """Definitions that call each other, two registers, gates bit by bit."""
    source = random.Random(seed)
    lines = [HEAD]
    for k in range(3):
        body = " ".join(operation(source, ["a", "b", "c"], ["x", "y"]) for _ in range(4))
        calls = f"g{k - 1}(y,x/2) c,a,b;" if k else "barrier a,c;"
        lines.append(f"gate g{k}(x,y) a,b,c {{ {body} {calls} }}")
    lines.append("qreg one[2]; // a comment; with marks {\nqreg two[2];")
    bits = ["one[0]", "one[1]", "two[0]", "two[1]"]
    for _ in range(6):
        lines.append(operation(source, bits, []))
    lines += ["cx one,two;", "u3(0.1,pi/7,-2) one;", f"g2(pi/3,{expression(source, [])}) one[0],two[1],two[0];"]
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(40))
def test_random_programs_are_what_qiskit_makes_of_them(seed: int) -> None:
    text = program(seed)
    np.testing.assert_allclose(oracle.unitary(load(text)), theirs(text), atol=1e-9)


def test_registers_keep_names_and_order() -> None:
    circuit = load("OPENQASM 2.0; qreg b[2]; creg z[3]; qreg a[1]; creg y[1];")
    assert circuit.qubit_registers == (("b", 0, 2), ("a", 2, 1))
    assert circuit.clbit_registers == (("z", 0, 3), ("y", 3, 1))


def test_a_condition_reads_its_register_once() -> None:
    """The measurement under the condition writes the register that the condition reads."""
    text = f"{HEAD}gate gg a,b {{ x a; cx a,b; }} qreg q[2]; creg c[2]; x q; if (c == 0) measure q -> c; "
    circuit = load(text + "if (c == 3) x q; if (c == 1) gg q[0],q[1]; if (c == 3) measure q[1] -> c[1];")
    assert [op.name for op in circuit.instructions()] == ["X", "X", "MEASURE", "IF", "IF", "MEASURE"]
    assert Plan(circuit).sample(shots=20, seed=1).to_dict() == {"01": 20}


def test_own_definitions_take_the_place_of_later_library_gates() -> None:
    text = f"{HEAD}gate rzz(t) a,b {{ cx a,b; u1(t) b; cx a,b; }} qreg sx[2]; rzz(0.5) sx[0],sx[1];"
    assert load(text).count_ops() == {"CX": 2, "P": 1}
    with pytest.raises(EigenError, match="already a gate"):
        load(f"{HEAD}gate h a {{ U(0,0,0) a; }}")


def test_an_opaque_delay_is_a_delay() -> None:
    circuit = load(f"{HEAD}opaque delay(t) q; qreg q[2]; delay(100) q;")
    assert circuit.count_ops() == {"DELAY": 2}


def test_numbers_keep_every_digit() -> None:
    [op] = load(f"{HEAD}qreg q[1]; rz(1.2345678901234567e-12) q[0];").instructions()
    assert [float(value) for value in op.params] == [1.2345678901234567e-12]


def test_a_large_program_is_read(tmp_path: object) -> None:
    lines = "cx q[0],q[1];\nrz(0.125) q[1];\n" * 100_000
    circuit: Circuit = load(f"{HEAD}qreg q[2];\n{lines}")
    assert len(circuit) == 200_000
