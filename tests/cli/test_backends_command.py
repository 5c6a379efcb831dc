"""`eigen backends`: a driver of somebody else is installed from a folder, runs without seeing Eigen OS, and goes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import grpc
import pytest

from doubles.wheels import wheel
from eigen.cli import main
from eigen.drivers.hosts.host import Host

ROOT = Path(__file__).parents[2]
BELL = """OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit[2] c;
ry(pi/2) q[0];
cx q[0], q[1];
c = measure q;
"""
ENGINE = """
import sys
try:
    import eigen
except ModuleNotFoundError:
    pass
else:
    raise SystemExit("this environment sees Eigen OS")
import toy
from tiny_engine import TinyEngine
class ToyEngine(TinyEngine):
    version = toy.VERSION
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with the driver `toy`: the tiny one, in an environment that has gRPC by a link."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EIGEN_QFS_ROOT", str(tmp_path / "data"))
    monkeypatch.setenv("EIGEN_ENVIRONMENTS_ROOT", str(tmp_path / "environments"))
    toy = tmp_path / "data" / "drivers" / "toy"
    shutil.copytree(ROOT / "examples" / "tiny_driver", toy)
    (toy / "toy_engine.py").write_text(ENGINE)
    linked = {"toy_links.pth": f"{Path(grpc.__file__).parents[1]}\n"}
    (toy / "lock.txt").write_text(wheel(tmp_path / "wheels", "toy", "1.5", linked))
    (toy / "manifest.toml").write_text(
        'name = "toy"\nprotocol = 1\nbackends = ["tiny"]\nengine = "toy_engine:ToyEngine"\npath = "."\n'
        'requires = ["toy"]\nlock = "./lock.txt"\n'
    )
    (tmp_path / "bell.qasm").write_text(BELL)
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main([*words, "--json"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def row(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in found["backends"] if one["name"] == name)


def test_from_nothing_to_a_result_and_back(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = row(shown(capsys, "backends"), "toy")
    assert (before["state"], before["devices"]) == ("available", [])
    assert main(["run", "bell.qasm", "--target", "tiny:statevector"]) == 1
    assert "hint: eigen backends install toy" in capsys.readouterr().err

    after = row(shown(capsys, "backends", "install", "toy", "--wheels", "wheels"), "toy")
    assert (after["state"], after["environment"], after["versions"]) == ("installed", "toy", {"toy": "1.5"})
    assert after["devices"] == ["tiny:statevector"]
    results = shown(capsys, "run", "bell.qasm", "--target", "tiny:statevector", "--shots", "100", "--seed", "1")
    assert set(results["circuits"][0]["counts"]) == {"00", "11"}

    monkeypatch.setattr(Host, "__init__", lambda *_: pytest.fail("looking starts a process"))
    assert "tiny:statevector" in {one["device_id"] for one in shown(capsys, "devices")["devices"]}
    assert row(shown(capsys, "backends"), "toy") == after

    (place / "data" / "drivers" / "toy" / "lock.txt").write_text(wheel(place / "wheels", "toy", "2.0"))
    assert row(shown(capsys, "backends"), "toy")["state"] == "outdated"
    assert shown(capsys, "backends", "remove", "toy") == {"removed": ["toy"]}
    assert row(shown(capsys, "backends"), "toy")["state"] == "available"


def test_what_is_installed_and_does_not_come_up(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "data" / "drivers" / "toy" / "toy_engine.py").write_text("raise SystemExit('no such luck')")
    assert main(["backends", "install", "toy", "--wheels", "wheels", "--json"]) == 1
    out, err = capsys.readouterr()
    assert "no such luck" in row(json.loads(out), "toy")["error"]["message"]
    assert "backend `toy` is installed and cannot be used" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["instal"], "there is no action `instal`"),
        (["install"], "`install` needs the names"),
        (["install", "toy", "--all"], "`install` needs the names"),
        (["install", "toi"], "did you mean `toy`"),
        (["install", "toy", "--wheels", "nowhere"], "there is no folder `nowhere`"),
        (["install", "toy", "--except", "toy"], "`--except` belongs to `--all`"),
        (["install", "--all", "--except", "toi"], "did you mean `toy`"),
        (["remove"], "`remove` needs the names"),
        (["remove", "toy", "--again"], "belong to `install`"),
        (["list", "toy"], "`list` takes no names"),
    ],
)
def test_what_is_refused(place: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert main(["backends", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_program_that_is_not_here(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'name = "yonder"\nprotocol = 1\nbackends = ["yonder"]\ncommand = ["{environment}/it"]\n'
    (place / "data" / "drivers" / "yonder.toml").write_text(text + 'build = ["no-such-compiler"]\n')
    assert row(shown(capsys, "backends"), "yonder")["why"] == "the program `no-such-compiler` is not on the PATH"
    assert main(["backends", "install", "yonder"]) == 2
    assert "unavailable: the program `no-such-compiler`" in capsys.readouterr().err
