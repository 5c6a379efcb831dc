"""The Kafka of a test run, and who reads from it."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from bench.kafka_server import KafkaServer, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REQUIRED = "REQUIRE_KAFKA"
"""Where this variable is set, a missing broker fails the tests that need one; elsewhere they are skipped."""
SECONDS = 120.0
TOPICS = ("jobs", "tasks", "artifacts", "logs", "dead-letters")


def start(**options: Any) -> KafkaServer:
    """A broker that nobody else uses."""
    message = missing()
    if not message:
        return KafkaServer(**options)
    if os.environ.get(REQUIRED):
        pytest.fail(message)
    pytest.skip(message)


def new_prefix() -> str:
    """A prefix of topics that no other test has."""
    return f"test-{uuid4().hex[:12]}"


def read(
    server: KafkaServer,
    prefix: str,
    enough: Callable[[Sequence[dict[str, Any]]], bool],
    *,
    topics: Sequence[str] = TOPICS,
    **options: Any,
) -> list[dict[str, Any]]:
    """The events of the topics from the beginning, in the order of arrival, until they are enough and no more come for
    a moment."""
    from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

    given = {"group.id": uuid4().hex, "enable.auto.commit": False, "auto.offset.reset": "earliest"}
    consumer = Consumer({**server.client(), **given, **options})
    found: list[dict[str, Any]] = []
    until = time.monotonic() + SECONDS
    try:
        assigned: set[str] = set()
        quiet = 0
        while time.monotonic() < until:
            listed = consumer.list_topics(timeout=10).topics if len(assigned) < len(topics) else {}
            for topic in topics:
                name = f"{prefix}.{topic}"
                if topic not in assigned and name in listed and listed[name].partitions:
                    parts = [TopicPartition(name, number, OFFSET_BEGINNING) for number in listed[name].partitions]
                    consumer.incremental_assign(parts)
                    assigned.add(topic)
            message = consumer.poll(0.3)
            if message is None:
                quiet += 1
                if quiet >= 2 and enough(found):
                    return found
                continue
            assert message.error() is None, message.error()
            quiet = 0
            event = json.loads(message.value())
            assert message.key().decode() == event["subject"]
            assert dict(message.headers()) == {"content-type": b"application/cloudevents+json; charset=UTF-8"}
            found.append({**event, "topic": message.topic().removeprefix(f"{prefix}.")})
    finally:
        consumer.close()
    raise AssertionError(f"only {len(found)} events came: {[event['id'] for event in found[-5:]]}")
