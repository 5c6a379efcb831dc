"""`python -m bench kernel [--quick] [--docs]`: the queue on SQLite and on PostgreSQL, then beside its peers on the same
trivial job.

Client, server and database share this host. Dispatch is the time from a free worker's question for a job to the entry
of its driver: the claim, the compilation, the choice of a device and the steps between lie in it; the rows `compiled
before` leave the compilation out.
"""

from __future__ import annotations

import argparse
import json
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
from bench.kernel.tables import tables
from bench.page import page
from bench.report import BUILD, ROOT, print_table, save
from eigen.jobspec import Submission
from eigen.jobspec.batch import Entry
from eigen.kernel.clock import job_id_from
from eigen.kernel.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.kernel.houses import Home

CLIENTS = (1, 16)
BATCH = 100
RESTARTS = 5
ROUNDS, ALONE, TOGETHER = 3, 100, 500
PAGE = ROOT / "docs" / "guides" / "kernel-measured.md"
HEAD = """# The queue beside its peers, measured

Written by `python -m bench kernel --docs`, {cells} figures on {cores} cores of an {processor}, {system}, Python
{python}; do not edit. The raw numbers are in `.build/bench/kernel.json`. Client, server and database share the host
and its one disk.

A job does nothing: one bit is set and read, once, on the device for classical bits. Those that wait belong to 1,000
tenants, and are on the disk before a clock starts. Dispatch goes from a free worker's question for a job to the entry
of the driver: claim, compilation, choice of a device and three steps of the job, one worker, 500 jobs with the first,
which loads the driver, among them.
`compiled before` leaves the compilation out, which a server does in a process of its own.

Beside other queues: each in processes of its own, in rounds that take turns, the median of the rounds. Ours compiles
the program, routes it, journals what the device answered, signs a receipt and flushes all of it: a job of ours is
more than a call. What a peer offers for speed is on: DBOS looks every 20 ms instead of every second, Celery takes 64
tasks ahead. Celery acknowledges a task before it runs: one that runs when the power goes is lost. Prefect gets a
tenth of the jobs. PostgreSQL and Redis are those found on the host (`initdb`; `redis-server`, Debian's package of
that name), started by the measurement on sockets of their own.
"""


def main(arguments: list[str]) -> int:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(prog="python -m bench kernel", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the jobs, and one round of the queues")
    parser.add_argument("--peers", action="store_true", help="measure the queues beside each other alone")
    parser.add_argument("--docs", action="store_true", help="write the tables to the documentation too")
    parser.add_argument("--report", action="store_true", help="measure nothing, print the tables of the last run")
    options = parser.parse_args(arguments)
    share = 10 if options.quick else 1
    found = _last() if options.report or options.peers else {"unit": "s", "share": share, "databases": {}}
    if not (options.report or options.peers):
        with homes() as makers:
            for name, make in makers.items():
                print(f"  {name} …", flush=True)
                found["databases"][name] = json.loads(json.dumps(_database(make, share)))
                save("kernel", found)
    if not options.report:
        found["peers"] = peers(1 if options.quick else ROUNDS, ALONE // share, TOGETHER // share)
        save("kernel", found)
    shown = tables(found)
    for table in shown:
        print_table(table.title, table.header, table.rows)
    if options.docs:
        PAGE.write_text(page(HEAD, shown, sum(len(table.rows) for table in shown)))
    return 0


def _last() -> dict[str, Any]:
    """What was measured last."""
    kept: dict[str, Any] = json.loads((BUILD / "kernel.json").read_text())
    kept.pop("host")
    return kept


def _database(make: Callable[[], Home], share: int) -> dict[str, Any]:
    home = make()
    found: dict[str, Any] = {"fsync_pair": fsync_pair(Path(home.settings.qfs_root)).to_json()}
    found["submits"] = {clients: _submits(make(), clients, 2_000 // share) for clients in CLIENTS}
    found["batches"] = {clients: _batches(make(), clients, 4_000 // share) for clients in CLIENTS}
    found["rows"] = {clients: _rows(make(), clients, 4_000 // share) for clients in CLIENTS}
    found["grpc"] = {clients: _grpc(make(), clients, 1_000 // share) for clients in CLIENTS}
    found["throughput"] = {workers: _throughput(make(), workers, 1_000 // share) for workers in (1, 4)}
    found["queued"] = {count: _queued(make, count, 500 // share) for count in (10_000 // share, 100_000 // share)}
    found["fairness"] = fairness(make(), 1_000 // share)
    found["project_fairness"] = fairness(make(), 1_000 // share, of="projects")
    found["restart_queued"] = 10_000 // share
    found["restart"] = _restart(make(), found["restart_queued"])
    found["memory"] = {count: _memory(make(), count) for count in (0, 100_000 // share)}
    return found


def _submits(home: Home, clients: int, count: int) -> dict[str, float]:
    """`Kernel.submit`: the files, then the row."""
    spec, files = no_op()
    with home.open() as (_, ports):
        return _threads(lambda: Kernel(ports).submit(spec, files), clients, count)


def _batches(home: Home, clients: int, count: int) -> dict[str, float]:
    """`Kernel.submit_all`: so many jobs, batch by batch; jobs a second."""
    spec, files = no_op()
    entries = [Entry(Submission(spec, files))] * BATCH
    with home.open() as (_, ports):
        found = _threads(lambda: Kernel(ports).submit_all(entries), clients, max(clients, count // BATCH))
    return found | {"per_sec": found["per_sec"] * BATCH}


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
