"""`python -m bench.kernel.ours embedded | server`: our queue on the job that its peers are asked for.

Embedded, two workers of this process work on it; a server is one process, asked through gRPC. BENCH_POSTGRES names the
database, else it is SQLite.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import eigen
from bench.api.servers import serving
from bench.kernel.houses import Home, no_op
from bench.peers.queue_figures import tell
from eigen.client import read_job
from eigen.config import Settings
from eigen.kernel.kernel import Kernel
from eigen.kernel.workers import Workers
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Sequence

WORKERS = 2
LOOK_SECONDS = 0.001


def main(kind: str) -> None:
    """Measure in the working directory."""
    home = Home(Settings(qfs_root=str(Path.cwd() / "data"), database_url=os.environ.get("BENCH_POSTGRES", "")))
    (_embedded if kind == "embedded" else _server)(home)


def _embedded(home: Home) -> None:
    spec, files = no_op()
    with home.open() as (_, ports):
        kernel = Kernel(ports)
        workers = Workers(ports, WORKERS, lease_seconds=home.settings.lease_seconds)
        workers.start()

        def submit(_: int) -> str:
            job_id = kernel.submit(spec, files)
            workers.poke()
            return job_id

        def wait(job_ids: Sequence[str]) -> None:
            for job_id in job_ids:
                while not (state := kernel.get(job_id).state).is_terminal:
                    time.sleep(LOOK_SECONDS)
                assert state is JobState.DONE

        tell(f"Eigen OS {eigen.__version__}", submit, wait)
        workers.stop()
        workers.join(60)


def _server(home: Home) -> None:
    root = Path(home.settings.qfs_root)
    root.mkdir()
    spec, files = no_op()
    source = root.parent / spec.program.filename
    source.write_bytes(files[spec.program.artifact])
    job = read_job(source, target=spec.target, shots=spec.shots, seed=spec.seed)
    environment = {**home.environment, "EIGEN_WORKERS": str(WORKERS)}
    with serving(root, env=environment) as addresses, eigen.connect(addresses.grpc) as client:

        def wait(job_ids: Sequence[str]) -> None:
            for job_id in job_ids:
                assert client.wait(job_id).state is JobState.DONE

        tell(f"Eigen OS {eigen.__version__}", lambda _: client.submit(job), wait)


main(sys.argv[1])
