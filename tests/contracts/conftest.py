"""The job databases that the contracts of the stores hold for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from doubles.clocks import FakeClock
from eigen.qfs.postgres import PostgresDatabase
from eigen.qfs.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from eigen.qfs.db import Database


@dataclass
class LeaseTime:
    """The clock of a database's leases, in the hands of the test."""

    database: Database
    clock: FakeClock

    def pass_(self, seconds: float) -> None:
        """Let so much time pass for every lease: PostgreSQL's own clock cannot be set, so the leases move."""
        if self.database.kind == "sqlite":
            self.clock.pass_(seconds)
            return
        move = text("UPDATE job SET lease_until = lease_until - :seconds WHERE owner <> ''")
        self.database.write(lambda connection: connection.execute(move, {"seconds": seconds}))


@pytest.fixture
def lease_clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, lease_clock: FakeClock) -> Iterator[Database]:
    if request.param == "sqlite":
        database: Database = SqliteDatabase(tmp_path / "jobs.db", monotonic=lease_clock.monotonic)
    else:
        database = PostgresDatabase(request.getfixturevalue("postgres_url"))
    yield database
    database.close()


@pytest.fixture
def lease_time(database: Database, lease_clock: FakeClock) -> LeaseTime:
    return LeaseTime(database, lease_clock)
