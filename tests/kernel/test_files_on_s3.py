"""Whole jobs whose files lie in a bucket: what they ask of it, and that nothing is lost when it or a process fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bench.kernel.houses import no_op

from doubles import house
from doubles import s3 as endpoint
from doubles.s3_proxy import REFUSED, UNANSWERED, S3Proxy
from eigen.app import make_registry, open_ports
from eigen.config import Settings
from eigen.errors import EigenError
from eigen.kernel.failpoints import EXIT_STATUS
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.kernel.workers import Workers
from eigen.qfs import s3_log
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.s3_server import S3Server

    from eigen.kernel.ports import Ports
    from eigen.types import JobResults

TESTS = Path(__file__).parent.parent


@pytest.fixture
def given(s3: S3Server) -> dict[str, Any]:
    return s3.settings()


@pytest.fixture
def root(given: dict[str, Any], tmp_path: Path) -> Path:
    """A data directory whose files are in the bucket."""
    (tmp_path / "settings.json").write_text(json.dumps(given))
    return tmp_path


@pytest.fixture
def ports(root: Path) -> Iterator[Ports]:
    ports = house.ports(root)
    yield ports
    ports.artifacts.close()  # type: ignore[attr-defined]
    ports.jobs.close()


def submit(ports: Ports, program: str = "bell") -> str:
    job = house.spec(program)
    return Kernel(ports).submit(job, house.files(job))


def run(ports: Ports, job_id: str) -> JobResults:
    assert Worker(ports).run_until(job_id, wait_seconds=60)
    return Kernel(ports).results(job_id)


def assert_kept(ports: Ports, job_id: str) -> None:
    kernel = Kernel(ports)
    assert kernel.verify(job_id).failures == ()
    for info in kernel.artifacts(job_id):
        kernel.artifact(job_id, info.path)


def test_a_bell_job_makes_fifteen_requests(ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    """Submit: two files and an index. Compile: the index once more, the source; three files, the index. Seal: the index
    once more, before the files and for their sizes; two files, the index. Its log comes along in one part."""
    monkeypatch.setattr(s3_log, "UPLOAD_SECONDS", 3600.0)
    run(ports, submit(ports))  # the first one marks the prefix and leaves the public key there
    bucket = ports.artifacts.bucket  # type: ignore[attr-defined]
    bucket.requests.clear()
    job_id = submit(ports)
    assert Worker(ports).run_until(job_id)
    assert bucket.requests == {"create": 8, "replace": 2, "get": 4}
    ports.artifacts._log.flush(job_id)  # type: ignore[attr-defined]
    assert bucket.requests.total() == 15


def test_a_job_is_run_read_and_verified(ports: Ports, s3: S3Server, root: Path) -> None:
    job_id = submit(ports)
    results = run(ports, job_id)
    assert results.state is JobState.DONE
    assert results.counts is not None
    assert_kept(ports, job_id)
    messages = [line["message"] for line in Kernel(ports).logs(job_id)]
    assert messages[0] == "submitted"
    assert not (root / "jobs").exists()


def test_a_flipped_byte_is_never_run_nor_told(ports: Ports, s3: S3Server, given: dict[str, Any]) -> None:
    jobs = s3.buckets / given["artifacts_url"].removeprefix("s3://") / "jobs"
    job_id = submit(ports)
    (jobs / job_id / "input/program.eigen.py").write_bytes(b"bell ")
    results = run(ports, job_id)
    assert results.error is not None
    assert results.error["code"] == "EIGEN_QFS_DATA_LOSS"
    job_id = submit(ports)
    run(ports, job_id)
    path = jobs / job_id / "results/results.json"
    path.write_bytes(path.read_bytes().replace(b'"00"', b'"01"', 1))
    with pytest.raises(EigenError) as error:
        Kernel(ports).results(job_id)
    assert error.value.code == "EIGEN_QFS_DATA_LOSS"
    assert not Kernel(ports).verify(job_id).holds


@pytest.mark.parametrize("way", [REFUSED, UNANSWERED])
def test_the_nth_failing_request_of_a_whole_job_loses_nothing(
    s3: S3Server, given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Spoil the first, the second, … request until one run passes clean; every job ends all the same."""
    monkeypatch.setattr(s3_log, "UPLOAD_SECONDS", 3600.0)
    proxy = S3Proxy(s3)
    (tmp_path / "settings.json").write_text(json.dumps({**given, "s3_endpoint": proxy.endpoint}))
    ports = house.ports(tmp_path)
    ports.artifacts.bucket.retry_seconds = 0.0  # type: ignore[attr-defined]
    whole = run(ports, submit(ports))
    failures = 0
    for attempt in range(1, 40):
        first = len(proxy.seen) + attempt
        proxy.spoil = lambda number, _method, _path, wanted=first: way if number == wanted else ""
        job_id, code = "", ""
        try:
            job_id = submit(ports)
            Worker(ports).run_until(job_id)
        except EigenError as error:
            code = error.code
        if len(proxy.seen) < first:
            break
        if code:
            assert code == "EIGEN_STORE_UNAVAILABLE"
            failures += 1
        if job_id:
            results = run(ports, job_id)
            assert (results.state, results.counts) == (whole.state, whole.counts)
            assert_kept(ports, job_id)
    else:
        pytest.fail("never passed clean")
    assert failures > 8
    assert {view.state for view in Kernel(ports).list()} == {JobState.DONE}
    ports.jobs.close()
    ports.artifacts.close()  # type: ignore[attr-defined]
    proxy.close()


