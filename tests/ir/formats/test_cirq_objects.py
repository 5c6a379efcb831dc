"""Cirq's circuits in and out: matrices against Cirq's own, measurements against its simulator, and what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given

import oracle
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Condition, gate_table
from eigen.ir.formats.objects import dump, load
from strategies import SYMBOLS, examples, lone_gate, unitary_circuits

cirq = pytest.importorskip("cirq")
sympy = pytest.importorskip("sympy")

if TYPE_CHECKING:
    from eigen.ir import Circuit

VALUES = dict(zip(SYMBOLS, (0.7, -1.9, 0.25), strict=True))
LINE = cirq.LineQubit.range(5)
GATES: list[Any] = [
    *(gate**power for gate in (cirq.X, cirq.Y, cirq.Z, cirq.H) for power in (1, -1, 0.5, -0.25, 0.3)),
    *(
        gate**power
        for gate in (cirq.CX, cirq.CZ, cirq.SWAP, cirq.ISWAP, cirq.XX, cirq.YY, cirq.ZZ)
        for power in (1, 0.3)
    ),
    *(gate**power for gate in (cirq.CCX, cirq.CCZ) for power in (1, 0.3)),
    *(kind(exponent=0.3, global_shift=0.7) for kind in (cirq.XPowGate, cirq.YPowGate, cirq.ZPowGate, cirq.HPowGate)),
    *(kind(exponent=0.3, global_shift=0.7) for kind in (cirq.CXPowGate, cirq.CZPowGate, cirq.SwapPowGate)),
    *(kind(exponent=0.3, global_shift=0.7) for kind in (cirq.ISwapPowGate, cirq.XXPowGate, cirq.CCXPowGate)),
    *(cirq.rx(0.4), cirq.ry(0.4), cirq.rz(0.4), cirq.cphase(0.4), cirq.riswap(0.3), cirq.givens(0.3), cirq.ms(0.3)),
    *(cirq.CSWAP, cirq.IdentityGate(2), cirq.FSimGate(0.3, 0.4), cirq.PhasedFSimGate(0.1, 0.2, 0.3, 0.4, 0.5)),
    cirq.PhasedXPowGate(phase_exponent=0.3, exponent=0.4, global_shift=0.2),
    cirq.PhasedXZGate(x_exponent=0.3, z_exponent=0.4, axis_phase_exponent=0.7),
    cirq.PhasedISwapPowGate(phase_exponent=0.3, exponent=0.2),
    cirq.MatrixGate(cirq.testing.random_unitary(4, random_state=1)),
    cirq.MatrixGate(cirq.testing.random_unitary(8, random_state=2)),
    cirq.ControlledGate(cirq.X**0.3, 2, control_values=[0, 1]),
    cirq.ControlledGate(cirq.SWAP**0.3, 1),
    cirq.ControlledGate(cirq.Z, 2, control_values=cirq.SumOfProducts([[0, 1], [1, 0]])),
    *(cirq.Ry(rads=0.2).controlled(3), cirq.QubitPermutationGate([1, 2, 0]), cirq.QuantumFourierTransformGate(3)),
    *(cirq.DensePauliString("XYZ"), cirq.DiagonalGate([0.1, 0.2, 0.3, 0.4])),
]


def matrix(circuit: Any, qubits: list[Any]) -> np.ndarray:
    """Cirq's matrix with the first qubit the least significant one."""
    width = len(qubits)
    turned = [int(format(k, f"0{width}b")[::-1], 2) for k in range(1 << width)] if width else [0]
    whole = circuit.unitary(qubit_order=qubits, qubits_that_should_be_present=qubits)
    return whole[np.ix_(turned, turned)]


def same(made: Circuit, theirs: Any, qubits: list[Any] = LINE) -> None:
    assert np.allclose(oracle.unitary(made), matrix(theirs, qubits[: made.num_qubits]), atol=1e-7)


@pytest.mark.parametrize("gate", GATES, ids=str)
def test_every_gate_is_read_and_written(gate: Any) -> None:
    qubits = [LINE[index] for index in (3, 0, 4, 1)][: cirq.num_qubits(gate)]
    theirs = cirq.Circuit(gate.on(*qubits), cirq.I.on_each(*LINE))
    made = load(theirs)
    same(made, theirs)
    same(made, dump(made, "cirq"))


@pytest.mark.parametrize("seed", range(15))
def test_random_circuits_are_read_and_written(seed: int) -> None:
    domain = {gate: cirq.num_qubits(gate) for gate in GATES if cirq.num_qubits(gate) < 4}
    theirs = cirq.testing.random_circuit(LINE, 8, 0.7, gate_domain=domain, random_state=seed)
    theirs.append(cirq.I.on_each(*LINE))
    made = load(theirs)
    same(made, theirs)
    same(load(dump(made, "cirq")), theirs)


@given(unitary_circuits())
@examples(40, 400)
def test_our_circuits_are_written_and_read(circuit: Circuit) -> None:
    theirs = dump(circuit, "cirq")
    same(circuit, theirs)
    assert np.allclose(oracle.unitary(circuit), oracle.unitary(load(theirs)), atol=1e-7)


@pytest.mark.parametrize("row", gate_table(), ids=lambda row: row.name)
@pytest.mark.parametrize("controls", ["", "10"])
@pytest.mark.parametrize("inverse", [False, True])
def test_every_gate_of_ours_is_written(row: Any, controls: str, inverse: bool) -> None:
    circuit = lone_gate(row, controls=controls, inverse=inverse)
    same(circuit, dump(circuit, "cirq"), cirq.LineQubit.range(8))


