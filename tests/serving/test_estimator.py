"""Estimates of a server: whatever becomes of the process of one, the server says so, and nothing waits for nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eigen.app import make_compile
from eigen.config import Settings
from eigen.errors import EigenError
from eigen.jobspec import submission
from eigen.serving.estimator import Estimator
from eigen.types import Device

if TYPE_CHECKING:
    from pathlib import Path

    from eigen.types import CompiledDocument

JOB = submission(
    b"@hybrid_program(shots=50)\ndef main():\n    q = QubitRegister(2)\n    h(q[0])\n    return measure_all(q)\n"
)
CHIP = Device("chip", "chip", "qpu", 3, gates=("RZ", "SX", "CZ"), coupling=((0, 1), (1, 2)))


@pytest.fixture(scope="module")
def compiled() -> CompiledDocument:
    source = JOB.files["input/program.eigen.py"].decode()
    return make_compile(Settings())(source, filename="program.eigen.py").to_document()


def test_a_program_is_estimated_on_the_devices_it_is_handed(compiled: CompiledDocument) -> None:
    found = Estimator(Settings())(compiled, JOB.spec, [CHIP], ["chip", "line:4"])
    assert [each["device_id"] for each in found["candidates"]] == ["chip", "line:4"]
    assert [each["shots"]["usual"] for each in found["candidates"]] == [50, 50]


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("import os; os.abort()", "EIGEN_LIMIT_EXCEEDED"),
        ("print('{')", "EIGEN_LIMIT_EXCEEDED"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "EIGEN_LIMIT_EXCEEDED"),
        ("import json; print(json.dumps({'defect': 'Traceback'}))", "EIGEN_INTERNAL"),
        ("raise SystemExit(3)", "EIGEN_LIMIT_EXCEEDED"),
    ],
)
def test_a_process_that_gives_no_answer_is_a_refusal(
    tmp_path: Path, compiled: CompiledDocument, script: str, code: str
) -> None:
    (tmp_path / "child.py").write_text(script)
    with pytest.raises(EigenError) as caught:
        Estimator(Settings(), script=tmp_path / "child.py")(compiled, JOB.spec, [CHIP], ["chip"])
    assert caught.value.code == code


def test_nobody_who_is_gone_is_worked_for(tmp_path: Path, compiled: CompiledDocument) -> None:
    (tmp_path / "child.py").write_text("import time; time.sleep(600)")

    def check() -> None:
        raise EigenError("EIGEN_RUN_CANCELLED", "gone")

    with pytest.raises(EigenError, match="gone"):
        Estimator(Settings(), script=tmp_path / "child.py")(compiled, JOB.spec, [CHIP], ["chip"], check=check)
