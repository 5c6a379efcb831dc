"""What every `JobStore` does: one transaction a method, leases with fences, gap-free logs, idempotent submission."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from eigen.errors import EigenError
from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import events, jobs
from eigen.qfs import rows, schema
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.store import JobRow, JournalEntry
from eigen.types import JobEvent, JobState

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from conftest import Kept, LeaseTime
    from eigen.qfs.db import Database
    from eigen.qfs.store import JobStore


@pytest.fixture
def store(kept: Kept) -> JobStore:
    return kept.jobs


@pytest.fixture
def lease_time(kept: Kept) -> LeaseTime:
    return kept.lease_time


def new(job_id: str, *, priority: int = 50, dependencies: tuple[str, ...] = ()) -> tuple[JobRow, JobEvent]:
    spec = JobSpec(name="contract", program=ProgramRef(sha256="0" * 64), priority=priority, dependencies=dependencies)
    return jobs.create(job_id, spec, at=100.0, entropy=2**53 - 1)


def add(store: JobStore, *names: str, priority: int = 50, dependencies: tuple[str, ...] = ()) -> None:
    for name in names:
        store.insert(*new(name, priority=priority, dependencies=dependencies))


def claim(store: JobStore, owner: str = "w", *, now: float = 200.0, job_id: str | None = None) -> JobRow | None:
    return store.claim(owner, now, 10.0, job_id=job_id)


def advance(store: JobStore, row: JobRow, event: events.Event) -> JobRow:
    job, effects = jobs.step(row, event)
    log = [effect.event for effect in effects if isinstance(effect, events.Announce)]
    outcome = next((effect.outcome for effect in effects if isinstance(effect, events.Keep)), None)
    assert store.update(job, log, expected_version=row.version, fence=row.fence, outcome=outcome)
    return replace(job, version=row.version + 1)


def finish(store: JobStore, name: str) -> JobRow:
    row = claim(store, job_id=name)
    assert row is not None
    for event in (
        events.Claimed(1.0),
        events.Compiled(2.0),
        events.Placed(3.0, {"device_id": "sim:x"}),
        events.Executed(4.0, {"outputs": [1.5, "é"]}),
    ):
        row = advance(store, row, event)
    return row


def test_the_nearest_deadline_goes_first_but_before_who_has_waited_for_a_day(store: JobStore) -> None:
    day = 86_400.0

    def put(name: str, at: float, tenant: str = "acme", **asked: Any) -> None:
        spec = JobSpec(name="contract", program=ProgramRef(sha256="0" * 64), **asked)
        store.insert(*jobs.create(name, spec, at=at, entropy=1, tenant=tenant))

    put("urgent", 2 * day, priority=100)
    put("far", 2 * day, deadline=day)
    put("near", 2 * day, deadline=60.0)
    put("ancient", day, priority=0)
    put("theirs", 2 * day, tenant="other", priority=0)
    found = [claim(store, f"w{number}", now=2 * day + 1) for number in range(5)]
    names = [row.job_id for row in found if row is not None]
    assert [name for name in names if name != "theirs"] == ["ancient", "near", "urgent", "far"]
    assert names.index("theirs") <= 1, "a deadline took another tenant's turn"


def test_a_row_comes_back_as_it_went_in(store: JobStore) -> None:
    add(store, "job_0")
    row, event = new("job_1", dependencies=("job_0",))
    row = replace(row, error={"code": "x", "n": [1, 2.5]}, placement={"device_id": "d"}, queue_until=5.25)
    assert store.insert(row, event) == "job_1"
    assert store.get("job_1") == row
    assert store.events("job_1") == (event,)
    assert store.get("job_2") is None
    assert store.events("job_2") == ()


def test_a_missing_dependency_is_named_and_nothing_is_stored(store: JobStore) -> None:
    with pytest.raises(EigenError) as error:
        add(store, "job_1", dependencies=("job_nope",))
    assert error.value.code == "EIGEN_JOB_NOT_FOUND"
    assert "job_nope" in error.value.message
    assert store.get("job_1") is None


def test_the_same_key_and_request_give_the_same_job(store: JobStore) -> None:
    assert store.requested(new("job_1")[0], ("key", "hash")) is None
    assert store.insert(*new("job_1"), idempotency=("key", "hash")) == "job_1"
    assert store.requested(new("job_2")[0], ("key", "hash")) == "job_1"
    assert store.insert(*new("job_2"), idempotency=("key", "hash")) == "job_1"
    assert store.get("job_2") is None
    with pytest.raises(EigenError) as error:
        store.insert(*new("job_3"), idempotency=("key", "other"))
    assert error.value.code == "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT"
    row, event = new("job_4")
    assert store.insert(replace(row, project="other"), event, idempotency=("key", "other")) == "job_4"


def test_update_needs_version_and_fence(store: JobStore) -> None:
    add(store, "job_1")
    row = claim(store)
    assert row is not None
    job, effects = jobs.step(row, events.Claimed(1.0))
    log = [effect.event for effect in effects if isinstance(effect, events.Announce)]
    assert not store.update(job, log, expected_version=row.version + 1, fence=row.fence)
    assert not store.update(job, log, expected_version=row.version, fence=row.fence - 1)
    assert len(store.events("job_1")) == 1
    assert store.update(job, log, expected_version=row.version, fence=row.fence)
    assert not store.update(job, log, expected_version=row.version, fence=row.fence)
    stored = store.get("job_1")
    assert stored is not None
    assert (stored.state, stored.version) == (JobState.COMPILING, row.version + 1)
    assert [entry.seq for entry in store.events("job_1")] == [1, 2]


def test_update_leaves_lease_and_wish_alone(store: JobStore) -> None:
    add(store, "job_1")
    row = claim(store, "mine")
    assert row is not None
    assert store.request_cancel("job_1")
    assert store.heartbeat("job_1", row.fence, 999.0)
    held = store.get("job_1")
    assert held is not None
    assert held.lease_until > row.lease_until
    stored = replace(row, message="x", owner="", lease_until=0.0, cancel_requested=False, sealed=True)
    assert store.update(stored, (), expected_version=row.version, fence=row.fence)
    after = store.get("job_1")
    assert after is not None
    assert (after.owner, after.lease_until, after.cancel_requested, after.sealed) == (
        "mine",
        held.lease_until,
        True,
        False,
    )


def test_claims_go_by_priority_then_age_and_exclude_each_other(store: JobStore) -> None:
    add(store, "job_2", "job_1")
    add(store, "job_3", priority=60)
    order = [claim(store, f"w{number}") for number in range(4)]
    assert [row.job_id if row else None for row in order] == ["job_3", "job_1", "job_2", None]


def test_a_lease_that_ran_out_is_claimed_again_and_the_old_fence_is_dead(
    store: JobStore, lease_time: LeaseTime
) -> None:
    add(store, "job_1")
    old = claim(store, "old")
    assert old is not None
    lease_time.pass_(5.0)
    assert claim(store, "new") is None
    lease_time.pass_(5.0)
    new_row = claim(store, "new")
    assert new_row is not None
    assert new_row.fence == old.fence + 1
    assert not store.heartbeat("job_1", old.fence, 999.0)
    assert not store.journal_append("job_1", old.fence, [JournalEntry(0, "k", 1)])
    assert not store.update(old, (), expected_version=old.version, fence=old.fence)
    store.release("job_1", old.fence)
    assert store.owners() == ("new",)
    assert store.heartbeat("job_1", new_row.fence, 999.0)


def test_released_and_broken_leases_are_free(store: JobStore) -> None:
    add(store, "job_1", "job_2")
    first, second = claim(store, "a"), claim(store, "b")
    assert first is not None
    assert second is not None
    assert store.owners() == ("a", "b")
    store.release(first.job_id, first.fence)
    assert store.break_leases(["b", "c"]) == 1
    assert store.break_leases([]) == 0
    assert store.owners() == ()
    assert not store.heartbeat(second.job_id, second.fence, 999.0)
    assert not store.journal_append(second.job_id, second.fence, [])
    assert {claim(store, "c").job_id, claim(store, "c").job_id} == {"job_1", "job_2"}  # type: ignore[union-attr]


def test_waiting_jobs_are_not_claimed_before_their_time(store: JobStore) -> None:
    row, event = new("job_1")
    store.insert(replace(row, not_before=300.0), event)
    assert claim(store, now=299.0) is None
    assert claim(store, now=300.0) is not None


def test_an_overdue_job_is_claimed_although_it_waits(store: JobStore) -> None:
    add(store, "job_0")
    row, event = new("job_1", dependencies=("job_0",))
    store.insert(replace(row, queue_until=250.0), event)
    assert claim(store, now=250.0, job_id="job_1") is None
    assert claim(store, now=250.1, job_id="job_1") is not None


def test_a_job_waits_for_its_dependencies_to_end(store: JobStore) -> None:
    add(store, "job_0", "job_9")
    add(store, "job_1", dependencies=("job_0", "job_9"))
    finish(store, "job_0")
    assert claim(store, job_id="job_1") is None
    assert store.request_cancel("job_9")
    row = claim(store, job_id="job_9")
    assert row is not None
    advance(store, row, events.Claimed(5.0))
    assert claim(store, job_id="job_1") is not None


def test_a_wish_to_cancel_makes_a_waiting_job_claimable(store: JobStore) -> None:
    add(store, "job_0")
    add(store, "job_1", dependencies=("job_0",))
    assert claim(store, job_id="job_1") is None
    assert store.request_cancel("job_1")
    assert claim(store, job_id="job_1") is not None
    assert not store.request_cancel("job_nope")


def test_outcomes_are_kept_until_sealed(store: JobStore) -> None:
    add(store, "job_1")
    row = finish(store, "job_1")
    assert store.outcome("job_1") == {"outputs": [1.5, "é"]}
    assert store.unfinished() == 1
    assert not store.seal("job_1", row.fence - 1)
    assert store.seal("job_1", row.fence)
    assert store.outcome("job_1") is None
    assert store.unfinished() == 0
    assert claim(store) is None
    assert not store.request_cancel("job_1")
    sealed = store.get("job_1")
    assert sealed is not None
    assert sealed.sealed
    assert sealed.owner == ""


def test_an_outcome_that_could_not_be_written_stays(store: JobStore) -> None:
    add(store, "job_1")
    row = finish(store, "job_1")
    assert store.seal("job_1", row.fence, keep_outcome=True)
    assert store.outcome("job_1") == {"outputs": [1.5, "é"]}


def test_an_unfinished_job_is_not_sealed(store: JobStore) -> None:
    add(store, "job_1")
    row = claim(store)
    assert row is not None
    assert not store.seal("job_1", row.fence)


def test_a_finished_job_without_files_is_claimed_again(store: JobStore, lease_time: LeaseTime) -> None:
    add(store, "job_1")
    finish(store, "job_1")
    assert claim(store) is None
    lease_time.pass_(10.0)
    again = claim(store)
    assert again is not None
    assert again.state is JobState.DONE


def test_a_refused_outcome_is_never_the_jobs(store: JobStore) -> None:
    add(store, "job_1")
    store.refuse("job_1", 1, {"outputs": "late"})
    store.refuse("job_1", 1, {"outputs": "later"})
    assert store.outcome("job_1") is None
    finish(store, "job_1")
    assert store.outcome("job_1") == {"outputs": [1.5, "é"]}


def test_the_journal_keeps_order_and_every_digit(store: JobStore) -> None:
    add(store, "job_1", "job_2")
    row = claim(store, job_id="job_1")
    assert row is not None
    values = [0.1 + 0.2, -1e-300, 5e-324, 1.7976931348623157e308, [1, {"a": None}], "x"]
    entries = [JournalEntry(index, f"k{index}", value) for index, value in enumerate(values)]
    assert store.journal_append("job_1", row.fence, entries[:2])
    assert store.journal_append("job_1", row.fence, entries[2:])
    assert store.journal("job_1") == tuple(entries)
    assert store.journal_length("job_1") == len(values)
    assert store.journal("job_2") == ()


def test_pages_go_from_new_to_old(store: JobStore) -> None:
    add(store, *(f"job_{number}" for number in range(5)))
    finish(store, "job_3")
    assert [row.job_id for row in store.list(limit=2)] == ["job_4", "job_3"]
    assert [row.job_id for row in store.list(limit=2, before="job_3")] == ["job_2", "job_1"]
    assert [row.job_id for row in store.list(states=[JobState.DONE])] == ["job_3"]
    assert len(store.list(name="contract")) == 5
    assert store.list(name="other") == ()


def test_events_are_read_in_pages(store: JobStore) -> None:
    add(store, "job_1")
    finish(store, "job_1")
    log = store.events("job_1")
    assert [event.seq for event in log] == [1, 2, 3, 4, 5]
    assert store.events("job_1", 3) == log[3:]
    assert store.events("job_1", 1, limit=2) == log[1:3]


def test_racing_workers_share_the_jobs_without_overlap(store: JobStore) -> None:
    names = [f"job_{number:02}" for number in range(30)]
    add(store, *names)

    def work(owner: str) -> list[str]:
        found: list[str] = []
        while row := claim(store, owner):
            found.append(row.job_id)
        return found

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(work, "abcd"))
    assert sorted(name for share in shares for name in share) == names


def test_a_racing_key_makes_one_job(store: JobStore) -> None:
    def submit(number: int) -> str:
        return store.insert(*new(f"job_{number}"), idempotency=("key", "hash"))

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(submit, range(12)))) == 1
    assert len(store.list()) == 1


def test_who_submitted_a_job_and_its_trace_are_kept(store: JobStore) -> None:
    row, event = new("job_0")
    row = replace(
        row,
        tenant="acme",
        project="chem",
        subject="anna",
        traceparent=f"00-{'a' * 32}-{'b' * 16}-01",
        reservation_id="res_1",
    )
    store.insert(row, event)
    assert store.get("job_0") == row
    changed = replace(row, tenant="other", project="p", subject="s", traceparent="", reservation_id="")
    assert store.update(changed, [], expected_version=1, fence=0)
    assert store.get("job_0") == replace(row, version=2), "they never change"


def test_lists_are_filtered_by_tenant_and_project(store: JobStore) -> None:
    for number, (tenant, project) in enumerate([("a", "p"), ("a", "q"), ("b", "p"), ("a", "p")]):
        row, event = new(f"job_{number}")
        store.insert(replace(row, tenant=tenant, project=project), event)

    def names(**wanted: str) -> list[str]:
        return [row.job_id for row in store.list(**wanted)]  # type: ignore[arg-type]

    assert names(tenant="a") == ["job_3", "job_1", "job_0"]
    assert names(tenant="a", project="p") == ["job_3", "job_0"]
    assert names(project="p") == ["job_3", "job_2", "job_0"]
    assert names(tenant="c") == []
    assert [row.job_id for row in store.list(tenant="a", limit=1, before="job_3")] == ["job_1"]


def test_the_whole_log_can_be_followed_from_any_place(store: JobStore) -> None:
    assert store.last_change() == 0
    assert store.changes(0) == ()
    add(store, "job_0")
    finish(store, "job_0")
    add(store, "job_1")
    everything = store.changes(0)
    ids = [number for number, _ in everything]
    assert ids == sorted(set(ids))
    assert store.last_change() == ids[-1]
    assert [event for _, event in everything if event.job_id == "job_0"] == list(store.events("job_0"))
    assert everything[-1][1] == store.events("job_1")[0]
    assert store.changes(ids[2]) == everything[3:]
    assert store.changes(0, limit=2) == everything[:2]
    assert store.changes(ids[-1]) == ()


def test_a_job_in_retry_wait_says_when_it_is_due(store: JobStore) -> None:
    assert store.next_due(0.0) is None
    add(store, "job_0", "job_1")
    assert store.next_due(0.0) is None
    for name, wait in (("job_0", 500.0), ("job_1", 400.0)):
        row = claim(store, job_id=name)
        assert row is not None
        assert store.update(replace(row, not_before=wait), [], expected_version=row.version, fence=row.fence)
    assert store.next_due(100.0) == 400.0
    assert store.next_due(400.0) == 500.0
    assert store.next_due(500.0) is None


def test_unfinished_jobs_are_counted_by_where_they_go(store: JobStore) -> None:
    add(store, "job_0", "job_1", "job_2")
    finish(store, "job_0")
    row = claim(store, job_id="job_1")
    assert row is not None
    for event in (events.Claimed(1.0), events.Compiled(2.0), events.Placed(3.0, {"device_id": "sim:x"})):
        row = advance(store, row, event)
    counted = {(group.state, group.device_id): group.count for group in store.waiting()}
    assert counted == {(JobState.RUNNING, "sim:x"): 1, (JobState.PENDING, ""): 1}


def test_what_ran_says_where_and_for_how_long(store: JobStore) -> None:
    add(store, "job_0", "job_1")
    assert store.ran() == ()
    finish(store, "job_0")
    finish(store, "job_1")
    assert [(run.device_id, run.seconds) for run in store.ran()] == [("sim:x", 1.0), ("sim:x", 1.0)]
    assert len(store.ran(limit=1)) == 1


def test_the_place_in_the_queue_follows_the_order_of_claims(store: JobStore) -> None:
    add(store, "job_0", "job_1")
    add(store, "job_2", priority=90)
    add(store, "job_3")
    places = {name: store.ahead(row) for name in ("job_2", "job_0", "job_1", "job_3") if (row := store.get(name))}
    assert places == {"job_2": 0, "job_0": 1, "job_1": 2, "job_3": 3}
    finish(store, "job_2")
    last = store.get("job_3")
    assert last is not None
    assert store.ahead(last) == 2


def test_the_calendar_of_a_host_neither_breaks_nor_prolongs_a_lease(store: JobStore, lease_time: LeaseTime) -> None:
    add(store, "job_1")
    assert claim(store, "a", now=200.0) is not None
    assert claim(store, "b", now=1e9) is None
    lease_time.pass_(10.0)
    assert claim(store, "b", now=-1e9) is None, "it is not due yet"
    assert claim(store, "b", now=1e9) is not None


def test_many_submit_at_once_and_every_acknowledged_job_is_there(store: JobStore) -> None:
    names = [f"job_{number:03}" for number in range(64)]
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(lambda name: store.insert(*new(name)), names)) == names
    assert [row.job_id for row in reversed(store.list(limit=100))] == names
    assert sorted(event.job_id for _, event in store.changes(0)) == names


def test_a_refused_submission_among_many_fails_alone(store: JobStore) -> None:
    def submit(number: int) -> str:
        needs = ("job_nope",) if number % 4 == 0 else ()
        try:
            return store.insert(*new(f"job_{number:02}", dependencies=needs))
        except EigenError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(submit, range(40)))
    assert answers == ["EIGEN_JOB_NOT_FOUND" if n % 4 == 0 else f"job_{n:02}" for n in range(40)]
    assert {row.job_id for row in store.list()} == {answer for answer in answers if answer.startswith("job")}


def test_who_follows_the_log_while_it_grows_misses_nothing(store: JobStore) -> None:
    """Writers commit in any order; the follower remembers its place and nothing else."""
    names = [f"job_{number:02}" for number in range(40)]
    seen: list[tuple[str, int]] = []

    def follow(done: Event) -> None:
        place, last_look = 0, False
        while True:
            page = store.changes(place, 7)
            seen.extend((event.job_id, event.seq) for _, event in page)
            place = page[-1][0] if page else place
            if not page and last_look:
                return
            last_look = not page and done.is_set()

    done = Event()
    with ThreadPoolExecutor(5) as pool:
        follower = pool.submit(follow, done)
        list(pool.map(lambda name: store.insert(*new(name)), names))
        done.set()
        follower.result(timeout=60)
    assert sorted(seen) == [(name, 1) for name in names]


def of_tenant(store: JobStore, tenant: str, *names: str, at: float = 100.0, priority: int = 50) -> None:
    spec = JobSpec(name="contract", program=ProgramRef(sha256="0" * 64), priority=priority)
    for name in names:
        store.insert(*jobs.create(name, spec, at=at, entropy=1, tenant=tenant))


def served(store: JobStore, count: int) -> list[str]:
    """The tenants of the next claims, in their order."""
    found = [claim(store, f"s{number}") for number in range(count)]
    return [row.tenant for row in found if row is not None]


def test_a_tenant_with_many_jobs_does_not_delay_another_ones(store: JobStore) -> None:
    of_tenant(store, "many", *(f"job_{number:03}" for number in range(200)))
    assert served(store, 20) == ["many"] * 20
    of_tenant(store, "one", "job_900")
    row = store.get("job_900")
    assert row is not None
    assert store.ahead(row) == 0
    assert served(store, 2) == ["one", "many"]


def test_ten_thousand_jobs_of_a_tenant_delay_a_single_one_by_two_dispatches_at_most(database: Database) -> None:
    store = SqlJobStore(database)
    spec = JobSpec(name="contract", program=ProgramRef(sha256="0" * 64))
    made = [jobs.create(f"job_{number:05}", spec, at=100.0, entropy=1, tenant="many")[0] for number in range(10_000)]

    def queue(connection: Connection) -> None:
        columns = [rows.job_columns(row) | {"turn": turn, "urgency": 0.0} for turn, row in enumerate(made)]
        connection.execute(insert(schema.job), columns)
        connection.execute(insert(schema.share), {"tenant": "many", "turn": len(made)})

    database.write(queue)
    assert served(store, 5) == ["many"] * 5
    of_tenant(store, "many", "job_10001")
    of_tenant(store, "one", "job_99999")
    row = store.get("job_99999")
    assert row is not None
    assert store.ahead(row) <= 2
    assert "one" in served(store, 3)


def test_fifty_tenants_with_unequal_queues_are_served_equally(store: JobStore) -> None:
    """Jain's index (Jain, Chiu and Hawe, 1984): 1 when all are served alike, 1/50 when one is."""
    for tenant in range(50):
        of_tenant(store, f"t{tenant:02}", *(f"job_{tenant:02}_{number}" for number in range(4 + tenant % 5)))
    counts = Counter(served(store, 150))
    index = sum(counts.values()) ** 2 / (50 * sum(count**2 for count in counts.values()))
    assert len(counts) == 50
    assert index > 0.99


