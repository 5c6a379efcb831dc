"""How PostgreSQL finds the next job: by indexes alone, however many jobs there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from eigen.qfs.claims import Claims
from eigen.qfs.postgres import PostgresDatabase
from eigen.qfs.quotas import Quotas

if TYPE_CHECKING:
    from sqlalchemy import Connection

GIVEN = {"now": 1.0, "its_owner": "w", "seconds": 10.0}


def test_a_claim_reads_no_table_from_end_to_end(postgres_url: str) -> None:
    database = PostgresDatabase(postgres_url)
    statement: Any = Claims(database, Quotas())._at_once

    def plan(connection: Connection) -> list[str]:
        connection.execute(text("SET LOCAL enable_seqscan = off"))  # chosen all the same where there is no other way
        assert statement.first(connection, GIVEN) is None
        words = statement._words["postgresql"]
        cursor: Any = connection.connection.cursor()
        cursor.execute(f"EXPLAIN {words.text}", words.values(GIVEN))
        return [row[0] for row in cursor.fetchall()]

    try:
        lines = database.write(plan)
    finally:
        database.close()
    assert any("job_project_turn" in line for line in lines)
    assert not [line for line in lines if "Seq Scan" in line]
