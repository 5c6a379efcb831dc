"""PennyLane's tapes and QNodes: matrices against its own, outcomes against its simulator, and what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given

import oracle
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Condition, gate_table
from eigen.ir.formats.objects import dump, load
from strategies import examples, lone_gate, unitary_circuits

qml = pytest.importorskip("pennylane")

if TYPE_CHECKING:
    from eigen.ir import Circuit

FIXED = "I X Y Z Hadamard S T SX CNOT CY CZ CH SWAP ISWAP SISWAP ECR Toffoli CCZ CSWAP QubitCarry QubitSum"
TURNED = "RX RY RZ PhaseShift U1 U2 U3 Rot CRX CRY CRZ CRot ControlledPhaseShift IsingXX IsingXY IsingYY IsingZZ"
TURNED += " CPhaseShift00 CPhaseShift01 CPhaseShift10 PSWAP MultiRZ SingleExcitation SingleExcitationMinus"
TURNED += " SingleExcitationPlus DoubleExcitation DoubleExcitationPlus OrbitalRotation FermionicSWAP"
WIRES = [3, 0, 4, 1]


def made(name: str) -> Any:
    kind = getattr(qml, name)
    return kind(*[0.3 + 0.2 * k for k in range(kind.num_params)], wires=WIRES[: kind.num_wires or 3])


OPERATIONS = [
    *map(made, FIXED.split()),
    *map(made, TURNED.split()),
    qml.PauliRot(0.7, "XIZY", wires=WIRES),
    qml.QubitUnitary(np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0], wires=[4, 1]),
    qml.DiagonalQubitUnitary(np.exp(1j * np.arange(4)), wires=[2, 0]),
    qml.MultiControlledX(wires=[3, 0, 4, 1], control_values=[0, 1, 1]),
    qml.ctrl(qml.RX(0.3, wires=2), control=[4, 0], control_values=[False, True]),
    qml.ctrl(qml.adjoint(qml.Rot(0.1, 0.2, 0.3, wires=1)), control=[3]),
    qml.adjoint(qml.S(2)),
    qml.pow(qml.SX(1), 0.3, lazy=True),
    qml.GlobalPhase(0.4),
    qml.QFT(wires=[0, 3, 1]),
    qml.QFT(wires=[4, 3, 1, 0, 2]),
]


def matrix(tape: Any, width: int) -> np.ndarray:
    """PennyLane's matrix with the first wire the least significant one."""
    turned = [int(format(k, f"0{width}b")[::-1], 2) for k in range(1 << width)]
    return np.asarray(qml.matrix(tape, wire_order=list(range(width))))[np.ix_(turned, turned)]


def same(circuit: Circuit, tape: Any) -> None:
    assert np.allclose(oracle.unitary(circuit), matrix(tape, circuit.num_qubits), atol=1e-7)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_is_read_and_written(operation: Any) -> None:
    tape = qml.tape.QuantumScript([operation, qml.Identity(range(5))])
    circuit = load(tape)
    same(circuit, tape)
    same(circuit, dump(circuit, "pennylane"))


@pytest.mark.parametrize("seed", range(10))
def test_random_tapes_are_read_and_written(seed: int) -> None:
    draw = np.random.default_rng(seed)
    parts = [OPERATIONS[draw.integers(len(OPERATIONS))] for _ in range(10)]
    order = dict(zip(range(5), map(int, draw.permutation(5)), strict=True))
    tape = qml.tape.QuantumScript([qml.map_wires(part, order) for part in parts] + [qml.Identity(range(5))])
    same(load(tape), tape)
    same(load(dump(load(tape), "pennylane")), tape)


@given(unitary_circuits())
@examples(40, 400)
def test_our_circuits_are_written_and_read(circuit: Circuit) -> None:
    tape = dump(circuit, "pennylane")
    same(circuit, tape)
    same(load(tape), tape)


@pytest.mark.parametrize("row", gate_table(), ids=lambda row: row.name)
@pytest.mark.parametrize("controls", ["", "10"])
@pytest.mark.parametrize("inverse", [False, True])
def test_every_gate_of_ours_is_written(row: Any, controls: str, inverse: bool) -> None:
    circuit = lone_gate(row, controls=controls, inverse=inverse)
    same(circuit, dump(circuit, "pennylane"))


