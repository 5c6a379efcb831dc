"""Celery: a task that does nothing, on two worker processes; the Redis of BENCH_REDIS is broker and keeps results."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from celery import Celery
from queue_figures import tell

app = Celery("celery_queue", broker=os.environ["BENCH_REDIS"], backend=os.environ["BENCH_REDIS"])
app.conf.update(worker_prefetch_multiplier=64, broker_connection_retry_on_startup=True)


@app.task
def nothing(number: int) -> int:
    """The task."""
    return number


def main() -> None:
    """Measure."""
    here = str(Path(__file__).parent)
    words = [sys.executable, "-m", "celery", "-A", "celery_queue", "worker", "-c", "2", "-l", "CRITICAL"]
    quiet = [*words, "--without-gossip", "--without-mingle", "--without-heartbeat"]
    with Path("worker.log").open("wb") as log:
        worker = subprocess.Popen(quiet, env={**os.environ, "PYTHONPATH": here}, stdout=log, stderr=log)
    try:
        tell(
            f"Celery {version('celery')}",
            nothing.delay,
            lambda handles: [handle.get(timeout=300) for handle in handles],
        )
    finally:
        worker.terminate()
        worker.wait()


if __name__ == "__main__":
    main()
