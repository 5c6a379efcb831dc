"""Qiskit's circuits in and out: matrices against its own `Operator`, control flow against Aer, and what is kept."""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit.circuit import (
    AnnotatedOperation,
    ClassicalRegister,
    Clbit,
    ControlledGate,
    ControlModifier,
    Gate,
    InverseModifier,
    Parameter,
    ParameterVector,
    PowerModifier,
    QuantumCircuit,
    QuantumRegister,
    Qubit,
)
from qiskit.circuit import library as lib
from qiskit.circuit.classical import expr, types
from qiskit.circuit.library import PauliEvolutionGate, get_standard_gate_name_mapping
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Clifford, Operator, SparsePauliOp, random_clifford
from qiskit_aer import AerSimulator

import oracle
from eigen.errors import EigenError
from eigen.ir import Circuit, CircuitBuilder, gate_table
from eigen.ir.formats.objects import dump, kind_of, load
from strategies import SYMBOLS, circuits, examples, lone_gate, unitary_circuits

pytestmark = pytest.mark.filterwarnings("ignore::scipy.sparse.SparseEfficiencyWarning")  # by Qiskit's own matrices

VALUES = dict(zip(SYMBOLS, (0.7, -1.9, 0.25), strict=True))
STANDARD = {
    name: gate for name, gate in get_standard_gate_name_mapping().items() if name not in {"measure", "reset", "delay"}
}
WHOLE = [(gate, None) for gate in STANDARD.values()]
WHOLE += [(gate, 0) for gate in STANDARD.values() if isinstance(gate, ControlledGate)]


def same(made: Circuit, theirs: QuantumCircuit) -> None:
    """Equal as matrices, phase included, in the order of qubits that both declare."""
    assert np.allclose(oracle.unitary(made), Operator(theirs).data, atol=1e-9)


def outcomes(circuit: Circuit) -> dict[str, float]:
    """The distribution of a circuit, or that a loop of it reaches its bound."""
    try:
        return oracle.distribution(circuit)
    except oracle.LoopBoundError:
        return {"bound": 1.0}


def on_some(gate: Any) -> QuantumCircuit:
    """A gate at numbers, its qubits in an order that is not symmetric, an idle qubit among them."""
    circuit = QuantumCircuit(gate.num_qubits + 1)
    order = list(range(gate.num_qubits, 0, -1))
    order[:2] = order[1::-1]
    circuit.append(gate, order)
    return circuit


def with_numbers(gate: Any, state: int | None = None) -> Any:
    made = gate.to_mutable()
    made.params = [0.3 + 0.41 * index for index in range(len(gate.params))]
    if state is not None:
        made.ctrl_state = state
    return made


@pytest.mark.parametrize(("gate", "state"), WHOLE, ids=lambda value: getattr(value, "name", str(value)))
def test_every_standard_gate_is_read(gate: Any, state: int | None) -> None:
    theirs = on_some(with_numbers(gate, state))
    same(load(theirs), theirs)


@pytest.mark.parametrize("seed", range(25))
def test_random_circuits_are_read_and_written(seed: int) -> None:
    theirs = random_circuit(4, 6, max_operands=4, seed=seed)
    made = load(theirs)
    same(made, theirs)
    same(made, dump(made, "qiskit"))


@given(unitary_circuits(symbolic=True))
@examples(60, 400)
def test_our_circuits_are_written_and_read(circuit: Circuit) -> None:
    theirs = dump(circuit, "qiskit")
    values = {name: VALUES[name] for name in circuit.parameters}
    bound = theirs.assign_parameters({symbol: values[symbol.name] for symbol in theirs.parameters})
    assert np.allclose(oracle.unitary(circuit, values), Operator(bound).data, atol=1e-9)
    again = load(theirs)
    assert set(again.parameters) == set(circuit.parameters)
    assert np.allclose(oracle.unitary(circuit, values), oracle.unitary(again, values), atol=1e-9)


@given(circuits(max_qubits=3, budget=5, symbolic=False))
@examples(60, 400)
def test_whatever_a_circuit_holds_comes_back(circuit: Circuit) -> None:
    again = load(dump(circuit, "qiskit"))
    assert again.qubit_registers == circuit.qubit_registers
    assert again.clbit_registers == circuit.clbit_registers
    assert again.metadata == circuit.metadata
    assert again.name == circuit.name
    before, after = outcomes(circuit), outcomes(again)
    assert all(abs(before.get(key, 0) - after.get(key, 0)) < 1e-9 for key in before.keys() | after.keys())


