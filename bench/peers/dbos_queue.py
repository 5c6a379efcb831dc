"""DBOS: a queued workflow that does nothing, kept in SQLite as it comes, polled every 50 ms (its default is 1 s)."""

from __future__ import annotations

from importlib.metadata import version

from dbos import DBOS, DBOSConfig
from queue_figures import tell


def main() -> None:
    """Measure."""
    config: DBOSConfig = {"name": "bench", "system_database_url": "sqlite:///bench.sqlite", "log_level": "ERROR"}
    DBOS(config=config)

    @DBOS.workflow()
    def nothing(number: int) -> int:
        return number

    DBOS.launch()
    queue = DBOS.register_queue("bench", polling_interval_sec=0.05)
    tell(
        f"DBOS {version('dbos')}",
        "SQLite",
        lambda number: queue.enqueue(nothing, number),
        lambda handles: [handle.get_result() for handle in handles],
    )
    DBOS.destroy()


if __name__ == "__main__":
    main()
