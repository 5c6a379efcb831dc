"""Queues on a job that does nothing, one at a time to its result and then many at once: ours and the peers', each run
in processes and an environment of its own, in rounds that take turns. What does not install or run says why."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.environment import peers_python
from bench.postgres_server import PostgresServer, programs
from bench.redis_server import redis, redis_program
from bench.report import ROOT

SECONDS = 300
FIGURES = ("p50", "p99", "per_sec")


class AbsentError(Exception):
    """What a queue needs is not here; the message says what."""


@dataclass(frozen=True, slots=True)
class Queue:
    """One way to run the job. `durable`: what was answered survives a loss of power."""

    name: str
    script: str
    environment: str
    store: str
    durable: bool
    words: tuple[str, ...] = ()
    share: int = 1
    """It gets one job of so many: one that would not end in time."""


QUEUES = (
    Queue("Eigen OS, embedded", "", "", "SQLite", True, ("embedded",)),
    Queue("Eigen OS, gRPC", "", "", "SQLite", True, ("server",)),
    Queue("Eigen OS, gRPC", "", "", "PostgreSQL", True, ("server",)),
    Queue("DBOS", "dbos_queue.py", "queues", "SQLite", True),
    Queue("DBOS", "dbos_queue.py", "queues", "PostgreSQL", True),
    Queue("Celery", "celery_queue.py", "celery", "Redis, every write flushed", True),
    Queue("Celery", "celery_queue.py", "celery", "Redis, in memory", False),
    Queue("Dask", "dask_queue.py", "queues", "memory", False),
    Queue("Prefect", "prefect_queue.py", "prefect", "SQLite", True, share=10),
)


def peers(rounds: int, alone: int, together: int) -> list[dict[str, Any]]:
    """For each queue what it is and its figures, the median of so many rounds; or `refused`, and why."""
    found: list[list[dict[str, float]]] = [[] for _ in QUEUES]
    refused: dict[int, str] = {}
    versions: dict[int, str] = {}
    with ExitStack() as stack:
        installed = programs()
        server = None if installed is None else PostgresServer(installed, shared_buffers="256MB")
        if server is not None:
            stack.callback(server.stop)
        for number in range(rounds):
            print(f"  queues beside each other, round {number + 1} of {rounds} …", flush=True)
            for place, queue in enumerate(QUEUES):
                if place in refused:
                    continue
                jobs = {"BENCH_ALONE": alone, "BENCH_TOGETHER": together}
                try:
                    figures = _run(queue, server, {name: str(-(-n // queue.share)) for name, n in jobs.items()})
                except AbsentError as error:
                    refused[place] = str(error)
                    continue
                versions[place] = figures.pop("version")
                found[place].append(figures)
    return [_row(queue, found[place], versions.get(place), refused.get(place)) for place, queue in enumerate(QUEUES)]


def _row(queue: Queue, runs: list[dict[str, float]], version: str | None, refused: str | None) -> dict[str, Any]:
    what = {"name": queue.name, "version": version, "store": queue.store, "durable": queue.durable, "refused": refused}
    return {**what, "runs": runs, **({name: median(run[name] for run in runs) for name in FIGURES} if runs else {})}


def _run(queue: Queue, server: PostgresServer | None, sizes: dict[str, str]) -> dict[str, Any]:
    python = peers_python(queue.environment) if queue.environment else Path(sys.executable)
    if python is None:
        raise AbsentError(f"the environment `{queue.environment}` cannot be made")
    words = [str(ROOT / "bench" / "peers" / queue.script)] if queue.script else ["-m", "bench.kernel.ours"]
    environment = {**os.environ, **sizes}
    if not queue.script:
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *sys.path])
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)))
        if queue.store == "PostgreSQL":
            if server is None:
                raise AbsentError("PostgreSQL is not installed")
            environment["BENCH_POSTGRES"] = server.url()
        if queue.store.startswith("Redis"):
            if redis_program() is None:
                raise AbsentError("`redis-server` is not installed")
            environment["BENCH_REDIS"] = stack.enter_context(redis(home, flushes=queue.durable))
        return _told([str(python), *words, *queue.words], home, environment)


def _told(command: list[str], home: Path, environment: dict[str, str]) -> dict[str, Any]:
    """What a run said of itself in its last line."""
    try:
        done = subprocess.run(
            command, cwd=home, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise AbsentError(f"it took more than {SECONDS} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it ended without a word"]
        raise AbsentError(lines[-1][:120].replace(str(home), "…").replace(str(ROOT), "…"))
    return json.loads(done.stdout.strip().splitlines()[-1])
