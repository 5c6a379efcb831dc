"""What every `JobStore` holds of preemption: who gives way to whom, once for each waiting job, and who is next then."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import events, jobs
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.quotas import quotas_of
from eigen.qfs.store import Preemption

if TYPE_CHECKING:
    from conftest import Kept, LeaseTime
    from eigen.qfs.db import Database
    from eigen.qfs.store import JobRow, JobStore

LATER = 200.0
PATIENCE = 10.0


@pytest.fixture
def store(kept: Kept) -> JobStore:
    return kept.jobs


@pytest.fixture
def lease_time(kept: Kept) -> LeaseTime:
    return kept.lease_time


def submit(
    store: JobStore, name: str, tenant: str = "a", project: str = "", *, at: float = 100.0, **asked: Any
) -> None:
    spec = JobSpec(name="preemption", program=ProgramRef(sha256="0" * 64), **asked)
    store.insert(*jobs.create(name, spec, at=at, entropy=1, tenant=tenant, project=project))


def start(store: JobStore, name: str | None = None, *, at: float = 110.0) -> JobRow:
    """The next job, or this one, claimed and RUNNING."""
    row = store.claim(f"worker-{name or 'next'}-{at}", at, 10.0, job_id=name)
    assert row is not None
    for event in (events.Claimed(at), events.Compiled(at), events.Placed(at, {"device_id": "sim:x"})):
        job, _ = jobs.step(row, event)
        assert store.update(job, [], expected_version=row.version, fence=row.fence)
        row = replace(job, version=row.version + 1)
    return row


def choose(store: JobStore, *rows: JobRow, at: float = LATER) -> Preemption | None:
    return store.to_preempt([row.job_id for row in rows], at, PATIENCE)


def give_way(store: JobStore, row: JobRow, preemption: Preemption, *, at: float = LATER) -> bool:
    """Give way and go back to the queue."""
    if not store.give_way(preemption, row.fence, at):
        return False
    job, _ = jobs.step(row, events.Preempted(at, preemption.to))
    assert store.update(job, [], expected_version=row.version, fence=row.fence)
    store.release(row.job_id, row.fence)
    return True


def test_the_next_of_the_tenant_takes_the_worker_when_it_is_twenty_points_ahead(store: JobStore) -> None:
    submit(store, "loop")
    row = start(store)
    submit(store, "nineteen", at=150.0, priority=69)
    assert choose(store, row) is None
    submit(store, "twenty", at=160.0, priority=70)
    found = choose(store, row)
    assert found == Preemption("loop", "twenty", same_tenant=True)
    assert give_way(store, row, found)
    order = [store.claim(f"w{number}", LATER, 10.0) for number in range(3)]
    assert [row and row.job_id for row in order] == ["twenty", "nineteen", "loop"]


def test_a_loop_that_is_hours_old_gives_way_all_the_same(store: JobStore) -> None:
    hours = 36_000.0
    submit(store, "loop")
    row = start(store)
    submit(store, "urgent", at=hours, priority=90)
    found = choose(store, row, at=hours)
    assert found == Preemption("loop", "urgent", same_tenant=True)
    assert give_way(store, row, found, at=hours)
    first = store.claim("w", hours, 10.0)
    assert first is not None
    assert first.job_id == "urgent"


def test_an_old_job_of_low_priority_hides_no_urgent_one(store: JobStore) -> None:
    """It would go before the urgent one, but no worker is taken for it: the one that is taken is the urgent one's."""
    hours = 36_000.0
    submit(store, "loop")
    row = start(store)
    submit(store, "aged", at=110.0, priority=55)
    submit(store, "urgent", at=hours, priority=90)
    assert store.ahead(store.get("urgent") or row) == 1
    found = choose(store, row, at=hours)
    assert found == Preemption("loop", "urgent", same_tenant=True)
    assert give_way(store, row, found, at=hours)
    order = [store.claim(f"w{number}", hours, 10.0) for number in range(3)]
    assert [row and row.job_id for row in order] == ["urgent", "aged", "loop"]


