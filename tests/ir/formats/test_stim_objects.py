"""Stim's circuits in and out, against Stim's own tableaus, records and detectors."""

from __future__ import annotations

import numpy as np
import pytest

from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Condition, dump, load
from eigen.ir.equivalence import equivalence
from eigen.ir.formats.conversion import certify
from eigen.ir.formats.table import of_text

stim = pytest.importorskip("stim")

UNITARY = [name for name, row in stim.gate_data().items() if row.is_unitary and not name.startswith("SPP")]
NOISE = [name for name, row in stim.gate_data().items() if row.is_noisy_gate and not row.produces_measurements]


@pytest.mark.parametrize("name", UNITARY)
def test_a_gate_is_the_one_that_stim_means(name: str) -> None:
    qubits = [0, 1] if stim.gate_data(name).is_two_qubit_gate else [0]
    theirs = stim.Circuit(f"{name} {' '.join(map(str, qubits))}")
    circuit = load(theirs)
    assert dump(circuit, "stim.Circuit").to_tableau() == theirs.to_tableau()
    matrix = np.array(theirs.to_tableau().to_unitary_matrix(endian="little")).astype(complex)
    left, _, right = np.linalg.svd(matrix)  # Stim's matrix has single precision
    builder = CircuitBuilder(len(qubits))
    builder.gate("UNITARY", qubits, matrix=left @ right)
    assert equivalence(circuit, builder.build()).verdict == "equal"


@pytest.mark.parametrize("task", ["surface_code:rotated_memory_x", "repetition_code:memory", "color_code:memory_xyz"])
def test_a_code_keeps_its_detectors(task: str) -> None:
    theirs = stim.Circuit.generated(task, rounds=3, distance=3)
    circuit = load(theirs)
    again = dump(circuit, "stim.Circuit")
    assert load(again) == circuit
    assert again.detector_error_model().flattened() == theirs.detector_error_model().flattened()
    assert again.get_detector_coordinates() == theirs.get_detector_coordinates()
    assert again.get_final_qubit_coordinates() == theirs.get_final_qubit_coordinates()
    rows = theirs.reference_sample()
    assert (again.reference_sample() == rows).all()


RECORDS = [
    "X 0\nM 0 !0 1 !1",
    "MR !0\nM 0\nX 0\nMR 0\nM 0",
    "H 0\nMX 0 !0\nMRX 0\nMX 0",
    "RY 0\nMY 0 !0\nRX 1\nMX !1",
    "X 0 2\nMPP Z0*Z1 !Z0*Z2 Z1*!Z2*Z0",
    "H 0 1\nMXX 0 1 !0 1\nMPP X0*X1\nMZZ 2 !3",
    "X 0\nM 0\nCX rec[-1] 1\nCZ 1 rec[-1]\nM 1\nCY rec[-1] 2 rec[-2] 2\nM 2\nXCZ 0 rec[-1]\nM 0",
    "REPEAT 3 {\n  X 0\n  M 0\n  REPEAT 2 {\n    CX rec[-1] 1\n  }\n}\nM 1",
    "REPEAT 5 {\n  X 0\n}\nM 0",
    "R 0\nSPP Z0\nSPP X0*Z1\nSPP X0*Z1\nM 0\nSPP_DAG !X1\nSPP X1\nM 1",
]


@pytest.mark.parametrize("text", RECORDS)
def test_outcomes_are_those_of_stim(text: str) -> None:
    """Each program is deterministic, so that one sample of ours must be Stim's record."""
    from eigen._core import Plan

    circuit = load(text, "stim")
    for ours in (circuit, load(dump(circuit, "stim"))):
        (key,) = Plan(ours).sample(shots=20, seed=1).to_dict()
        assert key[::-1] == "".join(str(int(bit)) for bit in stim.Circuit(text).reference_sample())


def test_names_and_idle_qubits_survive() -> None:
    builder = CircuitBuilder(name="a ] \\ b", metadata={"k": "[1]\n"})
    builder.add_qubits(2, "left")
    builder.add_qubits(2)
    builder.add_clbits(1, "m")
    builder.gate("RX", [0], [np.pi / 2])
    builder.gate("PAULI_ROT", [0, 1, 2], [-np.pi / 2], pauli="XYZ")
    builder.measure([1], [0], "Y")
    builder.gate("Z", [2], condition=~Condition.bit(0))
    circuit = builder.build()
    for again in (load(dump(circuit, "stim")), load(dump(circuit, "stim.Circuit"))):
        assert (again.name, again.metadata, again.num_qubits) == (circuit.name, circuit.metadata, 4)
        assert again.qubit_registers == circuit.qubit_registers
        assert again.clbit_registers == circuit.clbit_registers
        certificate = certify(circuit, again, up_to_phase=True)
        assert certificate.verdict == "equal", str(certificate)


@pytest.mark.parametrize(
    "text",
    ["H 0", "# a comment\n\nM 0 1", "CX 0 1", "REPEAT 2 {\nH 0\n}", "R[tag] 0", "TICK", "DETECTOR(1, 2)", "MPP X0*X1"],
)
def test_stim_is_known_by_its_first_line(text: str) -> None:
    assert of_text(text.encode()).name == "stim"
    stim.Circuit(text)


@pytest.mark.parametrize("name", NOISE)
def test_noise_is_refused_by_name(name: str) -> None:
    text = {"E": "E(0.1) X0", "ELSE_CORRELATED_ERROR": "E(0.1) X0\nELSE_CORRELATED_ERROR(0.1) X0"}.get(name)
    row = stim.gate_data(name)
    count = row.num_parens_arguments_range[-1] if row.num_parens_arguments_range else 1
    arguments = ",".join(["0.01"] * count)
    with pytest.raises(EigenError) as caught:
        load(text or f"{name}({arguments}) 0 1", "stim")
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"
    assert f"`{name}`" in caught.value.message or text


def builder_with(**options: object) -> CircuitBuilder:
    return CircuitBuilder(2, 2, **options)  # type: ignore[arg-type]


def refused(builder: CircuitBuilder, words: str) -> None:
    with pytest.raises(EigenError, match=words) as caught:
        dump(builder.build(), "stim")
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"


def test_what_stim_cannot_say_is_refused() -> None:
    builder = CircuitBuilder(1)
    builder.gate("T", [0])
    refused(builder, "no Clifford gate")
    builder = CircuitBuilder(1)
    builder.gate("RX", [0], ["theta"])
    refused(builder, "no parameters, such as `theta`")
    refused(CircuitBuilder(1, 1), "nothing is measured")
    builder = builder_with()
    builder.measure([0, 1], [1, 0])
    refused(builder, "out of its order")
    builder = builder_with()
    builder.measure([0, 1], [0, 1])
    builder.gate("X", [0], condition=Condition.bit(0) & Condition.bit(1))
    refused(builder, "no parity")
    builder = builder_with()
    builder.measure([0, 1], [0, 1])
    builder.gate("H", [0], condition=Condition.bit(0))
    refused(builder, "no Pauli")
