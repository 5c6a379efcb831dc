"""What every `ReservationStore` does: one holder a device, ends that move, and jobs that are woken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import events, jobs
from eigen.types import Reservation

if TYPE_CHECKING:
    from conftest import Kept
    from eigen.qfs.store import JobStore, ReservationStore


@pytest.fixture
def stores(kept: Kept) -> tuple[ReservationStore, JobStore]:
    return kept.reservations, kept.jobs


@pytest.fixture
def store(stores: tuple[ReservationStore, JobStore]) -> ReservationStore:
    return stores[0]


def at(second: int) -> str:
    return f"2030-01-01T00:00:{second:02d}.000000Z"


def held(name: str = "res_1", *, device: str = "sim:x", begin: int = 0, end: int = 10) -> Reservation:
    return Reservation(name, device, "acme", "chem", "anna é", "why", at(begin), at(end))


def test_a_reservation_comes_back_as_it_went_in(store: ReservationStore) -> None:
    assert store.reserve(held()) == held()
    assert store.get("res_1") == held()
    assert store.get("res_2") is None
    assert store.device_of("res_1") == "sim:x"
    assert store.device_of("res_2") == ""
    assert store.active(at(9)) == (held(),)
    assert store.active(at(10)) == ()


def test_a_device_has_one_holder_at_a_time(store: ReservationStore) -> None:
    store.reserve(held())
    late = held("res_2", begin=9, end=20)
    assert store.reserve(late) == held()
    assert store.get("res_2") is None
    after = held("res_3", begin=10, end=20)
    assert store.reserve(after) == after
    elsewhere = held("res_4", device="sim:y", begin=5)
    assert store.reserve(elsewhere) == elsewhere


def test_of_many_who_want_it_at_once_one_gets_it(store: ReservationStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        holders = set(pool.map(lambda number: store.reserve(held(f"res_{number}")).reservation_id, range(16)))
    assert len(holders) == 1
    assert len(store.active(at(1))) == 1


def test_an_end_moves_while_it_has_not_come(store: ReservationStore) -> None:
    store.reserve(held())
    assert store.extend("res_1", at(20), "more", at(9))
    assert store.get("res_1") == replace(held(end=20), purpose="more")
    assert not store.extend("res_1", at(30), "late", at(20))
    assert not store.extend("res_2", at(30), "none", at(1))


def test_a_release_is_once_and_frees_the_device(store: ReservationStore) -> None:
    store.reserve(held())
    assert store.release("res_1")
    assert not store.release("res_1")
    assert not store.release("res_2")
    assert store.get("res_1") is None
    assert store.active(at(1)) == ()
    assert store.device_of("res_1") == "sim:x", "a job that named it still knows where it runs"
    again = held("res_2", begin=1)
    assert store.reserve(again) == again


def waiting(store: JobStore, name: str, *, released: bool = True) -> None:
    """A job that waits until a reservation ends, at second 1000 of its own time."""
    row, event = jobs.create(name, JobSpec(name="x", program=ProgramRef(sha256="0" * 64)), at=0.0, entropy=1)
    store.insert(row, event)
    claimed = store.claim("w", 1.0, 10.0, job_id=name)
    assert claimed is not None
    row = claimed
    for step in (events.Claimed(1.0), events.Compiled(2.0), events.Withheld(3.0, 1000.0, ("sim:x",), ("res_1",))):
        after, effects = jobs.step(row, step)
        log = [effect.event for effect in effects if isinstance(effect, events.Announce)]
        assert store.update(after, log, expected_version=row.version, fence=row.fence)
        row = replace(after, version=row.version + 1)
    if released:
        store.release(name, row.fence)


def test_a_worker_that_died_on_the_way_to_waiting_delays_nobody(stores: tuple[ReservationStore, JobStore]) -> None:
    """It stored the job as waiting and never looked whether the reservation had ended meanwhile."""
    store, job_store = stores
    store.reserve(held())
    waiting(job_store, "job_1", released=False)
    assert job_store.break_leases(["w"]) == 1
    row = job_store.claim("v", 500.0, 10.0)
    assert row is not None
    assert row.stage == "waiting_reservation"


@pytest.mark.parametrize("how", ["release", "extend", "wake"])
def test_who_waits_looks_again_when_something_changed(stores: tuple[ReservationStore, JobStore], how: str) -> None:
    store, job_store = stores
    store.reserve(held())
    waiting(job_store, "job_1")
    assert job_store.claim("w", 500.0, 10.0) is None
    assert job_store.next_due(500.0) is None
    {
        "release": lambda: store.release("res_1"),
        "extend": lambda: store.extend("res_1", at(5), "shorter", at(1)),
        "wake": store.wake,
    }[how]()
    row = job_store.claim("w", 500.0, 10.0)
    assert row is not None
    assert row.job_id == "job_1"
