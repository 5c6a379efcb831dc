"""`eigen compile --device`: shapes, files and drivers' devices; the report; what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eigen.cli import main
from eigen.ir import load
from eigen.ir.equivalence import equivalence

FAN = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[4];
h q[0];
cx q[0], q[1];
cx q[0], q[2];
cx q[0], q[3];
rx(0.3) q[1];
cx q[1], q[2];
"""
CHIP = {
    "num_qubits": 5,
    "coupling": [[0, 1], [1, 2], [2, 3], [3, 4]],
    "directed": True,
    "basis": ["RZ", "SX", "CX"],
    "errors": [[0, 1, 0.1]],
    "durations": {"RZ": 0, "SX": 3e-8, "CX": 3e-7, "MEASURE": 1e-6},
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EIGEN_QFS_ROOT", str(tmp_path / "data"))
    Path("fan.qasm").write_text(FAN)
    Path("chip.json").write_text(json.dumps(CHIP))


def compiled(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(["compile", "fan.qasm", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("device", ["line:4", "ring:4", "grid:2x2", "heavy-hex:27", "all:6", "chip.json"])
def test_the_circuit_is_compiled_for_a_device_and_written(device: str, capsys: pytest.CaptureFixture[str]) -> None:
    report = json.loads(compiled(capsys, "--device", device, "--json", "-o", "out.qasm"))
    assert report["verification"]["verdict"] == "equal"
    assert report["passes"][-1]["two_qubit_gates"] >= 3
    written, wide = load(Path("out.qasm")), load(Path("fan.qasm")).measure_all()
    final = report["final_layout"]
    placed = wide.remap(report["initial_layout"], written.num_qubits)
    layout = list(range(written.num_qubits))
    held = dict(zip(report["initial_layout"], final, strict=True))
    free = [qubit for qubit in layout if qubit not in set(final)]
    layout = [held[qubit] if qubit in held else free.pop(0) for qubit in layout]
    assert equivalence(placed, written, layout=layout).is_equivalent


def test_it_says_where_qubits_are_and_what_each_pass_left(capsys: pytest.CaptureFixture[str]) -> None:
    text = compiled(capsys, "--device", "line:4", "--basis", "rz,sx,cz", "--layout", "3,2,1,0", "--explain")
    assert "starts on        3 2 1 0" in text
    assert "equal, not proven: probes on 4 qubits" in text
    assert "merge-one-qubit" in text
    assert "CZ" in text


def test_idle_time_is_filled_with_pulses(capsys: pytest.CaptureFixture[str]) -> None:
    report = json.loads(compiled(capsys, "--device", "chip.json", "--decouple", "XX", "--json"))
    assert report["timing"]["filled"] > 0
    assert report["timing"]["schedule"] == "alap"
    assert "XX in" in compiled(capsys, "--device", "chip.json", "--decouple", "XX")


def test_a_drivers_device_keeps_its_gates(capsys: pytest.CaptureFixture[str]) -> None:
    report = json.loads(compiled(capsys, "--device", "sim:statevector", "--json"))
    assert report["device"] == "sim:statevector"
    assert report["swaps_inserted"] == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--device", "line:3"], "EIGEN_COMPILER_UNSUPPORTED"),
        (["--device", "line:x"], "EIGEN_USAGE"),
        (["--device", "nowhere:device"], "EIGEN_DEVICE_UNKNOWN"),
        (["--device", "none.json"], "EIGEN_FILE_UNREADABLE"),
        (["--device", "line:4", "--layout", "0;1"], "EIGEN_USAGE"),
        (["--device", "line:4", "--schedule", "asap"], "EIGEN_USAGE"),
        (["--layout", "0,1,2,3"], "EIGEN_USAGE"),
    ],
)
def test_what_cannot_be_done_is_named(words: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "fan.qasm", *words]) != 0
    assert code in capsys.readouterr().err


def test_a_way_to_verify_without_a_device_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "fan.qasm", "--verify", "thorough"]) == 2
    assert "for a device" in capsys.readouterr().err
