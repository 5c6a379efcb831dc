"""The bell of a PostgreSQL: another server hears of a job at once, and misses nothing when it does not."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest
from bench.kernel.houses import no_op

from eigen.app import make_registry, open_ports
from eigen.config import Settings
from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import jobs, workers
from eigen.kernel.kernel import Kernel
from eigen.kernel.workers import Workers
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.postgres import PostgresDatabase
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from eigen.kernel.ports import Ports

SECONDS = 60.0


@contextmanager
def listening(url: str, heard: Callable[[], object]) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(url)
    deafen = database.listen(heard)
    try:
        yield database
    finally:
        deafen()
        database.close()


def insert(database: PostgresDatabase, job_id: str) -> SqlJobStore:
    store = SqlJobStore(database)
    spec = JobSpec(name="x", program=ProgramRef(sha256="0" * 64))
    assert store.insert(*jobs.create(job_id, spec, at=100.0, entropy=1)) == job_id
    return store


@pytest.fixture
def other(postgres_url: str) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(postgres_url)
    yield database
    database.close()


def test_a_job_and_a_wish_to_cancel_it_are_heard_elsewhere(postgres_url: str, other: PostgresDatabase) -> None:
    heard = threading.Event()
    with listening(postgres_url, heard.set):
        assert heard.wait(SECONDS), "it looks once when it begins to listen"
        heard.clear()
        store = insert(other, "job_1")
        assert heard.wait(SECONDS)
        heard.clear()
        assert store.request_cancel("job_1")
        assert heard.wait(SECONDS)


def test_nobody_hears_himself(postgres_url: str, other: PostgresDatabase) -> None:
    rings = threading.Semaphore(0)
    with listening(postgres_url, rings.release) as own:
        assert rings.acquire(timeout=SECONDS)
        insert(own, "job_1")
        insert(other, "job_2")
        assert rings.acquire(timeout=SECONDS)
        assert not rings.acquire(timeout=0.2)


def test_a_listener_that_was_cut_off_listens_again(postgres_url: str, other: PostgresDatabase) -> None:
    heard = threading.Event()
    with listening(postgres_url, heard.set):
        assert heard.wait(SECONDS)
        heard.clear()
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            cut = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
            )
            assert cut.fetchall() == [(True,)]
        assert heard.wait(SECONDS), "what was missed meanwhile is looked for"
        heard.clear()
        insert(other, "job_1")
        assert heard.wait(SECONDS)


@contextmanager
def server(root: Path, url: str) -> Iterator[Ports]:
    settings = Settings(qfs_root=str(root), database_url=url)
    database, ports = open_ports(settings, make_registry(settings))
    try:
        yield ports
    finally:
        database.close()


def done(ports: Ports) -> None:
    """Submit a job and wait until somebody has worked it."""
    kernel = Kernel(ports)
    job_id = kernel.submit(*no_op())
    pause = threading.Event()
    for _ in range(6_000):
        if kernel.get(job_id).state is JobState.DONE:
            return
        pause.wait(0.01)
    raise AssertionError(kernel.get(job_id))


@pytest.mark.parametrize("rings", [True, False])
def test_a_job_of_one_server_is_worked_by_another(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rings: bool
) -> None:
    """By the bell alone where nobody looks by himself, and by looking alone where no bell rings."""
    if rings:
        monkeypatch.setattr(workers, "POLL_SECONDS", 3_600.0)
    else:
        monkeypatch.setattr(PostgresDatabase, "ring", lambda _: None)
    with server(tmp_path, postgres_url) as here, server(tmp_path, postgres_url) as there:
        working = Workers(there, 1, lease_seconds=30)
        working.start()
        try:
            for _ in range(3):
                done(here)
        finally:
            working.stop()
            assert working.join(60)
