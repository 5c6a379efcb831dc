"""The commands on a data directory whose files lie in a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sample_programs import BELL, Run, RunJson, Write

if TYPE_CHECKING:
    from bench.s3_server import S3Server


@pytest.fixture
def env(s3: S3Server) -> dict[str, str]:
    return {f"EIGEN_{name.upper()}": str(value) for name, value in s3.settings().items()}


def test_a_job_is_run_and_looked_at_by_several_processes(
    env: dict[str, str], eigen: Run, eigen_json: RunJson, write: Write
) -> None:
    done = eigen_json("run", write("bell.eigen.py", BELL), env=env)
    job_id = done["job_id"]
    assert eigen_json("results", job_id, env=env)["counts"] == done["counts"]
    assert eigen_json("verify", job_id, env=env)["verified"]
    said = eigen("logs", job_id, env=env).stdout
    assert "submitted" in said, "what a process wrote is in the bucket when it has ended"
    assert "compile took" in said


def test_doctor_tries_the_bucket_and_says_what_is_wrong(env: dict[str, str], eigen_json: RunJson) -> None:
    def files(report: dict[str, list[dict[str, str]]]) -> dict[str, str]:
        return next(finding for finding in report["findings"] if finding["check"] == "files")

    found = files(eigen_json("doctor", env=env))
    assert found["ok"]
    assert found["text"].startswith(env["EIGEN_ARTIFACTS_URL"])
    assert "conditions are honoured" in found["text"]
    wrong = {**env, "EIGEN_S3_SECRET_ACCESS_KEY": "guessed-secret"}
    report = eigen_json("doctor", expect=4, env=wrong)
    assert not files(report)["ok"]
    assert "SignatureDoesNotMatch" in files(report)["text"]
    assert "s3_secret_access_key" in files(report)["hint"]
    assert "guessed-secret" not in str(report) + str(eigen_json("config", env=wrong))
