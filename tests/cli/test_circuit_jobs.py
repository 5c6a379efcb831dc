"""`eigen run x.qasm` and its like: circuits as jobs, with diagnostics, and the order of bits on record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eigen.cli import main

HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2]; creg a[1]; creg b[2];\n'
PROGRAM = f"{HEAD}x q[1];\nmeasure q[0] -> a[0];\nmeasure q[1] -> b[1];\n"
WRONG = f"{HEAD}x q[1];\n  hh q[0];\n"
SHOWN = " --> bad.qasm:5:3\n  |\n5 |   hh q[0];\n  |   ^\n"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EIGEN_QFS_ROOT", str(tmp_path / "data"))
    Path("good.qasm").write_text(PROGRAM)
    Path("bad.qasm").write_text(WRONG)


@pytest.mark.parametrize("command", [["run"], ["submit", "--wait"]])
def test_a_qasm_file_is_a_job(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "good.qasm", "--shots", "100", "--seed", "1", "--json"]) == 0
    results = json.loads(capsys.readouterr().out)
    assert results["counts"] == {"100": 100}
    assert results["metadata"]["bit_order"] == "c[n-1] … c[0]"
    assert results["metadata"]["registers"] == [["a", 0, 1], ["b", 1, 2]]


def test_a_job_file_names_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    text = "apiVersion: eigen.os/v1\nkind: QuantumJob\nmetadata: {name: x}\n"
    Path("job.yaml").write_text(f"{text}spec: {{program: {{path: good.qasm, format: openqasm2}}, shots: 7}}\n")
    assert main(["run", "job.yaml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"] == {"100": 7}


def test_it_compiles_without_a_job(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "good.qasm", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["filename"], report["circuits"][0]["num_clbits"]) == ("good.qasm", 3)


@pytest.mark.parametrize(
    ("command", "code"), [(["run", "bad.qasm"], 1), (["compile", "bad.qasm"], 2), (["convert", "bad.qasm", "x.aqo"], 2)]
)
def test_errors_show_the_line(command: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == code
    told = capsys.readouterr().err
    assert "error[EIGEN_FORMAT_INVALID]: there is no gate `hh`\n" in told
    assert SHOWN in told


def test_what_only_programs_have_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "good.qasm", "--entrypoint", "main"]) == 2
    assert "a circuit has no use for this" in capsys.readouterr().err


def test_a_priority_on_the_command_line_is_the_jobs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    circuit = tmp_path / "one.qasm"
    circuit.write_text('OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; creg c[1]; measure q -> c;')
    place = ["--data-dir", str(tmp_path / "data"), "--json"]
    assert main(["submit", str(circuit), "--priority", "80", "--wait", *place]) == 0
    job_id = json.loads(capsys.readouterr().out)["job_id"]
    assert main(["explain", job_id, *place]) == 0
    assert json.loads(capsys.readouterr().out)["queue"]["priority"] == 80
    for wrong, code in (("101", "EIGEN_JOBSPEC_INVALID"), ("high", "EIGEN_USAGE")):
        assert main(["submit", str(circuit), "--priority", wrong, *place]) == 2
        assert code in capsys.readouterr().err
