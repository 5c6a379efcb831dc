"""Energies per second of the embedded loop, layer by layer: the engine alone, the driver over it, loops in the core,
the whole job.

The circuit is a hardware-efficient ansatz (RY on every qubit, a CX chain, two layers) and the energy that of the
transverse-field Ising chain; the job is bench/vqe_program.py, from the start of its process, journal included.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.report import ROOT, print_table, save
from eigen import _core
from eigen.drivers.native import STATEVECTOR, NativeDriver
from eigen.ir.loops import search
from eigen.types import ExpectationWork, GradientWork

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTHS = (2, 4, 8, 12, 16)
LOOP_WIDTHS = (4, 8, 12)
METHODS = ("spsa", "nelder-mead", "cobyla", "rotosolve", "l-bfgs-b", "adam")
ROUNDS = 5
ROUND_SECONDS = 0.2
VQE = ROOT / "bench" / "vqe_program.py"


def ansatz(width: int, layers: int = 2) -> _core.Circuit:
    """RY and a CX chain, `layers` times."""
    builder = _core.CircuitBuilder(width)
    for layer in range(layers):
        for qubit in range(width):
            builder.gate("RY", [qubit], [f"t{layer}_{qubit}"])
        for qubit in range(width - 1):
            builder.gate("CX", [qubit, qubit + 1])
    return builder.build()


def ising(width: int) -> _core.Observable:
    """-Σ Z Z on the chain, -Σ X."""
    chain = [(f"Z{q} Z{q + 1}", -1.0) for q in range(width - 1)]
    return _core.Observable.from_terms(width, chain + [(f"X{q}", -1.0) for q in range(width)])


def rate(call: Callable[[], object]) -> float:
    """Calls a second: the median of a few rounds."""
    call()
    rates: list[float] = []
    for _ in range(ROUNDS):
        calls, start = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - start) < ROUND_SECONDS:
            call()
            calls += 1
        rates.append(calls / elapsed)
    return median(rates)


def layers(width: int) -> dict[str, float]:
    """Energies a second of the engine and of the driver, and gradients a second, at one width."""
    circuit, observable = ansatz(width), ising(width)
    values = tuple(0.1 + 0.01 * k for k in range(len(circuit.parameters)))
    plan, driver = _core.Plan(circuit), NativeDriver()
    driver.initialize({})
    energy = ExpectationWork(circuit, values, observable, None, 1)
    slope = GradientWork(circuit, values, observable)
    return {
        "engine": rate(lambda: plan.expectation(values, (observable,))),
        "driver": rate(lambda: driver.execute_circuit(STATEVECTOR, energy)),
        "gradient": rate(lambda: driver.execute_circuit(STATEVECTOR, slope)),
    }


def loop_rate(width: int, method: str) -> float:
    """Evaluations a second of a whole loop in the core, on one thread; for l-bfgs-b and adam they are gradients."""
    circuit, observable = ansatz(width), ising(width)
    plan = _core.Plan(circuit, threads=1)
    initial = [0.1 + 0.01 * k for k in range(len(circuit.parameters))]
    rates: list[float] = []
    for _ in range(ROUNDS):
        done, start = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - start) < ROUND_SECONDS:
            running = search(method, initial, max_iter=2000)
            plan.minimize(running, observable, seconds=ROUND_SECONDS - elapsed)
            done += running.evaluations
        rates.append(done / elapsed)
    return median(rates)


def whole_job() -> dict[str, float]:
    """A VQE as a user runs it: seconds of the whole process, and evaluations a second of them."""
    eigen = str(Path(sys.executable).parent / "eigen")
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "EIGEN_QFS_ROOT": home}
        start = time.perf_counter()
        done = subprocess.run(
            [eigen, "run", str(VQE), "--json"], env=environment, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"error: the VQE failed:\n{done.stderr}")
    evaluations = json.loads(done.stdout)["metadata"]["evaluations"]
    return {"seconds": seconds, "evaluations": evaluations, "evaluations_per_sec": evaluations / seconds}


def main() -> None:
    """Measure, print, save."""
    rates = {width: layers(width) for width in WIDTHS}
    rows = [
        [f"{width} qubits", *(f"{found[name]:,.0f}" for name in ("engine", "driver", "gradient"))]
        for width, found in rates.items()
    ]
    print_table("Evaluations a second", ["ansatz of two layers", "engine", "driver", "gradients"], rows)
    loops = {width: {method: loop_rate(width, method) for method in METHODS} for width in LOOP_WIDTHS}
    rows = [[f"{width} qubits", *(f"{found[name]:,.0f}" for name in METHODS)] for width, found in loops.items()]
    print_table("Evaluations a second of a loop in the core", ["ansatz of two layers", *METHODS], rows)
    job = whole_job()
    line = [f"{job['seconds']:.2f}", f"{job['evaluations']:,}", f"{job['evaluations_per_sec']:,.0f}"]
    print_table(
        "A VQE as a job, start of the process included",
        ["", "seconds", "evaluations", "a second"],
        [["eigen run", *line]],
    )
    save("loop", {"rates_per_sec": rates, "loops_per_sec": loops, "job": job})
