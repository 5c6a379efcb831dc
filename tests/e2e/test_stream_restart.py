"""Fifty clients, of REST and of gRPC, and a server that restarts: none misses an event or sees one twice."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from followers import Follower, Watching, by_async_sdk, by_rest, by_sdk, check_stream
from sample_programs import VQE
from server_processes import Whole

CLIENTS = 50
JOBS = 5
RESTARTS = int(os.environ.get("EIGEN_SOAK_RESTARTS", "40"))


def follow_through_restarts(folder: Path, *, seed: int, restarts: int, rounds: int) -> None:
    """Every client follows one job; the server is stopped and killed by turns."""
    draw = random.Random(seed)
    program = VQE.replace("rounds=120", f"rounds={rounds}")
    with Whole(folder) as server:
        address = server.addresses["http_address"]
        follower = Follower(address)
        jobs = [follower.submit(program, f"job-{number}") for number in range(JOBS)]
        calls = server.addresses["grpc_address"]
        kinds = [by_rest(address), by_sdk(calls), by_async_sdk(calls)]
        clients = [Watching(jobs[number % JOBS], kinds[number % len(kinds)]) for number in range(CLIENTS)]
        for client in clients:
            client.begin()
        for number in range(restarts):
            time.sleep(draw.uniform(0.2, 1.0))
            server.restart(signal.SIGKILL if number % 2 else signal.SIGTERM)
        streams = [client.events() for client in clients]
        for client, events in zip(clients, streams, strict=True):
            check_stream(events)
            assert events == streams[jobs.index(client.job_id)], "two clients of one job saw different events"
        assert any(job["attempts"] > 1 for job in follower.jobs()), "the restarts came too late to mean anything"
        follower.close()


def test_fifty_streams_survive_restarts_of_the_server(tmp_path: Path) -> None:
    follow_through_restarts(tmp_path, seed=5, restarts=3, rounds=4000)


@pytest.mark.soak
def test_fifty_streams_survive_many_restarts(tmp_path: Path) -> None:
    follow_through_restarts(tmp_path, seed=6, restarts=RESTARTS, rounds=40_000)
