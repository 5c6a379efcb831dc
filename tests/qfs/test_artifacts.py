"""The local artifact store against a hostile disk: flipped bytes, links, crashes half-way, no space, no rights."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from eigen.errors import EigenError
from eigen.qfs import files
from eigen.qfs.artifacts import LocalArtifacts

JOB = "job_1"


@pytest.fixture
def store(tmp_path: Path) -> LocalArtifacts:
    return LocalArtifacts(tmp_path / "qfs")


@pytest.fixture
def directory(store: LocalArtifacts) -> Path:
    store.put(JOB, "results/results.json", b'{"counts": {"00": 5}}')
    return store.root / "jobs" / JOB


def test_every_flipped_bit_is_data_loss(store: LocalArtifacts, directory: Path) -> None:
    path = directory / "results/results.json"
    good = path.read_bytes()
    for position in range(len(good)):
        bad = bytearray(good)
        bad[position] ^= 1
        path.write_bytes(bad)
        with pytest.raises(EigenError) as error:
            store.get(JOB, "results.json")
        assert error.value.code == "EIGEN_QFS_DATA_LOSS"


def test_a_damaged_index_is_data_loss_or_harmless(store: LocalArtifacts, directory: Path) -> None:
    path = directory / "meta.json"
    good, wanted = path.read_bytes(), store.get(JOB, "results.json")
    codes: list[str] = []
    for position in range(len(good)):
        bad = bytearray(good)
        bad[position] ^= 4
        path.write_bytes(bad)
        try:
            assert store.get(JOB, "results.json") == wanted
        except EigenError as error:
            codes.append(error.code)
    assert set(codes) == {"EIGEN_QFS_DATA_LOSS"}
    assert len(codes) > len(good) // 2


def test_a_file_that_vanished_is_data_loss(store: LocalArtifacts, directory: Path) -> None:
    (directory / "results/results.json").unlink()
    with pytest.raises(EigenError) as error:
        store.get(JOB, "results.json")
    assert error.value.code == "EIGEN_QFS_DATA_LOSS"


def test_links_are_not_followed(store: LocalArtifacts, directory: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "x.json").write_bytes(b"secret")
    (directory / "results/results.json").unlink()
    (directory / "results/results.json").symlink_to(secret / "x.json")
    (directory / "logs").symlink_to(secret)
    for attempt in (
        lambda: store.get(JOB, "results.json"),
        lambda: store.put(JOB, "logs/y.json", b"y"),
        lambda: store.append_log(JOB, "line"),
    ):
        with pytest.raises(EigenError) as error:
            attempt()
        assert error.value.code == "EIGEN_STORE_UNAVAILABLE"
    assert sorted(secret.iterdir()) == [secret / "x.json"]


@pytest.mark.parametrize("where", ["_write", "_flush", "fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_the_nth_failing_write_loses_nothing(
    store: LocalArtifacts, monkeypatch: pytest.MonkeyPatch, where: str, number: int
) -> None:
    """Fail the first, the second, … call of a primitive until one run passes clean; then everything is there."""
    owner = os if where in {"fsync", "replace"} else files
    real = getattr(owner, where)
    errors: list[EigenError] = []
    contents = {"compiled/program.json": b"{}", "compiled/circuit.aqo.json": b"[]"}
    for attempt in range(1, 30):
        calls = 0

        def failing(*args: object, limit: int = attempt) -> object:
            nonlocal calls
            calls += 1
            if calls == limit:
                raise OSError(number, os.strerror(number))
            return real(*args)

        monkeypatch.setattr(owner, where, failing)
        try:
            store.put_all(f"job_{attempt}", contents)
        except EigenError as error:
            errors.append(error)
        else:
            break
        finally:
            monkeypatch.setattr(owner, where, real)
        store.put_all(f"job_{attempt}", contents)  # the disk is well again
        assert {info.path for info in store.list(f"job_{attempt}")} == set(contents)
        assert not list((store.root / "jobs" / f"job_{attempt}").rglob("*.tmp"))
    else:
        pytest.fail("never passed clean")
    assert {error.code for error in errors} == {"EIGEN_STORE_UNAVAILABLE"}
    assert all(os.strerror(number) in error.message for error in errors)


def test_what_a_crash_left_unnamed_is_replaced(store: LocalArtifacts, directory: Path) -> None:
    """A file that no index names was never acknowledged: the next writer may store other bytes."""
    (directory / "results/receipt.json").write_bytes(b"half-way")
    store.put(JOB, "results/receipt.json", b"whole")
    assert store.get(JOB, "results/receipt.json") == b"whole"


def test_a_torn_log_line_is_left_out(store: LocalArtifacts) -> None:
    store.append_log(JOB, '{"n": 1}')
    with (store.root / "jobs" / JOB / "logs/job.jsonl").open("ab") as file:
        file.write(b'{"n": 2')
    assert store.read_log(JOB) == ('{"n": 1}',)


def test_the_index_is_readable_by_anyone(store: LocalArtifacts, directory: Path) -> None:
    index = json.loads((directory / "meta.json").read_text())
    entry = index["artifacts"]["results/results.json"]
    assert entry["size_bytes"] == 21
    assert entry["media_type"] == "application/octet-stream"


def test_a_root_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = LocalArtifacts(tmp_path / "file")
    with pytest.raises(EigenError) as error:
        store.put(JOB, "a.json", b"x")
    assert error.value.code == "EIGEN_STORE_UNAVAILABLE"
    assert str(tmp_path / "file") in error.value.message


def test_files_are_private(directory: Path) -> None:
    assert (directory / "results/results.json").stat().st_mode & 0o077 == 0
    assert directory.stat().st_mode & 0o077 == 0


def test_the_index_takes_its_name_after_all_it_names_is_on_the_disk(
    store: LocalArtifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a loss of power may leave behind: files without an index, never an index without its files."""
    seen: list[str] = []
    fsync, replace = os.fsync, os.replace

    def watched_fsync(descriptor: int) -> None:
        fsync(descriptor)
        name = Path(os.readlink(f"/proc/self/fd/{descriptor}")).name
        seen.append(f"flush {name.removeprefix('.').partition(f'.{os.getpid()}')[0]}")

    def watched_replace(source: Path, target: Path) -> None:
        replace(source, target)
        seen.append(f"name {target.name}")

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "replace", watched_replace)
    store.put("job_old", "input/a.json", b"1")
    seen.clear()
    store.put_all("job_new", {"input/a.json": b"1", "input/b.json": b"2"})
    assert seen == [
        *("flush a.json", "flush b.json", "flush meta.json"),
        *("name a.json", "name b.json"),
        *("flush jobs", "flush job_new", "flush input"),
        *("name meta.json", "flush job_new"),
    ]
    seen.clear()
    store.put_all("job_new", {"results/c.json": b"3"})
    assert seen == [
        "flush c.json",
        "flush meta.json",
        "name c.json",
        "flush results",
        "name meta.json",
        "flush job_new",
    ]
