"""What the platform costs over each SDK: a small circuit by the bare SDK, through a warm host, as an embedded job.

`python -m bench backends [--times 1000] [--docs] [NAME …]`. The circuit is a GHZ state of four qubits, sampled 100
times, with a seed of its own each time. The bare SDK runs in the interpreter and environment of its host, its circuit
built before the clock starts, by the calls that its own documentation names (bench/bare_sdks.py); *engine* is what the
host says that the same work took in it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.bare_sdks import BARE, QUBITS, SHOTS
from bench.report import ROOT, print_table, save
from eigen import _core
from eigen.app import connect_with, make_registry
from eigen.compiler.lower import lower
from eigen.config import load_settings
from eigen.errors import EigenError
from eigen.types import SampleWork

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.config import Settings
    from eigen.drivers.registry import Registry
    from eigen.ir import Circuit

PAGE = ROOT / "docs" / "guides" / "backends-measured.md"
WARM = 20
HEAD = """# What the platform costs over each SDK, measured

Written by `python -m bench backends --docs` from {cells} measurements on {cores} cores of an {processor}, {system},
Python {python}; do not edit. The raw numbers are in `.build/bench/backends.json`.

A GHZ state of four qubits, sampled 100 times, {times} times one after the other, in milliseconds: by the bare SDK, its
circuit built before; through a host that is warm, and of that what the engine in it took; as a job of the embedded
kernel, stored, compiled, placed and recorded like every job, its results not taken from the cache. *Overhead* is the
host's time less its engine's. Engines that are ours behind the same contract, in JAX and in Go, have no SDK to compare.
"""
OURS = ("jax:statevector", "go:statevector")
"""Engines without an SDK of their own."""
COLUMNS = ("bare", "host", "engine", "overhead", "job")


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the page."""

    title: str
    header: list[str]
    rows: list[list[str]]


def ghz() -> Circuit:
    """The circuit."""
    builder = _core.CircuitBuilder(QUBITS, QUBITS)
    builder.gate("H", [0])
    for qubit in range(QUBITS - 1):
        builder.gate("CX", [qubit, qubit + 1])
    builder.measure(range(QUBITS), range(QUBITS))
    return builder.build()


def bare(driver: str, device_id: str, times: int, settings: Settings) -> list[float]:
    """Milliseconds of each call of the SDK, in the environment of its host."""
    from eigen.drivers.hosts.entries import manifests_of
    from eigen.drivers.hosts.environments import Environments

    row = manifests_of(settings.data_dir)[driver]
    launch = row.launch(threads=0, memory_bytes=None, environments=Environments(settings.environments_dir))
    command = [launch.command[0], str(ROOT / "bench" / "bare_sdks.py"), device_id, str(times)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | dict(launch.environment)
    )
    return json.loads(done.stdout.splitlines()[-1])


def through_host(registry: Registry, device_id: str, times: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each piece of work, and what the engine took of them."""
    driver = registry.driver_for(device_id)
    device = registry.device(device_id)
    circuit = lower(ghz(), device).circuit
    took: list[float] = []
    inside: list[float] = []
    for seed in range(times + WARM):
        started = time.perf_counter()
        found = driver.execute_circuit(device_id, SampleWork(circuit, (), SHOTS, seed))
        if seed >= WARM:
            took.append(1e3 * (time.perf_counter() - started))
            inside.append(1e3 * found.execution_time_sec)
    return took, inside


def as_jobs(settings: Settings, device_id: str, times: int) -> list[float]:
    """Milliseconds of each job."""
    took: list[float] = []
    circuit = ghz()
    with connect_with(settings) as client:
        for seed in range(times + WARM):
            started = time.perf_counter()
            client.run(circuit, target=device_id, shots=SHOTS, seed=seed, cache="off")
            if seed >= WARM:
                took.append(1e3 * (time.perf_counter() - started))
    return took


def measure(device_id: str, times: int) -> dict[str, list[float]]:
    """One backend; EIGEN_NOT_AVAILABLE where it is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        settings, _ = load_settings({"qfs_root": folder, "log_level": "off"})
        registry = make_registry(settings)
        try:
            name = registry.driver_for(device_id).name
            host, engine = through_host(registry, device_id, times)
        finally:
            registry.close()
        found = {"bare": bare(name, device_id, times, settings)} if device_id in BARE else {}
        found |= {"host": host, "engine": engine}
        found["overhead"] = [a - b for a, b in zip(host, engine, strict=True)]
        return found | {"job": as_jobs(settings, device_id, times)}


def quantile(values: Sequence[float], share: float) -> float:
    """The value that so large a share lies below."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def shown(row: Mapping[str, Sequence[float]], name: str, share: float) -> str:
    """A quantile of a column, or a dash."""
    return f"{quantile(row[name], share):.2f}" if name in row else "–"


def main(words: Sequence[str] = ()) -> int:
    """Measure, print, save, and write the page where asked."""
    parser = argparse.ArgumentParser(prog="bench backends", description=__doc__)
    known = (*BARE, *OURS)
    parser.add_argument("names", nargs="*", help=f"devices: {', '.join(known)}")
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--docs", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args(list(words))
    unknown = [name for name in options.names if name not in known]
    if unknown:
        print(f"error: there is no device `{unknown[0]}` here; there are {', '.join(known)}", file=sys.stderr)
        return 2
    found: dict[str, dict[str, list[float]]] = {}
    for device_id in options.names or known:
        try:
            found[device_id] = measure(device_id, options.times)
        except (EigenError, subprocess.CalledProcessError) as error:
            why = error.stderr.strip().splitlines()[-1:] if isinstance(error, subprocess.CalledProcessError) else error
            print(f"{device_id} is left out: {why}", flush=True)
            continue
        line = ", ".join(f"{name} {shown(found[device_id], name, 0.5)}" for name in COLUMNS)
        print(f"{device_id}: p50 in ms: {line}", flush=True)
    tables = [
        Table(f"{title}, milliseconds", ["device", *COLUMNS], [
            [device_id, *(shown(row, name, share) for name in COLUMNS)] for device_id, row in found.items()
        ])
        for title, share in (("Half of the calls take no longer than", 0.5), ("99 of 100 take no longer than", 0.99))
    ]  # fmt: skip
    for table in tables:
        print_table(table.title, table.header, table.rows)
    save("backends", {"times": options.times, "milliseconds": found})
    if options.docs:
        from bench.page import page

        text = page(HEAD.replace("{times}", str(options.times)), tables, sum(map(len, found.values())))
        Path(PAGE).write_text(text)
        print(f"  written: {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
