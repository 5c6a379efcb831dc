"""A relay whose process is killed once the brokers have so many batches, before that is noted.

`python -m doubles.dying_relay ROOT BROKERS PREFIX BATCH`
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from doubles import house
from eigen.errors import EigenError
from eigen.outbox.kafka_sink import KafkaOptions, KafkaSink
from eigen.outbox.relay import Relay, Stores
from eigen.qfs.outbox import SqlOutbox
from eigen.qfs.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.outbox.sink import Message


def main(root: str, brokers: str, prefix: str, last: str) -> None:
    outside = house.ports(Path(root))
    outbox = SqlOutbox(SqliteDatabase(Path(root) / "eigen.db"))
    sink = KafkaSink(KafkaOptions(brokers, prefix))
    sent = 0

    def deliver(batch: Sequence[Message]) -> Sequence[str]:
        nonlocal sent
        while True:
            try:
                verdicts = sink.send(batch)
            except EigenError:
                continue
            sent += 1
            if sent == int(last):
                os.kill(os.getpid(), signal.SIGKILL)
            return verdicts

    stores = Stores(outside.jobs, outside.artifacts, outbox)
    relay = Relay(stores, sink, outbox.begin(sink.name), deliver=deliver, monotonic=time.monotonic)
    while relay.round():
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
