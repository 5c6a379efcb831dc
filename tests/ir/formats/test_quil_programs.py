"""Quil and pyQuil's programs in and out, against pyQuil's own matrices and machines."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest

from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Condition, dump, load
from eigen.ir.equivalence import equivalence
from eigen.ir.formats.conversion import certify
from eigen.ir.formats.quil.gates import WRITE
from eigen.ir.formats.table import of_text

GATES = {*WRITE.values(), "CPHASE00", "CPHASE01", "CPHASE10", "PSWAP", "XY", "FSIM"} - {
    "RXX",
    "RYY",
    "DAGGER S",
    "DAGGER T",
}
"""What pyQuil has matrices for."""

PROGRAM = """# every part of the language that circuits have
DECLARE ro BIT[2]
DECLARE theta REAL[2]
DECLARE phi REAL
DEFGATE SQRTX AS MATRIX:
    0.5+0.5i, 0.5-0.5i
    0.5-0.5i, 0.5+0.5i
DEFGATE TURN(%a) AS MATRIX:
    cis(-%a/2), 0
    0, cis(%a/2)
DEFGATE PZ(%a) p q AS PAULI-SUM:
    ZX(%a/4) p q
DEFGATE ROLL AS PERMUTATION:
    0, 2, 3, 1
DEFCIRCUIT BELL(%x) a b:
    H a
    RX(%x*2) a
    CNOT a b
