"""Crashes: whatever dies, the job goes on where it was, and ends as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sample_programs import VQE, Run, RunJson, Write

EIGEN = str(Path(sys.executable).with_name("eigen"))


def trajectory(results: dict[str, Any]) -> Any:
    """What a run must repeat: its outputs and its number of evaluations."""
    return results["outputs"], results["metadata"]["evaluations"], results["metadata"]["seed"]


@pytest.fixture
def undisturbed(eigen_json: RunJson, write: Write, tmp_path: Path) -> Any:
    return trajectory(eigen_json("run", write("vqe.eigen.py", VQE), "--data-dir", str(tmp_path / "elsewhere")))


@pytest.mark.parametrize(
    "failpoint",
    [
        "submit.committed",
        "claimed",
        "compile.compiled",
        "compile.stored",
        "place.placed",
        "execute.after-work:100",
        "execute.finished",
        "seal.stored",
        "commit.after:3",
    ],
)
def test_a_job_survives_a_crash_at(
    failpoint: str, undisturbed: Any, eigen: Run, eigen_json: RunJson, write: Write
) -> None:
    program = write("vqe.eigen.py", VQE)
    died = subprocess.run(
        [EIGEN, "run", program, "--json"],
        capture_output=True,
        check=False,
        env={**os.environ, "EIGEN_FAILPOINT": failpoint},
    )
    assert died.returncode == 137
    (job,) = eigen_json("list")["jobs"]
    eigen("serve", "--until-idle")
    assert trajectory(eigen_json("results", job["job_id"])) == undisturbed


def test_kill_in_the_middle_of_a_loop(undisturbed: Any, eigen: Run, eigen_json: RunJson, write: Write) -> None:
    process = subprocess.Popen([EIGEN, "run", write("vqe.eigen.py", VQE)], stdout=subprocess.DEVNULL)
    state = ""
    for _ in range(2000):
        jobs = eigen_json("list")["jobs"]
        state = jobs[0]["state"] if jobs else ""
        if state in {"RUNNING", "DONE"}:
            break
    process.kill()
    process.wait()
    assert state in {"RUNNING", "DONE"}
    job_id = eigen_json("list")["jobs"][0]["job_id"]
    eigen("watch", job_id)
    assert trajectory(eigen_json("results", job_id)) == undisturbed


def test_a_running_job_can_be_cancelled(eigen: Run, eigen_json: RunJson, write: Write) -> None:
    program = write("vqe.eigen.py", VQE)
    process = subprocess.Popen(
        [EIGEN, "run", program, "--set", "rounds=100000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    job_id = ""
    for _ in range(600):
        jobs = eigen_json("list", "--state", "RUNNING")["jobs"]
        if jobs:
            job_id = jobs[0]["job_id"]
            break
        time.sleep(0.05)
    eigen("cancel", job_id)
    process.communicate(timeout=60)
    assert process.returncode == 1
    assert eigen_json("results", job_id, expect=1)["state"] == "CANCELLED"


def test_ctrl_c_leaves_the_job_to_go_on(undisturbed: Any, eigen: Run, eigen_json: RunJson, write: Write) -> None:
    process = subprocess.Popen(
        [EIGEN, "run", write("vqe.eigen.py", VQE), "--watch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for _ in range(600):
        if eigen_json("list")["jobs"]:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode in {0, 130}, said
    assert "Traceback" not in said
    job_id = eigen_json("list")["jobs"][0]["job_id"]
    eigen("serve", "--until-idle")
    assert trajectory(eigen_json("results", job_id)) == undisturbed


def test_ctrl_c_gives_the_job_back_before_it_leaves(eigen_json: RunJson, write: Write) -> None:
    command = [EIGEN, "run", write("vqe.eigen.py", VQE), "--set", "rounds=100000", "--set", "n=12", "--watch"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(600):
        if eigen_json("list", "--state", "RUNNING")["jobs"]:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert eigen_json("list")["jobs"][0]["state"] == "QUEUED"
