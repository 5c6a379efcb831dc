"""pytket's circuits in and out: matrices against its own, conditions by hand, and what is kept."""

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

tk = pytest.importorskip("pytket.circuit")
sympy = pytest.importorskip("sympy")
pauli = pytest.importorskip("pytket.pauli")

if TYPE_CHECKING:
    from eigen.ir import Circuit

VALUES = dict(zip(SYMBOLS, (0.7, -1.9, 0.25), strict=True))
MANY = {"CnX", "CnY", "CnZ", "CnRx", "CnRy", "CnRz", "PhaseGadget", "NPhasedX"}


def operation(kind: Any) -> Any:
    """An operation of a kind at numbers, or None where the kind is no gate on qubits."""
    for count in range(5):
        try:
            params = [0.3 + 0.17 * index for index in range(count)]
            made = tk.Op.create(kind, params, 3) if kind.name in MANY else tk.Op.create(kind, params)
        except Exception:
            continue
        return made if made.is_gate() and 0 < made.n_qubits < 5 else None
    return None


NOT_UNITARY = {"Measure", "Reset", "Barrier", "Collapse"}
KINDS = [kind for kind in tk.OpType.__members__.values() if kind.name not in NOT_UNITARY and operation(kind)]


def matrix(circuit: Any) -> np.ndarray:
    """pytket's matrix with the first qubit the least significant one."""
    width = circuit.n_qubits
    turned = [int(format(k, f"0{width}b")[::-1], 2) for k in range(1 << width)]
    return circuit.get_unitary()[np.ix_(turned, turned)]


def same(made: Circuit, theirs: Any) -> None:
    assert np.allclose(oracle.unitary(made), matrix(theirs), atol=1e-8)


def test_the_table_of_gates_is_long_enough_to_mean_something() -> None:
    assert len(KINDS) > 50


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_gate_is_read_and_written(kind: Any) -> None:
    gate = operation(kind)
    theirs = tk.Circuit(5)
    theirs.add_gate(gate, [3, 0, 4, 1][: gate.n_qubits])
    made = load(theirs)
    same(made, theirs)
    same(made, dump(made, "pytket"))


@pytest.mark.parametrize("seed", range(15))
def test_random_circuits_are_read_and_written(seed: int) -> None:
    draw = np.random.default_rng(seed)
    theirs = tk.Circuit(4)
    for _ in range(12):
        gate = operation(KINDS[draw.integers(len(KINDS))])
        theirs.add_gate(gate, [int(q) for q in draw.permutation(4)[: gate.n_qubits]])
    theirs.add_phase(0.3)
    made = load(theirs)
    same(made, theirs)
    same(load(dump(made, "pytket")), theirs)


@given(unitary_circuits())
@examples(40, 400)
def test_our_circuits_are_written_and_read(circuit: Circuit) -> None:
    theirs = dump(circuit, "pytket")
    same(circuit, theirs)
    same(load(theirs), theirs)


@pytest.mark.parametrize("row", gate_table(), ids=lambda row: row.name)
@pytest.mark.parametrize("controls", ["", "10"])
@pytest.mark.parametrize("inverse", [False, True])
def test_every_gate_of_ours_is_written(row: Any, controls: str, inverse: bool) -> None:
    circuit = lone_gate(row, controls=controls, inverse=inverse)
    same(circuit, dump(circuit, "pytket"))


def test_boxes_wire_swaps_and_phases_are_read() -> None:
    inner = tk.Circuit(2).H(0).CX(0, 1).Rz(0.3, 1)
    inner.add_phase(0.25)
    theirs = tk.Circuit(4).X(0)
    theirs.add_gate(tk.CircBox(inner), [3, 1])
    theirs.add_gate(tk.PauliExpBox([pauli.Pauli.X, pauli.Pauli.I, pauli.Pauli.Z], 0.4), [2, 0, 1])
    theirs.add_gate(tk.QControlBox(tk.CircBox(inner), 2, [True, False]), [0, 2, 3, 1])
    theirs.add_gate(tk.Unitary2qBox(np.linalg.qr(np.random.default_rng(4).normal(size=(4, 4)))[0]), [3, 0])
    theirs.SWAP(0, 3).H(3)
    swapped = theirs.copy()
    swapped.replace_SWAPs()
    same(load(theirs), theirs)
    same(load(swapped), theirs)


def test_parameters_keep_their_names() -> None:
    a, b = sympy.symbols("a b")
    theirs = tk.Circuit(2).Rx(2 * a - b / 4 + 0.3, 0).CRz(b, 0, 1).TK1(a, b, 0.1, 1)
    theirs.add_phase(a)
    made = load(theirs)
    assert made.parameters == ("a", "b")
    again = dump(made, "pytket")
    for circuit in (theirs, again):
        circuit.symbol_substitution({a: 0.3, b: -1.2})
        same(made.bind({"a": 0.3, "b": -1.2}), circuit)


def test_registers_names_and_conditions_come_back() -> None:
    for flips in range(4):
        builder = CircuitBuilder(name="mine")
        builder.add_qubits(2, "a")
        builder.add_qubits(1, "b")
        builder.add_clbits(2, "m")
        builder.add_clbits(2, "out")
        for qubit in range(2):
            if flips >> qubit & 1:
                builder.gate("X", [qubit])
        builder.measure([0, 1], [1, 0])
        builder.gate("X", [2], condition=Condition.compare([0, 1], "==", 1))
        builder.gate("X", [0], condition=~Condition.bit(1))
        builder.measure([2, 0], [2, 3], "Z")
        ours = builder.build()
        theirs = dump(ours, "pytket")
        assert [str(bit) for bit in theirs.bits] == ["m[0]", "m[1]", "out[0]", "out[1]"]
        again = load(theirs)
        assert again.qubit_registers == ours.qubit_registers
        assert again.clbit_registers == ours.clbit_registers
        assert again.name == "mine"
        assert oracle.distribution(again) == oracle.distribution(ours)


def test_a_condition_of_pytket_reads_its_first_bit_as_the_least_significant() -> None:
    theirs = tk.Circuit(2, 3).X(0).Measure(0, 1).X(1, condition_bits=[0, 1], condition_value=2).Measure(1, 2)
    assert oracle.distribution(load(theirs)) == {"110": 1.0}


def unordered() -> Circuit:
    builder = CircuitBuilder()
    builder.add_qubits(1, "b")
    builder.add_qubits(1, "a")
    return builder.build()


def looping() -> Circuit:
    builder = CircuitBuilder(1)
    builder.begin_for(2)
    builder.gate("X", [0])
    builder.end()
    return builder.build()


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (unordered, "orders registers"),
        (looping, "FOR"),
        (lambda: CircuitBuilder(1, parameters=["idle"]).build(), "idle"),
        (lambda: CircuitBuilder(1, metadata={"by": "hand"}).build(), "by"),
    ],
)
def test_what_pytket_cannot_carry_is_refused_by_name(make: Any, word: str) -> None:
    with pytest.raises(EigenError, match=word) as caught:
        dump(make(), "pytket")
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"


def test_what_cannot_be_read_is_refused_by_name() -> None:
    theirs = tk.Circuit(1, 2)
    theirs.add_c_setbits([True], [0])
    with pytest.raises(EigenError, match="SetBits") as caught:
        load(theirs)
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"
    with pytest.raises(EigenError, match="affine"):
        load(tk.Circuit(1).Rx(sympy.Symbol("a") ** 2, 0))
