"""`eigen convert`: files and standard streams, the certificate, and what is not written."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from eigen.cli import main
from eigen.ir import CircuitBuilder, dump, load

BELL = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncreg c[2];\nh q[0];\ncx q[0],q[1];\nmeasure q -> c;\n'


@pytest.fixture(autouse=True)
def bell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bell.qasm").write_text(BELL)


def test_there_and_back_is_the_same_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", "bell.qasm", "bell.aqo", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["from"], report["to"], report["operations"]) == ("qasm2", "aqo", 3)
    assert report["certificate"]["verdict"] == "equal"
    assert report["digest"] == load(Path("bell.aqo")).digest
    assert main(["convert", "bell.aqo", "again.qasm"]) == 0
    assert Path("again.qasm").read_text() == BELL
    assert "equal" in capsys.readouterr().err


def test_a_circuit_in_other_gates_is_certified(capsys: pytest.CaptureFixture[str]) -> None:
    builder = CircuitBuilder(3)
    builder.gate("ISWAP", [0, 2], inverse=True)
    builder.gate("GPHASE", [], [0.5])
    builder.gate("CCZ", [0, 1, 2])
    Path("in.json").write_bytes(dump(builder.build()))
    assert main(["convert", "in.json", "out.qasm", "--json"]) == 0
    certificate = json.loads(capsys.readouterr().out)["certificate"]
    assert certificate["verdict"] == "equal"
    assert certificate["max_error"] < 1e-9


def test_standard_streams(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(BELL.encode())))
    assert main(["convert", "-", "-", "--to", "aqo"]) == 0
    assert load(capsysbinary.readouterr().out) == load(BELL)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["bell.qasm", "bell.xyz"], "does not say which format"),
        (["bell.qasm", "out.aqo", "--from", "qasm9"], "there is no circuit format `qasm9`"),
        (["bell.qasm", "-", "--to", "aqo", "--json"], "cannot both go to stdout"),
        (["nowhere.qasm", "out.aqo"], "cannot be read"),
        (["bell.qasm", "out.aqo", "--from", "aqo"], "JSON"),
        (["bell.qasm", "no/such/folder.aqo"], "cannot be written"),
    ],
)
def test_what_is_refused_is_not_written(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", *words]) == 2
    assert said in capsys.readouterr().err
    assert not Path("out.aqo").exists()
