"""A model trains alike wherever there are exact values: whether a device gives adjoint gradients, reverse-mode ones, or
none, so that the parameter-shift rule asks for values."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from doubles.hosts import owner
from doubles.packages import ENVIRONMENTS

EIGEN = Path(sys.executable).with_name("eigen")
PROGRAM = """
from eigen_lang import *


@hybrid_program(target="sim:statevector", seed=4)
def main():
    model = QuantumModel(
        feature_map=angle_encoding(n_qubits=2),
        ansatz=create_hea_ansatz(2, depth=1, rotations="ryrz", final_rotation=True),
        readout=pauli("Z0", 2),
    )
    data = load_dataset("plane")
    trained = SupervisedTask(model, data, loss="mse", batch_size=9, epochs=6, learning_rate=0.3).train()
    return [trained.weights, trained.loss_history, trained.test_metric, trained.message]
"""
JOB = """apiVersion: eigen.os/v1
kind: QuantumJob
metadata: {name: training}
spec:
  program: {path: program.eigen.py}
  target: %s
  input_refs: {plane: {uri: plane.csv, sha256: %s}}
"""


def trained(folder: Path, target: str) -> list[Any]:
    """Points of a plane on both sides of a line, as a file of the job."""
    rows = [(0.5 * (k % 7) - 1.5, 0.3 * (k * 5 % 11) - 1.5) for k in range(24)]
    lines = [f"{x:.1f},{y:.1f},{int(x + 0.5 * y > 0.05)}" for x, y in rows]
    data = "\n".join(lines).encode()
    (folder / "plane.csv").write_bytes(data)
    (folder / "program.eigen.py").write_text(PROGRAM, "utf-8")
    (folder / "job.yaml").write_text(JOB % (target, sha256(data).hexdigest()), "utf-8")
    environment = {**os.environ, "EIGEN_ENVIRONMENTS_ROOT": str(ENVIRONMENTS.root), "EIGEN_QFS_ROOT": str(folder)}
    command = [EIGEN, "submit", "--job", folder / "job.yaml", "--wait", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["outputs"]


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return trained(tmp_path_factory.mktemp("native"), "sim:statevector")


def test_it_learns_a_line(native: list[Any]) -> None:
    _, losses, accuracy, message = native
    assert losses[-1] < 0.7 * losses[0]
    assert accuracy >= 0.8
    assert "gradients: exact" in message


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("jax:statevector", 1e-6),
        ("pennylane:lightning.qubit", 1e-6),
        ("cirq:statevector", 1e-6),
        ("torch:statevector", 1e-6),
        pytest.param("tfq:statevector", 1e-2, marks=pytest.mark.soak),
    ],
)
def test_every_device_learns_the_same(target: str, error: float, native: list[Any], tmp_path: Path) -> None:
    owner(target).close()  # skips, or fails, where it is not installed
    weights, losses, accuracy, _ = trained(tmp_path, target)
    assert losses == pytest.approx(native[1], abs=error)
    if error < 1e-3:  # in single precision weights that nothing depends on wander, for Adam scales their noise
        assert weights == pytest.approx(native[0], abs=error)
    assert accuracy == native[2]
