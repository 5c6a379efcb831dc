"""The relays of events that the settings name, one for each sink, and how they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from eigen.errors import EigenError

if TYPE_CHECKING:
    from eigen.config import Settings
    from eigen.kernel.ports import Ports
    from eigen.outbox.kafka_sink import KafkaOptions
    from eigen.outbox.relaying import Relaying
    from eigen.outbox.sink import Sink
    from eigen.qfs.db import Database

FILE = "file:"
LATE_SECONDS = 5.0
"""Lines of logs in a bucket come about a second late, and not in one order before all are there."""
BROKERS = re.compile(r"[A-Za-z0-9._-]+:[0-9]{1,5}|\[[0-9A-Fa-f:.]+\]:[0-9]{1,5}")
PREFIX = re.compile(r"[A-Za-z0-9._-]{1,200}")


@dataclass(frozen=True, slots=True)
class SinkState:
    """How a sink answers, and how many events wait for it."""

    ok: bool
    text: str
    lag: int


def make_relays(settings: Settings, database: Database, ports: Ports) -> tuple[Relaying, ...]:
    """A relay for each sink of the settings, not started. EIGEN_CONFIG_INVALID, EIGEN_NOT_AVAILABLE."""
    sinks = make_sinks(settings)
    if not sinks:
        return ()
    from eigen.outbox.relay import Stores
    from eigen.outbox.relaying import Relaying
    from eigen.qfs.outbox import SqlOutbox

    late = LATE_SECONDS if settings.artifacts_url else 0.0
    stores = Stores(ports.jobs, ports.artifacts, SqlOutbox(database), late_seconds=late)
    return tuple(Relaying(stores, sink, partial(database.lead, f"outbox-{sink.name}")) for sink in sinks)


def make_sinks(settings: Settings) -> tuple[Sink, ...]:
    """The sinks that the settings name. EIGEN_CONFIG_INVALID, EIGEN_NOT_AVAILABLE."""
    found: list[Sink] = []
    if settings.kafka_brokers:
        from eigen.outbox.kafka_sink import KafkaSink

        found.append(KafkaSink(_kafka(settings)))
    if settings.events_sink:
        found.append(_lines(settings.events_sink))
    return tuple(found)


def survey(settings: Settings) -> tuple[SinkState, ...]:
    """How each sink answers now, and what it was not told yet. EIGEN_CONFIG_INVALID, EIGEN_STORE_UNAVAILABLE."""
    sinks = make_sinks(settings)
    if not sinks:
        return ()
    from eigen.app import open_database
    from eigen.outbox.relaying import MOST_LAG
    from eigen.qfs.outbox import SqlOutbox

    database = open_database(settings)
    try:
        outbox = SqlOutbox(database)
        return tuple(_state(sink, outbox.lag(sink.name, MOST_LAG)) for sink in sinks)
    finally:
        database.close()


def _state(sink: Sink, lag: int) -> SinkState:
    try:
        return SinkState(True, sink.describe(), lag)
    except EigenError as error:
        return SinkState(False, error.message, lag)
    finally:
        sink.close()


def _lines(text: str) -> Sink:
    from eigen.outbox.file_sink import FileSink, StandardOutput

    if text == StandardOutput.name:
        return StandardOutput()
    path = text.removeprefix(FILE)
    if not text.startswith(FILE) or not path or "\0" in path:
        message = f"`events_sink` is `file:PATH` or `stdout`, not `{text[:80]}`"
        raise EigenError("EIGEN_CONFIG_INVALID", message, where="events_sink")
    return FileSink(Path(path).expanduser().absolute())


def _kafka(settings: Settings) -> KafkaOptions:
    from eigen.outbox.kafka_sink import KafkaOptions

    brokers = [part.strip() for part in settings.kafka_brokers.split(",")]
    wrong = next((part for part in brokers if not BROKERS.fullmatch(part)), None)
    if wrong is not None:
        message = f"`kafka_brokers` lists `host:port`, not `{wrong[:80]}`"
        raise EigenError("EIGEN_CONFIG_INVALID", message, where="kafka_brokers", hint="for example broker:9092")
    if not PREFIX.fullmatch(settings.kafka_topic_prefix):
        message = f"`kafka_topic_prefix` is no name of a topic: `{settings.kafka_topic_prefix[:80]}`"
        raise EigenError("EIGEN_CONFIG_INVALID", message, where="kafka_topic_prefix")
    return KafkaOptions(
        brokers=",".join(brokers),
        prefix=settings.kafka_topic_prefix,
        security=settings.kafka_security,
        mechanism=settings.kafka_sasl_mechanism,
        username=settings.kafka_username,
        password=settings.kafka_password,
        ca=settings.kafka_ca,
        cert=settings.kafka_cert,
        key=settings.kafka_key,
        key_password=settings.kafka_key_password,
        partitions=settings.kafka_partitions,
        limit_bytes=settings.kafka_message_bytes,
    )