def test_who_gave_way_moves_the_queue_for_nobody(store: JobStore) -> None:
    """It waits on the turn of a job that came last: that turn was not served yet."""
    for number in range(40):
        submit(store, f"many{number:02}")
    row = start(store)
    submit(store, "urgent", at=150.0, priority=90)
    found = choose(store, row)
    assert found is not None
    assert give_way(store, row, found)
    assert store.claim("w", LATER, 10.0) is not None
    submit(store, "single", "b", at=160.0)
    submit(store, "other", "a", "b", at=160.0)
    order = [store.claim(f"w{number}", LATER, 10.0) for number in range(4)]
    names = [row.job_id for row in order if row is not None]
    assert "single" in names[:3]
    assert "other" in names


def test_a_near_deadline_gives_way_to_no_priority(store: JobStore) -> None:
    submit(store, "loop", deadline=500.0)
    row = start(store)
    submit(store, "urgent", at=150.0, priority=100)
    assert choose(store, row) is None


def test_the_least_urgent_of_those_that_may_gives_way(store: JobStore) -> None:
    for name, priority in (("low", 10), ("middle", 50), ("other", 10)):
        submit(store, name, priority=priority)
    low, middle, other = start(store, "low"), start(store, "middle"), start(store, "other", at=120.0)
    submit(store, "urgent", at=150.0, priority=90)
    assert choose(store) is None
    assert choose(store, middle) == Preemption("middle", "urgent", same_tenant=True)
    assert choose(store, low, middle, other) == Preemption("other", "urgent", same_tenant=True), "it has done less"


def test_who_cannot_be_claimed_is_given_nothing(store: JobStore, lease_time: LeaseTime) -> None:
    submit(store, "loop")
    row = start(store)
    submit(store, "needs", priority=90, dependencies=("loop",))
    assert choose(store, row) is None
    submit(store, "cancelled", priority=90)
    store.request_cancel("cancelled")
    assert choose(store, row) is None
    submit(store, "taken", priority=90)
    taken = store.claim("elsewhere", LATER, 10.0, job_id="taken")
    assert taken is not None
    assert choose(store, row) is None
    waits, _ = jobs.step(taken, events.Claimed(LATER))
    assert store.update(replace(waits, not_before=300.0), [], expected_version=taken.version, fence=taken.fence)
    store.release("taken", taken.fence)
    assert choose(store, row) is None
    assert choose(store, row, at=301.0) == Preemption("loop", "taken", same_tenant=True)
    lease_time.pass_(11.0)
    assert choose(store, row, at=301.0) is None, "who has lost its lease has nothing to give"


def test_a_tenant_that_runs_nothing_gets_its_turn_once_it_has_waited(store: JobStore) -> None:
    for number in range(4):
        submit(store, f"a{number}")
    first, second = start(store), start(store)
    submit(store, "b0", "b", at=150.0)
    assert choose(store, first, second, at=150.0 + PATIENCE - 1.0) is None
    found = choose(store, first, second)
    assert found is not None
    assert (found.to, found.same_tenant) == ("b0", False)
    row = first if found.job_id == first.job_id else second
    assert give_way(store, row, found)
    order = [store.claim(f"w{number}", LATER, 10.0) for number in range(2)]
    assert [each and each.job_id for each in order] == ["b0", row.job_id], "its own goes on where it was in the line"
    assert choose(store, first, second) is None


def test_priority_takes_no_worker_of_another_project(store: JobStore) -> None:
    submit(store, "loop", project="one")
    row = start(store)
    submit(store, "urgent", project="two", at=195.0, priority=100)
    assert choose(store, row) is None


def test_a_project_that_runs_nothing_gets_its_turn_once_it_has_waited(store: JobStore) -> None:
    for number in range(4):
        submit(store, f"one{number}", project="one")
    first, second = start(store), start(store)
    submit(store, "two0", project="two", at=150.0)
    assert choose(store, first, second, at=150.0 + PATIENCE - 1.0) is None
    found = choose(store, first, second)
    assert found is not None
    assert (found.to, found.same_tenant) == ("two0", True)
    row = first if found.job_id == first.job_id else second
    assert give_way(store, row, found)
    order = [store.claim(f"w{number}", LATER, 10.0) for number in range(2)]
    assert [each and each.job_id for each in order] == ["two0", row.job_id], "its own goes on where it was in the line"
    assert choose(store, first, second) is None


