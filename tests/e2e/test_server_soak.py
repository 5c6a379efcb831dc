"""The server is killed at random under load, with either database: nothing is lost, doubled, or paid for twice."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prepared_server import PreparedServer
from soak_load import KINDS, Books, Customer, audit, ending, write_jobs

import eigen
from doubles.provider_driver import ADDRESS, install
from doubles.provider_process import read_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eigen.client.client import Client

TESTS = Path(__file__).parent.parent
KILLS = int(os.environ.get("EIGEN_SOAK_KILLS", "1000"))
CUSTOMERS = 3
MOST_STEPS = 8
"""What a server gets done before it is killed, in events of its jobs: on a busy machine it needs longer, and a job that
never comes further is given up, as it should be."""


@contextmanager
def provider(ledger: Path) -> Iterator[str]:
    """The address of a provider of paid shots, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    command = [sys.executable, "-m", "doubles.provider_process", str(ledger), "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["address"]
        finally:
            process.kill()


def undisturbed(address: str, jobs: dict[str, str], books: Books) -> dict[str, Any]:
    """How each kind ends when nothing happens. These jobs are in the books too."""
    expected: dict[str, Any] = {}
    with eigen.connect(f"grpc://{address}") as client:
        for kind in KINDS:
            if not kind.is_cancelled:
                job_id = client.submit(jobs[kind.name], idempotency_key=f"calm-{kind.name}")
                results = client.wait(job_id)
                assert results.error is None, results.error
                books.accepted[job_id] = kind
                expected[kind.name] = ending(results)
    return expected


def live(client: Client, steps: int) -> None:
    """Wait until the newest jobs have come so many events further."""
    first, until = None, time.monotonic() + 60
    while time.monotonic() < until:
        told = {view.job_id: view.event_seq for view in client.list(limit=50)}
        first = told if first is None else first
        if sum(seq - first.get(job_id, 0) for job_id, seq in told.items()) >= steps:
            return
        time.sleep(0.02)


def soak(folder: Path, kills: int, *, env: dict[str, str]) -> dict[str, Any]:
    """Kill the server so often, at any moment of its life, its start included, and look at the books."""
    ledger, plugins, books, draw = folder / "ledger", folder / "plugins", Books(), random.Random(kills)
    install(plugins)
    jobs = write_jobs(folder)
    path = os.pathsep.join([str(plugins), str(TESTS), os.environ.get("PYTHONPATH", "")])
    env = {"PYTHONPATH": path, "EIGEN_LOG_LEVEL": "error", "EIGEN_LEASE_SECONDS": "10", **env}
    with provider(ledger) as paid, PreparedServer(folder / "server.log", env={**env, ADDRESS: paid}) as server:
        server.begin()
        server.wait()
        address = server.addresses["grpc_address"]
        expected = undisturbed(address, jobs, books)
        customers = [Customer(number, lambda: address, jobs, books) for number in range(CUSTOMERS)]
        for customer in customers:
            customer.start()
        began = time.monotonic()
        with eigen.connect(f"grpc://{address}", timeout=60) as client:
            for number in range(kills):
                if number % 10:
                    server.wait()
                    live(client, draw.randint(0, MOST_STEPS))
                    time.sleep(draw.uniform(0.0, 0.05))
                else:
                    time.sleep(draw.uniform(0.0, 0.3))  # often it has not answered yet
                server.kill()
                server.begin()
        server.wait()
        seconds = time.monotonic() - began
        for customer in customers:
            customer.stop()
        for customer in customers:
            customer.join(300)
            assert not customer.is_alive(), "a client still waits"
            assert customer.failure is None, repr(customer.failure)
        with eigen.connect(f"grpc://{address}") as client:
            figures = audit(client, books, expected, read_ledger(ledger))
    return {"kills": kills, "seconds": round(seconds), **figures}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings of the database of a test."""
    return {} if request.param == "sqlite" else {"EIGEN_DATABASE_URL": request.getfixturevalue("postgres_url")}


def test_a_few_kills_under_load_lose_and_double_nothing(database: dict[str, str], tmp_path: Path) -> None:
    figures = soak(tmp_path, 10, env=database)
    assert figures["paid shots"] > 0


@pytest.mark.soak
def test_a_thousand_kills_under_load_lose_and_double_nothing(
    database: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = soak(tmp_path, KILLS, env=database)
    with capsys.disabled():
        print(f"\n{'PostgreSQL' if database else 'SQLite'}: {json.dumps(figures)}")
    assert figures["jobs"] > KILLS // 4
    assert figures["paid shots"] > KILLS