@pytest.mark.parametrize("failpoint", ["submit.files-stored", "compile.stored", "seal.signed", "seal.stored"])
def test_a_process_that_is_killed_beside_its_files_loses_nothing(root: Path, failpoint: str) -> None:
    environment = {**os.environ, "EIGEN_FAILPOINT": failpoint}
    environment["PYTHONPATH"] = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    command = [sys.executable, "-m", "doubles.house", str(root), "bell", "sim:statevector"]
    assert subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == EXIT_STATUS
    ports = house.ports(root)
    Worker(ports).run_until()
    views = Kernel(ports).list()
    assert len(views) == (0 if failpoint == "submit.files-stored" else 1)
    for view in views:
        assert Kernel(ports).results(view.job_id).state is JobState.DONE
        assert_kept(ports, view.job_id)
    ports.jobs.close()


def test_two_servers_share_a_queue_and_no_file_system(postgres_url: str, given: dict[str, Any], tmp_path: Path) -> None:
    servers = []
    for name in ("here", "there"):
        settings = Settings(qfs_root=str(tmp_path / name), database_url=postgres_url, **given)
        servers.append(open_ports(settings, make_registry(settings)))
    (database, here), (other, there) = servers
    working = Workers(there, 1, lease_seconds=30)
    working.start()
    with closing(database), closing(other):
        job_ids = [Kernel(here).submit(*no_op()) for _ in range(3)]
        try:
            for job_id in job_ids:
                wait_until_sealed(here, job_id)
        finally:
            working.stop()
            assert working.join(60)
        there.artifacts.close()  # type: ignore[attr-defined]
        for job_id in job_ids:
            assert Kernel(here).results(job_id).state is JobState.DONE
            assert_kept(here, job_id)
            messages = [str(line["message"]) for line in Kernel(here).logs(job_id)]
            assert messages[0] == "submitted", "written here"
            assert any(message.startswith("compile took") for message in messages), "written there"
        receipt = json.loads(Kernel(here).artifact(job_ids[0], "receipt.json"))
        assert receipt["signature"]["key_id"] not in {path.stem for path in (tmp_path / "here/keys").glob("*.pub")}
        here.artifacts.close()  # type: ignore[attr-defined]


def wait_until_sealed(ports: Ports, job_id: str) -> None:
    pause = threading.Event()
    for _ in range(6_000):
        row = ports.jobs.get(job_id)
        if row is not None and row.sealed:
            return
        pause.wait(0.01)
    raise AssertionError(ports.jobs.get(job_id))


def test_an_endpoint_that_is_killed_under_load_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from eigen.kernel import workers

    monkeypatch.setattr(workers, "RETRY_SECONDS", 0.05)
    server = endpoint.start()
    (tmp_path / "settings.json").write_text(json.dumps(server.settings()))
    ports = house.ports(tmp_path)
    ports.artifacts.bucket.retry_seconds = 0.2  # type: ignore[attr-defined]
    working = Workers(ports, 2, lease_seconds=30)
    working.start()
    job_ids: list[str] = []
    pause = threading.Event()
    job = house.spec("bell")
    refused: list[str] = []
    for number in range(24):
        if number % 8 == 3:
            server.kill()
            threading.Timer(0.8, server.restart).start()
        while True:
            try:
                job_ids.append(Kernel(ports).submit(job, house.files(job), idempotency_key=f"job-{number}"))
                break
            except EigenError as error:
                refused.append(error.code)
                pause.wait(0.05)
    for job_id in job_ids:
        wait_until_sealed(ports, job_id)
    working.stop()
    assert working.join(60)
    assert set(refused) == {"EIGEN_STORE_UNAVAILABLE"}
    assert len(set(job_ids)) == len(Kernel(ports).list(limit=1000)) == 24
    for job_id in job_ids:
        assert Kernel(ports).results(job_id).state is JobState.DONE
        assert_kept(ports, job_id)
    ports.artifacts.close()  # type: ignore[attr-defined]
    ports.jobs.close()
    with suppress(OSError):
        server.stop()
