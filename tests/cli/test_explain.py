"""`eigen explain`: what it prints of a job that waits, and of one that ran."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

import eigen
from eigen.app import make_registry, open_ports
from eigen.cli import main
from eigen.config import Settings
from eigen.kernel.devices import Devices
from eigen.kernel.worker import Worker
from eigen.types import Caller

BELL = """
from eigen_lang import *

@hybrid_program(target="sim:statevector", shots=10, seed=1)
def main():
    q = QubitRegister(2)
    h(q[0])
    cx(q[0], q[1])
    return measure_all(q)
"""


@pytest.fixture
def job_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EIGEN_QFS_ROOT", str(tmp_path / "data"))
    Path("bell.eigen.py").write_text(BELL, "utf-8")
    with eigen.connect() as client:
        return client.submit("bell.eigen.py")


def explained(job_id: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(["explain", job_id]) == 0
    return capsys.readouterr().out


def test_a_job_that_waits_for_a_reservation(job_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(qfs_root="data")
    database, ports = open_ports(settings, make_registry(settings))
    with closing(database):
        held = Devices(ports).reserve(Caller("ada", tenant="acme"), "sim:statevector", 3600)
        Worker(ports).run_next()
    shown = explained(job_id, capsys)
    assert "device     not chosen yet" in shown
    assert "waits      0 ahead of it at" in shown
    assert f"waits      until a reservation ends, {held.expires_at}" in shown


def test_a_job_that_ran(job_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    with eigen.connect() as client:
        client.wait(job_id)
    shown = explained(job_id, capsys)
    assert "device     sim:statevector" in shown
    assert "because    the target is `sim:statevector`" in shown
    assert "waits" not in shown
    assert re.search(r"^trace      [0-9a-f]{32}$", shown, flags=re.MULTILINE)
