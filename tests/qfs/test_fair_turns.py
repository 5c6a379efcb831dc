"""The weights of tenants as a setting, and the order of jobs that an older database brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, text

from eigen.errors import EigenError
from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import jobs
from eigen.qfs import rows, schema
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.migrate import upgrade
from eigen.qfs.postgres import PostgresDatabase
from eigen.qfs.sqlite import SqliteDatabase
from eigen.qfs.turns import urgency, weights_of

if TYPE_CHECKING:
    from pathlib import Path

    from bench.postgres_server import PostgresServer
    from sqlalchemy import Connection


NEW = {"input_bytes", "shots", "deadline", "workflow", "step", "item", "cost"}
"""Columns that the schema before shares did not have."""


def test_weights_are_read() -> None:
    assert weights_of("") == {}
    assert weights_of("acme=3, lab = 0.5 ,acme/demo=2") == {"acme": 3.0, "lab": 0.5, "acme/demo": 2.0}


@pytest.mark.parametrize(
    "written", ["acme", "=1", "acme=0", "acme=-1", "acme=nan", "acme=inf", "acme=x", "a=1,b", "a/=1", "/b=1"]
)
def test_what_is_no_weight_is_refused(written: str) -> None:
    with pytest.raises(EigenError) as error:
        weights_of(written)
    assert error.value.code == "EIGEN_CONFIG_INVALID"
    assert error.value.where == "tenant_weights"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_jobs_of_an_older_database_keep_their_order(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Led from the schema before shares: the most urgent first, then the oldest."""

    def older(connection: Connection) -> None:
        schema.metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        upgrade(connection, None, "0004")
        for number, priority in enumerate((50, 50, 51)):
            spec = JobSpec(name="x", program=ProgramRef(sha256="0" * 64), priority=priority)
            row, _ = jobs.create(f"job_{number}", spec, at=1_700_000_000.0 + number, entropy=1)
            columns = {name: value for name, value in rows.job_columns(row).items() if name not in NEW}
            connection.execute(insert(schema.job).values(columns))

    if kind == "sqlite":
        path = tmp_path / "eigen.db"
        database: SqliteDatabase | PostgresDatabase = SqliteDatabase(path)
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.url()
        database = PostgresDatabase(url)
    database.write(older)
    database.close()
    database = SqliteDatabase(path) if kind == "sqlite" else PostgresDatabase(url)
    store = SqlJobStore(database)
    claimed = [store.claim(f"w{number}", 2e9, 10.0) for number in range(3)]
    assert [row.job_id for row in claimed if row is not None] == ["job_2", "job_0", "job_1"]
    kept = database.read(lambda connection: connection.execute(text("SELECT job_id, urgency FROM job")).all())
    assert dict(kept) == {row.job_id: urgency(row) for row in claimed if row is not None}
    database.close()
