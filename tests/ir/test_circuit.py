"""Circuits and their builder from Python: what a user of the IR types, and what is refused."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

from eigen._core import Affine, Circuit, CircuitBuilder, Condition, CoreError, gate_table, simplify
from eigen.errors import ERRORS, EigenError
from eigen.ir import core_errors
from eigen.ir.formats import dump, load

SEED_DOCUMENT = b"""{
  "version": "0.1",
  "qubits": 4,
  "operations": [
    {"op": "RY", "q": [0], "params": {"theta": "p0"}},
    {"op": "CX", "q": [0, 1]},
    {"op": "MEASURE", "q": [0, 1], "c": [0, 1]}
  ]
}"""


def bell() -> Circuit:
    builder = CircuitBuilder(name="bell")
    builder.add_qubits(2, "q")
    builder.add_clbits(2, "c")
    builder.gate("h", [0])
    builder.gate("cnot", [0, 1])
    builder.measure([0, 1], [0, 1])
    return builder.build()


def test_what_a_circuit_says_about_itself() -> None:
    circuit = bell()
    assert (circuit.num_qubits, circuit.num_clbits, len(circuit), circuit.depth) == (2, 2, 3, 3)
    assert circuit.count_ops() == {"CX": 1, "H": 1, "MEASURE": 1}
    assert circuit.qubit_registers == (("q", 0, 2),)
    assert circuit.has_measurements
    assert circuit.is_flat
    assert not circuit.is_dynamic
    assert repr(circuit) == "Circuit('bell': 2 qubits, 2 clbits, 3 operations)"
    assert pickle.loads(pickle.dumps(circuit)) == circuit


def test_the_seed_document_loads_and_is_written_back() -> None:
    circuit = load(SEED_DOCUMENT)
    assert circuit.parameters == ("p0",)
    assert circuit.num_clbits == 2
    assert load(dump(circuit, version="0.1")) == circuit
    assert b'"theta":0.25' in dump(circuit.bind({"p0": 0.25}), version="0.1")


def test_what_does_not_fit_an_old_version_is_named() -> None:
    with pytest.raises(EigenError, match=r"operation 0 \(`H`\)") as caught:
        dump(bell(), version="0.1")
    assert caught.value.code == "EIGEN_AQO_UNSUPPORTED"
    assert load(dump(bell(), version="1.0.0")).count_ops() == bell().count_ops()


def test_columns_are_arrays() -> None:
    columns = load(SEED_DOCUMENT).columns()
    names = [row.name for row in gate_table()]
    assert [names[code] for code in columns["opcode"][:2]] == ["RY", "CX"]
    assert columns["qubits"].tolist() == [0, 0, 1, 0, 1]
    assert columns["qubit_start"].tolist() == [0, 1, 3, 5]
    assert np.isnan(columns["params"]).tolist() == [True]


def test_affine_arithmetic() -> None:
    a, b = Affine.symbol("a"), Affine.symbol("b")
    assert 2 * (a + 1) - b / 2 == Affine(2.0, {"a": 2.0, "b": -0.5})
    assert (a - a).is_constant
    assert hash(a + 0) == hash(a)
    assert str(1 - a) == "-a + 1.0"
    assert (a + 2 * b).value({"a": 1.0, "b": 0.25}) == 1.5


def test_parameters_come_in_declared_order_or_order_of_appearance() -> None:
    def circuit(declared: list[str] | None) -> Circuit:
        builder = CircuitBuilder(1, parameters=declared)
        builder.gate("RX", [0], ["b"])
        builder.gate("RX", [0], ["a"])
        return builder.build()

    assert circuit(None).parameters == ("b", "a")
    assert circuit(["a", "unused", "b"]).parameters == ("a", "unused", "b")
    bound = circuit(["a", "unused", "b"]).bind([1.0, 2.0, 3.0])
    assert [op.params for op in bound.instructions()] == [(3.0,), (1.0,)]


def test_append_places_bits_and_replaces_parameters() -> None:
    inner = CircuitBuilder(2, 1)
    inner.gate("RZZ", [0, 1], ["t"])
    inner.measure([1], [0])
    inner.begin_if(Condition.bit(0))
    inner.gate("X", [0])
    inner.end()
    outer = CircuitBuilder(3, 2)
    outer.append(inner.build(), [2, 0], [1], {"t": Affine.symbol("s") * 2})
    rotation, measurement, branch = outer.build().instructions()
    assert rotation.qubits == (2, 0)
    assert rotation.params == (Affine(0.0, {"s": 2.0}),)
    assert (measurement.qubits, measurement.clbits) == ((0,), (1,))
    assert branch.condition == Condition.bit(1)
    assert branch.blocks[0][0].qubits == (2,)


def test_the_builder_can_go_on_after_build() -> None:
    builder = CircuitBuilder(1)
    builder.gate("X", [0])
    first = builder.build()
    builder.gate("H", [0])
    assert (len(first), len(builder.build())) == (1, 2)


def test_modifiers_with_a_rule_go_into_the_gate() -> None:
    builder = CircuitBuilder(3)
    builder.gate("RX", [0], [0.5], inverse=True, power=2)
    builder.gate("S", [0], inverse=True)
    builder.gate("Z", [0], power=0.5)
    builder.gate("H", [0, 1, 2], num_controls=2, ctrl_state="01", power=-0.5)
    names = [(op.name, op.params, op.inverse, op.power, op.ctrl_state) for op in builder.build().instructions()]
    assert names[:2] == [("RX", (-1.0,), False, 1.0, ""), ("Sdg", (), False, 1.0, "")]
    assert names[2] == ("P", (np.pi / 2,), False, 1.0, "")
    assert names[3] == ("H", (), True, 0.5, "01")


BAD_GATES = [
    (("NOPE", [0]), {}, "EIGEN_GATE_UNKNOWN"),
    (("CX", [0]), {}, "EIGEN_GATE_ARGUMENTS"),
    (("CX", [1, 1]), {}, "EIGEN_CIRCUIT_INVALID"),
    (("RX", [0]), {}, "EIGEN_GATE_ARGUMENTS"),
    (("RX", [0], [float("nan")]), {}, "EIGEN_CIRCUIT_PARAMETERS"),
    (("X", [0]), {"power": float("inf")}, "EIGEN_GATE_ARGUMENTS"),
    (("X", [0, 1]), {"num_controls": 1, "ctrl_state": "2"}, "EIGEN_GATE_ARGUMENTS"),
    (("UNITARY", [0]), {"matrix": [[1, 0], [0, 2]]}, "EIGEN_GATE_NOT_UNITARY"),
    (("UNITARY", [0]), {"matrix": [1, 0, 0]}, "EIGEN_GATE_ARGUMENTS"),
    (("PAULI_ROT", [0], [1.0]), {"pauli": "Q"}, "EIGEN_GATE_ARGUMENTS"),
    (("X", [0]), {"pauli": "X"}, "EIGEN_GATE_ARGUMENTS"),
]


@pytest.mark.parametrize(("arguments", "options", "code"), BAD_GATES)
def test_bad_gates_are_refused_when_they_come(arguments: tuple, options: dict, code: str) -> None:
    builder = CircuitBuilder(2)
    with pytest.raises(CoreError) as caught:
        builder.gate(*arguments, **options)
    assert caught.value.code == code
    assert builder.num_operations == 0


def test_a_misspelt_gate_gets_a_suggestion() -> None:
    with pytest.raises(CoreError) as caught:
        CircuitBuilder(1).gate("SWPA", [0, 1])
    assert caught.value.hint == "did you mean `SWAP`?"


def test_errors_of_the_core_become_errors_of_eigen() -> None:
    with pytest.raises(EigenError) as caught, core_errors("bell.aqo.json"):
        Circuit.from_aqo(b"{")
    assert caught.value.code in ERRORS
    assert caught.value.where == "bell.aqo.json"


@pytest.mark.parametrize("code", CoreError.CODES)
def test_every_code_of_the_core_has_a_public_code(code: str) -> None:
    public = EigenError.from_core(CoreError(code, "message"))
    assert (public.code == "EIGEN_INTERNAL") == (code == "EIGEN_INTERNAL")


def test_a_wide_deep_circuit_is_small_work() -> None:
    builder = CircuitBuilder(1000, 1000)
    for k in range(30_000):
        if k % 3:
            builder.gate("RZ", [k % 1000], [k * 0.001])
        else:
            builder.gate("CX", [k % 1000, (k + 7) % 1000])
    circuit = builder.build()
    data = circuit.to_aqo()
    assert Circuit.from_aqo(data).digest == circuit.digest
    assert len(simplify(circuit, 2)) <= len(circuit)
    assert 1_000_000 < len(data) < 3_000_000


def test_the_bytes_are_the_same_in_another_process() -> None:
    source = "from eigen._core import *; b = CircuitBuilder(1); b.gate('RX', [0], ['p']); print(b.build().digest)"
    runs = {
        subprocess.run(
            [sys.executable, "-c", source], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("0", "1", "424242")
    }
    assert len(runs) == 1
