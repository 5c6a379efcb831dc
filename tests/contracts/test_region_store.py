"""What every `RegionStore` does: disjoint regions, as long as their jobs' leases hold, and nobody waits for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import jobs
from eigen.qfs.store import WAITING_REGION, JobRow, RegionLease, Taking
from eigen.types import JobState

if TYPE_CHECKING:
    from conftest import Kept

CHIP = "qvm:chip"
PATIENCE = 2


def working(kept: Kept, name: str) -> JobRow:
    """A job that some worker has."""
    row, event = jobs.create(name, JobSpec(name="x", program=ProgramRef(sha256="0" * 64)), at=0.0, entropy=1)
    kept.jobs.insert(row, event)
    return claimed(kept, name)


def claimed(kept: Kept, name: str) -> JobRow:
    row = kept.jobs.claim(f"worker of {name}", 3e6, 10.0, job_id=name)
    assert row is not None
    return row


def wish(row: JobRow, *qubits: int, tenant: str = "acme", device: str = CHIP) -> RegionLease:
    return RegionLease(device, row.job_id, row.fence, tenant, frozenset(qubits))


def take(kept: Kept, wanted: RegionLease, *more: int, across_tenants: bool = False) -> Taking:
    blocked = wanted.qubits | set(more)
    return kept.regions.take(wanted, blocked, across_tenants=across_tenants, patience=PATIENCE)


def resting(kept: Kept, row: JobRow, until: float = 2e6) -> None:
    """The job waits for a region, and nobody has it."""
    kept.regions.wait(CHIP, row.job_id)
    waiting = replace(row, state=JobState.QUEUED, stage=WAITING_REGION, not_before=until)
    assert kept.jobs.update(waiting, [], expected_version=row.version, fence=row.fence)
    kept.jobs.release(row.job_id, row.fence)


def test_a_region_comes_back_as_it_was_taken(kept: Kept) -> None:
    wanted = wish(working(kept, "job_a"), 3, 1, 2)
    assert take(kept, wanted) is Taking.TAKEN
    assert kept.regions.leases(CHIP) == (wanted,)
    assert kept.regions.leases("qvm:other") == ()


def test_qubits_in_the_way_are_another_jobs(kept: Kept) -> None:
    first, second = working(kept, "job_a"), working(kept, "job_b")
    assert take(kept, wish(first, 0, 1)) is Taking.TAKEN
    assert take(kept, wish(second, 1, 2)) is Taking.CONFLICT
    assert take(kept, wish(second, 2, 3), 1) is Taking.CONFLICT, "its buffer reaches into the other region"
    assert take(kept, wish(second, 3, 4), 2) is Taking.TAKEN
    assert take(kept, wish(second, 0, 1, device="qvm:other")) is Taking.TAKEN
    assert [each.job_id for each in kept.regions.leases(CHIP)] == ["job_a"], "a job has one region"


def test_a_job_takes_another_region_instead_of_its_own(kept: Kept) -> None:
    row = working(kept, "job_a")
    assert take(kept, wish(row, 0, 1)) is Taking.TAKEN
    assert take(kept, wish(row, 1, 2)) is Taking.TAKEN
    assert kept.regions.leases(CHIP) == (wish(row, 1, 2),)


def test_tenants_share_only_where_they_may(kept: Kept) -> None:
    first, second = working(kept, "job_a"), working(kept, "job_b")
    assert take(kept, wish(first, 0)) is Taking.TAKEN
    assert take(kept, wish(second, 5, tenant="lab")) is Taking.CONFLICT
    assert take(kept, wish(second, 5, tenant="lab"), across_tenants=True) is Taking.TAKEN


def test_of_many_who_want_the_same_qubits_at_once_one_has_them(kept: Kept) -> None:
    rows = [working(kept, f"job_{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda row: take(kept, wish(row, 0, 1)), rows))
    assert found.count(Taking.TAKEN) == 1
    assert len(kept.regions.leases(CHIP)) == 1


@pytest.mark.parametrize("how", ["released", "given back", "claimed again", "ran out"])
def test_a_region_ends_with_the_lease_of_its_job(kept: Kept, how: str) -> None:
    row = working(kept, "job_a")
    assert take(kept, wish(row, 0)) is Taking.TAKEN
    if how == "released":
        kept.regions.release("job_a", row.fence)
    elif how == "given back":
        kept.jobs.release("job_a", row.fence)
    elif how == "claimed again":
        kept.jobs.release("job_a", row.fence)
        claimed(kept, "job_a")
    else:
        kept.lease_time.pass_(11.0)
    assert kept.regions.leases(CHIP) == ()
    assert take(kept, wish(working(kept, "job_b"), 0)) is Taking.TAKEN


def test_a_late_release_takes_nothing_from_the_next_attempt(kept: Kept) -> None:
    row = working(kept, "job_a")
    take(kept, wish(row, 0))
    kept.jobs.release("job_a", row.fence)
    again = claimed(kept, "job_a")
    assert take(kept, wish(again, 0)) is Taking.TAKEN
    kept.regions.release("job_a", row.fence)
    assert kept.regions.leases(CHIP) == (wish(again, 0),)


@pytest.mark.parametrize("how", ["release", "wake"])
def test_who_waits_looks_again_when_qubits_come_free(kept: Kept, how: str) -> None:
    row = working(kept, "job_a")
    take(kept, wish(row, 0))
    resting(kept, working(kept, "job_b"))
    assert kept.jobs.claim("w", 1e6, 10.0) is None
    if how == "release":
        kept.regions.release("job_a", row.fence)
    else:
        kept.regions.wake(CHIP)
    woken = kept.jobs.claim("w", 1e6, 10.0)
    assert woken is not None
    assert woken.job_id == "job_b"


def test_who_is_passed_over_too_often_comes_first(kept: Kept) -> None:
    first = working(kept, "job_a")
    assert take(kept, wish(first, 0)) is Taking.TAKEN
    resting(kept, working(kept, "job_b"))
    later = [working(kept, f"job_c{number}") for number in range(PATIENCE + 1)]
    found = [take(kept, wish(row, 10 + number)) for number, row in enumerate(later)]
    assert found == [Taking.TAKEN] * PATIENCE + [Taking.BEHIND]
    second = claimed(kept, "job_b")
    assert take(kept, wish(second, 0, 1)) is Taking.CONFLICT, "what is had stays had"
    kept.regions.release("job_a", first.fence)
    assert take(kept, wish(second, 0, 1)) is Taking.TAKEN
    assert take(kept, wish(later[-1], 12)) is Taking.TAKEN, "nobody waits any more"


def test_nobody_waits_for_a_job_that_has_ended(kept: Kept) -> None:
    resting(kept, working(kept, "job_b"))
    for number in range(PATIENCE):
        assert take(kept, wish(working(kept, f"job_c{number}"), number)) is Taking.TAKEN
    ended = claimed(kept, "job_b")
    over = replace(ended, state=JobState.CANCELLED, stage="cancelled")
    assert kept.jobs.update(over, [], expected_version=ended.version, fence=ended.fence)
    assert kept.jobs.seal("job_b", ended.fence)
    assert take(kept, wish(working(kept, "job_d"), 9)) is Taking.TAKEN
