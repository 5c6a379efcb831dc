"""Snapshots in a bucket that is hostile: flipped bytes, lost answers, crashes half-way, keys that may not delete."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from doubles import s3 as endpoint
from doubles.s3_proxy import REFUSED, UNANSWERED, S3Proxy
from eigen.app.files import open_snapshots
from eigen.config import Settings
from eigen.errors import EigenError
from eigen.qfs import s3_snapshots
from eigen.qfs.s3_snapshots import S3Snapshots
from eigen.qfs.snapshots import LocalSnapshots

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.s3_server import S3Server

JOB = "job_00000000Z80000000000000000"
NAME = "a-1.snapshot"
DATA = bytes(range(250))


@pytest.fixture
def given(s3: S3Server) -> dict[str, Any]:
    return s3.settings()


@pytest.fixture
def store(given: dict[str, Any]) -> S3Snapshots:
    return endpoint.snapshots(given, part_bytes=100)


@pytest.fixture
def objects(s3: S3Server, given: dict[str, Any]) -> Path:
    """Where the job's snapshots lie as files."""
    return s3.buckets / given["artifacts_url"].removeprefix("s3://") / "jobs" / JOB / "checkpoints"


@pytest.fixture
def proxy(s3: S3Server) -> Iterator[S3Proxy]:
    proxy = S3Proxy(s3)
    yield proxy
    proxy.close()


def put(store: S3Snapshots, data: bytes = DATA, name: str = NAME) -> None:
    writer = store.create(JOB, name)
    writer.write(data)
    writer.keep()


def get(store: S3Snapshots, name: str = NAME) -> bytes:
    reader = store.open(JOB, name)
    try:
        return reader.read(1 << 20)
    finally:
        reader.close()


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_they_are_where_the_artifacts_are(tmp_path: Path, given: dict[str, Any]) -> None:
    assert isinstance(open_snapshots(Settings(qfs_root=str(tmp_path))), LocalSnapshots)
    found = open_snapshots(Settings(qfs_root=str(tmp_path), **given))
    assert isinstance(found, S3Snapshots)
    put(found)
    assert get(endpoint.snapshots(given)) == DATA, "what another host sees"


def test_a_large_one_is_written_in_parts(store: S3Snapshots, objects: Path) -> None:
    put(store)
    assert [path.stat().st_size for path in files(objects / "parts")] == [100, 100, 50]
    assert [info.size_bytes for info in store.list(JOB)] == [250]


@pytest.mark.parametrize("part", [0, 1, 2])
def test_every_changed_part_is_data_loss(store: S3Snapshots, objects: Path, part: int) -> None:
    put(store)
    path = files(objects / "parts")[part]
    whole = path.read_bytes()
    for spoiled in (bytes([whole[0] ^ 1]) + whole[1:], whole[:-1], whole + b"x"):
        path.write_bytes(spoiled)
        with pytest.raises(EigenError) as caught:
            get(store)
        assert caught.value.code == "EIGEN_QFS_DATA_LOSS"
    path.unlink()
    with pytest.raises(EigenError) as caught:
        get(store)
    assert caught.value.code == "EIGEN_QFS_DATA_LOSS"


@pytest.mark.parametrize(
    "index",
    [b"", b"[", b"[" * 100_000, b"{}", b'{"parts": 1}', b'{"parts": [{}]}', b"EIGENSNP", b'{"parts": [{"key": "jobs/'
     + JOB.encode() + b'/input/job.yaml", "size_bytes": 1, "sha256": ""}]}'],
)  # fmt: skip
def test_what_names_no_parts_of_its_own_is_data_loss(store: S3Snapshots, objects: Path, index: bytes) -> None:
    put(store)
    (objects / NAME).write_bytes(index)
    with pytest.raises(EigenError) as caught:
        store.open(JOB, NAME)
    assert caught.value.code == "EIGEN_QFS_DATA_LOSS"


def test_what_a_crash_leaves_is_no_snapshot_and_goes_with_the_last(store: S3Snapshots, objects: Path) -> None:
    dead = store.create(JOB, NAME)
    dead.write(DATA * 4)  # and no more
    for sent in dead._sending:
        sent.result()
    assert store.list(JOB) == ()
    put(store, name="b-1.snapshot")
    put(store, name="b-2.snapshot")
    store.remove(JOB, ["b-1.snapshot"])
    assert get(store, "b-2.snapshot") == DATA
    assert len(files(objects / "parts" / NAME)) == 10
    store.remove(JOB, ["b-2.snapshot"])
    assert files(objects) == []


def test_what_is_given_up_leaves_nothing(store: S3Snapshots, objects: Path) -> None:
    writer = store.create(JOB, NAME)
    writer.write(DATA * 4)
    writer.discard()
    assert files(objects) == []


def test_of_two_that_write_one_name_the_first_has_it_and_the_other_leaves_nothing(
    store: S3Snapshots, objects: Path
) -> None:
    first, second = (store.create(JOB, NAME) for _ in range(2))
    first.write(b"1" * 150)
    second.write(b"2" * 150)
    first.keep()
    with pytest.raises(EigenError) as caught:
        second.keep()
    assert caught.value.code == "EIGEN_QFS_EXISTS"
    assert get(store) == b"1" * 150
    assert len(files(objects / "parts")) == 2


@pytest.mark.parametrize("way", [REFUSED, UNANSWERED])
def test_each_request_may_fail_once(
    proxy: S3Proxy, given: dict[str, Any], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_snapshots, "RETRY_SECONDS", 60.0)
    for number in range(1, 30):
        store = endpoint.snapshots({**given, "s3_endpoint": proxy.endpoint}, part_bytes=100)
        begun = len(proxy.seen)
        proxy.spoil = lambda n, _method, _path, at=begun + number: way if n == at else ""  # type: ignore[misc]
        put(store)
        assert get(store) == DATA
        asked = len(proxy.seen) - begun
        store.remove(JOB, [NAME])
        assert store.list(JOB) == ()
        if number > asked:
            return
    pytest.fail("there is no end of requests")


def test_who_may_not_delete_keeps_none(proxy: S3Proxy, given: dict[str, Any], objects: Path) -> None:
    store = endpoint.snapshots({**given, "s3_endpoint": proxy.endpoint})
    store.bucket.retry_seconds = 0.0
    proxy.spoil = lambda _number, method, _path: REFUSED if method in {"DELETE", "POST"} else ""
    for _ in range(2):
        with pytest.raises(EigenError) as caught:
            store.create(JOB, NAME)
        assert "s3:DeleteObject" in caught.value.hint
    assert files(objects) == []
    proxy.spoil = lambda _number, _method, _path: ""
    put(store)
    assert json.loads((objects / NAME).read_bytes())["parts"][0]["size_bytes"] == 250
