"""What every `JobStore` holds of quotas of money, of storage and of a period: exact, whoever submits or ends."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from eigen.errors import EigenError
from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import events, jobs
from eigen.qfs import schema
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.quotas import MICROS, quotas_of
from eigen.qfs.store import NewJob

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.qfs.db import Database

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp()
HOUR, DAY = 3600.0, 86_400.0


def limited(database: Database, written: str) -> SqlJobStore:
    return SqlJobStore(database, quotas=quotas_of(written))


def submit(
    store: SqlJobStore, name: str, tenant: str = "a", project: str = "p", at: float = NOON, **changes: Any
) -> str:
    spec = JobSpec(name="usage", program=ProgramRef(sha256="0" * 64))
    row, event = jobs.create(name, spec, at=at, entropy=1, tenant=tenant, project=project)
    return store.insert(replace(row, **changes), event)


def refused(call: Callable[[], object], where: str, code: str = "EIGEN_QUOTA_EXCEEDED") -> EigenError:
    with pytest.raises(EigenError) as caught:
        call()
    assert (caught.value.code, caught.value.where) == (code, where)
    return caught.value


def end(store: SqlJobStore, name: str, stored_bytes: int | None) -> bool:
    """Have a job cancelled and sealed with so many bytes."""
    assert store.request_cancel(name)
    row = store.claim(f"w-{name}", NOON + DAY, 10.0, job_id=name)
    assert row is not None
    job, _ = jobs.step(row, events.Claimed(1.0))
    assert job.state.is_terminal
    assert store.update(job, [], expected_version=row.version, fence=row.fence)
    return store.seal(name, row.fence, stored_bytes=stored_bytes)


def numbers(database: Database) -> dict[tuple[str, str, str], int]:
    """What is counted, the newest period of each."""
    its = schema.usage.c
    query = select(its.tenant, its.project, its.kind, its.amount).order_by(its.began)
    found = database.read(lambda connection: connection.execute(query).all())
    return {(tenant, project, kind): amount for tenant, project, kind, amount in found}


def test_what_jobs_under_way_may_cost_is_added_up(database: Database) -> None:
    store = limited(database, "a.cost=10.50")
    submit(store, "job_1", cost=10 * MICROS)
    error = refused(lambda: submit(store, "job_2", cost=MICROS), "cost")
    assert error.details == {"quota": "cost", "limit": 10.5, "has": 10.0, "asked": 1.0}
    assert "`10`" in error.message
    assert "`10.5`" in error.message
    submit(store, "job_3", cost=MICROS // 2)
    refused(lambda: submit(store, "job_4", cost=1), "cost")
    refused(lambda: submit(store, "job_4", cost=11 * MICROS), "cost", "EIGEN_LIMIT_EXCEEDED")
    assert end(store, "job_1", None)
    submit(store, "job_4", cost=10 * MICROS)


@pytest.mark.parametrize("written", ["a.cost=10", "a/p.cost/month=10"])
def test_who_has_a_quota_of_money_says_what_a_job_may_cost(database: Database, written: str) -> None:
    store = limited(database, written)
    error = refused(lambda: submit(store, "job_1"), "budget.max_cost", "EIGEN_LIMIT_EXCEEDED")
    assert "`budget.max_cost`" in error.hint
    submit(store, "job_2", cost=0)
    submit(store, "job_3", "b")


@pytest.mark.parametrize(
    ("period", "ends", "seconds"),
    [
        ("hour", "2026-11-30T13:00:00Z", 1800),
        ("day", "2026-12-01T00:00:00Z", 41_400),
        ("month", "2026-12-01T00:00:00Z", 41_400),
    ],
)
def test_what_is_submitted_in_a_period_is_counted_until_it_ends(
    database: Database, period: str, ends: str, seconds: float
) -> None:
    store = limited(database, f"a.shots/{period}=1000")
    half_past = NOON + HOUR / 2
    submit(store, "job_1", at=half_past, shots=700)
    assert end(store, "job_1", None)
    error = refused(lambda: submit(store, "job_2", at=half_past, shots=301), f"shots/{period}")
    assert error.details["period_ends"] == ends
    assert error.details["retry_after_seconds"] == seconds
    assert ends in error.hint
    submit(store, "job_2", at=half_past, shots=300)
    submit(store, "job_3", at=half_past + seconds, shots=1000)
    refused(lambda: submit(store, "job_4", at=half_past + seconds - 0.001, shots=1), f"shots/{period}")
    refused(lambda: submit(store, "job_4", at=half_past + seconds, shots=1), f"shots/{period}")
    refused(lambda: submit(store, "job_4", shots=1001), f"shots/{period}", "EIGEN_LIMIT_EXCEEDED")


def test_jobs_bytes_and_money_have_periods_of_tenants_and_projects(database: Database) -> None:
    store = limited(database, "*.jobs/hour=3, a/p.bytes/day=100, a.cost/month=2")
    submit(store, "job_1", input_bytes=100, cost=MICROS)
    refused(lambda: submit(store, "job_2", input_bytes=1, cost=0), "bytes/day")
    submit(store, "job_2", project="q", input_bytes=1, cost=MICROS)
    refused(lambda: submit(store, "job_3", project="q", cost=1), "cost/month")
    submit(store, "job_3", cost=0)
    refused(lambda: submit(store, "job_4", cost=0), "jobs/hour")
    for number in range(3):
        submit(store, f"job_b{number}", "b")
    refused(lambda: submit(store, "job_b3", "b"), "jobs/hour")
    assert numbers(database) == {
        ("a", "", "jobs/hour"): 3,
        ("a", "", "cost/month"): 2 * MICROS,
        ("a", "p", "bytes/day"): 100,
        ("b", "", "jobs/hour"): 3,
    }


def test_submissions_of_a_period_that_race_are_never_one_too_many(database: Database) -> None:
    store = limited(database, "a.jobs/day=10, a.shots/month=1000")

    def one(number: int) -> str:
        try:
            return submit(store, f"job_{number:02}", shots=1)
        except EigenError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(answer[:4] for answer in pool.map(one, range(30)))
    assert answers == {"job_": 10, "EIGE": 20}
    assert numbers(database) == {("a", "", "jobs/day"): 10, ("a", "", "shots/month"): 10}


def test_a_batch_counts_each_job_in_its_own_period_or_none(database: Database) -> None:
    store = limited(database, "a.shots/hour=100")
    spec = JobSpec(name="usage", program=ProgramRef(sha256="0" * 64))

    def batch(name: str, *asked: tuple[float, int]) -> list[NewJob]:
        made = [
            jobs.create(f"job_{name}{number}", spec, at=at, entropy=1, tenant="a")
            for number, (at, _) in enumerate(asked)
        ]
        return [NewJob(replace(row, shots=more[1]), event) for (row, event), more in zip(made, asked, strict=True)]

    store.insert_all(batch("a", (NOON - 1, 60), (NOON, 60), (NOON, 30)))
    error = refused(lambda: store.insert_all(batch("b", (NOON - 1, 10), (NOON, 11))), "shots/hour")
    assert (error.details["has"], error.details["asked"]) == (90, 11)
    assert store.get("job_b0") is None
    store.insert_all(batch("c", (NOON - 1, 40), (NOON, 10)))
    refused(lambda: submit(store, "job_d", at=NOON - 1, shots=1), "shots/hour")
    refused(lambda: submit(store, "job_d", at=NOON, shots=1), "shots/hour")


def test_a_request_that_is_repeated_counts_once(database: Database) -> None:
    store = limited(database, "a.jobs/day=1")
    spec = JobSpec(name="usage", program=ProgramRef(sha256="0" * 64))
    for name in ("job_1", "job_2"):
        made = jobs.create(name, spec, at=NOON, entropy=1, tenant="a")
        assert store.insert(*made, idempotency=("key", "hash")) == "job_1"


def test_a_quota_that_comes_or_comes_back_counts_the_jobs_of_its_period(database: Database) -> None:
    open_to_all = limited(database, "")
    submit(open_to_all, "job_0", at=NOON - DAY, shots=500)
    submit(open_to_all, "job_1", shots=600)
    store = limited(database, "a.shots/day=1000")
    refused(lambda: submit(store, "job_2", shots=401), "shots/day")
    submit(store, "job_2", shots=100)
    submit(limited(database, "b.shots/day=1"), "job_3", shots=200)
    again = limited(database, "a.shots/day=1000")
    refused(lambda: submit(again, "job_4", shots=101), "shots/day")
    submit(again, "job_4", shots=100)
    assert numbers(database) == {("a", "", "shots/day"): 1000}


def test_old_periods_are_forgotten(database: Database) -> None:
    store = limited(database, "a.jobs/hour=5")
    for number in range(10):
        submit(store, f"job_{number}", at=NOON + number * HOUR)
    rows = database.read(lambda connection: connection.execute(select(schema.usage)).all())
    assert len(rows) == 2


def test_files_that_are_kept_count_after_the_end_of_their_job(database: Database) -> None:
    store = limited(database, "a.storage=1000, a/p.storage=850")
    submit(store, "job_1", input_bytes=300)
    submit(store, "job_2", project="q", input_bytes=100)
    assert end(store, "job_1", 800)
    error = refused(lambda: submit(store, "job_3", input_bytes=51), "storage")
    assert error.details["retry_after_seconds"] is None, "to wait is no help"
    assert "`p`" in error.message
    refused(lambda: submit(store, "job_3", project="q", input_bytes=101), "storage")
    submit(store, "job_3", project="q", input_bytes=100)
    assert end(store, "job_2", None), "its files could not be written: the inputs stay"
    assert numbers(database) == {("a", "", "storage"): 1000, ("a", "p", "storage"): 800}
    refused(lambda: submit(store, "job_4", input_bytes=1001), "storage", "EIGEN_LIMIT_EXCEEDED")


def test_storage_is_counted_whoever_ends_and_submits_at_once(database: Database) -> None:
    names = [f"job_{number:02}" for number in range(12)]
    before = limited(database, "")
    for name in names[:6]:
        submit(before, name, input_bytes=10)
    stores = [limited(database, "a.storage=1000000, a/p.storage=1000000") for _ in range(2)]

    def one(number: int) -> None:
        name, store = names[number % 12], stores[number % 2]
        if number < 6:
            assert end(store, name, 1000 + number)
        else:
            submit(store, name, input_bytes=10)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(12)))
    expected = sum(1000 + number for number in range(6)) + 6 * 10
    assert set(numbers(database).values()) == {expected}
    kept = select(schema.job.c.stored_bytes)
    assert sum(database.read(lambda connection: connection.execute(kept).scalars().all())) == expected
