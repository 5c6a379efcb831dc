"""What every `JobStore` does with a batch: all of it is stored in one step, or nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from eigen.errors import EigenError
from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import jobs
from eigen.qfs.quotas import quotas_of
from eigen.qfs.store import BATCH_MARK, NewJob

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Kept
    from eigen.qfs.store import JobStore


@pytest.fixture
def store(kept: Kept) -> JobStore:
    return kept.jobs


def new(name: str, *, key: str | None = None, digest: str = "same", **changes: Any) -> NewJob:
    asked = {field: changes.pop(field) for field in ("dependencies", "priority") if field in changes}
    spec = JobSpec(name="batch", program=ProgramRef(sha256="0" * 64), **asked)
    owner = {field: changes.pop(field, field[0]) for field in ("tenant", "project")}
    row, event = jobs.create(name, spec, at=100.0, entropy=1, **owner)
    return NewJob(replace(row, **changes), event, None if key is None else (key, digest))


def refusal(call: Callable[[], object]) -> EigenError:
    with pytest.raises(EigenError) as caught:
        call()
    return caught.value


def names(store: JobStore) -> list[str]:
    return sorted(row.job_id for row in store.list(limit=1000))


def test_all_are_there_with_their_events_in_their_order(store: JobStore) -> None:
    store.insert(*_pair(new("job_0")))
    batch = [new(f"job_{number}", dependencies=("job_0",)) for number in range(1, 4)]
    assert store.insert_all(batch) == ("job_1", "job_2", "job_3")
    assert names(store) == ["job_0", "job_1", "job_2", "job_3"]
    told = [event.job_id for _, event in store.changes(0)]
    assert told == ["job_0", "job_1", "job_2", "job_3"]
    for name in ("job_1", "job_2", "job_3"):
        row = store.get(name)
        assert row is not None
        assert row.dependencies == ("job_0",)
        assert [event.seq for event in store.events(name)] == [1]


def test_they_are_worked_in_their_order(store: JobStore) -> None:
    store.insert_all([new(f"job_{number}") for number in range(5)])
    found = [store.claim(f"w{number}", 200.0, 10.0) for number in range(6)]
    assert [row and row.job_id for row in found] == [*(f"job_{number}" for number in range(5)), None]


def test_a_batch_takes_a_turn_for_each_of_its_jobs(store: JobStore) -> None:
    store.insert_all([new(f"job_a{number}", tenant="a") for number in range(50)])
    store.insert_all([new(f"job_b{number}", tenant="b") for number in range(3)])
    store.insert(*_pair(new("job_c", tenant="c")))
    found = [store.claim(f"w{number}", 200.0, 10.0) for number in range(9)]
    assert [row.tenant for row in found if row is not None].count("b") == 3
    assert "job_c" in [row.job_id for row in found[:4] if row is not None]


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (new("job_9", dependencies=("job_none",)), "EIGEN_JOB_NOT_FOUND"),
        (new("job_9", key="taken", digest="another"), "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT"),
        (new("job_0"), "EIGEN_INTERNAL"),
    ],
    ids=["a dependency", "a key", "an id"],
)
def test_what_is_refused_leaves_nothing(store: JobStore, last: NewJob, code: str) -> None:
    store.insert(*_pair(new("job_0")), idempotency=("taken", "same"))
    before = store.last_change()
    assert refusal(lambda: store.insert_all([new("job_1"), new("job_2", key="free"), last])).code == code
    assert names(store) == ["job_0"]
    assert store.last_change() == before
    assert store.insert_all([new("job_3", key="free")]) == ("job_3",)


def test_what_keys_know_is_not_stored_again(store: JobStore) -> None:
    first = [new("job_0", key="k0"), new("job_1"), new("job_2", key="k2")]
    assert store.insert_all(first) == ("job_0", "job_1", "job_2")
    again = [new("job_3", key="k2"), new("job_4", key="k4"), new("job_5", key="k0")]
    assert store.all_requested(again) == ["job_2", None, "job_0"]
    assert store.insert_all(again) == ("job_2", "job_4", "job_0")
    assert names(store) == ["job_0", "job_1", "job_2", "job_4"]
    assert store.all_requested([new("job_6"), new("job_7", key="k0", project="q")]) == [None, None]


def test_a_conflict_names_the_key_of_the_batch(store: JobStore) -> None:
    store.insert_all([new("job_0", key=f"mine{BATCH_MARK}0")])
    error = refusal(lambda: store.insert_all([new("job_1", key=f"mine{BATCH_MARK}0", digest="another")]))
    assert error.message == "the idempotency key `mine` was used with another request, for job `job_0`"


def test_racing_batches_under_one_key_are_one(store: JobStore) -> None:
    def one(number: int) -> tuple[str, ...]:
        return store.insert_all([new(f"job_{number}{place}", key=f"k{BATCH_MARK}{place}") for place in range(5)])

    with ThreadPoolExecutor(8) as pool:
        answers = {*pool.map(one, range(8))}
    assert len(answers) == 1
    assert names(store) == sorted(answers.pop())


def test_quotas_count_a_batch_together(kept: Kept) -> None:
    store = kept.limited(quotas_of("t.queued=5,t.shots=100"))
    store.insert_all([new(f"job_{number}") for number in range(3)])
    three = [new(f"job_1{number}") for number in range(3)]
    for refused in (lambda: store.insert_all(three), lambda: store.check_quota(*(job.row for job in three))):
        error = refusal(refused)
        assert (error.code, error.where) == ("EIGEN_QUOTA_EXCEEDED", "queued")
        assert error.details == {"quota": "queued", "limit": 5, "has": 3, "asked": 3}
    assert len(names(store)) == 3
    assert store.insert_all(three[:2]) == ("job_10", "job_11")
    larger = refusal(lambda: store.insert_all([new(f"job_2{n}", shots=60, tenant="t") for n in range(2)]))
    assert larger.code == "EIGEN_QUOTA_EXCEEDED"


def test_what_is_too_large_together_will_never_fit(kept: Kept) -> None:
    store = kept.limited(quotas_of("t.shots=100"))
    error = refusal(lambda: store.insert_all([new(f"job_{number}", shots=60) for number in range(2)]))
    assert (error.code, error.where) == ("EIGEN_LIMIT_EXCEEDED", "shots")
    assert error.message == "the batch of 2 jobs asks for `120` shots, and tenant `t` may have `100` under way"


def test_batches_that_race_never_store_one_too_many(kept: Kept) -> None:
    store = kept.limited(quotas_of("t.queued=10"))

    def one(number: int) -> str:
        try:
            return str(len(store.insert_all([new(f"job_{number}{place}") for place in range(3)])))
        except EigenError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(8))) == ["3"] * 3 + ["EIGEN_QUOTA_EXCEEDED"] * 5
    assert len(names(store)) == 9


def _pair(job: NewJob) -> tuple[Any, Any]:
    return job.row, job.event