def test_a_qnode_is_read_without_running_its_device() -> None:
    @qml.qnode(qml.device("default.qubit", wires=4))
    def node(angle: float, *, wire: int) -> Any:
        qml.RX(angle, wires=wire)
        return qml.expval(qml.Z(wire))

    circuit = load(node, args=(0.3,), kwargs={"wire": 2})
    (item,) = circuit.instructions()
    assert (circuit.num_qubits, item.name, item.qubits, item.params) == (4, "RX", (2,), (0.3,))


def test_wires_with_names_are_registers_and_stand_in_their_order() -> None:
    tape = qml.tape.QuantumScript([qml.CNOT(["b[0]", "b[1]"]), qml.X("aux")], [qml.counts(wires=["aux", "b[0]"])])
    circuit = load(tape)
    assert circuit.qubit_registers == (("b", 0, 2), ("aux", 2, 1))
    assert circuit.clbit_registers == (("meas", 0, 2),)
    assert oracle.distribution(circuit) == {"01": 1.0}
    builder = CircuitBuilder()
    builder.add_qubits(2, "z")
    builder.add_qubits(2, "a")
    builder.gate("CX", [2, 1])
    assert load(dump(builder.build(), "pennylane")).qubit_registers == (("z", 0, 2), ("a", 2, 2))


@pytest.mark.parametrize("flips", range(4))
def test_outcomes_and_conditions_agree_with_pennylane(flips: int) -> None:
    with qml.queuing.AnnotatedQueue() as queue:
        for wire in range(2):
            if flips >> wire & 1:
                qml.X(wire)
        first, second = qml.measure(1), qml.measure(0, reset=True)
        qml.cond(first & ~second, qml.X)(2)
        qml.cond(2 * first + second == 3, qml.X)(3)
    operations = qml.tape.QuantumScript.from_queue(queue).operations
    tape = qml.tape.QuantumScript(operations, [qml.sample(wires=range(4))], shots=1)
    (seen,) = qml.execute([tape], qml.device("default.qubit"))
    ((key, _),) = oracle.distribution(load(tape)).items()
    assert key[:4] == "".join(str(int(bit)) for bit in reversed(np.ravel(seen)))


@pytest.mark.parametrize("flips", range(4))
def test_our_conditions_are_what_pennylane_runs(flips: int) -> None:
    builder = CircuitBuilder(3)
    builder.add_clbits(2, "m")
    for qubit in range(2):
        if flips >> qubit & 1:
            builder.gate("X", [qubit])
    builder.measure([1, 0], [0, 1])
    builder.gate("X", [2], condition=Condition.compare([0, 1], "<", 2))
    ours = builder.build()
    tape = dump(ours, "pennylane")
    again = load(tape)
    assert again.clbit_registers == ours.clbit_registers
    assert oracle.distribution(again.measure_all()) == oracle.distribution(ours.measure_all())
    asked = qml.tape.QuantumScript(tape.operations, [qml.sample(wires=[2])], shots=1)
    (seen,) = qml.execute([asked], qml.device("default.qubit"))
    ((key, _),) = oracle.distribution(ours.measure_all()).items()
    assert key[0] == str(int(np.ravel(seen)[0]))


@pytest.mark.parametrize(
    ("operations", "word"),
    [
        ([qml.DepolarizingChannel(0.1, wires=0)], "Depolarizing"),
        ([qml.RX(np.array([0.1, 0.2]), wires=0)], "batch"),
        ([qml.WireCut(0)], "WireCut"),
        ([qml.ops.MidMeasure(wires=[0], postselect=1)], "selects"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(operations: Any, word: str) -> None:
    with pytest.raises(EigenError, match=word) as caught:
        load(qml.tape.QuantumScript(operations))
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"


def test_what_a_tape_cannot_carry_is_refused_by_name() -> None:
    builder = CircuitBuilder(1, 2)
    builder.measure([0], [1])
    open_one = CircuitBuilder(1)
    open_one.gate("RX", [0], ["angle"])
    for circuit, word in (
        (builder.build(), "order"),
        (CircuitBuilder(1, 1).build(), "c\\[0\\]"),
        (open_one.build(), "angle"),
        (CircuitBuilder(1, name="mine").build(), "mine"),
    ):
        with pytest.raises(EigenError, match=word) as caught:
            dump(circuit, "pennylane")
        assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"