@pytest.mark.parametrize("row", gate_table(), ids=lambda row: row.name)
@pytest.mark.parametrize("controls", ["", "0", "10"])
@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("power", [1.0, 0.3])
def test_every_gate_of_ours_is_written(row: Any, controls: str, inverse: bool, power: float) -> None:
    circuit = lone_gate(row, controls=controls, inverse=inverse, power=power)
    theirs = dump(circuit, "qiskit")
    same(circuit, theirs)
    same(load(theirs), theirs)


# ---- names, orders, phases ----------------------------------------------------------------------------------


def test_registers_names_metadata_and_idle_bits_are_kept() -> None:
    theirs = QuantumCircuit(
        [Qubit()], QuantumRegister(2, "b"), QuantumRegister(1, "a"), [Qubit()], ClassicalRegister(3, "out"), [Clbit()],
        name="mine", metadata={"by": "hand"},
    )  # fmt: skip
    theirs.x(2)
    theirs.measure([2, 0], [1, 3])
    made = load(theirs)
    assert made.qubit_registers == (("b", 1, 2), ("a", 3, 1))
    assert made.clbit_registers == (("out", 0, 3),)
    assert (made.num_qubits, made.num_clbits, made.name, made.metadata) == (5, 4, "mine", {"by": "hand"})
    assert oracle.distribution(made) == {"0010": 1.0}
    again = dump(made, "qiskit")
    assert [(r.name, len(r)) for r in again.qregs] == [("b", 2), ("a", 1)]
    assert load(again) == made


def test_a_name_that_qiskit_made_up_is_no_name() -> None:
    assert load(QuantumCircuit(1)).name == ""
    assert load(QuantumCircuit(1)) == load(QuantumCircuit(1))


def test_tiny_angles_and_the_global_phase_survive() -> None:
    theirs = QuantumCircuit(1, global_phase=0.4)
    theirs.rz(1e-300, 0)
    theirs.p(-3e-17, 0)
    made = load(theirs)
    assert [item.params for item in made.instructions()] == [(0.4,), (1e-300,), (-3e-17,)]
    again = dump(made, "qiskit")
    assert again.global_phase == 0.4
    assert [item.operation.params for item in again.data] == [[1e-300], [-3e-17]]


def test_parameters_keep_their_names() -> None:
    angles, extra = ParameterVector("theta", 12), Parameter("β")
    theirs = QuantumCircuit(1, global_phase=extra / 2)
    for index, angle in enumerate(angles):
        theirs.rx(2 * angle - 0.5 * extra + index, 0)
    made = load(theirs)
    assert made.parameters == tuple(symbol.name for symbol in theirs.parameters)
    values = {name: 0.1 * index - 0.5 for index, name in enumerate(made.parameters)}
    again = dump(made, "qiskit")
    assert [symbol.name for symbol in again.parameters] == list(made.parameters)
    same(made.bind(values), again.assign_parameters({s: values[s.name] for s in again.parameters}))
    same(made.bind(values), theirs.assign_parameters({s: values[s.name] for s in theirs.parameters}))


def test_parameters_with_controls_and_inverses_bind() -> None:
    builder = CircuitBuilder(4)
    for name, width in (("RX", 1), ("RZZ", 2), ("U", 1), ("XXPLUSYY", 2), ("FSIM", 2)):
        row = next(row for row in gate_table() if row.name == name)
        params = [SYMBOLS[k % 3] for k in range(len(row.param_names))]
        builder.gate(name, list(range(2 + width)), params, num_controls=2, ctrl_state="01", inverse=True)
    circuit = builder.build()
    theirs = dump(circuit, "qiskit")
    bound = theirs.assign_parameters({symbol: VALUES[symbol.name] for symbol in theirs.parameters})
    same(circuit.bind(VALUES), bound)


# ---- gates made of others -----------------------------------------------------------------------------------


