"""Four processes, any of which may be stopped or killed at any moment: no job is lost, none ends otherwise."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from followers import Follower, Watching, by_rest, by_sdk, check_stream
from sample_programs import BELL, VQE, RunJson, Write
from server_processes import FourRoles

ROUNDS = int(os.environ.get("EIGEN_SOAK_RESTARTS", "40"))
LONG = VQE.replace("rounds=120", "rounds=3000")


def ending(results: dict[str, Any]) -> Any:
    """What a job must end with, wherever and however often it ran."""
    assert results["state"] == "DONE", results
    return results["outputs"], results["counts"], results["metadata"]["evaluations"], results["metadata"]["seed"]


@pytest.fixture
def undisturbed(eigen_json: RunJson, write: Write, tmp_path: Path) -> dict[str, Any]:
    """How the programs end in one process that nobody disturbs."""
    elsewhere = ("--data-dir", str(tmp_path / "elsewhere"))
    return {
        program: ending(eigen_json("run", write(f"{number}.eigen.py", program), *elsewhere))
        for number, program in enumerate((BELL, LONG))
    }


def restart_each_role(folder: Path, undisturbed: dict[str, Any], *, seed: int, restarts: int) -> None:
    """Submit, restart some role at a random moment, again and again; then everything must have ended as it should."""
    draw = random.Random(seed)
    plan = [
        (role, how) for how in (signal.SIGKILL, signal.SIGTERM) for role in ("api", "kernel", "drivers", "compiler")
    ]
    with FourRoles(folder) as four:
        address = four.addresses["http_address"]
        follower = Follower(address)
        follow = [by_rest(address), by_sdk(four.addresses["grpc_address"])]
        watching = [Watching(follower.submit(LONG, f"long-{number}"), follow[number % 2]) for number in range(2)]
        expected = {watcher.job_id: undisturbed[LONG] for watcher in watching}
        for watcher in watching:
            watcher.begin()
        for number in range(restarts):
            if number % len(plan) == 0:
                draw.shuffle(plan)
            watching.append(Watching(follower.submit(BELL, f"bell-{number}"), follow[number % 2]))
            watching[-1].begin()
            expected[watching[-1].job_id] = undisturbed[BELL]
            time.sleep(draw.uniform(0.0, 0.5))
            role, how = plan[number % len(plan)]
            four.roles[role].restart(how)
            assert follower.submit(BELL, f"bell-{number}") == watching[-1].job_id
        for watcher in watching:
            check_stream(watcher.events())
        for job_id, wanted in expected.items():
            assert ending(follower.results(job_id)) == wanted
        jobs = {job["job_id"]: job for job in follower.jobs()}
        assert jobs.keys() == expected.keys()
        assert any(job["attempts"] > 1 for job in jobs.values()), "the restarts came too late to mean anything"
        follower.close()


def test_every_role_is_restarted_and_every_job_ends_as_if_nothing_had_happened(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    restart_each_role(tmp_path, undisturbed, seed=3, restarts=8)


@pytest.mark.soak
def test_many_restarts(tmp_path: Path, undisturbed: dict[str, Any]) -> None:
    restart_each_role(tmp_path, undisturbed, seed=4, restarts=ROUNDS)
