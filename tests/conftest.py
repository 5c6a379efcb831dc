"""Settings shared by every test: derandomised Hypothesis, a private data directory, no leaking configuration."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from eigen import _core

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.kafka_server import KafkaServer
    from bench.postgres_server import PostgresServer
    from bench.s3_server import S3Server

settings.register_profile(
    "fixed",
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("soak", parent=settings.get_profile("fixed"), derandomize=False, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

if HELD_DOWN := os.environ.get("EIGEN_ISA"):
    _core.limit_instruction_set(HELD_DOWN)  # for the whole run: the tests are the same with every instruction set


@pytest.fixture(autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home, data and config directory for each test, and no `EIGEN_*` and `AWS_*` from outside."""
    for name in list(os.environ):
        if name.startswith(("EIGEN_", "AWS_")):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("EIGEN_QFS_ROOT", str(home / "qfs"))
    return home


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of this test run."""
    from doubles.postgres import start

    server = start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_schema(postgres: PostgresServer) -> str:
    """The URL of a database of the newest schema."""
    from eigen.qfs.postgres import PostgresDatabase

    url = postgres.url()
    PostgresDatabase(url).close()
    return url


@pytest.fixture
def postgres_url(postgres: PostgresServer, postgres_schema: str) -> Iterator[str]:
    """The URL of a database of the newest schema with nothing in it."""
    from doubles import house

    postgres.empty(postgres_schema)
    yield postgres_schema
    house.close_databases()


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """An S3 endpoint of this test run."""
    from doubles.s3 import start

    server = start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def kafka() -> Iterator[KafkaServer]:
    """A Kafka of this test run. Who kills it starts it again; each test has topics of its own."""
    from doubles.kafka_broker import start

    server = start()
    yield server
    server.stop()
