"""What every `JobStore` holds of quotas: the job too many is refused where it would be stored, or claimed."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from eigen.errors import EigenError
from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import events, jobs
from eigen.qfs.quotas import Quotas, quotas_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Kept, LeaseTime
    from eigen.qfs.store import JobRow, JobStore

    Limited = Callable[[str], JobStore]


@pytest.fixture
def limited(kept: Kept) -> Limited:
    """The store of the test under these quotas."""
    return lambda written: kept.limited(quotas_of(written))


@pytest.fixture
def lease_time(kept: Kept) -> LeaseTime:
    return kept.lease_time


def submit(store: JobStore, name: str, tenant: str = "a", project: str = "p", **changes: Any) -> str:
    spec = JobSpec(name="quotas", program=ProgramRef(sha256="0" * 64))
    row, event = jobs.create(name, spec, at=100.0, entropy=1, tenant=tenant, project=project)
    return store.insert(replace(row, **changes), event)


def refused(call: Callable[[], object], where: str, code: str = "EIGEN_QUOTA_EXCEEDED") -> EigenError:
    with pytest.raises(EigenError) as caught:
        call()
    assert (caught.value.code, caught.value.where) == (code, where)
    return caught.value


def claim(store: JobStore, owner: str, job_id: str | None = None) -> JobRow | None:
    return store.claim(owner, 200.0, 10.0, job_id=job_id)


def drive(store: JobStore, row: JobRow, *happened: events.Event) -> None:
    for event in happened:
        job, _ = jobs.step(row, event)
        assert store.update(job, [], expected_version=row.version, fence=row.fence)
        row = replace(job, version=row.version + 1)


def test_a_job_too_many_is_refused_until_one_goes_on(limited: Limited) -> None:
    store = limited("a.queued=2")
    submit(store, "job_1")
    submit(store, "job_2")
    row, _ = jobs.create("job_3", JobSpec(name="q", program=ProgramRef(sha256="0" * 64)), at=1, entropy=1, tenant="a")
    refused(lambda: store.check_quota(row), "queued")
    error = refused(lambda: submit(store, "job_3"), "queued")
    assert "`a`" in error.message
    assert error.details == {"quota": "queued", "limit": 2, "has": 2, "asked": 1}
    assert store.get("job_3") is None
    assert submit(store, "job_other", tenant="b") == "job_other"
    claimed = claim(store, "w", "job_1")
    assert claimed is not None
    drive(store, claimed, events.Claimed(1.0), events.Compiled(2.0), events.Placed(3.0, {"device_id": "sim:x"}))
    assert submit(store, "job_3") == "job_3"
    refused(lambda: submit(store, "job_4"), "queued")


def test_a_queue_of_all_tenants_has_a_bound_however_many_submit_at_once(kept: Kept) -> None:
    store = kept.limited(Quotas(all_queued=3))

    def attempt(number: int) -> str:
        try:
            return submit(store, f"job_{number}", tenant=f"t{number % 4}")
        except EigenError as error:
            return f"{error.code} {error.where}"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(attempt, range(12)))
    assert found.count("EIGEN_QUOTA_EXCEEDED queued") == 9
    claimed = claim(store, "w", next(name for name in found if name.startswith("job_")))
    assert claimed is not None
    drive(store, claimed, events.Claimed(1.0), events.Compiled(2.0), events.Placed(3.0, {"device_id": "sim:x"}))
    assert submit(store, "job_next", tenant="new") == "job_next"
    assert refused(lambda: submit(store, "job_more"), "queued").details["limit"] == 3


@pytest.mark.parametrize("bound", ["tenant", "all"])
def test_a_workflow_gets_its_next_job_however_many_wait_for_it(kept: Kept, bound: str) -> None:
    """Jobs that wait for the workflow would fill the queue, and nothing would ever end."""
    quotas = Quotas(all_queued=2) if bound == "all" else quotas_of("a.queued=2")
    store = kept.limited(quotas)
    for name in ("job_0", "job_1"):
        submit(store, name)
    assert submit(store, "job_w-1", workflow="job_w", step="s")
    refused(lambda: submit(store, "job_w-2", workflow="job_w", step="s", item=1), "queued")
    assert submit(store, "job_v-1", workflow="job_v", step="s")
    refused(lambda: submit(store, "job_2"), "queued")
    row = claim(store, "worker", "job_w-1")
    assert row is not None
    drive(store, row, events.Cancelled(200.0, None))
    assert submit(store, "job_w-2", workflow="job_w", step="s", item=1)


def test_everybody_a_tenant_and_a_project_have_their_own(limited: Limited) -> None:
    store = limited("*.queued=1, a.queued=3, a/p.queued=2")
    submit(store, "job_1", "b")
    assert "tenant `b`" in refused(lambda: submit(store, "job_2", "b"), "queued").message
    submit(store, "job_3")
    submit(store, "job_4")
    assert "project `p` of tenant `a`" in refused(lambda: submit(store, "job_5"), "queued").message
    submit(store, "job_6", project="q")
    assert "tenant `a` has" in refused(lambda: submit(store, "job_7", project="q"), "queued").message


@pytest.mark.parametrize(("kind", "column"), [("bytes", "input_bytes"), ("shots", "shots")])
def test_what_jobs_under_way_ask_for_is_added_up(limited: Limited, kind: str, column: str) -> None:
    store = limited(f"a.{kind}=1000")
    submit(store, "job_1", **{column: 600})
    refused(lambda: submit(store, "job_2", **{column: 401}), kind)
    submit(store, "job_3", **{column: 400})
    assert store.request_cancel("job_1")
    row = claim(store, "w", "job_1")
    assert row is not None
    drive(store, row, events.Claimed(1.0))
    submit(store, "job_4", **{column: 600})
    refused(lambda: submit(store, "job_5", **{column: 1001}), kind, "EIGEN_LIMIT_EXCEEDED")


def test_submissions_that_race_never_store_one_too_many(limited: Limited) -> None:
    store = limited("a.queued=10")

    def one(number: int) -> str:
        try:
            return submit(store, f"job_{number:02}")
        except EigenError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(answer[:4] for answer in pool.map(one, range(30)))
    assert answers == {"job_": 10, "EIGE": 20}
    assert len(store.list()) == 10


def test_a_request_that_is_repeated_is_known_although_there_is_no_room(limited: Limited) -> None:
    store = limited("a.queued=1")
    spec = JobSpec(name="quotas", program=ProgramRef(sha256="0" * 64))
    for name in ("job_1", "job_2"):
        made = jobs.create(name, spec, at=100.0, entropy=1, tenant="a")
        assert store.insert(*made, idempotency=("key", "hash")) == "job_1"


def test_who_runs_as_much_as_it_may_is_passed_over(limited: Limited) -> None:
    store = limited("a.running=2, a/p.running=1")
    for number in range(3):
        submit(store, f"job_1{number}")
        submit(store, f"job_2{number}", project="q")
    submit(store, "job_30", "b")
    rows = [claim(store, f"w{number}") for number in range(4)]
    assert [row and (row.tenant, row.project) for row in rows] == [("a", "p"), ("b", "p"), ("a", "q"), None]
    assert claim(store, "w5", "job_12") is None
    assert rows[2] is not None
    store.release(rows[2].job_id, rows[2].fence)
    row = claim(store, "w6")
    assert row is not None
    assert row.project == "q", "the project `p` has its one"
    assert store.request_cancel("job_12")
    assert claim(store, "w7", "job_12") is not None, "what is to be cancelled only ends"


def test_claims_that_race_never_run_one_too_many(limited: Limited) -> None:
    store = limited("a.running=3")
    for number in range(12):
        submit(store, f"job_{number:02}")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: claim(store, f"w{number}"), range(12)))
    assert sum(row is not None for row in found) == 3


def test_a_lease_that_ran_out_takes_no_room(limited: Limited, lease_time: LeaseTime) -> None:
    store = limited("a.running=1")
    submit(store, "job_1")
    assert claim(store, "w1") is not None
    assert claim(store, "w2") is None
    lease_time.pass_(10.0)
    assert claim(store, "w2") is not None
