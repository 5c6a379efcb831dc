"""Prefect: a background task that does nothing, kept by its server on SQLite, run by a task worker of ten threads."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path

from queue_figures import tell

QUIET = {"PREFECT_LOGGING_LEVEL": "CRITICAL", "DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}


def main() -> None:
    """Measure, with a server and a worker of this run alone."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = {**QUIET, "PREFECT_HOME": str(Path.cwd()), "PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    home["PREFECT_MEMO_STORE_PATH"] = str(Path.cwd() / "memo_store.toml")
    os.environ |= home
    prefect = [sys.executable, "-m", "prefect"]
    with Path("prefect.log").open("wb") as log:
        server = subprocess.Popen([*prefect, "server", "start", "--port", str(port)], stdout=log, stderr=log)
        _wait(f"{home['PREFECT_API_URL']}/health")
        worker = subprocess.Popen([sys.executable, __file__, "worker"], stdout=log, stderr=log)
    try:
        tell(f"Prefect {version('prefect')}", _task().delay, _ended)
    finally:
        for process in (worker, server):
            process.terminate()
            process.wait()


def _ended(futures) -> None:
    """Ask the server every 20 ms: a future of Prefect's that misses its event waits for ever, or raises."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        for future in futures:
            while (state := client.read_task_run(future.task_run_id).state) is None or not state.is_final():
                time.sleep(0.02)


def _task():
    from prefect import task

    @task(name="nothing", persist_result=True)
    def nothing(number: int) -> int:
        return number

    return nothing


def _wait(url: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    if sys.argv[1:] == ["worker"]:
        from prefect.task_worker import serve

        serve(_task(), limit=10)
    else:
        main()
