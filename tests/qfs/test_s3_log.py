"""Logs in a bucket: parts of several processes in the order of their times, and nothing lost with a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doubles import s3 as endpoint
from eigen.qfs import s3_log
from eigen.qfs.s3_log import S3Log

if TYPE_CHECKING:
    from bench.s3_server import S3Server

JOB = "job_1"
TESTS = Path(__file__).parent.parent


@pytest.fixture
def given(s3: S3Server) -> dict[str, Any]:
    return s3.settings()


def line(second: int) -> str:
    return json.dumps({"timestamp": f"2026-01-01T00:00:{second:02}Z"})


def wait_for(log: S3Log, count: int) -> tuple[str, ...]:
    pause = threading.Event()
    for _ in range(600):
        lines = log.read(JOB)
        if len(lines) >= count:
            return lines
        pause.wait(0.05)
    raise AssertionError(log.read(JOB))


def test_lines_of_several_servers_are_told_in_order(given: dict[str, Any], tmp_path: Path) -> None:
    bucket = endpoint.bucket(given)
    one, other = S3Log(bucket, tmp_path / "one"), S3Log(bucket, tmp_path / "other")
    for second in range(6):
        (one, other)[second % 2].append(JOB, line(second))
        (one, other)[second % 2].append(JOB, f"after {second}")
    expected = tuple(text for second in range(6) for text in (line(second), f"after {second}"))
    assert wait_for(one, 12) == expected, "the other's lines come by themselves"
    assert wait_for(other, 12) == expected
    one.close()
    other.close()
    assert not list((tmp_path / "one").rglob("*.jsonl"))
    assert S3Log(bucket, tmp_path / "third").read(JOB) == expected


def test_a_long_log_is_written_in_parts(given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_log, "PART_BYTES", 20)
    monkeypatch.setattr(s3_log, "UPLOAD_SECONDS", 3600.0)
    bucket = endpoint.bucket(given)
    log = S3Log(bucket, tmp_path)
    for number in range(30):
        log.append(JOB, f"line {number:03}")
    log.close()
    assert len(bucket.list(f"jobs/{JOB}/{s3_log.PARTS}")) == bucket.requests["put"] == 10
    assert sorted(S3Log(bucket, tmp_path / "other").read(JOB)) == [f"line {number:03}" for number in range(30)]


SCRIPT = """
import json, sys, time
from doubles import s3
from eigen.qfs import s3_log
s3_log.UPLOAD_SECONDS = 3600.0
log = s3_log.S3Log(s3.bucket(json.loads(sys.argv[1])), __import__("pathlib").Path(sys.argv[2]))
log.append("job_1", "of a process that was killed")
print("written", flush=True)
time.sleep(3600)
"""


def test_what_a_killed_process_wrote_is_brought_by_the_next(given: dict[str, Any], tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, json.dumps(given), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == b"written\n"
    log = S3Log(endpoint.bucket(given), tmp_path)
    log.append(JOB, "of the next")
    assert wait_for(log, 1) == ("of the next",), "what a living process holds is its own"
    log.close()
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    after = S3Log(endpoint.bucket(given), tmp_path)
    after.append(JOB, "of the third")
    assert sorted(wait_for(after, 3)) == ["of a process that was killed", "of the next", "of the third"]
    after.close()
    assert not list((tmp_path / s3_log.SPOOL).iterdir())


def test_a_bucket_that_is_away_holds_nothing_up(s3: S3Server, tmp_path: Path) -> None:
    """Lines wait in the data directory; the process ends all the same."""
    away = endpoint.bucket(s3.settings(s3_endpoint="http://127.0.0.1:1"))
    away.retry_seconds = 0.0
    log = S3Log(away, tmp_path)
    log.append(JOB, "kept")
    log.close()
    (kept,) = tmp_path.rglob("*.jsonl")
    assert kept.read_text() == "kept\n"