def test_shares_follow_the_weights(database: Database) -> None:
    store = SqlJobStore(database, weights={"heavy": 3.0})
    for tenant in ("heavy", "light"):
        of_tenant(store, tenant, *(f"job_{tenant}_{number:02}" for number in range(40)))
    counts = Counter(served(store, 40))
    assert abs(counts["heavy"] - 30) <= 1


def test_who_was_idle_has_saved_nothing_up(store: JobStore) -> None:
    of_tenant(store, "busy", *(f"job_{number:02}" for number in range(30)))
    served(store, 30)
    for tenant in ("idle", "busy"):
        of_tenant(store, tenant, *(f"job_9_{tenant}_{number:02}" for number in range(10)))
    assert Counter(served(store, 10)) == {"idle": 5, "busy": 5}


def test_a_job_that_is_asked_for_by_its_name_moves_nobodys_turn(store: JobStore) -> None:
    of_tenant(store, "many", *(f"job_{number:02}" for number in range(50)))
    assert claim(store, "by-name", job_id="job_49") is not None
    served(store, 2)
    of_tenant(store, "one", "job_90")
    assert "one" in served(store, 3)


def test_within_a_tenant_a_point_of_priority_counts_a_minute(store: JobStore) -> None:
    of_tenant(store, "t", "job_old", at=1_000.0, priority=0)
    of_tenant(store, "t", "job_new", at=1_000.0 + 59 * 60, priority=60)
    of_tenant(store, "t", "job_late", at=1_000.0 + 61 * 60, priority=60)
    places = [store.ahead(row) for name in ("job_new", "job_old", "job_late") if (row := store.get(name))]
    order = [row.job_id for number in range(3) if (row := claim(store, f"w{number}", now=1e9))]
    assert order == ["job_new", "job_old", "job_late"]
    assert places == [0, 1, 2]
