"""The driver's side works with every line of protobuf that engines pin: the example driver runs on each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eigen.drivers.hosts.environments import Environments
from eigen.drivers.hosts.hosted import HostedDriver
from eigen.drivers.hosts.launch import Launch
from eigen.drivers.hosts.uv import find_uv
from eigen.ir import CircuitBuilder
from eigen.types import SampleWork

if TYPE_CHECKING:
    from eigen.ir import Circuit

ROOT = Path(__file__).parents[2]
LINES = ("4.25", "5.29", "6.33", "7.36")
INSTALLED = "import google.protobuf; print(google.protobuf.__version__)"


def bell() -> Circuit:
    builder = CircuitBuilder(2, 2)
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.measure([0, 1], [0, 1])
    return builder.build()


@pytest.mark.soak
@pytest.mark.parametrize("line", LINES)
def test_a_driver_runs_with_it(line: str, tmp_path: Path) -> None:
    uv, python = find_uv(), tmp_path / "v" / "bin" / "python"
    subprocess.run([uv, "venv", "-q", "--no-project", "-p", sys.executable, tmp_path / "v"], check=True)
    wanted = [f"protobuf=={line}.*", "grpcio", "numpy"]
    subprocess.run([uv, "pip", "install", "-q", "--no-config", "-p", python, *wanted], check=True)
    assert subprocess.check_output([python, "-c", INSTALLED], text=True).startswith(f"{line}.")
    paths = f"{Environments(tmp_path).shim()}:{ROOT / 'examples' / 'tiny_driver'}"
    command = (str(python), "-m", "eigen_driver", "tiny_engine:TinyEngine")
    driver = HostedDriver("tiny", lambda: Launch(command, {"PYTHONPATH": paths}))
    try:
        device = driver.get_devices()[0].id
        found = driver.execute_circuit(device, SampleWork(bell(), (), 1000, 7))
        assert found.counts is not None
        assert set(found.counts.to_dict()) == {"00", "11"}
    finally:
        driver.close()
