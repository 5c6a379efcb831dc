"""`python -m bench kernel [--quick]`: the queue on SQLite and on PostgreSQL, then the peers on the same trivial job.

Client, server and database share this host. Dispatch is the time from a free worker's question for a job to the entry
of its driver: the claim, the compilation with its files, the choice of a device and the steps between lie in it; the
rows `compiled before` leave the compilation out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.api.load import Figures, fsync_pair, run_threads
from bench.api.servers import serving
from bench.api.surfaces import SURFACES
from bench.kernel.dispatch import dispatched, submit
from bench.kernel.fairness import fairness
from bench.kernel.houses import fill, homes, later, no_op
from bench.kernel.peers import peers
from bench.report import ROOT, print_table, save
from eigen.kernel.clock import job_id_from
from eigen.kernel.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.kernel.houses import Home

CLIENTS = (1, 16)
RESTARTS = 5


def main(arguments: list[str]) -> int:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(prog="python -m bench kernel", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the jobs, and no peers")
    quick = parser.parse_args(arguments).quick
    share = 10 if quick else 1
    found: dict[str, Any] = {}
    with homes() as makers:
        for name, make in makers.items():
            found[name] = _database(make, share)
            save("kernel", {"unit": "s", "share": share, "databases": found})
    for name, figures in found.items():
        _print(name, figures)
    rivals = {} if quick else peers()
    save("kernel", {"unit": "s", "share": share, "databases": found, "peers": rivals})
    return 0


def _database(make: Callable[[], Home], share: int) -> dict[str, Any]:
    home = make()
    found: dict[str, Any] = {"fsync_pair": fsync_pair(Path(home.settings.qfs_root)).to_json()}
    found["submits"] = {clients: _submits(make(), clients, 2_000 // share) for clients in CLIENTS}
    found["rows"] = {clients: _rows(make(), clients, 4_000 // share) for clients in CLIENTS}
    found["grpc"] = {clients: _grpc(make(), clients, 1_000 // share) for clients in CLIENTS}
    found["throughput"] = {workers: _throughput(make(), workers, 1_000 // share) for workers in (1, 4)}
    found["queued"] = {count: _queued(make, count, 500 // share) for count in (10_000 // share, 100_000 // share)}
    found["fairness"] = fairness(make(), 1_000 // share)
    found["restart"] = _restart(make(), 10_000 // share)
    found["memory"] = {count: _memory(make(), count) for count in (0, 100_000 // share)}
    return found


def _submits(home: Home, clients: int, count: int) -> dict[str, float]:
    """`Kernel.submit`: the files, then the row."""
    spec, files = no_op()
    with home.open() as (_, ports):
        return _threads(lambda: Kernel(ports).submit(spec, files), clients, count)


def _rows(home: Home, clients: int, count: int) -> dict[str, float]:
    """`JobStore.insert` alone: the row and its event."""
    from eigen.kernel import jobs

    spec, _ = no_op()
    with home.open() as (_, ports):

        def insert() -> None:
            chance = int.from_bytes(os.urandom(10), "big")
            ports.jobs.insert(*jobs.create(job_id_from(time.time(), chance), spec, at=1.0, entropy=1))

        return _threads(insert, clients, count)


def _threads(call: Callable[[], object], clients: int, count: int) -> dict[str, float]:
    from concurrent.futures import ThreadPoolExecutor

    def timed(_: int) -> float:
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    call()
    with ThreadPoolExecutor(clients) as pool:
        start = time.perf_counter()
        latencies = list(pool.map(timed, range(count)))
        return Figures.of(latencies, time.perf_counter() - start).to_json()


def _grpc(home: Home, clients: int, count: int) -> dict[str, float]:
    """A Bell job through the SDK on a server that works meanwhile."""
    with serving(Path(home.settings.qfs_root), env=home.environment) as addresses:
        figures, _ = run_threads(lambda: SURFACES["gRPC, SDK"](addresses), clients, count, "submit")
    return figures.to_json()


def _throughput(home: Home, workers: int, count: int) -> float:
    with home.open() as (_, ports):
        submit(ports, count)
        return dispatched(home.settings, ports, count, workers=workers)[1]


def _queued(make: Callable[[], Home], queued: int, count: int) -> dict[str, Any]:
    """Claims and dispatches with so many jobs of a thousand tenants behind them."""
    found: dict[str, Any] = {}
    for kind, embedded in (("dispatch, embedded", True), ("dispatch, server", False)):
        home = make()
        with home.open() as (database, ports):
            submit(ports, count)
            fill(database, queued, now=later())
            recorder, per_sec = dispatched(home.settings, ports, count, workers=1, embedded=embedded)
            found[kind] = Figures.of(recorder.seconds, count / per_sec).to_json()
            found[f"{kind}, compiled before"] = Figures.of(recorder.ready, count / per_sec).to_json()
            found["claim"] = Figures.of(recorder.claims, sum(recorder.claims)).to_json()
    return found


def _restart(home: Home, queued: int) -> list[float]:
    """First dispatches of new processes."""
    with home.open() as (database, ports):
        submit(ports, RESTARTS * 4)
        fill(database, queued, now=later())
    environment = {**os.environ, **home.environment, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "bench.kernel.restart"]
    return [
        float(subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout)
        for _ in range(RESTARTS)
    ]


def _memory(home: Home, queued: int) -> int:
    """Bytes that a server holds with so many jobs that are not due."""
    with home.open() as (database, _):
        fill(database, queued, now=later(), not_before=later() + 3600.0)
    with serving(Path(home.settings.qfs_root), env=home.environment) as addresses:
        SURFACES["gRPC, SDK"](addresses).submit()
        time.sleep(3.0)
        status = Path(f"/proc/{addresses.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def _print(name: str, found: dict[str, Any]) -> None:
    pair = found["fsync_pair"]
    print(f"\n{name}; two fsyncs of small files: {pair['p50'] * 1e3:.2f} ms (p50), {pair['p99'] * 1e3:.2f} ms (p99)")
    titles = {"submits": "submit, with files", "rows": "submit, row alone", "grpc": "submit, gRPC"}
    rows = [_row(title, n, figures) for key, title in titles.items() for n, figures in found[key].items()]
    for count, figures in found["queued"].items():
        rows += [_row(f"{kind}, {count:,} queued", 1, each) for kind, each in figures.items()]
    print_table("Milliseconds", ["", "threads", "p50", "p99", "a second"], rows)
    for workers, per_sec in found["throughput"].items():
        print(f"  no-op jobs a second, {workers} workers: {per_sec:.0f}")
    fair = found["fairness"]
    print(f"  Jain's index over {fair['tenants']} tenants: {fair['index']:.4f} of {fair['jobs']:,} dispatches")
    restarts = sorted(found["restart"])
    print(
        f"  restart to the first dispatch: {restarts[len(restarts) // 2]:.3f} s (median), {restarts[-1]:.3f} s (most)"
    )
    sizes = ", ".join(f"{size / 2**20:.0f} MiB with {count:,} queued" for count, size in found["memory"].items())
    print(f"  memory of a server: {sizes}")


def _row(title: str, clients: int, figures: dict[str, float]) -> list[str]:
    times = [f"{figures[name] * 1e3:.2f}" for name in ("p50", "p99")]
    return [title, str(clients), *times, f"{figures['per_sec']:,.0f}"]
