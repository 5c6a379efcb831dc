"""A real Dask cluster on loopback with TLS: a scheduler and two workers, in processes of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

START_SECONDS = 120.0


class DaskCluster:
    """`address`, and the certificates `ca`, `cert` and `key`. `settings` are those of the workers."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        authority = trustme.CA()
        issued = authority.issue_cert("127.0.0.1", "localhost")
        self.ca, self.cert, self.key = (str(folder / name) for name in ("ca.pem", "cert.pem", "key.pem"))
        authority.cert_pem.write_to_path(self.ca)
        issued.private_key_pem.write_to_path(self.key)
        issued.cert_chain_pems[0].write_to_path(self.cert)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"tls://127.0.0.1:{self.port}"
        self._tls = ["--tls-ca-file", self.ca, "--tls-cert", self.cert, "--tls-key", self.key]
        self._folder = folder
        self._environment = {
            **os.environ,
            **{f"EIGEN_{name.upper()}": value for name, value in settings.items()},
            "EIGEN_THREADS": "1",
            "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "false",
        }
        self._scheduler: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Scheduler and workers."""
        self.start_scheduler()
        for number in range(2):
            self._workers.append(self._run(f"worker{number}", "dask_worker", self.address, "--nthreads", "1"))

    def add_worker(self, name: str, resources: str) -> None:
        """Another worker, with resources by tag."""
        words = [self.address, "--nthreads", "1", "--name", name, "--resources", resources]
        self._workers.append(self._run(name, "dask_worker", *words))

    def start_scheduler(self) -> None:
        """The scheduler, where it was before."""
        words = ["--host", "127.0.0.1", "--protocol", "tls", "--port", str(self.port), "--no-dashboard"]
        self._scheduler = self._run("scheduler", "dask_scheduler", *words)
        deadline = time.monotonic() + START_SECONDS
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1.0):
                return
            assert time.monotonic() < deadline, (self._folder / "scheduler.log").read_text()[-3000:]
            time.sleep(0.1)

    def kill_scheduler(self) -> None:
        """End it without warning."""
        assert self._scheduler is not None
        os.killpg(self._scheduler.pid, signal.SIGKILL)
        self._scheduler.wait()

    def stop(self) -> None:
        """End everything."""
        for process in [*self._workers, self._scheduler]:
            if process is not None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _run(self, name: str, module: str, *words: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *words, *self._tls],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=self._environment,
                process_group=0,
            )