def test_composites_powers_and_annotations_are_read() -> None:
    inner = QuantumCircuit(2, global_phase=0.3)
    inner.h(0)
    inner.cx(0, 1)
    inner.rz(0.7, 1)
    bell = inner.to_gate(label="bell")
    theirs = QuantumCircuit(5)
    theirs.append(bell.control(2, ctrl_state="01"), [3, 1, 4, 0])
    theirs.append(bell.inverse(), [2, 1])
    theirs.append(lib.SGate().power(0.3), [4])
    theirs.append(AnnotatedOperation(bell, [InverseModifier(), ControlModifier(1, 0), PowerModifier(2)]), [4, 0, 2])
    theirs.append(AnnotatedOperation(lib.CXGate(), [ControlModifier(2, 1)]), [3, 2, 1, 0])
    theirs.unitary(Operator(random_clifford(2, seed=1)).data, [3, 1])
    theirs.append(lib.UnitaryGate(Operator(random_clifford(1, seed=5)).data).control(2, ctrl_state=2), [4, 0, 3])
    theirs.pauli("XIZY", [0, 4, 2, 1])
    theirs.append(lib.QFTGate(3), [4, 1, 0])
    theirs.append(lib.DiagonalGate([1, 1j, -1, np.exp(0.3j)]), [2, 0])
    theirs.append(lib.PermutationGate([2, 0, 1]), [1, 4, 3])
    theirs.append(lib.MCMTGate(lib.YGate(), 2, 2), [0, 1, 2, 3])
    same(load(theirs), theirs)


def test_a_clifford_is_read_up_to_its_phase() -> None:
    theirs = QuantumCircuit(3)
    theirs.append(random_clifford(3, seed=8), [2, 0, 1])
    made = oracle.unitary(load(theirs))
    assert Operator(made).equiv(Operator(theirs))
    assert Clifford.from_operator(Operator(made)) == Clifford(theirs)


def test_evolutions_whose_terms_commute_are_exact() -> None:
    operator = SparsePauliOp(["XXI", "YYI", "ZZI", "III"], [0.3, -0.2, 0.7, 0.25])
    theirs = QuantumCircuit(4)
    theirs.append(PauliEvolutionGate(operator, time=0.9), [3, 0, 2])
    made = load(theirs)
    assert made.count_ops() == {"PAULI_ROT": 3, "GPHASE": 1}
    same(made, theirs)


def test_evolutions_whose_terms_do_not_commute_are_their_synthesis() -> None:
    theirs = QuantumCircuit(2)
    theirs.append(PauliEvolutionGate(SparsePauliOp(["XI", "ZZ"], [0.3, 0.7]), time=0.5), [1, 0])
    same(load(theirs), theirs.decompose(reps=3))


def test_an_evolution_over_a_parameter_is_read() -> None:
    time = Parameter("t")
    theirs = QuantumCircuit(2)
    theirs.append(PauliEvolutionGate(SparsePauliOp(["XY"], [0.3]), time=time), [1, 0])
    same(load(theirs).bind({"t": 1.7}), theirs.assign_parameters({time: 1.7}))


# ---- measurement and control flow ---------------------------------------------------------------------------


def counted(theirs: QuantumCircuit) -> str:
    """The one outcome of a circuit without chance, as Aer has it."""
    (outcome,) = AerSimulator().run(theirs, shots=1, seed_simulator=1).result().get_counts()
    return outcome.replace(" ", "")


def registers(*values: tuple[int, int]) -> tuple[QuantumCircuit, list[ClassicalRegister]]:
    """A circuit with classical registers that hold these values, (width, value), and an output bit."""
    owned = [ClassicalRegister(width, f"r{index}") for index, (width, _) in enumerate(values)]
    circuit = QuantumCircuit(QuantumRegister(1, "q"), *owned, ClassicalRegister(1, "out"))
    for register, (width, value) in zip(owned, values, strict=True):
        for place in range(width):
            circuit.reset(0)
            if value >> place & 1:
                circuit.x(0)
            circuit.measure(0, register[place])
    circuit.reset(0)
    return circuit, owned


