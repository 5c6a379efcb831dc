"""`eigen verify-equivalence`: verdicts as exit codes, the certificate as text and JSON, mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eigen.cli import main
from eigen.ir import CircuitBuilder, decompose


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    builder = CircuitBuilder(3)
    builder.gate("CCX", [0, 1, 2])
    toffoli = builder.build()
    lowered = decompose(toffoli, ["RZ", "SX", "CX"])
    builder.gate("SWAP", [0, 2])
    swapped = builder.build()
    for name, circuit in {"a": toffoli, "b": lowered, "c": swapped}.items():
        Path(f"{name}.aqo.json").write_bytes(circuit.to_aqo())
    return tmp_path


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["verify-equivalence", *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_verdicts_are_exit_codes(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "a.aqo.json", "b.aqo.json")
    assert (code, err) == (0, "")
    assert out.startswith("equal, proven: unitary on 3 qubits, error at most ")
    code, out, _ = call(capsys, "a.aqo.json", "c.aqo.json")
    assert code == 1
    assert out.startswith("different, proven: unitary on 3 qubits, largest distance ")
    assert call(capsys, "a.aqo.json", "c.aqo.json", "--layout", "2,1,0")[0] == 0
    assert call(capsys, "a.aqo.json", "b.aqo.json", "--phase")[0] == 1
    assert call(capsys, "a.aqo.json", "b.aqo.json", "--tolerance", "1e-30")[0] == 1


def test_files_of_different_formats(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', "qreg q[3];", "ccx q[0],q[1],q[2];"]
    Path("a.qasm").write_text("\n".join(lines), "utf-8")
    Path("c.qasm").write_text("\n".join([*lines, "swap q[0],q[2];"]), "utf-8")
    assert call(capsys, "a.qasm", "b.aqo.json")[0] == 0
    assert call(capsys, "c.qasm", "b.aqo.json")[0] == 1
    assert call(capsys, "c.qasm", "c.aqo.json")[1].startswith("equal, proven: structure on 3 qubits")


def test_json_is_the_certificate(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "a.aqo.json", "b.aqo.json", "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["verdict"], found["method"], found["qubits"], found["is_proof"]) == ("equal", "unitary", 3, True)
    assert 0 <= found["max_error"] < 1e-12


def test_undecided_is_two(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, bit in (("d", 0), ("e", 1)):
        builder = CircuitBuilder(9, 2)
        builder.measure([0], [bit])
        for qubit in range(8):
            builder.gate("CX", [qubit, qubit + 1])
        builder.reset([8])
        Path(f"{name}.aqo.json").write_bytes(builder.build().to_aqo())
    code, out, _ = call(capsys, "d.aqo.json", "e.aqo.json")
    assert code == 2
    assert out.startswith("undecided: none on 9 qubits\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a.aqo.json", "missing"], "`missing`"),
        (["a.aqo.json"], "required: B"),
        (["a.aqo.json", "b.aqo.json", "--layout", "0,1"], "no permutation of 3 qubits"),
        (["a.aqo.json", "b.aqo.json", "--layout", "0,x,1"], "`--layout` needs a whole number"),
        (["a.aqo.json", "b.aqo.json", "--tolerance", "much"], "`--tolerance` needs a number"),
        (["a.aqo.json", "b.aqo.json", "--probes", "0"], "`0` probes"),
    ],
)
def test_mistakes_are_two(files: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, *words)
    assert (code, out) == (2, "")
    assert said in err
