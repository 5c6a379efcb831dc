"""What an executor costs and gains: the trip of a task that is hardly any work, and a run of noisy shots in parts.

Each task is a new one, on workers that are warm, one at a time. The run has engines of one thread: alone in this
process, then in eight parts on one worker and on as many as there are cores. Processes of this host, and Dask on
loopback with the spool in a folder.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.api.load import Figures
from bench.report import print_table, save
from eigen.drivers.native import STATEVECTOR, NativeDriver
from eigen.executors.dask import DaskExecutor
from eigen.executors.dispatch import Dispatcher
from eigen.executors.processes import ProcessExecutor
from eigen.executors.spool import Spool
from eigen.executors.tasks import spec_of
from eigen.ir import CircuitBuilder
from eigen.types import SampleWork

if TYPE_CHECKING:
    from collections.abc import Generator

    from eigen.executors.executor import Executor

TRIPS = 300
PARTS = 8
CORES = len(os.sched_getaffinity(0))
LONG = 600.0


def main() -> None:
    """Measure, print, save."""
    driver = NativeDriver()
    driver.initialize({"threads": 1})
    work = _noisy()
    started = time.perf_counter()
    whole = driver.execute_circuit(STATEVECTOR, work)
    alone = time.perf_counter() - started
    found: dict[str, dict[str, object]] = {}
    for name, opened in (("processes", _processes), ("Dask", _dask)):
        for workers in sorted({1, CORES}):
            with tempfile.TemporaryDirectory() as folder, opened(Path(folder), workers) as (executor, spool):
                trips = _trips(executor, spool)
                home = Dispatcher(executor, spool, batch_shots=work.shots // PARTS)
                started = time.perf_counter()
                result = home.begin("run", driver.known(STATEVECTOR), work).result(LONG, _nobody)
                seconds = time.perf_counter() - started
                assert result.counts == whole.counts
                found[f"{name}, workers: {workers}"] = {
                    "trip": trips.to_json(),
                    "alone_sec": alone,
                    "seconds": seconds,
                    "gain": alone / seconds,
                }
                print(f"  {name}, workers: {workers} …", flush=True)
    save("executors", {"parts": PARTS, "shots": work.shots, "executors": found})
    print_table(
        f"Executors: the trip of a task (ms), and {work.shots:,} noisy shots in {PARTS} parts",
        ["executor", "trip p50", "trip p99", "alone, s", "in parts, s", "times as fast"],
        [
            [
                name,
                f"{each['trip']['p50'] * 1e3:.2f}",  # type: ignore[index]
                f"{each['trip']['p99'] * 1e3:.2f}",  # type: ignore[index]
                f"{each['alone_sec']:.2f}",
                f"{each['seconds']:.2f}",
                f"{each['gain']:.2f}",
            ]
            for name, each in found.items()
        ],
    )


def _nobody(_: object) -> object:
    raise AssertionError("the run was done here")


def _noisy() -> SampleWork:
    """Twelve qubits, twenty layers, twenty thousand shots: most of them take a trajectory of their own."""
    builder = CircuitBuilder(12, 12)
    for layer in range(20):
        for qubit in range(12):
            builder.gate("RY", [qubit], [0.3 + 0.1 * layer + 0.05 * qubit])
        for qubit in range(layer % 2, 11, 2):
            builder.gate("CX", [qubit, qubit + 1])
    builder.measure(range(12), range(12))
    options = {"noise_model": "depolarizing(0.005)", "noise_method": "trajectories"}
    return SampleWork(builder.build(), (), 20_000, 7, options)


def _trips(executor: Executor, spool: Spool) -> Figures:
    builder = CircuitBuilder(1, 1)
    builder.measure([0], [0])
    circuit = builder.build()
    took: list[float] = []
    for seed in range(TRIPS + 10):
        document = spec_of("trips", STATEVECTOR, SampleWork(circuit, (), 1, seed))
        started = time.perf_counter()
        digest = spool.put_spec(document)
        executor.result(executor.submit(digest, digest, resources={}), LONG)
        took.append(time.perf_counter() - started)
    return Figures.of(took[10:], sum(took[10:]))


@contextmanager
def _processes(folder: Path, workers: int) -> Generator[tuple[Executor, Spool]]:
    spool = Spool(folder / "spool")
    executor = ProcessExecutor(spool, workers=workers)
    try:
        yield executor, spool
    finally:
        executor.close()


@contextmanager
def _dask(folder: Path, workers: int) -> Generator[tuple[Executor, Spool]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    spool, address = Spool(folder / "spool"), f"tcp://127.0.0.1:{port}"
    commands = [["dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]]
    commands += [["dask_worker", address, "--nthreads", "1", "--no-dashboard"]] * workers
    environment = {**os.environ, "EIGEN_EXECUTOR_SPOOL": str(spool.root), "EIGEN_THREADS": "1"}
    with (folder / "log").open("ab") as log:
        started = [
            subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *words],
                stdout=log,
                stderr=log,
                cwd=folder,
                env=environment,
                process_group=0,
            )
            for module, *words in commands
        ]
    try:
        until = time.monotonic() + 120.0
        while not _answers(port) and time.monotonic() < until:
            time.sleep(0.1)
        executor = DaskExecutor(spool, address)
        while executor.capacity().slots < workers and time.monotonic() < until:
            time.sleep(0.2)
        try:
            yield executor, spool
        finally:
            executor.close()
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return not probe.connect_ex(("127.0.0.1", port))
