"""Cold start: the whole process of `eigen --help` and of `eigen run` on the Bell program, beside its peers.

Every round runs every command once, so that a busy host is busy for all of them alike; the median counts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.environment import peers_python
from bench.report import ROOT, print_table, save

ROUNDS = 11
BELL = ROOT / "examples" / "bell" / "program.eigen.py"
PEERS = {"Qiskit + Aer": "qiskit_bell.py", "Cirq": "cirq_bell.py", "PennyLane": "pennylane_bell.py"}


def commands() -> dict[str, list[str]]:
    """Name and command line of everything that is measured."""
    eigen = str(Path(sys.executable).parent / "eigen")
    found = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "eigen --help": [eigen, "--help"],
        "eigen run (Bell)": [eigen, "run", str(BELL)],
    }
    if python := peers_python():
        found |= {f"{name} (Bell)": [str(python), str(ROOT / "bench" / "peers" / file)] for name, file in PEERS.items()}
    return found


def measure(command: list[str], environment: dict[str, str]) -> float:
    """Seconds from start to end of one process; a failing command is an error, not a time."""
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"error: `{' '.join(command)}` failed:\n{done.stderr}")
    return seconds


def main() -> None:
    """Measure, print, save."""
    listed = commands()
    times: dict[str, list[float]] = {name: [] for name in listed}
    with tempfile.TemporaryDirectory() as home:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("EIGEN_")}
        # Without this variable each process would compile byte code again where the caller's shell forbids to keep it.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment |= {"EIGEN_QFS_ROOT": home, "XDG_CONFIG_HOME": home}
        for command in listed.values():
            measure(command, environment)  # byte code, file caches and the job database exist from here on
        for _ in range(ROUNDS):
            for name, command in listed.items():
                times[name].append(measure(command, environment))
    rows = [
        [name, f"{median(seconds):.3f}", f"{min(seconds):.3f}", f"{max(seconds):.3f}"]
        for name, seconds in times.items()
    ]
    print_table("Whole process, in seconds", ["command", "median", "least", "most"], rows)
    save("cold", {"unit": "s", "rounds": ROUNDS, "times": times})
