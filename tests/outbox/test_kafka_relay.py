"""What a real Kafka hears of real jobs: everything, in order, whatever dies in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doubles import house, kafka_broker
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.outbox.kafka_sink import KafkaOptions, KafkaSink
from eigen.outbox.relay import Stores
from eigen.outbox.relaying import Relaying
from eigen.qfs.outbox import SqlOutbox
from eigen.qfs.sqlite import SqliteDatabase
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.kafka_server import KafkaServer

    from eigen.kernel.ports import Ports

TESTS = Path(__file__).parent.parent
SECONDS = 120.0
Events = list[dict[str, Any]]


@contextmanager
def relaying(root: Path, options: KafkaOptions) -> Iterator[Relaying]:
    """The relay of a data directory, in this process."""
    database = SqliteDatabase(root / "eigen.db")
    outside = house.ports(root)
    sink = KafkaSink(options)
    relay = Relaying(
        Stores(outside.jobs, outside.artifacts, SqlOutbox(database)), sink, partial(database.lead, "outbox-kafka")
    )
    relay.start()
    try:
        yield relay
    finally:
        relay.stop()
        relay.join(SECONDS)
        outside.jobs.close()
        database.close()


def submit(outside: Ports, count: int, program: str = "bell") -> list[str]:
    kernel, job = Kernel(outside), house.spec(program)
    return [kernel.submit(job, house.files(job)) for _ in range(count)]


def lag(root: Path) -> int:
    database = SqliteDatabase(root / "eigen.db")
    try:
        return SqlOutbox(database).lag("kafka", 1_000_000)
    finally:
        database.close()


def expected(outside: Ports, job_ids: Sequence[str]) -> set[str]:
    """The ids of everything that is to be told of these jobs, from what is stored."""
    found: set[str] = set()
    for job_id in job_ids:
        before = ""
        for event in outside.jobs.events(job_id):
            state = event.state.value
            found.add(f"{job_id}/{event.seq}")
            if state != before and "RUNNING" in (state, before):
                found.add(f"{job_id}/{event.seq}/attempt")
            before = state
        found |= {f"{job_id}/log/{number + 1}" for number in range(len(outside.artifacts.read_log(job_id)))}
        found |= {f"{job_id}/artifact/{info.path}" for info in outside.artifacts.list(job_id)}
    return found


def having(ids: set[str]) -> Callable[[Sequence[dict[str, Any]]], bool]:
    return lambda events: {event["id"] for event in events} >= ids


def in_order(events: Events, topic: str) -> bool:
    """Whether the events of each job come in the order of their numbers, those told again left out."""
    seen: set[str] = set()
    last: dict[str, int] = {}
    for event in events:
        if event["topic"] != topic or event["id"] in seen:
            continue
        seen.add(event["id"])
        number = event["data"].get("seq") or event["data"]["number"]
        if number < last.get(event["subject"], 0):
            return False
        last[event["subject"]] = number
    return True


def test_of_a_thousand_jobs_everything_is_told_once_and_in_order(tmp_path: Path, kafka: KafkaServer) -> None:
    outside, prefix = house.ports(tmp_path), kafka_broker.new_prefix()
    with relaying(tmp_path, KafkaOptions(kafka.brokers, prefix)):
        ids = submit(outside, 1_000)
        Worker(outside).run_until()
        wanted = expected(outside, ids)
        events = kafka_broker.read(kafka, prefix, having(wanted))
    assert {event["id"] for event in events} == wanted
    assert max(Counter(event["id"] for event in events).values()) == 1
    assert {event["topic"] for event in events} == {"jobs", "tasks", "artifacts", "logs"}
    assert len({event["source"] for event in events}) == 1
    assert all(in_order(events, topic) for topic in ("jobs", "tasks", "logs"))
    states = Counter(event["type"].removeprefix("org.eigen-os.job.") for event in events if event["topic"] == "jobs")
    assert states == dict.fromkeys(("pending", "compiling", "queued", "running", "done"), 1_000)


def test_a_broker_that_is_away_loses_nothing_and_holds_up_no_job(tmp_path: Path) -> None:
    server = kafka_broker.start()
    outside, prefix = house.ports(tmp_path), kafka_broker.new_prefix()
    try:
        with relaying(tmp_path, KafkaOptions(server.brokers, prefix)):
            ids = submit(outside, 30)
            worker = Worker(outside)
            for _ in range(10):
                worker.run_next()
            until = time.monotonic() + SECONDS
            while lag(tmp_path) and time.monotonic() < until:
                time.sleep(0.05)
            killing = threading.Thread(target=server.kill)
            killing.start()  # while jobs run
            assert worker.run_until()
            killing.join()
            more = submit(outside, 5)
            assert worker.run_until(), "no broker, and the jobs end all the same"
            assert all(Kernel(outside).get(job_id).state is JobState.DONE for job_id in (*ids, *more))
            assert lag(tmp_path) > 0
            server.start()
            wanted = expected(outside, [*ids, *more])
            events = kafka_broker.read(server, prefix, having(wanted))
        assert {event["id"] for event in events} == wanted
        assert all(in_order(events, topic) for topic in ("jobs", "tasks", "logs"))
    finally:
        server.stop()


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_who_dies_between_sending_and_noting_it_tells_it_again_with_the_same_ids(
    tmp_path: Path, kafka: KafkaServer, batch: int
) -> None:
    """Batch 1 holds events, 2 log lines and files of the first jobs; the process dies once the brokers have it."""
    outside, prefix = house.ports(tmp_path), kafka_broker.new_prefix()
    ids = submit(outside, 120)
    Worker(outside).run_until()
    wanted = expected(outside, ids)
    command = [sys.executable, "-m", "doubles.dying_relay", str(tmp_path), kafka.brokers, prefix, str(batch)]
    died = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(TESTS)}, check=False, timeout=SECONDS)
    assert died.returncode == -signal.SIGKILL
    with relaying(tmp_path, KafkaOptions(kafka.brokers, prefix)):
        events = kafka_broker.read(kafka, prefix, having(wanted))
    counts = Counter(event["id"] for event in events)
    assert set(counts) == wanted
    assert set(counts.values()) == {1, 2}, "the batch that was not noted, and no other, was told twice"
    assert len({(event["id"], str(event)) for event in events}) == len(counts), "told again is the very same"
    assert all(in_order(events, topic) for topic in ("jobs", "tasks", "logs"))


def test_what_the_broker_refuses_is_a_dead_letter_and_holds_up_nothing(tmp_path: Path, kafka: KafkaServer) -> None:
    outside, prefix = house.ports(tmp_path), kafka_broker.new_prefix()
    kafka.configure_topic(f"{prefix}.logs", max_message_bytes="150")
    ids = submit(outside, 2)
    Worker(outside).run_until()
    wanted = expected(outside, ids)
    logs = {name for name in wanted if "/log/" in name}
    letters = {f"{name}/undeliverable" for name in logs}
    with relaying(tmp_path, KafkaOptions(kafka.brokers, prefix)):
        events = kafka_broker.read(kafka, prefix, having(wanted - logs | letters))
    assert {event["id"] for event in events} == wanted - logs | letters
    letter = next(event for event in events if event["topic"] == "dead-letters")
    assert letter["data"]["topic"] == "logs"
    assert letter["data"]["id"] in logs
    assert "too large" in letter["data"]["reason"].lower()