AS_AER: list[Any] = [
    lambda a, b: (a, 5),
    lambda a, b: (a[1], 0),
    lambda a, b: expr.less(a, 6),
    lambda a, b: expr.less_equal(5, a),
    expr.greater,
    lambda a, b: expr.equal(expr.bit_and(a, 4), 4),
]
BY_HAND: list[tuple[Any, Any]] = [
    (
        lambda a, b: expr.logic_or(expr.bit_xor(a[0], b[1]), expr.not_equal(a, 1)),
        lambda a, b: a & 1 ^ b >> 1 & 1 or a != 1,
    ),
    (lambda a, b: expr.equal(expr.shift_right(a, 1), expr.bit_not(b)), lambda a, b: a >> 1 == ~b & 7),
    (lambda a, b: expr.index(b, 1), lambda a, b: b >> 1 & 1),
    (lambda a, b: expr.cast(expr.bit_and(a, 2), types.Bool()), lambda a, b: a & 2),
    (
        lambda a, b: expr.logic_not(expr.greater_equal(expr.bit_or(a, expr.shift_left(b, 1)), 7)),
        lambda a, b: not (a | b << 1 & 7) >= 7,
    ),
    (lambda a, b: expr.less(expr.cast(b, types.Uint(5)), 9), lambda a, b: b < 9),
]


def asking(test: Any, left: int, right: int) -> QuantumCircuit:
    """A circuit whose last bit says whether the test holds for two numbers."""
    theirs, (a, b) = registers((3, left), (3, right))
    with theirs.if_test(test(a, b)) as otherwise:
        theirs.x(0)
    with otherwise:
        theirs.id(0)
    theirs.measure(0, theirs.clbits[-1])
    return theirs


@pytest.mark.parametrize("test", AS_AER)
@pytest.mark.parametrize("left", [2, 5])
def test_conditions_mean_what_aer_makes_of_them(test: Any, left: int) -> None:
    theirs = asking(test, left, 2)
    made = load(theirs)
    assert oracle.distribution(made) == {counted(theirs): 1.0}
    assert oracle.distribution(load(dump(made, "qiskit"))) == oracle.distribution(made)


@pytest.mark.parametrize(("test", "truth"), BY_HAND)
@pytest.mark.parametrize("left", [0, 2, 5, 7])
def test_conditions_that_aer_does_not_know_mean_what_they_say(test: Any, truth: Any, left: int) -> None:
    for right in (1, 2, 5):
        ((key, _),) = oracle.distribution(load(asking(test, left, right))).items()
        assert key[0] == str(int(bool(truth(left, right))))


@pytest.mark.parametrize("value", range(8))
def test_a_switch_runs_the_case_that_aer_runs(value: int) -> None:
    theirs, (a,) = registers((3, value))
    with theirs.switch(a) as case:
        with case(1, 4):
            theirs.x(0)
        with case(6):
            theirs.measure(0, a[0])
        with case(case.DEFAULT):
            theirs.y(0)
            theirs.measure(0, a[1])
    theirs.measure(0, theirs.clbits[-1])
    assert oracle.distribution(load(theirs)) == {counted(theirs): 1.0}


def test_loops_are_read_and_written() -> None:
    theirs, (a,) = registers((2, 1))
    with theirs.for_loop(range(3)):
        theirs.x(0)
    with theirs.for_loop((0, 2, 5), loop_parameter=(k := Parameter("k"))):
        theirs.rx(k * pi / 5, 0)
    theirs.measure(0, a[1])
    with theirs.while_loop((a[0], True)):
        theirs.x(0)
        theirs.measure(0, a[0])
        theirs.x(0)
        theirs.measure(0, a[0])
        theirs.x(0)
        theirs.measure(0, a[0])
    theirs.measure(0, theirs.clbits[-1])
    made = load(theirs, max_iterations=7)
    assert made.parameters == ()
    first, second = (oracle.distribution(circuit) for circuit in (made, load(dump(made, "qiskit"))))
    assert first == pytest.approx(second)
    loops = [item for item in load(dump(made, "qiskit")).instructions() if item.name in {"WHILE", "FOR"}]
    assert [(item.name, item.bound) for item in loops] == [("FOR", 3), ("WHILE", 7)]


def test_blocks_made_by_hand_name_their_own_bits() -> None:
    theirs = QuantumCircuit(3, 3)
    theirs.x(2)
    theirs.measure(2, 1)
    body = QuantumCircuit(2, 2)
    body.cx(0, 1)
    with body.if_test((body.clbits[1], 1)):
        body.x(0)
    theirs.if_else((theirs.clbits[1], 1), body, None, [2, 0], [0, 1])
    theirs.measure([0, 2], [0, 2])
    assert oracle.distribution(load(theirs)) == {"011": 1.0}


