"""The job databases, and the stores in memory, that the contracts of the stores hold for."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from doubles.clocks import FakeClock
from doubles.memory_cache import MemoryResultCache
from doubles.memory_regions import MemoryRegions
from doubles.memory_stores import Memory, MemoryJobStore, MemoryLedger, MemoryReservations
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.ledger import SqlLedger
from eigen.qfs.postgres import PostgresDatabase
from eigen.qfs.regions import SqlRegions
from eigen.qfs.reservations import SqlReservations
from eigen.qfs.result_cache import SqlResultCache
from eigen.qfs.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eigen.qfs.db import Database
    from eigen.qfs.quotas import Quotas
    from eigen.qfs.store import JobStore, Ledger, RegionStore, ReservationStore, ResultCache

DATABASES = ("sqlite", "postgresql")


@dataclass
class LeaseTime:
    """The clock of the leases of a store, in the hands of the test."""

    database: Database | None
    clock: FakeClock

    def pass_(self, seconds: float) -> None:
        """Let so much time pass for every lease: PostgreSQL's own clock cannot be set, so the leases move."""
        if self.database is None or self.database.kind == "sqlite":
            self.clock.pass_(seconds)
            return
        move = text("UPDATE job SET lease_until = lease_until - :seconds WHERE owner <> ''")
        self.database.write(lambda connection: connection.execute(move, {"seconds": seconds}))


@pytest.fixture
def lease_clock() -> FakeClock:
    return FakeClock()


@contextmanager
def opened(kind: str, request: pytest.FixtureRequest, clock: FakeClock) -> Iterator[Database]:
    """A new database of this kind."""
    if kind == "sqlite":
        path = request.getfixturevalue("tmp_path") / "jobs.db"
        database: Database = SqliteDatabase(path, monotonic=clock.monotonic)
    else:
        database = PostgresDatabase(request.getfixturevalue("postgres_url"))
    try:
        yield database
    finally:
        database.close()


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, lease_clock: FakeClock) -> Iterator[Database]:
    with opened(request.param, request, lease_clock) as database:
        yield database


@pytest.fixture
def lease_time(database: Database, lease_clock: FakeClock) -> LeaseTime:
    return LeaseTime(database, lease_clock)


@dataclass
class Kept:
    """The stores of one installation, over a database or in memory: `limited` is the job store under quotas, `cache` a
    result cache of so many bytes."""

    jobs: JobStore
    reservations: ReservationStore
    ledger: Ledger
    lease_time: LeaseTime
    limited: Callable[[Quotas], JobStore]
    cache: Callable[[int], ResultCache]
    regions: RegionStore


@pytest.fixture(params=[*DATABASES, "memory"])
def kept(request: pytest.FixtureRequest, lease_clock: FakeClock) -> Iterator[Kept]:
    if request.param == "memory":
        memory = Memory(lease_clock.monotonic)
        stores = MemoryJobStore(memory), MemoryReservations(memory), MemoryLedger(memory)
        yield Kept(
            *stores,
            LeaseTime(None, lease_clock),
            lambda quotas: MemoryJobStore(memory, quotas=quotas),
            MemoryResultCache,
            MemoryRegions(memory),
        )
        return
    with opened(request.param, request, lease_clock) as database:
        stores = SqlJobStore(database), SqlReservations(database), SqlLedger(database)
        yield Kept(
            *stores,
            LeaseTime(database, lease_clock),
            lambda quotas: SqlJobStore(database, quotas=quotas),
            lambda most_bytes: SqlResultCache(database, most_bytes),
            SqlRegions(database),
        )
