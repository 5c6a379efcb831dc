"""What every `SnapshotStore` does: whole or absent, written once, gone when it is told to go."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eigen.errors import EigenError
from eigen.qfs.snapshots import LocalSnapshots

if TYPE_CHECKING:
    from eigen.qfs.store import SnapshotStore

JOB, OTHER = "job_00000000Z80000000000000000", "job_00000000Z80000000000000001"


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SnapshotStore:
    if request.param == "local":
        return LocalSnapshots(tmp_path)
    from doubles.s3 import snapshots

    return snapshots(request.getfixturevalue("s3").settings(), part_bytes=100)


def put(store: SnapshotStore, name: str, data: bytes, job: str = JOB) -> None:
    writer = store.create(job, name)
    for start in range(0, len(data), 7):
        writer.write(data[start : start + 7])
    writer.keep()


def get(store: SnapshotStore, name: str) -> bytes:
    reader = store.open(JOB, name)
    parts = []
    while part := reader.read(5):
        parts.append(part)
    reader.close()
    return b"".join(parts)


def names(store: SnapshotStore, job: str = JOB) -> list[tuple[str, int]]:
    return [(info.name, info.size_bytes) for info in store.list(job)]


def test_bytes_come_back_in_pieces(store: SnapshotStore) -> None:
    put(store, "b-2.snapshot", b"x" * 1000)
    put(store, "a-1.snapshot", b"some state")
    assert names(store) == [("a-1.snapshot", 10), ("b-2.snapshot", 1000)]
    assert names(store, OTHER) == []
    assert get(store, "a-1.snapshot") == b"some state"
    assert get(store, "b-2.snapshot") == b"x" * 1000


def test_nobody_sees_one_that_is_under_way_or_given_up(store: SnapshotStore) -> None:
    writer = store.create(JOB, "a-1.snapshot")
    writer.write(b"half")
    assert names(store) == []
    with pytest.raises(EigenError) as error:
        store.open(JOB, "a-1.snapshot")
    assert error.value.code == "EIGEN_QFS_NOT_FOUND"
    writer.discard()
    put(store, "a-1.snapshot", b"whole")
    assert get(store, "a-1.snapshot") == b"whole"


def test_a_name_is_given_once(store: SnapshotStore) -> None:
    put(store, "a-1.snapshot", b"one")
    with pytest.raises(EigenError) as error:
        put(store, "a-1.snapshot", b"two")
    assert error.value.code == "EIGEN_QFS_EXISTS"
    assert get(store, "a-1.snapshot") == b"one"


def test_what_is_to_go_goes_and_nothing_else(store: SnapshotStore) -> None:
    for name in ("a-1.snapshot", "a-2.snapshot", "a-3.snapshot"):
        put(store, name, b"x")
    put(store, "a-1.snapshot", b"y", OTHER)
    store.remove(JOB, ["a-1.snapshot", "a-3.snapshot", "never.snapshot"])
    assert names(store) == [("a-2.snapshot", 1)]
    store.remove(JOB, ["a-2.snapshot"])
    store.remove(JOB, ["a-2.snapshot"])
    assert names(store) == []
    assert names(store, OTHER) == [("a-1.snapshot", 1)]


def test_all_of_a_job_go_and_those_of_no_other(store: SnapshotStore) -> None:
    store.clear(JOB)
    for name in ("a-1.snapshot", "b-1.snapshot"):
        put(store, name, b"x" * 250)
    put(store, "a-1.snapshot", b"y", OTHER)
    store.clear(JOB)
    assert names(store) == []
    assert names(store, OTHER) == [("a-1.snapshot", 1)]
    put(store, "a-1.snapshot", b"again")
    assert get(store, "a-1.snapshot") == b"again"


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 200, 1050])
def test_any_number_of_bytes_comes_back(store: SnapshotStore, size: int) -> None:
    data = bytes(position * 7 % 251 for position in range(size))
    put(store, "a-1.snapshot", data)
    assert names(store) == [("a-1.snapshot", size)]
    assert get(store, "a-1.snapshot") == data
    reader = store.open(JOB, "a-1.snapshot")
    assert reader.read(1 << 20) == data
    assert reader.read(1) == b""
    reader.close()


@pytest.mark.parametrize("name", ["../a.snapshot", "a", "A.snapshot", "a/b.snapshot", ".a.snapshot", "a" * 200, ""])
def test_names_that_lead_elsewhere_are_refused(store: SnapshotStore, name: str) -> None:
    for call in (store.create, store.open):
        with pytest.raises(EigenError) as error:
            call(JOB, name)
        assert error.value.code == "EIGEN_QFS_PATH"
    with pytest.raises(EigenError):
        store.remove(JOB, [name])
    with pytest.raises(EigenError):
        store.list("../jobs")


def test_there_is_room_for_little_and_not_for_everything(store: SnapshotStore) -> None:
    assert store.has_room(1)
    assert not store.has_room(1 << 60)


def test_a_dead_writer_leaves_nothing_behind_for_ever(tmp_path: Path) -> None:
    store = LocalSnapshots(tmp_path)
    put(store, "a-2.snapshot", b"whole")
    folder = tmp_path / "jobs" / JOB / "checkpoints"
    (folder / ".a-1.snapshot.77.tmp").write_bytes(b"half")
    assert names(store) == [("a-2.snapshot", 5)]
    store.remove(JOB, ["a-2.snapshot"])
    assert not folder.exists()


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    store = LocalSnapshots(tmp_path)
    writer = store.create(JOB, "a-1.snapshot")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EigenError, match="No space left") as error:
        writer.keep()
    assert error.value.code == "EIGEN_STORE_UNAVAILABLE"
    assert not list((tmp_path / "jobs" / JOB / "checkpoints").iterdir())


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    store = LocalSnapshots(tmp_path)
    put(store, "a-1.snapshot", b"x")
    outside = tmp_path / "outside"
    outside.write_bytes(b"secret")
    (tmp_path / "jobs" / JOB / "checkpoints" / "b-1.snapshot").symlink_to(outside)
    with pytest.raises(EigenError):
        store.open(JOB, "b-1.snapshot")
    with pytest.raises(EigenError):
        store.create(JOB, "b-1.snapshot")
