"""What every `JobStore` holds of the shares of a tenant's projects: its turns go round among them, by their weights."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import jobs
from eigen.qfs import rows, schema
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.quotas import quotas_of
from eigen.qfs.store import NewJob

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from conftest import Kept
    from eigen.qfs.db import Database
    from eigen.qfs.store import JobRow, JobStore


@pytest.fixture
def store(kept: Kept) -> JobStore:
    return kept.jobs


def new(name: str, project: str, tenant: str = "acme", *, at: float = 100.0, priority: int = 50) -> NewJob:
    spec = JobSpec(name="shares", program=ProgramRef(sha256="0" * 64), priority=priority)
    return NewJob(*jobs.create(name, spec, at=at, entropy=1, tenant=tenant, project=project))


def of_project(store: JobStore, project: str, *names: str, tenant: str = "acme") -> None:
    store.insert_all([new(name, project, tenant) for name in names])


def names(project: str, count: int) -> list[str]:
    return [f"job_{project}_{number:03}" for number in range(count)]


def served(store: JobStore, count: int) -> list[JobRow]:
    found = [store.claim(f"s{number}", 200.0, 10.0) for number in range(count)]
    return [row for row in found if row is not None]


def projects(store: JobStore, count: int) -> Counter[str]:
    return Counter(row.project for row in served(store, count))


def test_a_project_with_many_jobs_does_not_delay_another_ones(store: JobStore) -> None:
    of_project(store, "many", *names("many", 200))
    assert projects(store, 20) == {"many": 20}
    of_project(store, "one", "job_zzz")
    row = store.get("job_zzz")
    assert row is not None
    assert store.ahead(row) <= 1
    assert projects(store, 2)["one"] == 1


def test_ten_thousand_jobs_of_a_project_delay_a_single_one_by_two_dispatches_at_most(database: Database) -> None:
    store = SqlJobStore(database)
    made = [new(f"job_{number:05}", "many").row for number in range(10_000)]

    def queue(connection: Connection) -> None:
        columns = [
            rows.job_columns(row) | {"turn": turn, "project_turn": turn, "urgency": 0.0}
            for turn, row in enumerate(made)
        ]
        connection.execute(insert(schema.job), columns)
        connection.execute(insert(schema.share), {"tenant": "acme", "turn": len(made)})
        connection.execute(insert(schema.project_share), {"tenant": "acme", "project": "many", "turn": len(made)})

    database.write(queue)
    assert projects(store, 5) == {"many": 5}
    of_project(store, "many", "job_10001")
    of_project(store, "one", "job_99999")
    row = store.get("job_99999")
    assert row is not None
    assert store.ahead(row) <= 2
    assert projects(store, 3)["one"] == 1


def test_projects_with_unequal_queues_are_served_alike(store: JobStore) -> None:
    for number in range(10):
        of_project(store, f"p{number}", *names(f"p{number}", 6 + 3 * (number % 3)))
    assert set(projects(store, 50).values()) == {5}


def test_a_tenant_has_no_more_turns_for_having_more_projects(store: JobStore) -> None:
    for number in range(8):
        of_project(store, f"p{number}", *names(f"p{number}", 5))
    of_project(store, "only", *names("only", 30), tenant="other")
    assert Counter(row.tenant for row in served(store, 40)) == {"acme": 20, "other": 20}


def test_shares_follow_the_weights_of_projects(database: Database) -> None:
    store = SqlJobStore(database, weights={"acme/heavy": 3.0, "heavy": 9.0, "other/light": 5.0})
    for project in ("heavy", "light"):
        of_project(store, project, *names(project, 40))
    assert abs(projects(store, 40)["heavy"] - 30) <= 1


def test_a_project_that_was_idle_has_saved_nothing_up(store: JobStore) -> None:
    of_project(store, "busy", *names("busy", 30))
    served(store, 30)
    for project in ("idle", "busy"):
        of_project(store, project, *(f"job_9_{project}_{number:02}" for number in range(10)))
    assert projects(store, 10) == {"idle": 5, "busy": 5}


def test_another_tenant_does_not_move_the_time_of_a_tenants_projects(store: JobStore) -> None:
    of_project(store, "theirs", *names("theirs", 30), tenant="other")
    served(store, 30)
    of_project(store, "many", *names("many", 10))
    of_project(store, "one", "job_zzz")
    assert projects(store, 2) == {"many": 1, "one": 1}


def test_priority_counts_within_a_project(store: JobStore) -> None:
    of_project(store, "plain", *names("plain", 4))
    store.insert_all([new("job_y", "proud", at=100.0), new("job_z", "proud", at=101.0, priority=100)])
    order = [row.job_id for row in served(store, 4)]
    assert Counter(name[:5] for name in order)["job_p"] == 2, "its priority takes no turn of another project"
    assert order.index("job_z") < order.index("job_y")


def test_a_project_that_runs_as_much_as_it_may_leaves_its_turns_to_the_others(database: Database) -> None:
    store = SqlJobStore(database, quotas=quotas_of("acme/full.running=1"))
    of_project(store, "full", *names("full", 5))
    of_project(store, "other", *names("other", 5))
    assert projects(store, 10) == {"full": 1, "other": 5}


def test_a_job_asked_for_by_its_name_moves_no_projects_turn(store: JobStore) -> None:
    of_project(store, "many", *names("many", 50))
    assert store.claim("by-name", 200.0, 10.0, job_id="job_many_049") is not None
    served(store, 2)
    of_project(store, "one", "job_zzz")
    assert projects(store, 3)["one"] == 1
