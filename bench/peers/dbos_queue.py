"""DBOS: a queued workflow that does nothing, kept in SQLite or in the PostgreSQL named by BENCH_POSTGRES. It looks for
work every 20 ms; its default of a second would be its latency."""

from __future__ import annotations

import os
from importlib.metadata import version

from dbos import DBOS, DBOSConfig
from queue_figures import tell


def main() -> None:
    """Measure."""
    url = os.environ.get("BENCH_POSTGRES") or "sqlite:///bench.sqlite"
    config: DBOSConfig = {"name": "bench", "system_database_url": url, "log_level": "ERROR"}
    DBOS(config=config)

    @DBOS.workflow()
    def nothing(number: int) -> int:
        return number

    DBOS.launch()
    queue = DBOS.register_queue("bench", polling_interval_sec=0.02)
    tell(
        f"DBOS {version('dbos')}",
        lambda number: queue.enqueue(nothing, number),
        lambda handles: [handle.get_result(polling_interval_sec=0.01) for handle in handles],
    )
    DBOS.destroy()


if __name__ == "__main__":
    main()