@given(st.permutations(range(4)))
@examples(10, 24)
def test_which_clbit_is_written_agrees_with_aer(order: list[int]) -> None:
    theirs = QuantumCircuit(4, 4)
    theirs.x(order[0])
    theirs.x(order[1])
    for qubit, clbit in enumerate(order):
        theirs.measure(qubit, clbit)
    assert oracle.distribution(load(theirs)) == {counted(theirs): 1.0}


# ---- what is refused ----------------------------------------------------------------------------------------


def break_in_a_loop() -> QuantumCircuit:
    theirs = QuantumCircuit(1, 1)
    with theirs.for_loop(range(2)), theirs.if_test((theirs.clbits[0], 1)):
        theirs.break_loop()
    return theirs


def a_variable() -> QuantumCircuit:
    theirs = QuantumCircuit(1)
    theirs.add_var("flag", expr.lift(True))
    return theirs


def a_product() -> QuantumCircuit:
    a, b = Parameter("a"), Parameter("b")
    theirs = QuantumCircuit(1)
    theirs.rx(a * b, 0)
    return theirs


def an_absolute_value() -> QuantumCircuit:
    theirs = QuantumCircuit(1)
    theirs.rx(Parameter("a").abs(), 0)
    return theirs


def an_opaque_gate() -> QuantumCircuit:
    theirs = QuantumCircuit(1)
    theirs.append(Gate("magic", 1, []), [0])
    return theirs


def shared_registers() -> QuantumCircuit:
    register = QuantumRegister(3, "a")
    return QuantumCircuit(register, QuantumRegister(name="b", bits=register[1:]))


def scattered_register() -> QuantumCircuit:
    bits = [Qubit() for _ in range(3)]
    theirs = QuantumCircuit(bits)
    theirs.add_register(QuantumRegister(name="b", bits=[bits[2], bits[0]]))
    return theirs


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (break_in_a_loop, "break_loop"),
        (a_variable, "flag"),
        (a_product, "affine"),
        (an_absolute_value, "affine"),
        (an_opaque_gate, "magic"),
        (shared_registers, "`b`"),
        (scattered_register, "`b`"),
        (lambda: QuantumCircuit(1, metadata={"n": 3}), "`n`"),
        (lambda: QuantumCircuit(QuantumRegister(0, "none")), "none"),
    ],
)
def test_what_cannot_be_carried_is_refused_by_name(make: Any, word: str) -> None:
    with pytest.raises(EigenError) as caught:
        load(make())
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"
    assert word in caught.value.message


def test_what_qiskit_cannot_carry_is_refused_by_name() -> None:
    with pytest.raises(EigenError, match="idle") as caught:
        dump(CircuitBuilder(1, parameters=["idle"]).build(), "qiskit")
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"
    builder = CircuitBuilder(1)
    builder.delay([0], 0.5, "dt")
    with pytest.raises(EigenError, match="dt"):
        dump(builder.build(), "qiskit")


def test_an_object_says_whose_it_is() -> None:
    assert kind_of(QuantumCircuit(1)) == "qiskit"
    assert kind_of(3) is None
    with pytest.raises(EigenError) as caught:
        load("text")
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"
    with pytest.raises(EigenError) as caught:
        load(QuantumCircuit(1), "qiskitt")
    assert caught.value.code == "EIGEN_USAGE"
    with pytest.raises(EigenError) as caught:
        load(lib.XGate())
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"


def test_delays_are_kept() -> None:
    theirs = QuantumCircuit(1)
    for duration, unit in ((16, "dt"), (2.5, "us"), (1500, "ps")):
        theirs.delay(duration, 0, unit)
    made = load(theirs)
    assert [(item.params, item.unit) for item in made.instructions()] == [
        ((16.0,), "dt"),
        ((2.5,), "us"),
        ((1.5,), "ns"),
    ]
    assert load(dump(made, "qiskit")) == made


def test_a_barrier_keeps_its_qubits() -> None:
    theirs = QuantumCircuit(3)
    theirs.barrier(2, 0)
    (item,) = load(theirs).instructions()
    assert (item.name, item.qubits) == ("BARRIER", (2, 0))
    again = dump(load(theirs), "qiskit")
    assert [again.find_bit(q).index for q in again.data[0].qubits] == [2, 0]
