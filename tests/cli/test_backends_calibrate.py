"""`eigen backends calibrate`: a driver in a process of its own is measured, and what was found decides."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from eigen.cli import main
from eigen.drivers import speeds
from eigen.types.cost_model import CostModel

ROOT = Path(__file__).parents[2]
BELL = """OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit[2] c;
ry(pi/2) q[0];
cx q[0], q[1];
c = measure q;
"""
LONG = BELL.replace("c = measure q;\n", "ry(0.3) q[0]; cx q[0], q[1];\n" * 40 + "c = measure q;\n")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with the tiny driver."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EIGEN_QFS_ROOT", str(tmp_path / "data"))
    monkeypatch.setenv("EIGEN_ENVIRONMENTS_ROOT", str(tmp_path / "environments"))
    shutil.copytree(ROOT / "examples" / "tiny_driver", tmp_path / "data" / "drivers" / "tiny")
    (tmp_path / "bell.qasm").write_text(BELL)
    (tmp_path / "long.qasm").write_text(LONG)
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert main([*words, "--json"]) == status, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def why(capsys: pytest.CaptureFixture[str], device_id: str) -> str:
    """What the explanation of a new job under `auto` says of a device."""
    job = shown(capsys, "run", "bell.qasm", "--target", "auto")
    assert job["metadata"]["device_id"] == "sim:statevector"
    rivals = shown(capsys, "explain", job["job_id"])["placement"]["rivals"]
    return next(one["reason"] for one in rivals if one["device_id"] == device_id)


def test_what_was_measured_is_kept_told_and_used(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "backends", "calibrate") == {"devices": []}
    assert main(["backends", "calibrate", "tiny:statevector", "--seconds", "120"]) == 0
    out, err = capsys.readouterr()
    assert "tiny:statevector: 2 qubits: " in err, "progress"
    assert out.splitlines()[0].split()[:2] == ["DEVICE", "VERSION"]
    assert out.splitlines()[1].startswith("tiny:statevector ")

    (kept,) = shown(capsys, "backends", "calibrate")["devices"]
    model = CostModel.from_json(kept["cost_model"])
    assert (kept["device_id"], kept["error"], model.widest >= 4) == ("tiny:statevector", None, True)
    assert model.start > 0.0

    estimate = shown(capsys, "estimate", "bell.qasm", "-t", "tiny:statevector", "--shots", "100")
    (candidate,) = estimate["candidates"]
    assert candidate["seconds"]["low"] < candidate["seconds"]["usual"] < candidate["seconds"]["high"]
    assert f"measured on this host at {model.measured_at}" in candidate["why"]["seconds"]
    assert "runs unasked only where " in why(capsys, "tiny:statevector")

    path = place / "data" / "cost_models.json"
    document = json.loads(path.read_text())
    document["devices"]["tiny:statevector"]["host"]["processor"] = "another"
    path.write_text(json.dumps(document))
    (stale,) = shown(capsys, "backends", "calibrate")["devices"]
    assert (stale["cost_model"], "its processor is `another`" in stale["error"]["message"]) == (None, True)
    assert "was measured on another host: its processor is `another`" in why(capsys, "tiny:statevector")
    path.write_bytes(b"\xff damaged")
    assert shown(capsys, "backends", "calibrate") == {"devices": []}
    assert why(capsys, "tiny:statevector") == "runs only when it is named as the target"


def test_auto_takes_what_is_clearly_faster_here(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a host whose native engines were measured to be ten thousand times slower."""
    assert main(["backends", "calibrate", "tiny", "--seconds", "120"]) == 0
    speeds.save(place / "data" / "host_speeds.json", 0, dict.fromkeys(speeds.QUESTIONS, speeds.LEAST))
    path = place / "data" / "cost_models.json"
    document = json.loads(path.read_text())
    document["devices"]["tiny:statevector"]["model"] |= {"start": 0.0, "first": 0.0, "off": 1.5}
    path.write_text(json.dumps(document))
    job = shown(capsys, "run", "long.qasm", "--target", "auto", "--seed", "5")
    assert job["metadata"]["device_id"] == "tiny:statevector"
    explained = shown(capsys, "explain", job["job_id"])
    assert explained["reason_codes"][-1] == "MEASURED_FASTER"
    reasons = explained["placement"]["reasons"]
    assert reasons[-1].startswith("it is 5 times as fast as `sim:")
    assert any("measured on this host at " in reason for reason in reasons)
    again = shown(capsys, "run", "long.qasm", "--target", "tiny:statevector", "--seed", "5")
    assert again["counts"] == job["counts"]

    monkeypatch.setenv("EIGEN_AUTO_ENGINES", "native")
    home = shown(capsys, "run", "long.qasm", "--target", "auto", "--seed", "5", "--no-cache")
    assert home["metadata"]["device_id"].startswith("sim:")


def test_a_device_that_cannot_be_measured_in_time_fails_and_keeps_nothing(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (found,) = shown(capsys, "backends", "calibrate", "tiny", "--seconds", "1e-6", status=1)["devices"]
    assert (found["cost_model"], found["error"]["code"]) == (None, "EIGEN_RUN_TIMEOUT")
    assert not (place / "data" / "cost_models.json").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nobody"], "EIGEN_DEVICE_UNKNOWN", "there is no device or backend `nobody`"),
        (["tiny:nobody"], "EIGEN_DEVICE_UNKNOWN", "there is no device or backend `tiny:nobody`"),
        (["sim:statevector"], "EIGEN_USAGE", "is an engine of ours"),
        (["modes:gaussian"], "EIGEN_USAGE", "runs photonic programs, which are not measured"),
        (["--all", "tiny"], "EIGEN_USAGE", "`--all` takes no names"),
        (["tiny", "--seconds", "0"], "EIGEN_USAGE", "is no time between 0 and 86400 s"),
        (["tiny", "--seconds", "nan"], "EIGEN_USAGE", "is no time between 0 and 86400 s"),
    ],
)
@pytest.mark.usefixtures("place")
def test_what_is_not_measured_is_refused_in_words(
    capsys: pytest.CaptureFixture[str], words: list[str], code: str, said: str
) -> None:
    assert main(["backends", "calibrate", *words]) == 2
    err = capsys.readouterr().err
    assert f"error[{code}]" in err
    assert said in err
