"""One worker, a long loop, an urgent job: the urgent one ends first, and the loop ends as if it had never come."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sample_programs import BELL, VQE, RunJson, Write
from server_processes import Whole

if TYPE_CHECKING:
    from pathlib import Path

BEGINNING_SECONDS = 120
URGENT = """apiVersion: eigen.os/v1
kind: QuantumJob
metadata: {name: urgent}
spec: {program: {path: bell.eigen.py}, priority: 90}
"""


def test_an_urgent_job_takes_the_only_worker_of_a_loop(tmp_path: Path, eigen_json: RunJson, write: Write) -> None:
    write("bell.eigen.py", BELL)
    bell, vqe = write("job.yaml", URGENT), write("vqe.eigen.py", VQE.replace("rounds=120", "rounds=20_000"))
    with Whole(tmp_path, env={"EIGEN_WORKERS": "1", "EIGEN_PREEMPT_AFTER_SECONDS": "0.5"}) as server:
        door = {"EIGEN_ENDPOINT": f"grpc://{server.addresses['grpc_address']}"}
        loop = eigen_json("submit", vqe, env=door)["job_id"]
        until = time.monotonic() + BEGINNING_SECONDS
        while eigen_json("status", loop, env=door)["state"] != "RUNNING":
            assert time.monotonic() < until
        urgent = eigen_json("submit", "--job", bell, "--wait", env=door)
        assert urgent["state"] == "DONE"
        assert eigen_json("status", loop, env=door)["state"] in {"QUEUED", "RUNNING"}
        alone = eigen_json("submit", vqe, "--wait", env=door)
        ended = eigen_json("results", loop, env=door)
        why = eigen_json("explain", loop, env=door)
    assert ended["outputs"] == alone["outputs"]
    assert len(ended["outputs"]["history"]) == 20_000
    assert ended["metadata"]["attempts"] == 2
    assert alone["metadata"]["attempts"] == 1
    told = [entry["message"] for entry in why["history"] if entry["state"] == "QUEUED"]
    assert told[1:] == [f"gave way to `{urgent['job_id']}`; the job continues later"]