def test_a_project_that_runs_no_more_than_its_share_keeps_it(database: Database) -> None:
    store = SqlJobStore(database, weights={"a/one": 3.0}, quotas=quotas_of("a.running=3"))
    for number in range(3):
        submit(store, f"one{number}", project="one")
    rows = [start(store) for _ in range(3)]
    submit(store, "two0", project="two")
    found = choose(store, *rows)
    assert found is not None, "three workers, weights 3 and 1: the share is 2.25"
    assert found.to == "two0"
    assert give_way(store, next(row for row in rows if row.job_id == found.job_id), found)
    rows = [row for row in rows if row.job_id != found.job_id]
    assert start(store).job_id == "two0"
    submit(store, "two1", project="two")
    assert choose(store, *rows) is None


def test_who_runs_no_more_than_its_share_keeps_it(store: JobStore) -> None:
    for tenant in "abc":
        submit(store, tenant, tenant)
    rows = [start(store), start(store)]
    assert choose(store, *rows) is not None, "two workers for three tenants: each has more than two thirds of one"
    third = start(store)
    submit(store, "a1", "a", at=150.0)
    assert choose(store, *rows, third) is None, "it runs one"


def test_nobody_gives_way_to_the_same_job_twice(store: JobStore) -> None:
    submit(store, "loop")
    submit(store, "loop2")
    row, other = start(store), start(store)
    submit(store, "urgent", at=150.0, priority=90)
    found = choose(store, row)
    assert found is not None
    assert give_way(store, row, found)
    assert not store.give_way(replace(found, job_id=other.job_id), other.fence, LATER)
    assert choose(store, other) is None
    assert not store.give_way(found, row.fence, LATER), "the lease was given back"


def test_a_waiting_job_that_was_taken_meanwhile_takes_no_worker(store: JobStore) -> None:
    submit(store, "loop")
    row = start(store)
    submit(store, "urgent", at=150.0, priority=90)
    found = choose(store, row)
    assert found is not None
    assert store.claim("idle", LATER, 10.0) is not None
    assert not store.give_way(found, row.fence, LATER)
    assert store.get("loop") == replace(row, lease_until=(store.get("loop") or row).lease_until)


def test_of_those_that_race_one_gives_way(kept: Kept) -> None:
    store = kept.jobs
    for number in range(4):
        submit(store, f"loop{number}")
    rows = [start(store, f"loop{number}") for number in range(4)]
    submit(store, "urgent", at=150.0, priority=90)

    def attempt(row: JobRow) -> bool:
        return store.give_way(Preemption(row.job_id, "urgent", same_tenant=True), row.fence, LATER)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, rows)) == [False, False, False, True]


def test_quotas_and_weights_count(database: Database) -> None:
    store = SqlJobStore(database, weights={"a": 3.0}, quotas=quotas_of("a.running=3"))
    for number in range(3):
        submit(store, f"a{number}")
    rows = [start(store) for _ in range(3)]
    submit(store, "c0", "c")
    found = choose(store, *rows)
    assert found is not None, "three workers, weights 3 and 1: the share is 2.25"
    assert found.to == "c0"
    assert give_way(store, next(row for row in rows if row.job_id == found.job_id), found)
    rows = [row for row in rows if row.job_id != found.job_id]
    start(store, "c0")
    submit(store, "d0", "d")
    assert choose(store, *rows) is not None, "three workers, weights 3, 1 and 1: the share is 1.8"
    submit(store, "a9", at=150.0, priority=90)
    assert choose(store, *rows) == Preemption(rows[0].job_id, "a9", same_tenant=True)


def test_within_a_full_quota_one_gives_its_place_to_the_other(database: Database) -> None:
    store = SqlJobStore(database, quotas=quotas_of("a.running=1"))
    submit(store, "loop")
    row = start(store)
    submit(store, "urgent", at=150.0, priority=90)
    found = choose(store, row)
    assert found == Preemption("loop", "urgent", same_tenant=True)
    assert give_way(store, row, found)
    assert start(store, at=LATER).job_id == "urgent"
