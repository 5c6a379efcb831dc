"""Several servers on one PostgreSQL: one queue, each job held by one of them, and whoever dies is replaced."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest
from sample_programs import BELL, VQE, Run, RunJson, Write
from server_processes import Whole

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shared(postgres_url: str, private_home: Path) -> dict[str, str]:
    """The settings of every server: the same database, and the same directory for the files of jobs."""
    return {"EIGEN_DATABASE_URL": postgres_url, "EIGEN_QFS_ROOT": str(private_home / "qfs"), "EIGEN_WORKERS": "2"}


def test_of_two_servers_one_is_killed_and_the_other_ends_every_job(
    tmp_path: Path, shared: dict[str, str], eigen: Run, eigen_json: RunJson, write: Write
) -> None:
    programs = [write("bell.eigen.py", BELL), write("vqe.eigen.py", VQE.replace("rounds=120", "rounds=6000"))]
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    with Whole(folders[0], env=shared) as one, Whole(folders[1], env=shared) as two:
        doors = [{"EIGEN_ENDPOINT": f"grpc://{server.addresses['grpc_address']}"} for server in (one, two)]
        accepted = [eigen_json("submit", programs[number % 2], env=doors[number % 2])["job_id"] for number in range(8)]
        until = time.monotonic() + 60
        while time.monotonic() < until:
            states = [job["state"] for job in eigen_json("list", "--limit", "50", env=doors[1])["jobs"]]
            if "RUNNING" in states:
                break
        one.stop(signal.SIGKILL)
        for job_id in accepted:
            eigen("watch", job_id, env=doors[1])
        ended = [eigen_json("results", job_id, env=doors[1]) for job_id in accepted]
    assert {result["state"] for result in ended} == {"DONE"}
    outputs = [result["outputs"] for result in ended[1::2]]
    assert outputs == [outputs[0]] * len(outputs), "the loops that were cut off ended as the others"


def test_doctor_says_which_database_it_is_and_hides_the_password(
    shared: dict[str, str], postgres_url: str, eigen_json: RunJson
) -> None:
    url = postgres_url.replace("eigen@", "eigen:swordfish@")
    report = eigen_json("doctor", expect=4, env={**shared, "EIGEN_DATABASE_URL": url})
    (found,) = [finding for finding in report["findings"] if finding["check"] == "job database"]
    assert not found["ok"]
    assert found["text"].startswith("PostgreSQL ")
    assert "fsync=off" in found["text"]
    assert "swordfish" not in str(report)
    shown = eigen_json("config", env={"EIGEN_DATABASE_URL": url})
    assert "swordfish" not in str(shown)
