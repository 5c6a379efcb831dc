"""The artifact store on S3 against a hostile bucket: flipped bytes, lost answers, crashes half-way, other writers."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from doubles import s3 as endpoint
from doubles.s3_proxy import CUT, REFUSED, UNANSWERED, UNHEARD, S3Proxy
from eigen.errors import EigenError
from eigen.qfs import s3_layout
from eigen.qfs.artifacts import LocalArtifacts
from eigen.qfs.s3_bucket import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.s3_server import S3Server

    from eigen.qfs.s3_artifacts import S3Artifacts

JOB = "job_1"
FILES = {"compiled/program.json": b"{}", "compiled/circuit.aqo.json": b"[]"}


@pytest.fixture
def given(s3: S3Server) -> dict[str, Any]:
    return s3.settings()


@pytest.fixture
def store(given: dict[str, Any], tmp_path: Path) -> Iterator[S3Artifacts]:
    store = endpoint.artifacts(given, tmp_path / "data")
    yield store
    store.close()


@pytest.fixture
def objects(s3: S3Server, given: dict[str, Any]) -> Path:
    """Where the objects of the job lie as files."""
    return s3.buckets / given["artifacts_url"].removeprefix("s3://") / "jobs" / JOB


@pytest.fixture
def proxy(s3: S3Server) -> Iterator[S3Proxy]:
    proxy = S3Proxy(s3)
    yield proxy
    proxy.close()


def code(error: pytest.ExceptionInfo[EigenError]) -> str:
    return error.value.code


def test_every_flipped_bit_is_data_loss(store: S3Artifacts, objects: Path) -> None:
    store.put(JOB, "results/results.json", b'{"counts": {"00": 5}}')
    path = objects / "results/results.json"
    good = path.read_bytes()
    for position in range(len(good)):
        bad = bytearray(good)
        bad[position] ^= 1
        path.write_bytes(bad)
        with pytest.raises(EigenError) as error:
            store.get(JOB, "results.json")
        assert code(error) == "EIGEN_QFS_DATA_LOSS"
        assert store.faults(JOB)[0][0] == "results/results.json"


def test_a_damaged_index_is_data_loss_or_harmless(
    store: S3Artifacts, objects: Path, given: dict[str, Any], tmp_path: Path
) -> None:
    store.put(JOB, "results/results.json", b"{}")
    path = objects / "meta.json"
    good = path.read_bytes()
    codes: list[str] = []
    for position in range(0, len(good), 2):
        bad = bytearray(good)
        bad[position] ^= 4
        path.write_bytes(bad)
        try:
            assert endpoint.artifacts(given, tmp_path / "other").get(JOB, "results.json") == b"{}"
        except EigenError as error:
            codes.append(error.code)
    assert set(codes) == {"EIGEN_QFS_DATA_LOSS"}
    assert len(codes) > len(good) // 4


def test_an_object_that_vanished_is_data_loss(store: S3Artifacts, objects: Path) -> None:
    store.put(JOB, "results/results.json", b"{}")
    (objects / "results/results.json").unlink()
    with pytest.raises(EigenError) as error:
        store.get(JOB, "results.json")
    assert code(error) == "EIGEN_QFS_DATA_LOSS"
    (objects / "meta.json").unlink()
    assert store.list(JOB) == ()


def test_what_a_crash_left_unnamed_neither_counts_nor_stands_in_the_way(
    store: S3Artifacts, given: dict[str, Any], tmp_path: Path
) -> None:
    """Its place stays taken: the bytes of who comes next lie apart, and its own are never overwritten."""
    store.bucket.put(f"jobs/{JOB}/results/receipt.json", b"of a crash")
    assert store.info(JOB, "receipt.json") is None
    store.put(JOB, "results/receipt.json", b"whole")
    store.put(JOB, "results/results.json", b"{}")
    other = endpoint.artifacts(given, tmp_path / "other")
    assert other.get(JOB, "receipt.json") == b"whole"
    assert other.faults(JOB) == ()
    assert store.bucket.get(f"jobs/{JOB}/results/receipt.json") is not None


@pytest.mark.parametrize("way", [REFUSED, UNHEARD, UNANSWERED, CUT])
def test_the_nth_failing_request_loses_nothing(proxy: S3Proxy, given: dict[str, Any], tmp_path: Path, way: str) -> None:
    """Spoil the first, the second, … request until one run passes clean; asked again, everything is there."""
    errors: list[str] = []
    for attempt in range(1, 30):
        job_id = f"job_{attempt}"
        store = endpoint.artifacts({**given, "s3_endpoint": proxy.endpoint}, tmp_path / "data")
        store.bucket.retry_seconds = 0.0
        store.put("job_0", "a.json", b"")
        first = len(proxy.seen) + attempt
        proxy.spoil = lambda number, _method, _path, wanted=first: way if number == wanted else ""
        try:
            store.put_all(job_id, FILES)
            store.put_all(job_id, {"results/results.json": b"1"})
            found = store.get(job_id, "results.json")
            clean = len(proxy.seen) < first
        except EigenError as error:
            errors.append(error.code)
            store.put_all(job_id, FILES)
            store.put_all(job_id, {"results/results.json": b"1"})
            found = store.get(job_id, "results.json")
            clean = False
        assert found == b"1"
        fresh = endpoint.artifacts(given, tmp_path / "data")
        assert {info.path for info in fresh.list(job_id)} == {*FILES, "results/results.json"}
        assert fresh.faults(job_id) == ()
        if clean:
            break
    else:
        pytest.fail("never passed clean")
    assert len(errors) >= 5 if way != CUT else errors
    assert set(errors) == {"EIGEN_STORE_UNAVAILABLE"}


@pytest.mark.parametrize("way", [REFUSED, UNHEARD, UNANSWERED])
def test_every_third_request_that_fails_is_made_again(
    proxy: S3Proxy, given: dict[str, Any], tmp_path: Path, way: str
) -> None:
    store = endpoint.artifacts({**given, "s3_endpoint": proxy.endpoint}, tmp_path / "data")
    proxy.spoil = lambda number, _method, _path: way if number % 3 == 0 else ""
    for number in range(5):
        store.put_all(JOB, {f"results/{number}-{path.replace('/', '-')}": data for path, data in FILES.items()})
    assert len(store.list(JOB)) == 10
    assert store.faults(JOB) == ()


def test_writers_of_several_servers_lose_nothing(given: dict[str, Any], tmp_path: Path) -> None:
    stores = [endpoint.artifacts(given, tmp_path / f"data-{number}") for number in range(4)]

    def write(number: int) -> str:
        try:
            stores[number % 4].put_all(JOB, {f"parts/{number}.json": b"%d" % number, "results/one.json": b"same"})
            stores[number % 4].put(JOB, "results/raced.json", b"%d" % number)
        except EigenError as error:
            return error.code
        return "stored"

    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(write, range(32)))
    won = [number for number, end in enumerate(ends) if end == "stored"]
    assert set(ends) == {"stored", "EIGEN_QFS_EXISTS"}
    assert len(won) == 1
    for store in stores:
        assert len(store.list(JOB)) == 34
        assert store.get(JOB, "results/raced.json") == b"%d" % won[0]
        assert store.faults(JOB) == ()


def test_one_directory_can_become_the_other(
    store: S3Artifacts, objects: Path, given: dict[str, Any], tmp_path: Path
) -> None:
    """The bucket has the layout of a data directory, files that lie apart included."""
    store.bucket.put(f"jobs/{JOB}/results/receipt.json", b"of a crash")
    store.put_all(JOB, {**FILES, "results/receipt.json": b"whole"})
    local = LocalArtifacts(tmp_path / "local")
    for path in objects.rglob("*"):
        if path.is_file():
            target = tmp_path / "local/jobs" / JOB / path.relative_to(objects)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    assert local.list(JOB) == store.list(JOB)
    assert local.faults(JOB) == ()
    local.put("job_2", "input/job.yaml", b"a: 1\n")
    for path in (tmp_path / "local/jobs/job_2").rglob("*"):
        if path.is_file():
            store.bucket.put(f"jobs/job_2/{path.relative_to(tmp_path / 'local/jobs/job_2')}", path.read_bytes())
    assert store.get("job_2", "job.yaml") == b"a: 1\n"
    store.put("job_2", "results/results.json", b"{}")
    assert [info.path for info in store.list("job_2")] == ["input/job.yaml", "results/results.json"]


def test_what_is_known_is_not_asked_for_again(store: S3Artifacts) -> None:
    store.put(JOB, "a.json", b"1")
    asked = store.bucket.requests.copy()
    store.put(JOB, "a.json", b"1")
    assert store.info(JOB, "a.json") is not None
    assert store.bucket.requests == asked
    assert store.info(JOB, "b.json") is None
    assert store.bucket.requests - asked == {"get": 1}


def test_a_prefix_of_a_newer_layout_is_left_alone(store: S3Artifacts) -> None:
    store.bucket.put(s3_layout.MARK, json.dumps({"layout": 2}).encode())
    with pytest.raises(EigenError, match="newer Eigen OS") as error:
        store.put(JOB, "a.json", b"1")
    assert code(error) == "EIGEN_STORE_UNAVAILABLE"
    assert store.list(JOB) == ()


@pytest.mark.parametrize("header", ["If-None-Match", "If-Match"])
def test_a_bucket_that_ignores_conditions_is_refused(
    given: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, header: str
) -> None:
    """As object stores do that do not know these headers."""
    spoilt = {"If-None-Match": "create", "If-Match": "replace"}[header]

    def heedless(self: Bucket, key: str, data: bytes, *_: str, media_type: str = "") -> str | None:
        self.put(key, data, media_type=media_type)
        found = self.get(key)
        return None if found is None else found[1]

    monkeypatch.setattr(Bucket, spoilt, heedless)
    store = endpoint.artifacts(given, tmp_path / "data")
    with pytest.raises(EigenError, match=f"does not honour `{header}`") as error:
        store.put(JOB, "a.json", b"1")
    assert code(error) == "EIGEN_STORE_UNAVAILABLE"
    assert store.bucket.list("jobs") == store.bucket.list("checks") == ()