def test_parameters_keep_their_names() -> None:
    a, b = sympy.symbols("a b")
    theirs = cirq.Circuit(cirq.X(LINE[0]) ** (2 * a - b / 4 + 0.3), cirq.rz(a)(LINE[1]), cirq.CX(*LINE[:2]) ** b)
    made = load(theirs)
    assert made.parameters == ("a", "b")
    values = {"a": 0.3, "b": -1.2}
    same(made.bind(values), cirq.resolve_parameters(theirs, values))
    builder = CircuitBuilder(2)
    for name in ("RX", "RY", "RZ", "P"):
        builder.gate(name, [1, 0], [SYMBOLS[0]], num_controls=1, ctrl_state="0")
    builder.gate("RXX", [1, 0], [SYMBOLS[2]], inverse=True)
    ours = builder.build()
    again = dump(ours, "cirq")
    assert set(load(again).parameters) == set(ours.parameters)
    bound = {name: VALUES[name] for name in ours.parameters}
    same(ours.bind(bound), cirq.resolve_parameters(again, bound))


def test_names_idle_bits_metadata_and_orders_come_back() -> None:
    builder = CircuitBuilder(name="mine", metadata={"by": "hand"}, parameters=["z", "a"])
    builder.add_qubits(2, "b")
    builder.add_qubits(1)
    builder.add_qubits(2, "a")
    builder.add_clbits(2, "out")
    builder.add_clbits(1)
    builder.gate("X", [3])
    builder.gate("RX", [1], ["a"])
    builder.measure([3, 0], [1, 0])
    ours = builder.build()
    again = load(dump(ours, "cirq"))
    assert again.qubit_registers == ours.qubit_registers
    assert again.clbit_registers == ours.clbit_registers
    assert (again.name, again.metadata, again.parameters) == (ours.name, ours.metadata, ours.parameters)
    assert oracle.distribution(again.bind([0.0, 0.0])) == pytest.approx({"010": 1.0})


def test_measurements_keys_and_controls_agree_with_cirq() -> None:
    for flips in range(8):
        theirs = cirq.Circuit(
            [cirq.X(LINE[k]) for k in range(3) if flips >> k & 1],
            cirq.measure(LINE[1], LINE[0], key="m", invert_mask=(True,)),
            cirq.measure(LINE[2], key="n"),
            cirq.X(LINE[3]).with_classical_controls("m", "n"),
            cirq.X(LINE[4]).with_classical_controls(cirq.SympyCondition(sympy.Eq(sympy.Symbol("m"), 2))),
            cirq.measure(LINE[3], LINE[4], key="out"),
        )
        made = load(theirs)
        assert {(name, size) for name, _, size in made.clbit_registers} == {("m", 2), ("n", 1), ("out", 2)}
        seen = cirq.Simulator(seed=1).run(theirs).measurements
        bits = "".join(str(bit) for key, _, _ in made.clbit_registers for bit in seen[key][0])
        assert oracle.distribution(made) == {bits[::-1]: 1.0}
        builder = CircuitBuilder(2, 3)
        for qubit in range(2):
            if flips >> qubit & 1:
                builder.gate("X", [qubit])
        builder.measure([0, 1], [2, 0])
        builder.gate("X", [0], condition=Condition.bit(2) & ~Condition.bit(0))
        builder.measure([0], [1])
        ours = builder.build()
        assert oracle.distribution(load(dump(ours, "cirq"))) == oracle.distribution(ours)
        counts = cirq.Simulator(seed=1).run(dump(ours, "cirq")).measurements
        told = "".join(str(counts[f"c[{bit}]"][0][0]) for bit in (2, 1, 0))
        assert oracle.distribution(ours) == {told: 1.0}


def test_circuits_inside_circuits_are_opened() -> None:
    inner = cirq.FrozenCircuit(cirq.H(LINE[0]), cirq.CX(LINE[0], LINE[1]) ** 0.3)
    theirs = cirq.Circuit(cirq.CircuitOperation(inner, repetitions=3, qubit_map={LINE[0]: LINE[2]}), cirq.I(LINE[0]))
    same(load(theirs), theirs)


def test_tiny_angles_survive() -> None:
    theirs = cirq.Circuit(cirq.rz(1e-200)(LINE[0]))
    (item,) = load(theirs).instructions()
    assert item.params[0] == pytest.approx(1e-200, rel=1e-15)
    (back,) = load(dump(load(theirs), "cirq")).instructions()
    assert back.params[0] == pytest.approx(1e-200, rel=1e-15)


@pytest.mark.parametrize(
    ("theirs", "word"),
    [
        (cirq.Circuit(cirq.depolarize(0.1)(LINE[0])), "depolarize"),
        (cirq.Circuit(cirq.identity_each(cirq.LineQid(0, 3))), "levels"),
        (cirq.Circuit([cirq.measure(LINE[0], key="a")] * 2), "`a`"),
        (cirq.Circuit(cirq.X(LINE[0]) ** (sympy.Symbol("a") ** 2)), "affine"),
        (cirq.Circuit(cirq.measure(LINE[0], key="a", confusion_map={(0,): np.eye(2)})), "confusion"),
    ],
    ids=["noise", "qutrit", "twice", "square", "confusion"],
)
def test_what_cannot_be_carried_is_refused_by_name(theirs: Any, word: str) -> None:
    with pytest.raises(EigenError, match=word) as caught:
        load(theirs)
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"


def test_what_cirq_cannot_carry_is_refused_by_name() -> None:
    builder = CircuitBuilder(2, 1)
    builder.begin_for(2)
    builder.gate("X", [0])
    builder.end()
    with pytest.raises(EigenError, match="FOR"):
        dump(builder.build(), "cirq")
    builder = CircuitBuilder(2, 1)
    builder.measure([0], [0])
    builder.measure([1], [0])
    with pytest.raises(EigenError, match="twice"):
        dump(builder.build(), "cirq")
