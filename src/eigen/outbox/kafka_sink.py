"""`KafkaSink`: events to Apache Kafka by librdkafka. The only file that knows it.

The producer is idempotent, waits for all replicas and never gives up a message by itself: while the brokers are away it
keeps the order, and what is sent again is stored once (https://kafka.apache.org/documentation/#semantics).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.outbox.sink import CONTENT_TYPE, TOPICS, away

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.outbox.sink import Message

WAIT_SECONDS = 2.0
"""How long a batch is waited for at a time."""
CONTACT_SECONDS = 5.0
QUEUE_KBYTES = 32 * 1024
HEADERS = [("content-type", CONTENT_TYPE.encode())]
REFUSALS = ("MSG_SIZE_TOO_LARGE", "INVALID_RECORD", "INVALID_MSG", "INVALID_TIMESTAMP")
"""Errors that say something about a message, and nothing about the broker."""


@dataclass(frozen=True, slots=True)
class KafkaOptions:
    """Where the brokers are and how they are talked to; files are PEM. An empty text is left out."""

    brokers: str
    prefix: str = "eigen"
    security: str = "plaintext"
    mechanism: str = ""
    username: str = ""
    password: str = ""
    ca: str = ""
    cert: str = ""
    key: str = ""
    key_password: str = ""
    partitions: int = 6
    limit_bytes: int = 900_000

    def client(self) -> dict[str, Any]:
        """The settings of any client."""
        given = {
            "bootstrap.servers": self.brokers,
            "security.protocol": self.security,
            "sasl.mechanism": self.mechanism if self.security.startswith("sasl") else "",
            "sasl.username": self.username,
            "sasl.password": self.password,
            "ssl.ca.location": self.ca,
            "ssl.certificate.location": self.cert,
            "ssl.key.location": self.key,
            "ssl.key.password": self.key_password,
        }
        return {**{name: value for name, value in given.items() if value}, "client.id": "eigen-outbox", "log_level": 0}

    def producer(self) -> dict[str, Any]:
        """The settings of the producer."""
        return {
            **self.client(),
            "enable.idempotence": True,
            "acks": "all",
            "message.timeout.ms": 0,  # never give up: the batch is the bound
            "linger.ms": 5,
            "batch.size": 512 * 1024,
            "compression.type": "lz4",
            "message.max.bytes": self.limit_bytes + 64 * 1024,
            "queue.buffering.max.kbytes": QUEUE_KBYTES,
            "reconnect.backoff.ms": 100,
            "reconnect.backoff.max.ms": 5_000,  # librdkafka spreads it
            "socket.keepalive.enable": True,
        }


class KafkaSink:
    """The topics of one prefix, `eigen.jobs` and so on, made when they are missing; the key is the id of the job.

    Raises EIGEN_NOT_AVAILABLE without the extra `kafka`, EIGEN_CONFIG_INVALID for settings that librdkafka refuses.
    """

    name = "kafka"

    def __init__(self, options: KafkaOptions) -> None:
        try:
            import confluent_kafka
        except ImportError as error:
            message = "events for Kafka need `confluent-kafka`, which this installation does not have"
            raise EigenError("EIGEN_NOT_AVAILABLE", message, hint="pip install 'eigen-os[kafka]'") from error
        self._kafka: Any = confluent_kafka
        self._options = options
        self.limit_bytes = options.limit_bytes
        self._refusals = frozenset(getattr(confluent_kafka.KafkaError, name) for name in REFUSALS)
        self._trouble = ""
        self._batch: _Batch | None = None
        self._producer: Any = None
        self._ready = False
        self._open()  # wrong settings are told at the start

    def send(self, batch: Sequence[Message]) -> Sequence[str]:
        """Produce, and wait for what the brokers say of each message."""
        if self._batch is None or self._batch.ids != [message.id for message in batch]:
            if self._batch is not None:
                self._discard()
            self._batch = _Batch(batch)
        producer, under_way = self._open(), self._batch
        self._make_topics()
        for index in under_way.fresh():
            self._produce(producer, under_way, index)
        until = time.monotonic() + WAIT_SECONDS
        while under_way.waits and time.monotonic() < until:
            producer.poll(0.05)
        if under_way.fatal:
            self._discard(keep=under_way)
        if under_way.waits or under_way.failure:
            why = under_way.failure or self._trouble or f"no answer within {WAIT_SECONDS:g} s"
            under_way.failure = ""
            raise away(self.name, why)
        self._batch, self._trouble = None, ""
        return under_way.verdicts

    def describe(self) -> str:
        """The brokers that answer, and the topics that are there."""
        found = self._metadata()
        prefix = f"{self._options.prefix}."
        names = sorted(name for name in found.topics if name.startswith(prefix))
        topics = f"topics {', '.join(names)}" if names else f"no topic `{prefix}*` yet"
        how = "" if "ssl" in self._options.security else ", not encrypted"
        return f"Kafka, {len(found.brokers)} brokers{how}, {topics}"

    def close(self) -> None:
        """Give up what is under way."""
        self._discard()

    def _open(self) -> Any:
        if self._producer is None:
            try:
                self._producer = self._kafka.Producer({**self._options.producer(), "error_cb": self._hear})
            except (self._kafka.KafkaException, TypeError, ValueError) as error:
                raise _refused(error) from error
        return self._producer

    def _hear(self, error: Any) -> None:
        """What goes wrong with the connection, for people."""
        self._trouble = str(error.str())[:300]

    def _produce(self, producer: Any, batch: _Batch, index: int) -> None:
        message = batch.messages[index]

        def said(error: Any, _stored: Any) -> None:
            if error is None:
                batch.take(index)
            elif error.code() in self._refusals:
                batch.take(index, str(error.str()))
            else:
                batch.fail(index, str(error.str()), fatal=error.fatal())

        topic = f"{self._options.prefix}.{message.topic}"
        try:
            producer.produce(topic, message.value, message.key.encode(), headers=HEADERS, on_delivery=said)
            batch.started(index)
        except self._kafka.KafkaException as error:
            said(error.args[0], None)
        except BufferError:
            batch.fail(index, "the queue of the producer is full", fatal=False)

    def _make_topics(self) -> None:
        """Once, make those topics that are missing."""
        if self._ready:
            return
        names = {f"{self._options.prefix}.{topic}" for topic in TOPICS}
        missing = names - set(self._metadata().topics)
        if missing:
            self._create(missing)
        self._ready = True

    def _create(self, missing: set[str]) -> None:
        from confluent_kafka import admin as administration

        library: Any = administration
        admin = library.AdminClient({**self._options.client(), "error_cb": self._hear})
        wanted = [library.NewTopic(name, num_partitions=self._options.partitions) for name in sorted(missing)]
        made: Mapping[str, Any] = admin.create_topics(wanted, operation_timeout=CONTACT_SECONDS)
        for name, future in made.items():
            try:
                future.result(CONTACT_SECONDS)
            except self._kafka.KafkaException as error:
                if error.args[0].code() != self._kafka.KafkaError.TOPIC_ALREADY_EXISTS:
                    raise away(self.name, f"topic `{name}` cannot be made: {error.args[0].str()}") from error
            except TimeoutError as error:
                raise away(self.name, f"topic `{name}` was not made within {CONTACT_SECONDS:g} s") from error

    def _metadata(self) -> Any:
        try:
            producer = self._open()
            producer.poll(0)
            return producer.list_topics(timeout=CONTACT_SECONDS)
        except self._kafka.KafkaException as error:
            self._producer.poll(0)  # what it has to say of the connections
            raise away(self.name, self._trouble or str(error.args[0].str())) from error

    def _discard(self, *, keep: _Batch | None = None) -> None:
        """End the producer with everything that is in it."""
        producer, self._producer, self._batch = self._producer, None, keep
        if producer is not None:
            producer.purge()
            producer.flush(0)
        if keep is not None:
            keep.forget()


class _Batch:
    """Messages under way, and what is known of each."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.messages = messages
        self.ids = [message.id for message in messages]
        self.failure = ""
        self.fatal = False
        self._known: list[str | None] = [None] * len(messages)
        self._under_way: set[int] = set()

    @property
    def waits(self) -> bool:
        """Whether something is under way."""
        return bool(self._under_way)

    @property
    def verdicts(self) -> Sequence[str]:
        """Why each was refused, empty for those taken."""
        return [known or "" for known in self._known]

    def fresh(self) -> list[int]:
        """What is neither known nor under way."""
        return [index for index, known in enumerate(self._known) if known is None and index not in self._under_way]

    def started(self, index: int) -> None:
        """The producer has it."""
        self._under_way.add(index)

    def take(self, index: int, refusal: str = "") -> None:
        """It is known what became of it."""
        self._known[index] = refusal
        self._under_way.discard(index)

    def fail(self, index: int, why: str, *, fatal: bool) -> None:
        """It is to be produced again."""
        self.failure, self.fatal = why, self.fatal or fatal
        self._under_way.discard(index)

    def forget(self) -> None:
        """Nothing is under way any more."""
        self._under_way.clear()
        self.fatal = False


def _refused(error: Exception) -> EigenError:
    why = error.args[0].str() if error.args and hasattr(error.args[0], "str") else str(error)
    return EigenError("EIGEN_CONFIG_INVALID", f"the settings of Kafka cannot be used: {why}", where="kafka_brokers")
