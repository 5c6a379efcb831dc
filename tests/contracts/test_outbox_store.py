"""What every `Outbox` does: one reign at a time, and nothing told is forgotten or skipped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import jobs
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.outbox import SqlOutbox
from eigen.qfs.outbox_store import Told

if TYPE_CHECKING:
    from eigen.qfs.db import Database
    from eigen.qfs.outbox_store import Outbox


def insert(database: Database, *names: str) -> SqlJobStore:
    store = SqlJobStore(database)
    for name in names:
        spec = JobSpec(name=name, program=ProgramRef(sha256="0" * 64), target="sim:auto")
        store.insert(*jobs.create(name, spec, at=1.0, entropy=1, tenant="acme", project="lab", traceparent="00-a"))
    return store


def sealed(store: SqlJobStore, job_id: str) -> None:
    """End a job, as cancelled, and write its files."""
    store.request_cancel(job_id)
    row = store.claim("w", 2.0, 30.0, job_id=job_id)
    assert row is not None
    ended, effects = jobs.step(row, jobs.Cancelled(2.0))
    events = [effect.event for effect in effects if isinstance(effect, jobs.Announce)]
    assert store.update(ended, events, expected_version=row.version, fence=row.fence)
    assert store.seal(job_id, row.fence)


def test_a_first_reign_begins_before_everything_and_keeps_its_source(database: Database) -> None:
    outbox: Outbox = SqlOutbox(database)
    first, other, second = outbox.begin("kafka"), outbox.begin("file"), outbox.begin("kafka")
    assert (first.place, first.epoch, second.epoch, other.epoch) == (0, 1, 2, 1)
    assert first.source == second.source == other.source != ""


def test_a_place_is_where_the_next_reign_goes_on(database: Database) -> None:
    outbox, store = SqlOutbox(database), insert(database, "a", "b")
    (first, _), (second, _) = store.changes(0)
    reign = outbox.begin("kafka")
    assert outbox.lag("kafka", 100) == 2
    assert outbox.save(reign, first, [])
    assert outbox.lag("kafka", 100) == 1
    assert outbox.begin("kafka").place == first
    assert outbox.save(outbox.begin("kafka"), second, [])
    assert outbox.begin("kafka").place == second
    assert outbox.lag("kafka", 100) == 0
    assert outbox.lag("file", 100) == 2, "each sink has its own"
    assert outbox.lag("file", 1) == 1


def test_who_is_late_saves_nothing(database: Database) -> None:
    outbox, _ = SqlOutbox(database), insert(database, "a")
    old = outbox.begin("kafka")
    (told,) = outbox.told("kafka", ["a"]).values()
    new = outbox.begin("kafka")
    assert not outbox.save(old, 7, [replace(told, state="DONE")])
    assert outbox.begin("kafka").place == new.place == 0
    assert outbox.told("kafka", ["a"])["a"].state == ""


def test_what_is_told_of_a_job_is_kept_beside_what_it_is(database: Database) -> None:
    outbox, _ = SqlOutbox(database), insert(database, "a", "b")
    reign = outbox.begin("kafka")
    fresh = Told("a", "a", "sim:auto", "acme", "lab", "00-a")
    assert outbox.told("kafka", ["a"]) == {"a": fresh}
    for later in (replace(fresh, state="RUNNING", attempt=2), replace(fresh, state="DONE", log_lines=7, ended=True)):
        assert outbox.save(reign, 1, [later])
        assert outbox.told("kafka", ["a", "b"])["a"] == later
    assert outbox.told("kafka", ["b"])["b"].state == ""
    assert outbox.told("file", ["a"]) == {"a": fresh}


def test_a_job_is_closed_once_it_is_told_and_its_files_are_written(database: Database) -> None:
    outbox, store = SqlOutbox(database), insert(database, "a", "b", "c")
    reign = outbox.begin("kafka")
    ended = {name: replace(told, ended=True) for name, told in outbox.told("kafka", ["a", "b", "c"]).items()}
    sealed(store, "a")
    sealed(store, "b")
    assert outbox.closing("kafka", 10) == ()
    assert outbox.save(reign, 1, [ended["a"], ended["c"]])
    assert outbox.closing("kafka", 10) == (ended["a"],), "b was not told, c not written"
    assert outbox.save(reign, 2, [ended["b"]])
    assert outbox.closing("kafka", 10) == (ended["a"], ended["b"])
    assert outbox.closing("kafka", 1) == (ended["a"],)
    assert outbox.save(reign, 3, [], ["a"])
    assert outbox.closing("kafka", 10) == (ended["b"],)


def test_one_process_leads_at_a_time(database: Database) -> None:
    one = database.lead("outbox-kafka")
    assert one is not None
    assert database.lead("outbox-kafka") is None
    other = database.lead("outbox-file")
    assert other is not None
    other.release()
    assert one.held()
    one.release()
    again = database.lead("outbox-kafka")
    assert again is not None
    again.release()
