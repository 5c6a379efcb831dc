"""A relay round by round: what it tells, what it notes, what it does about refusals and files that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from doubles import house
from eigen.errors import EigenError
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.outbox import relay as rounds
from eigen.outbox.relay import ReignOverError, Relay, Stores
from eigen.qfs.outbox import SqlOutbox
from eigen.qfs.sqlite import SqliteDatabase
from eigen.telemetry import metrics

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from eigen.kernel.ports import Ports
    from eigen.outbox.sink import Message
    from eigen.types import ArtifactInfo


@dataclass
class Kept:
    """A sink in memory, which refuses what has one of these topics and is larger than `most`."""

    name: str = "file"
    limit_bytes: int = 100_000
    most: int = 1_000_000
    narrow: tuple[str, ...] = ()
    batches: list[list[Message]] = field(default_factory=list)

    def send(self, batch: Sequence[Message]) -> Sequence[str]:
        verdicts = ["too large" if m.topic in self.narrow and len(m.value) > self.most else "" for m in batch]
        self.batches.append([m for m, verdict in zip(batch, verdicts, strict=True) if not verdict])
        return verdicts

    def describe(self) -> str:
        return "memory"

    def close(self) -> None:
        pass

    def ids(self) -> list[str]:
        return [message.id for batch in self.batches for message in batch]


class Desk:
    """A data directory with jobs, and relays over it."""

    def __init__(self, root: Path) -> None:
        self.outside: Ports = house.ports(root)
        self.database = SqliteDatabase(root / "eigen.db")
        self.outbox = SqlOutbox(self.database)
        self.now = 0.0

    def run(self, count: int = 1) -> list[str]:
        job = house.spec("bell")
        ids = [Kernel(self.outside).submit(job, house.files(job)) for _ in range(count)]
        Worker(self.outside).run_until()
        return ids

    def relay(self, sink: Kept, **changes: object) -> Relay:
        stores = Stores(self.outside.jobs, changes.get("artifacts", self.outside.artifacts), self.outbox)  # type: ignore[arg-type]
        reign = self.outbox.begin(sink.name)
        return Relay(stores, sink, reign, deliver=sink.send, monotonic=lambda: self.now)

    def drain(self, relay: Relay) -> None:
        for _ in range(20):
            relay.round()
            self.now += 5.0

    def artifacts(self, job_id: str) -> set[str]:
        return {f"{job_id}/artifact/{info.path}" for info in self.outside.artifacts.list(job_id)}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.database.close()
    desk.outside.jobs.close()


@pytest.fixture
def counted() -> Iterator[None]:
    metrics.turn_on()
    yield
    metrics.turn_off()


def test_a_relay_goes_on_where_the_last_one_noted(desk: Desk) -> None:
    (first,) = desk.run()
    sink = Kept()
    desk.drain(desk.relay(sink))
    told = sink.ids()
    assert desk.artifacts(first) <= set(told)
    assert len(told) == len(set(told))
    desk.drain(desk.relay(sink))
    assert sink.ids() == told, "nothing twice"
    (second,) = desk.run()
    desk.drain(desk.relay(sink))
    assert {message.split("/")[0] for message in sink.ids()[len(told) :]} == {second}
    assert desk.outbox.lag("file", 10) == 0


def test_another_reign_ends_this_one_before_it_notes_anything(desk: Desk) -> None:
    desk.run()
    sink = Kept()
    old = desk.relay(sink)
    desk.outbox.begin("file")
    with pytest.raises(ReignOverError):
        old.round()
    assert desk.outbox.lag("file", 100) == 5


def test_a_long_log_goes_in_parts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "PAGE", 10)
    (job_id,) = desk.run()
    for number in range(95):
        desk.outside.artifacts.append_log(job_id, f"line {number}")
    sink = Kept()
    desk.drain(desk.relay(sink))
    lines = len(desk.outside.artifacts.read_log(job_id))
    logs = [name for name in sink.ids() if "/log/" in name]
    assert logs == [f"{job_id}/log/{number}" for number in range(1, lines + 1)]
    assert max(map(len, sink.batches)) <= 20


def test_batches_stay_small(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "BATCH_BYTES", 2_000)
    desk.run(3)
    sink = Kept()
    desk.drain(desk.relay(sink))
    events = [batch for batch in sink.batches if {message.topic for message in batch} <= {"jobs", "tasks"}]
    assert sum(map(len, events)) == 3 * 7
    assert all(len(batch) <= 2 or sum(len(m.value) for m in batch) <= 2_000 for batch in events)


def test_what_is_refused_and_its_dead_letter_too_is_skipped_and_counted(desk: Desk, counted: None) -> None:
    desk.run()
    sink = Kept(most=10, narrow=("logs", "dead-letters"))
    desk.drain(desk.relay(sink))
    assert not any("/log/" in name for name in sink.ids())
    assert any("/artifact/" in name for name in sink.ids())
    text = metrics.exposition().decode()
    assert 'eigen_outbox_skipped_total{sink="file"} 8.0' in text
    assert desk.outbox.closing("file", 10) == ()


class Broken:
    """Artifacts of which those of some jobs cannot be read."""

    def __init__(self, desk: Desk, jobs: set[str], code: str) -> None:
        self._real, self.jobs, self._code = desk.outside.artifacts, jobs, code

    def read_log(self, job_id: str) -> tuple[str, ...]:
        if job_id in self.jobs:
            raise EigenError(self._code, "broken")
        return self._real.read_log(job_id)

    def list(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        return self._real.list(job_id)


def test_damaged_files_of_one_job_hold_up_no_other(desk: Desk, counted: None) -> None:
    bad, good = desk.run(2)
    sink = Kept()
    desk.drain(desk.relay(sink, artifacts=Broken(desk, {bad}, "EIGEN_QFS_DATA_LOSS")))
    assert desk.artifacts(good) <= set(sink.ids())
    assert not desk.artifacts(bad) & set(sink.ids())
    assert f"{bad}/5" in sink.ids(), "its events are told all the same"
    assert 'eigen_outbox_skipped_total{sink="file"} 1.0' in metrics.exposition().decode()


def test_files_that_are_away_for_long_are_told_when_they_are_back(desk: Desk) -> None:
    ids = desk.run(3)
    sink, broken = Kept(), Broken(desk, set(ids), "EIGEN_STORE_UNAVAILABLE")
    relay = desk.relay(sink, artifacts=broken)
    for _ in range(10):
        desk.drain(relay)
    assert {name for name in sink.ids() if "/artifact/" in name} == set()
    assert sum(name.endswith("/5") for name in sink.ids()) == 3
    broken.jobs = set()
    desk.drain(relay)
    assert all(desk.artifacts(job_id) <= set(sink.ids()) for job_id in ids)


def test_files_that_alone_cannot_be_read_are_given_up_in_the_end(desk: Desk, counted: None) -> None:
    (bad,) = desk.run()
    sink, broken = Kept(), Broken(desk, {bad}, "EIGEN_STORE_UNAVAILABLE")
    relay = desk.relay(sink, artifacts=broken)
    for _ in range(rounds.FAULTS + 2):
        desk.run()
        desk.now += 60.0
        relay.round()
    assert 'eigen_outbox_skipped_total{sink="file"} 1.0' in metrics.exposition().decode()
    assert desk.outbox.closing("file", 10) == ()


def test_where_logs_come_late_they_are_told_after_the_end(desk: Desk) -> None:
    (job_id,) = desk.run()
    stores = Stores(desk.outside.jobs, desk.outside.artifacts, desk.outbox, late_seconds=5.0)
    sink = Kept()
    relay = Relay(stores, sink, desk.outbox.begin("file"), deliver=sink.send, monotonic=lambda: desk.now)
    for _ in range(4):
        relay.round()
        desk.now += 1.0
    assert not any("/log/" in name for name in sink.ids())
    desk.outside.artifacts.append_log(job_id, "late")
    desk.drain(relay)
    lines = len(desk.outside.artifacts.read_log(job_id))
    assert [name for name in sink.ids() if "/log/" in name] == [f"{job_id}/log/{n}" for n in range(1, lines + 1)]
