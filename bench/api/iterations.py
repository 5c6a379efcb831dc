"""Pattern A: what one evaluation of a held program costs, beside the loops of Qiskit that compute the same energy."""

from __future__ import annotations

import json
import subprocess
import tempfile
from typing import TYPE_CHECKING

import eigen
from bench.api.load import time_calls
from bench.environment import peers_python
from bench.report import ROOT

if TYPE_CHECKING:
    from bench.api.servers import Addresses

PROGRAM = ROOT / "bench" / "energy_program.py"
PEER = ROOT / "bench" / "peers" / "qiskit_estimators.py"
POINTS = [[0.1 * (1 + i) + 0.001 * k for i in range(8)] for k in range(50)]
ROUNDS = 1_000
TOLERANCE = 1e-9


def iterations(addresses: Addresses | None) -> dict[str, tuple[float, float]]:
    """Median and 99th percentile of one evaluation in seconds: on a server, or here with the peers beside it."""
    if addresses is not None:
        with eigen.connect(f"grpc://{addresses.grpc}") as client:
            return {"gRPC session": _session(client)}
    with tempfile.TemporaryDirectory() as home, eigen.connect(data_dir=home) as client:
        found = {"embedded session": _session(client)}
        with client.session(PROGRAM, parameters={"theta": 8}) as energy:
            expected = [energy(point) for point in POINTS[:3]]
    return found | _peers(expected)


def _session(client: eigen.Client) -> tuple[float, float]:
    with client.session(PROGRAM, parameters={"theta": 8}) as energy:
        return time_calls(energy, POINTS, ROUNDS)


def _peers(expected: list[float]) -> dict[str, tuple[float, float]]:
    """The loops of Qiskit, each in its best settings; they must compute what we compute."""
    python = peers_python()
    if python is None:
        return {}
    question = json.dumps({"points": POINTS, "rounds": ROUNDS})
    done = subprocess.run([str(python), str(PEER)], input=question, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"error: {PEER.name} failed:\n{done.stderr}")
    found: dict[str, tuple[float, float]] = {}
    for label, answer in json.loads(done.stdout).items():
        if any(abs(a - b) > TOLERANCE for a, b in zip(answer["energies"], expected, strict=True)):
            raise SystemExit(f"error: {label} computes {answer['energies']}, we compute {expected}")
        found[label] = (answer["p50"], answer["p99"])
    return found
