"""Events through the relay to a Kafka of this host, and what the relay costs the jobs beside it.

Broker, kernel and relay share the host. The relay runs in the process of the workers, as in a server; the runs with and
without it take turns, and what is told is what the jobs of those runs left.
"""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.kafka_server import KafkaServer, missing
from bench.kernel.dispatch import dispatched, submit
from bench.kernel.houses import homes
from bench.report import print_table, save
from eigen.outbox.relaying import MOST_LAG, Relaying
from eigen.qfs.outbox import SqlOutbox
from eigen.serving.relays import make_relays
from eigen.telemetry import exposition, metrics

if TYPE_CHECKING:
    from bench.kernel.houses import Home

JOBS, ROUNDS = 150, 5
PATIENCE_SECONDS = 300.0


def main() -> None:
    """Measure, print, save."""
    why = missing()
    if why:
        print(f"events are left out: {why}")
        return
    server = KafkaServer()
    metrics.turn_on()
    try:
        found: dict[str, Any] = {}
        with homes() as makers:
            for name, make in makers.items():
                found[name] = _database(make(), server.brokers, f"bench-{name.lower()}")
    finally:
        server.stop()
    save("events", {"unit": "1/s", "jobs": JOBS, "rounds": ROUNDS, "databases": found})
    rows = [[name, *(f"{value:,.0f}" for value in figures.values())] for name, figures in found.items()]
    print_table("A second", ["", "events told", "jobs, no relay", "jobs, relay"], rows)


def _database(home: Home, brokers: str, prefix: str) -> dict[str, float]:
    from dataclasses import replace

    settings = replace(home.settings, kafka_brokers=brokers, kafka_topic_prefix=prefix)
    apart, beside, told = list[float](), list[float](), list[float]()
    with home.open() as (database, ports):
        outbox = SqlOutbox(database)

        def drained(relay: Relaying, before: int) -> float:
            """Events a second until nothing waits."""
            start = time.perf_counter()
            while outbox.lag("kafka", MOST_LAG) or outbox.closing("kafka", 1):
                assert time.perf_counter() - start < PATIENCE_SECONDS, "the relay does not come to an end"
                time.sleep(0.02)
            return (_sent() - before) / (time.perf_counter() - start)

        for number in range(ROUNDS):
            submit(ports, JOBS)
            apart.append(dispatched(home.settings, ports, JOBS, workers=2)[1])
            before = _sent()
            (relay,) = make_relays(settings, database, ports)
            relay.start()
            rate = drained(relay, before)  # what the run without a relay left
            if number:  # the first one makes the topics
                told.append(rate)
            submit(ports, JOBS)
            beside.append(dispatched(home.settings, ports, JOBS, workers=2)[1])
            drained(relay, 0)
            relay.stop()
            relay.join(PATIENCE_SECONDS)
    return {"told": median(told), "apart": median(apart), "beside": median(beside)}


def _sent() -> int:
    lines = exposition().decode().splitlines()
    return int(sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("eigen_outbox_events_total{")))
