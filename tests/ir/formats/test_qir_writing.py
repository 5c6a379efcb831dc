"""Circuits written as QIR come back, pyqir takes them, and what QIR cannot say is refused."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest

from eigen.errors import EigenError
from eigen.ir import Circuit, CircuitBuilder, Condition, dump, load
from eigen.ir.formats.conversion import certify, convert
from eigen.ir.formats.qir.gates import GATES, WRITE
from eigen.ir.formats.table import of_text


def everything() -> Circuit:
    builder = CircuitBuilder(name='a "name" \\', metadata={"k": "v\n"})
    builder.add_qubits(2, "left")
    builder.add_qubits(2, "right")
    builder.add_clbits(2, "nicht é")
    builder.add_clbits(2)
    for name in ("H", "X", "Y", "Z", "S", "T"):
        builder.gate(name, [0])
        builder.gate(name, [1], inverse=True)
    builder.gate("U", [1], [0.1, 0.2, 0.3], inverse=True, power=0.5)
    builder.gate("RX", [3, 0, 1], [0.4], num_controls=2, ctrl_state="10")
    builder.gate("UNITARY", [2, 0], matrix=np.diag(np.exp(1j * np.arange(4))))
    builder.measure([0, 1], [0, 2], "Y")
    builder.gate("X", [3], condition=Condition.bit(0) & ~Condition.bit(2))
    builder.begin_if(Condition.compare([0, 1, 2], "<", 5) | Condition.compare([3, 0], ">=", 2))
    builder.begin_for(3)
    builder.gate("H", [2])
    builder.end()
    builder.begin_else()
    builder.begin_while(Condition.bit(0) ^ Condition.bit(3), 77)
    builder.gate("H", [0])
    builder.measure([0], [0])
    builder.end()
    builder.end()
    builder.reset([1])
    builder.barrier([0, 1, 2, 3])
    return builder.build()


@pytest.mark.parametrize("options", [{}, {"version": "1.0"}, {"profile": "adaptive"}])
def test_everything_comes_back(options: dict[str, str]) -> None:
    circuit = everything()
    text = dump(circuit, "qir", **options)
    again = load(text)
    assert (again.name, again.metadata) == (circuit.name, circuit.metadata)
    assert (again.qubit_registers, again.clbit_registers) == (circuit.qubit_registers, circuit.clbit_registers)
    assert load(dump(again, "qir")) == again
    assert ("%Qubit*" in text.decode()) == (options.get("version") == "1.0")


def pairs(measure_early: bool) -> Circuit:
    builder = CircuitBuilder(2, 2)
    builder.gate("H", [0])
    if measure_early:
        builder.measure([0], [1])
    builder.gate("RY", [1], [0.3])
    builder.measure([1] if measure_early else [0, 1], [0] if measure_early else [1, 0])
    return builder.build()


def test_the_base_profile_is_written_where_all_measurements_can_come_last() -> None:
    for early in (False, True):
        done = convert(pairs(early), "qir")
        text = done.document.decode()
        assert '"qir_profiles"="base_profile"' in text
        assert text.index("ry__body(d") < text.index("mz__body(p")
        assert done.certificate.verdict == "equal"
    assert '"adaptive_profile"' in dump(pairs(True), "qir", profile="adaptive").decode()
    builder = CircuitBuilder(1, 1)
    builder.measure([0], [0])
    builder.gate("X", [0])
    with pytest.raises(EigenError, match="operations behind a measurement"):
        dump(builder.build(), "qir", profile="base")


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_llvm_takes_what_is_written_and_counts_what_we_count(version: str) -> None:
    pyqir = pytest.importorskip("pyqir")
    circuit = everything()
    text = dump(circuit, "qir", version=version).decode()
    module = pyqir.Module.from_ir(pyqir.Context(), text)
    assert module.verify() is None
    (entry,) = filter(pyqir.is_entry_point, module.functions)
    assert pyqir.required_num_qubits(entry) == circuit.num_qubits
    assert pyqir.required_num_results(entry) == circuit.num_clbits
    assert pyqir.qir_major_version(module) == int(version[0])
    calls = [i for block in entry.basic_blocks for i in block.instructions if i.opcode == pyqir.Opcode.CALL]
    measured = [(pyqir.ptr_id(i.args[0]), pyqir.ptr_id(i.args[1])) for i in calls if "__mz__" in i.callee.name]
    assert measured == [(0, 0), (1, 2), (0, 0)]


def test_a_program_that_pyqir_builds_is_read() -> None:
    pyqir = pytest.importorskip("pyqir")
    made = pyqir.SimpleModule("built", 3, 2)
    qis, (a, b, c), (first, second) = pyqir.BasicQisBuilder(made.builder), made.qubits, made.results
    for gate in (qis.h, qis.s, qis.s_adj, qis.t, qis.t_adj, qis.x, qis.y, qis.z):
        gate(a)
    qis.rx(0.1, a), qis.ry(0.2, b), qis.rz(pi, c)
    qis.cx(a, b), qis.cz(b, c), qis.mz(a, first), qis.reset(a)
    qis.if_result(first, lambda: qis.x(b), lambda: qis.if_result(second, lambda: qis.z(b)))
    qis.mz(b, second)
    builder = CircuitBuilder(3, 2)
    for name in ("H", "S", "Sdg", "T", "Tdg", "X", "Y", "Z"):
        builder.gate(name, [0])
    builder.gate("RX", [0], [0.1]), builder.gate("RY", [1], [0.2]), builder.gate("RZ", [2], [pi])
    builder.gate("CX", [0, 1]), builder.gate("CZ", [1, 2]), builder.measure([0], [0]), builder.reset([0])
    builder.gate("X", [1], condition=Condition.bit(0))
    builder.measure([1], [1])
    for document in (made.ir().encode(), made.bitcode()):
        certificate = certify(load(document), builder.build())
        assert certificate.verdict == "equal", str(certificate)


def test_bitcode_is_the_same_circuit_as_the_text() -> None:
    pytest.importorskip("pyqir")
    circuit = everything()
    bitcode = dump(circuit, "qir_bitcode")
    assert of_text(bitcode).name == "qir_bitcode"
    again = load(bitcode)
    assert again == load(dump(circuit, "qir"))
    assert (again.name, again.metadata) == (circuit.name, circuit.metadata)
    assert load(bitcode, "qir") == again


def test_angles_keep_all_their_digits() -> None:
    builder = CircuitBuilder(1)
    for angle in (1e-17, pi, 0.1 + 0.2, -1e300, 5e-324, -0.0, 3.0):
        builder.gate("RX", [0], [angle])
    assert load(dump(builder.build(), "qir")) == builder.build()


def test_every_gate_that_is_written_is_read() -> None:
    for name in WRITE:
        function = WRITE[name].replace("__body", "").replace("__adj", "")
        assert function in GATES, name


def test_what_qir_cannot_say_is_refused() -> None:
    builder = CircuitBuilder(2)
    builder.barrier([0])
    with pytest.raises(EigenError, match="one of all qubits"):
        dump(builder.build(), "qir")
    for option in ("profile", "version"):
        with pytest.raises(EigenError) as caught:
            dump(CircuitBuilder(1).build(), "qir", **{option: "3"})
        assert caught.value.code == "EIGEN_USAGE"


def test_the_line_of_names_must_fit() -> None:
    text = dump(everything(), "qir").decode().replace('required_num_qubits"="4"', 'required_num_qubits"="5"')
    with pytest.raises(EigenError, match="of a program with `4` qubits"):
        load(text)
