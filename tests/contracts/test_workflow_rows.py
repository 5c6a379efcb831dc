"""What every `JobStore` does for workflows: jobs under a lease, counts, and a rest from which every end wakes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import events, jobs
from eigen.qfs.store import FAR, StepJobs
from eigen.types import JobState

if TYPE_CHECKING:
    from conftest import Kept
    from eigen.qfs.store import JobRow, JobStore

SPEC = JobSpec(name="contract", program=ProgramRef(sha256="0" * 64))


@pytest.fixture
def store(kept: Kept) -> JobStore:
    return kept.jobs


def begin(store: JobStore, name: str = "whole") -> JobRow:
    store.insert(*jobs.create(name, SPEC, at=100.0, entropy=1))
    row = store.claim("w", 200.0, 30.0, job_id=name)
    assert row is not None
    return row


def add(store: JobStore, whole: JobRow, step: str, item: int = -1, *, fence: int | None = None) -> str:
    job_id = f"{whole.job_id}-{step}-{item}"
    row, event = jobs.create(job_id, SPEC, at=100.0, entropy=1, part=(whole.job_id, step, item))
    return store.insert(row, event, under=whole.fence if fence is None else fence)


def end(store: JobStore, job_id: str, state: JobState = JobState.DONE) -> None:
    row = store.claim(f"w-{job_id}", 200.0, 30.0, job_id=job_id)
    assert row is not None
    if state is JobState.DONE:
        done = replace(row, state=state, event_seq=2)
        told = replace(events.Announce(jobs.create(job_id, SPEC, at=1.0, entropy=1)[1]).event, seq=2, state=state)
        assert store.update(done, [told], expected_version=row.version, fence=row.fence, outcome={})
        return
    done, effects = jobs.step(row, events.Cancelled(300.0))
    log = [effect.event for effect in effects if isinstance(effect, events.Announce)]
    assert store.update(done, log, expected_version=row.version, fence=row.fence)


def due(store: JobStore, job_id: str, now: float = 300.0) -> bool:
    row = store.claim("look", now, 30.0, job_id=job_id)
    if row is not None:
        store.release(job_id, row.fence)
    return row is not None


def test_a_job_of_a_step_is_stored_once_and_only_under_the_lease(store: JobStore) -> None:
    whole = begin(store)
    assert add(store, whole, "a", 0) == add(store, whole, "a", 0) == "whole-a-0"
    assert add(store, whole, "a", 1, fence=whole.fence - 1) == ""
    store.release(whole.job_id, whole.fence)
    assert add(store, whole, "a", 1) == ""
    assert [part.item for part in store.jobs_of("whole")] == [0]


def test_jobs_of_steps_are_counted_and_listed_with_their_workflow_alone(store: JobStore) -> None:
    whole = begin(store)
    for item in range(3):
        add(store, whole, "a", item)
    add(store, whole, "b")
    end(store, "whole-a-0")
    end(store, "whole-a-1", JobState.CANCELLED)
    assert store.step_jobs("whole") == (StepJobs("a", 3, 1, 1), StepJobs("b", 1, 1, 0))
    assert store.step_jobs("") == store.jobs_of("") == ()
    parts = store.jobs_of("whole", step="a")
    assert [(part.item, part.state) for part in parts] == [
        (0, JobState.DONE),
        (1, JobState.CANCELLED),
        (2, JobState.PENDING),
    ]
    assert [row.job_id for row in store.list()] == ["whole"]
    assert {row.job_id for row in store.list(workflow="whole")} == {part.job_id for part in store.jobs_of("whole")}
    store.request_cancel("whole-b--1")
    assert [part.cancelling for part in store.jobs_of("whole", step="b", alive=True)] == [True]


@pytest.mark.parametrize("state", [JobState.DONE, JobState.CANCELLED])
def test_the_end_of_a_job_wakes_its_workflow(store: JobStore, state: JobState) -> None:
    whole = begin(store)
    add(store, whole, "a")
    store.rest(whole.job_id, whole.fence, ended=0, until=FAR)
    assert not due(store, "whole")
    assert store.next_due(300.0) is None
    end(store, "whole-a--1", state)
    assert due(store, "whole")


def test_an_end_that_a_workflow_has_not_seen_keeps_it_awake(store: JobStore) -> None:
    whole = begin(store)
    add(store, whole, "a")
    end(store, "whole-a--1")
    store.rest(whole.job_id, whole.fence, ended=0, until=FAR)
    assert due(store, "whole")


def test_a_workflow_is_due_at_its_own_moment_too(store: JobStore) -> None:
    whole = begin(store)
    store.rest(whole.job_id, whole.fence, ended=0, until=350.0)
    assert not due(store, "whole", 349.0)
    assert due(store, "whole", 351.0)


def test_who_lost_the_lease_lays_nothing_to_rest(store: JobStore) -> None:
    whole = begin(store)
    store.rest(whole.job_id, whole.fence + 1, ended=0, until=FAR)
    row = store.get("whole")
    assert row is not None
    assert (row.owner, row.not_before) == ("w", 0.0)


def test_however_ends_and_rest_race_no_end_is_missed(store: JobStore) -> None:
    for turn in range(10):
        whole = begin(store, f"whole{turn}")
        names = [add(store, whole, "a", item) for item in range(4)]
        with ThreadPoolExecutor(5) as pool:
            ending = [pool.submit(end, store, name) for name in names]
            pool.submit(store.rest, whole.job_id, whole.fence, ended=0, until=FAR).result()
            for each in ending:
                each.result()
        assert due(store, whole.job_id)
