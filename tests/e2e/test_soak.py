"""The long test of crashes: kill -9 at random moments, again and again, and every job ends as if nothing happened."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sample_programs import BELL, VQE, Run, RunJson, Write

EIGEN = str(Path(sys.executable).with_name("eigen"))
KILLS = int(os.environ.get("EIGEN_SOAK_KILLS", "100"))


def ending(results: dict[str, Any]) -> Any:
    """What a run must repeat, whatever happened to the processes that worked on it."""
    return results["outputs"], results["counts"], results["metadata"]["evaluations"], results["metadata"]["seed"]


@pytest.mark.soak
def test_kills_at_random_lose_nothing_and_change_nothing(
    eigen: Run, eigen_json: RunJson, write: Write, tmp_path: Path
) -> None:
    long = VQE.replace("rounds=120", "rounds=15000")
    programs = [write("bell.eigen.py", BELL), write("vqe.eigen.py", long)]
    elsewhere = ("--data-dir", str(tmp_path / "elsewhere"))
    undisturbed = [ending(eigen_json("run", program, *elsewhere)) for program in programs]
    draw = random.Random(20)
    expected: dict[str, Any] = {}
    killed_workers = 0
    for number in range(KILLS):
        which = number % len(programs)
        accepted = eigen_json("submit", programs[which], "--idempotency-key", f"job-{number}")["job_id"]
        expected[accepted] = undisturbed[which]
        worker = subprocess.Popen([EIGEN, "watch", accepted], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(draw.uniform(0.0, 1.2))
        worker.kill()
        worker.wait()
        killed = subprocess.run(
            ["pkill", "-9", "-f", f"serve --until-idle.*{os.environ['EIGEN_QFS_ROOT']}"], check=False
        )
        killed_workers += killed.returncode == 0
        again = eigen_json("submit", programs[which], "--idempotency-key", f"job-{number}")["job_id"]
        assert again == accepted
    assert killed_workers > KILLS // 4, "the kills came too late to mean anything"
    eigen("serve", "--until-idle")
    for job_id, results in expected.items():
        eigen("watch", job_id)
        assert ending(eigen_json("results", job_id)) == results
    assert len(eigen_json("list", "--limit", "1000")["jobs"]) == len(expected)
