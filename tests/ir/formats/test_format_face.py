"""`load` and `dump`: formats by inspection and by name, paths, text, circuits."""

from __future__ import annotations

from pathlib import Path

import pytest

from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, dump, load
from eigen.ir.formats.conversion import certify
from eigen.ir.formats.table import FORMATS, of_suffix

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q -> c;'


def test_every_kind_of_source_gives_the_circuit(tmp_path: Path) -> None:
    path = tmp_path / "bell.txt"
    path.write_text(BELL)
    circuit = load(BELL)
    assert load(BELL.encode()) == load(path) == load(circuit) == load(dump(circuit)) == circuit
    assert load(dump(circuit, "qasm2")) == circuit


def test_comments_do_not_hide_the_format() -> None:
    assert load(f"// made by hand\n\n  // {{\n{BELL}").num_qubits == 2


def test_the_file_stands_in_the_error(tmp_path: Path) -> None:
    path = tmp_path / "bad.qasm"
    path.write_text("OPENQASM 2.0;\nqreg q[1];\n x q[0];")
    with pytest.raises(EigenError) as caught:
        load(path)
    assert caught.value.where == f"{path}:3:2"


@pytest.mark.parametrize(
    ("source", "format_name", "code"),
    [
        ("bell.qasm", None, "EIGEN_FORMAT_INVALID"),
        ("OPENQASM 4.0;", None, "EIGEN_FORMAT_UNSUPPORTED"),
        (BELL, "qsam2", "EIGEN_USAGE"),
        (BELL, "aqo", "EIGEN_AQO_INVALID"),
        ("{}", None, "EIGEN_AQO_INVALID"),
        (Path("nowhere.qasm"), None, "EIGEN_FILE_UNREADABLE"),
        (12, None, "EIGEN_FORMAT_UNSUPPORTED"),
    ],
)
def test_other_sources_are_refused(source: object, format_name: str | None, code: str) -> None:
    with pytest.raises(EigenError) as caught:
        load(source, format_name)
    assert caught.value.code == code


def test_an_endless_file_is_not_read_to_its_end() -> None:
    with pytest.raises(EigenError) as caught:
        load(Path("/dev/zero"))
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_of_the_table_writes_and_reads(name: str) -> None:
    if name == "qir_bitcode":
        pytest.importorskip("pyqir")
    builder = CircuitBuilder(2, 1)
    builder.gate(*(("S", [1]) if name == "stim" else ("RZ", [1], [1e-17])))  # Stim's gates are Clifford gates
    builder.measure([1], [0])
    circuit = builder.build()
    again = load(dump(circuit, name))
    assert [op.name for op in again.instructions()] == [op.name for op in circuit.instructions()]
    assert of_suffix(f"a{FORMATS[name].suffixes[0]}") == FORMATS[name]


def test_an_object_of_another_package_is_a_format_too() -> None:
    pytest.importorskip("qiskit")
    circuit = load(BELL)
    foreign = dump(circuit, "qiskit")
    assert type(foreign).__name__ == "QuantumCircuit"
    assert certify(circuit, load(foreign)).verdict == "equal"
