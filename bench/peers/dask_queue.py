"""Dask: a task that does nothing, on two worker processes of this host. Nothing of it survives its scheduler."""

from __future__ import annotations

from importlib.metadata import version

from distributed import Client, LocalCluster, wait
from queue_figures import tell


def nothing(number: int) -> int:
    """The task."""
    return number


def main() -> None:
    """Measure."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        tell(f"Dask {version('distributed')}", lambda number: client.submit(nothing, number, pure=False), wait)


if __name__ == "__main__":
    main()