H 0; X 3
RX(theta[1]/2 - 3*phi + pi) 1
BELL(pi/3) 0 2
CONTROLLED DAGGER TURN(0.3) 1 2
SQRTX 0
PZ(-sqrt(0.25)^2) 0 1
ROLL 0 1
MEASURE 0 ro[0]
JUMP-WHEN @THEN1 ro[0]
X 1
JUMP @END2
LABEL @THEN1
Y 1
LABEL @END2
LABEL @START3
JUMP-UNLESS @END4 ro[0]
H 0
MEASURE 0 ro[0]
JUMP @START3
LABEL @END4
FENCE 0 1
DELAY 0 1e-6
RESET 1
HALT
"""


def test_a_program_of_everything_comes_back() -> None:
    assert of_text(PROGRAM.encode()).name == "quil"
    circuit = load(PROGRAM)
    assert circuit.parameters == ("theta[0]", "theta[1]", "phi")
    assert circuit.clbit_registers == (("ro", 0, 2),)
    again = load(dump(circuit, "quil"))
    assert again.parameters == circuit.parameters
    values = {"theta[0]": 0.1, "theta[1]": 0.2, "phi": 0.3}
    certificate = certify(circuit.bind(values), again.bind(values))
    assert certificate.verdict == "equal", str(certificate)
    assert {op.name for op in circuit.instructions()} >= {"IF", "WHILE", "BARRIER", "DELAY", "RESET", "MEASURE"}


@pytest.mark.parametrize("name", sorted(GATES))
def test_a_gate_is_the_one_that_pyquil_means(name: str) -> None:
    matrices = pytest.importorskip("pyquil.simulation.matrices")
    theirs = matrices.QUANTUM_GATES[name]
    count = 0 if isinstance(theirs, np.ndarray) else theirs.__code__.co_argcount
    values = [0.3 + 0.4 * k for k in range(count)]
    matrix = np.array(theirs(*values) if count else theirs)
    width = round(np.log2(len(matrix)))
    params = f"({','.join(map(repr, values))})" if count else ""
    circuit = load(f"{name}{params} {' '.join(map(str, range(width)))}", "quil")
    builder = CircuitBuilder(width)
    builder.gate("UNITARY", range(width - 1, -1, -1), matrix=matrix)
    assert equivalence(circuit, builder.build(), up_to_phase=False).verdict == "equal"
    assert certify(circuit, load(dump(circuit, "quil"), "quil")).verdict == "equal"


def test_programs_of_pyquil_with_their_control_flow() -> None:
    pyquil = pytest.importorskip("pyquil")
    gates = pyquil.gates
    program = pyquil.Program()
    ro = program.declare("ro", "BIT", 2)
    program += [gates.H(0), gates.MEASURE(0, ro[0])]
    program.if_then(ro[0], pyquil.Program(gates.X(1)), pyquil.Program(gates.Z(1)))
    program += gates.MEASURE(1, ro[1])
    circuit = load(program)
    assert [op.name for op in circuit.instructions()] == ["H", "MEASURE", "IF", "MEASURE"]
    from eigen._core import Plan

    assert set(Plan(circuit).sample(shots=200, seed=3).to_dict()) == {"00", "11"}
    assert load(dump(circuit, "pyquil")) == circuit


def test_names_phases_conditions_and_matrices_survive() -> None:
    builder = CircuitBuilder(name='a "name" \\', metadata={"k": "v\n"})
    builder.add_qubits(2, "left")
    builder.add_qubits(2, "right")
    builder.add_clbits(2, "nicht é")
    builder.add_clbits(2)
    builder.gate("GPHASE", [], [0.3])
    builder.gate("UNITARY", [2, 0], matrix=np.diag(np.exp(1j * np.arange(4))))
    builder.gate("U", [1], [0.1, 0.2, 0.3], num_controls=0, inverse=True, power=0.5)
    builder.gate("RX", [3, 0, 1], [0.4], num_controls=2, ctrl_state="10")
    builder.gate("T", [0], inverse=True)
    builder.measure([0, 1], [0, 2], "Y")
    both = Condition.bit(0) & ~Condition.bit(2)
    builder.gate("X", [3], condition=both)
    builder.begin_if(Condition.compare([0, 1, 2], "==", 5))
    builder.begin_for(3)
    builder.gate("H", [2])
    builder.end()
    builder.begin_else()
    builder.begin_while(both, 77)
    builder.measure([0], [0])
    builder.end()
    builder.end()
    circuit = builder.build()
    again = load(dump(circuit, "quil"))
    assert (again.name, again.metadata) == (circuit.name, circuit.metadata)
    assert again.qubit_registers == circuit.qubit_registers
    assert again.clbit_registers == circuit.clbit_registers
    loop = again.instructions()[-1].blocks[1][0]
    assert (loop.name, loop.bound) == ("WHILE", 77)
    assert load(dump(again, "quil")) == again


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("DECLARE x INTEGER\n", "UNSUPPORTED", "`INTEGER`"),
        ("DECLARE b BIT\nNOT b\n", "UNSUPPORTED", "`NOT`"),
        ('PRAGMA ADD-KRAUS X 0 "(0 1 1 0)"\n', "UNSUPPORTED", "noise"),
        ("DEFCAL X 0:\n    NOP\nX 0", "UNSUPPORTED", "`DEFCAL`"),
        ("MEASURE 0", "UNSUPPORTED", "dropped"),
        ("DECLARE b BIT\nLABEL @a\nX 0\nJUMP @a", "UNSUPPORTED", "free jumps"),
        ("DECLARE b BIT\nJUMP-WHEN @a b\nX 0", "UNSUPPORTED", "free jumps"),
        ("FORKED RX(0.1, 0.2) 0 1", "UNSUPPORTED", "FORKED"),
        ("DECLARE t REAL\nRX(t*t) 0", "UNSUPPORTED", "not affine"),
        ("DECLARE t REAL\nRX(sin(t)) 0", "UNSUPPORTED", "not affine"),
        ("DEFGATE G AS SEQUENCE:\n    X 0\nH 0", "UNSUPPORTED", "SEQUENCE"),
        ("DEFGATE G(%a) p q AS PAULI-SUM:\n    XX(%a) p q\n    ZZ(%a) p q\nG(0.1) 0 1", "UNSUPPORTED", "only one"),
        ("NOSUCH 0", "INVALID", "`NOSUCH`"),
        ("RX(0.1 0", "INVALID", "not closed"),
        ("DEFCIRCUIT C a:\n    C a\nC 0", "LIMIT", "circuits inside circuits"),
        ("H 0 0", "INVALID", "H acts on 1 qubit"),
        (f"RX({'(' * 300}1{')' * 300}) 0", "LIMIT", "expressions inside"),
    ],
)
def test_what_circuits_do_not_have_is_refused_with_its_place(text: str, code: str, words: str) -> None:
    with pytest.raises(EigenError, match=words) as caught:
        load(text, "quil", where="a.quil")
    assert code in caught.value.code or caught.value.code.startswith(("EIGEN_CIRCUIT", "EIGEN_GATE"))
    assert caught.value.where.startswith("a.quil:")


def test_what_quil_cannot_say_is_refused() -> None:
    builder = CircuitBuilder(1, 2)
    builder.gate("X", [0], condition=Condition.bit(0) | Condition.bit(1))
    with pytest.raises(EigenError, match="no AND of bits"):
        dump(builder.build(), "quil")
    builder = CircuitBuilder(1)
    builder.delay([0], 16, "dt")
    with pytest.raises(EigenError, match="`dt`"):
        dump(builder.build(), "quil")
    builder = CircuitBuilder(1)
    builder.gate("RX", [0], ["é"])
    with pytest.raises(EigenError, match="does not allow the name"):
        dump(builder.build(), "quil")


def test_angles_keep_all_their_digits() -> None:
    for angle in (1e-17, pi, 0.1 + 0.2, -1e300, 5e-324):
        builder = CircuitBuilder(1)
        builder.gate("RX", [0], [angle])
        assert load(dump(builder.build(), "quil"), "quil") == builder.build()
