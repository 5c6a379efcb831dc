"""A process that opens a data directory and works: seconds from there, imports done, to the first entry of a driver."""

from __future__ import annotations

import time

from bench.kernel.dispatch import Recorder
from eigen.app import make_registry, open_ports
from eigen.config import load_settings
from eigen.kernel.workers import Workers


def main() -> None:
    """Print the seconds."""
    import eigen.drivers.null
    import eigen.qfs.job_store
    import eigen.qfs.postgres  # noqa: F401

    settings, _ = load_settings()
    start = time.perf_counter()
    database, ports = open_ports(settings, make_registry(settings))
    recorder = Recorder(ports, 1)
    workers = Workers(recorder.ports, 1, lease_seconds=30.0)
    workers.start()
    recorder.done.wait(60)
    print(time.perf_counter() - start, flush=True)
    workers.stop()
    workers.join(30)
    database.close()


main()
