"""What sharing a device gains and costs: small jobs on a chip of 27 qubits, one after the other and in regions of it.

`python bench/sharing.py [JOBS] [WORKERS]` (50 and 8): seconds from the first submission to the last end, how many jobs
were on the device when one was placed, itself included, and the mean Hellinger fidelity of counts with those without
errors. The device is `examples/sharing/falcon.json` in real time: a task takes 0.2 s, a shot 0.25 ms and its circuit.
"""

from __future__ import annotations

import json
import math
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from eigen.app import make_registry, open_ports
from eigen.config import Settings, load_settings
from eigen.jobspec import parse_job
from eigen.kernel.kernel import Kernel
from eigen.kernel.workers import Workers

CHIP = Path(__file__).parents[1] / "examples/sharing/falcon.json"
SHOTS = 1000
Ideal = dict[str, float]


def ghz(width: int) -> tuple[str, Ideal]:
    """The state that is all zeros or all ones."""
    gates = ["h q[0];", *(f"cx q[{k}],q[{k + 1}];" for k in range(width - 1))]
    return _qasm(width, gates), {"0" * width: 0.5, "1" * width: 0.5}


def hidden(width: int, draw: random.Random) -> tuple[str, Ideal]:
    """Bernstein and Vazirani's hidden string, with the phases written as CZs between neighbours and their echo."""
    secret = [draw.randrange(2) for _ in range(width)]
    there = [f"cz q[{k}],q[{k + 1}];" for k in range(width - 1)]
    kicks = [f"z q[{k}];" for k in range(width) if secret[k]]
    turns = [f"h q[{k}];" for k in range(width)]
    return _qasm(width, [*turns, *there, "barrier q;", *kicks, "barrier q;", *there, *turns]), {
        "".join(map(str, reversed(secret))): 1.0
    }


def _qasm(width: int, gates: list[str]) -> str:
    head = ["OPENQASM 2.0;", 'include "qelib1.inc";', f"qreg q[{width}];", f"creg c[{width}];"]
    return "\n".join([*head, *gates, "barrier q;", "measure q -> c;", ""])


def fidelity(counts: dict[str, int], ideal: Ideal) -> float:
    """Hellinger fidelity of counts with probabilities."""
    shots = sum(counts.values())
    return sum(math.sqrt(counts.get(bits, 0) / shots * share) for bits, share in ideal.items()) ** 2


def measure(share: str, loss: float, jobs: int, workers: int) -> str:
    """A line of the table."""
    draw = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "devices").mkdir()
        chip: dict[str, Any] = json.loads(CHIP.read_text()) | {"real_time": True}
        (root / "devices/falcon.json").write_text(json.dumps(chip))
        settings = _settings(root, share, loss)
        database, ports = open_ports(settings, make_registry(settings))
        kernel, pool = Kernel(ports), Workers(ports, workers, lease_seconds=30.0)
        ports.devices.driver_for("qvm:falcon")  # read and proven before the clock starts
        asked: dict[str, Ideal] = {}
        pool.start()
        started = time.perf_counter()
        for number in range(jobs):
            width = draw.choice((3, 4, 5))
            text, ideal = ghz(width) if number % 2 else hidden(width, draw)
            (root / "job.qasm").write_text(text)
            submission = parse_job(_document(number), base=root)
            asked[kernel.submit(submission.spec, submission.files)] = ideal
            pool.poke()
        while not all(kernel.get(job_id).state.is_terminal for job_id in asked):
            time.sleep(0.02)
        seconds = time.perf_counter() - started
        pool.stop()
        pool.join()
        found = {job_id: kernel.results(job_id) for job_id in asked}
        database.close()
    fidelities = [fidelity(dict(found[job_id].counts or {}), ideal) for job_id, ideal in asked.items()]
    regions = [results.metadata["region"] for results in found.values()]
    lost = [region["loss"] for region in regions]
    beside = statistics.mean(1 + region["neighbours"] for region in regions)
    return (
        f"| {share} | {loss:g} | {seconds:.1f} | {beside:.1f} | {statistics.mean(fidelities):.4f} "
        f"| {statistics.mean(lost):.4f} | {max(lost):.4f} |"
    )


def _settings(root: Path, share: str, loss: float) -> Settings:
    given = {"qfs_root": str(root), "share_devices": share, "max_fidelity_loss": loss, "threads": 1}
    return load_settings(given, environ={})[0]


def _document(number: int) -> str:
    return json.dumps(
        {
            "apiVersion": "eigen.os/v1",
            "kind": "QuantumJob",
            "metadata": {"name": f"small-{number}"},
            "spec": {
                "program": {"path": "job.qasm", "format": "qasm2"},
                "target": "qvm:falcon",
                "shots": SHOTS,
                "seed": number,
                "cache": "off",
            },
        }
    )


def main(jobs: int = 50, workers: int = 8) -> None:
    """Measure and print the table."""
    print(f"{jobs} jobs, {workers} workers")
    print("| share_devices | max_fidelity_loss | makespan [s] | jobs on the device | fidelity | mean loss | largest |")
    print("|---|---|---|---|---|---|---|")
    for share, loss in (("off", 0.05), ("tenant", 0.0), ("tenant", 0.02), ("tenant", 0.05), ("tenant", 0.1)):
        print(measure(share, loss, jobs, workers), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
