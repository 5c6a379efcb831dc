"""What every `Sink` does: takes batches in order, durably; says when it cannot, and takes the same batch afterwards."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from doubles import kafka_broker
from eigen.errors import EigenError
from eigen.outbox.file_sink import FileSink, StandardOutput
from eigen.outbox.kafka_sink import KafkaOptions, KafkaSink
from eigen.outbox.sink import Message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.kafka_server import KafkaServer

    from eigen.outbox.sink import Sink


class Rig(Protocol):
    """A sink, and what came out of it."""

    sink: Sink

    def read(self, count: int) -> list[dict[str, Any]]: ...


@dataclass
class File:
    path: Path
    sink: FileSink

    def read(self, count: int) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.path.read_bytes().splitlines()]
        assert len(found) >= count
        return found


@dataclass
class Output:
    captured: Any
    sink: StandardOutput

    def read(self, count: int) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.captured.readouterr().out.splitlines()]
        assert len(found) >= count
        return found


@dataclass
class Kafka:
    server: KafkaServer
    prefix: str
    sink: KafkaSink

    def read(self, count: int) -> list[dict[str, Any]]:
        found = kafka_broker.read(self.server, self.prefix, lambda events: len(events) >= count)
        return [{name: value for name, value in event.items() if name != "topic"} for event in found]


@pytest.fixture(params=["file", "stdout", "kafka"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    found: Rig
    if request.param == "file":
        path = tmp_path / "new" / "events.jsonl"
        found = File(path, FileSink(path))
    elif request.param == "stdout":
        found = Output(request.getfixturevalue("capsys"), StandardOutput())
    else:
        server: KafkaServer = request.getfixturevalue("kafka")
        prefix = kafka_broker.new_prefix()
        found = Kafka(server, prefix, KafkaSink(KafkaOptions(server.brokers, prefix)))
    yield found
    found.sink.close()


def message(number: int, *, job: str = "job_1", text: str = "ä") -> Message:
    event = {"id": f"{job}/{number}", "subject": job, "data": {"job_id": job, "seq": number, "message": text}}
    return Message.of("jobs", event, limit=1_000_000)


def sent(sink: Sink, batch: list[Message]) -> list[str]:
    """What it says, however long its broker takes to be there."""
    for _ in range(30):
        with suppress(EigenError):
            return list(sink.send(batch))
    raise AssertionError("it never took them")


def test_batches_arrive_whole_and_in_order(rig: Rig) -> None:
    batches = [[message(number) for number in range(start, start + 40)] for start in (1, 41, 81)]
    for batch in batches:
        assert sent(rig.sink, batch) == [""] * 40
    found = rig.read(120)
    assert found == [dict(each.event) for batch in batches for each in batch]


def test_jobs_keep_their_order_beside_each_other(rig: Rig) -> None:
    batch = [message(number, job=f"job_{number % 7}") for number in range(1, 71)]
    sent(rig.sink, batch)
    found = rig.read(70)
    for job in {each.key for each in batch}:
        assert [event["id"] for event in found if event["subject"] == job] == [m.id for m in batch if m.key == job]


def test_an_empty_batch_is_taken(rig: Rig) -> None:
    assert sent(rig.sink, []) == []


def test_the_largest_message_is_taken(rig: Rig) -> None:
    size = rig.sink.limit_bytes - len(message(1, text="").value)
    large = message(1, text="x" * size)
    assert len(large.value) == rig.sink.limit_bytes
    assert sent(rig.sink, [large]) == [""]
    assert rig.read(1) == [dict(large.event)]


def test_it_says_what_it_is(rig: Rig) -> None:
    sent(rig.sink, [message(1)])
    text = rig.sink.describe()
    assert text
    assert "\n" not in text


def test_what_a_crash_left_of_a_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    sink = FileSink(path)
    sink.send([message(1)])
    with path.open("ab") as file:
        file.write(message(2).value[:-10])
    sink.send([message(2)])
    assert File(path, sink).read(2) == [dict(message(1).event), dict(message(2).event)]


def test_a_file_that_was_renamed_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    sink = FileSink(path)
    sink.send([message(1)])
    path.rename(tmp_path / "events.1")
    sink.send([message(2)])
    assert File(path, sink).read(1) == [dict(message(2).event)]


@pytest.mark.parametrize("failing", ["write", "fsync"])
def test_a_full_disk_takes_nothing_of_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    path = tmp_path / "events.jsonl"
    sink = FileSink(path)
    sink.send([message(1)])
    real, calls = os.write, 0

    def half(descriptor: int, data: bytes) -> int:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise OSError(28, "No space left on device")
        return real(descriptor, data[:10])

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, failing, half if failing == "write" else full)
        with pytest.raises(EigenError, match="No space left") as caught:
            sink.send([message(2)])
    assert caught.value.code == "EIGEN_EVENTS_UNAVAILABLE"
    assert File(path, sink).read(1) == [dict(message(1).event)]
    sink.send([message(2)])
    assert len(File(path, sink).read(2)) == 2


def test_a_sink_that_is_no_file_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(EigenError) as caught:
        FileSink(tmp_path).describe()
    assert caught.value.code == "EIGEN_EVENTS_UNAVAILABLE"


def test_brokers_that_do_not_answer_are_told_so_and_nothing_is_given_up() -> None:
    sink = KafkaSink(KafkaOptions("127.0.0.1:1"))
    try:
        for _ in range(2):
            with pytest.raises(EigenError, match="events cannot be told to `kafka`") as caught:
                sink.send([message(1)])
            assert caught.value.code == "EIGEN_EVENTS_UNAVAILABLE"
    finally:
        sink.close()


def test_a_batch_that_was_begun_goes_on_when_it_is_given_again() -> None:
    server, prefix = kafka_broker.start(), kafka_broker.new_prefix()
    sink = KafkaSink(KafkaOptions(server.brokers, prefix))
    try:
        sent(sink, [message(1)])
        server.kill()
        batch = [message(number) for number in range(2, 60)]
        for _ in range(2):
            with pytest.raises(EigenError):
                sink.send(batch)
        server.start()
        assert sent(sink, batch) == [""] * len(batch)
        found = kafka_broker.read(server, prefix, lambda events: len(events) >= 59)
        assert [event["id"] for event in found] == [f"job_1/{number}" for number in range(1, 60)], "each once, in order"
    finally:
        sink.close()
        server.stop()
