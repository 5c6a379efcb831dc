"""The log of files that are flushed later: whatever a loss of power leaves, what was acknowledged is whole."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.errors import EigenError
from eigen.qfs import ahead, files
from eigen.qfs.artifacts import LocalArtifacts

if TYPE_CHECKING:
    from collections.abc import Iterator

JOBS = ("job_1", "job_2")
PATHS = ("input/a.json", "input/b.json", "compiled/c.json", "results/d.json")
OTHER_BOOT = "00000000-0000-0000-0000-000000000000"
Wanted = dict[str, dict[str, bytes]]


def opened(root: Path) -> LocalArtifacts:
    store = LocalArtifacts(root)
    store.write_ahead()
    return store


def let_go(store: LocalArtifacts) -> None:
    """The locks of a process end with it."""
    log = store._ahead._log if store._ahead is not None else None
    if log is not None:
        os.close(log.descriptor)


def restarted(root: Path, monkeypatch: pytest.MonkeyPatch) -> LocalArtifacts:
    monkeypatch.setattr(ahead, "current_boot", lambda: OTHER_BOOT)
    return LocalArtifacts(root)


def check(store: LocalArtifacts, wanted: Wanted) -> None:
    for job_id, contents in wanted.items():
        assert {info.path for info in store.list(job_id)} == set(contents)
        assert {path: store.get(job_id, path) for path in contents} == contents
        assert store.faults(job_id) == ()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LocalArtifacts]:
    store = opened(tmp_path / "qfs")
    yield store
    store.close()


puts = st.tuples(st.sampled_from(JOBS), st.dictionaries(st.sampled_from(PATHS), st.binary(max_size=40), min_size=1))
FATES = ("stays", "stays", "gone", "empty", "torn", "garbage")


@given(wishes=st.lists(puts, max_size=8), data=st.data())
def test_what_was_acknowledged_is_whole_after_any_loss_of_power(wishes: list[Any], data: st.DataObject) -> None:
    """Each file and each index is as it was, an earlier one, torn, empty, garbage, or gone; the log may end torn."""
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as monkeypatch:
        root = Path(directory)
        store, wanted, earlier = opened(root), Wanted(), dict[Path, list[bytes]]()
        for job_id, contents in wishes:
            new = {path: content for path, content in contents.items() if path not in wanted.get(job_id, {})}
            store.put_all(job_id, new)
            wanted.setdefault(job_id, {}).update(new)
            if data.draw(st.integers(0, 5)) == 0:
                store.close()
                earlier.clear()
                continue
            for path in new:
                earlier.setdefault(root / "jobs" / job_id / path, [])
            index = root / "jobs" / job_id / "meta.json"
            if new:
                earlier.setdefault(index, []).append(index.read_bytes())
        let_go(store)
        for path, versions in earlier.items():
            content = path.read_bytes()
            match data.draw(st.sampled_from((*FATES, "earlier") if versions else FATES)):
                case "gone":
                    path.unlink()
                case "empty":
                    path.write_bytes(b"")
                case "torn":
                    path.write_bytes(content[: len(content) // 2])
                case "garbage":
                    path.write_bytes(bytes(len(content)))
                case "earlier":
                    path.write_bytes(data.draw(st.sampled_from(versions)))
                case _:
                    pass
        for log in (root / "ahead").glob("*.log"):
            log.write_bytes(log.read_bytes() + data.draw(st.binary(max_size=60)))
        check(restarted(root, monkeypatch), wanted)
        assert list((root / "ahead").glob("*.log")) == []
        check(LocalArtifacts(root), wanted)


def test_files_of_a_job_are_one_flush(store: LocalArtifacts, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("job_0", "input/a.json", b"0")  # begins the log
    flushes = {"fsync": 0, "fdatasync": 0}
    for name in flushes:
        real = getattr(os, name)

        def counted(descriptor: int, name: str = name, real: Any = real) -> None:
            flushes[name] += 1
            real(descriptor)

        monkeypatch.setattr(os, name, counted)
    store.put_all("job_1", {"input/a.json": b"1", "input/b.json": b"2"})
    store.put_all("job_1", {"results/d.json": b"3"})
    assert flushes == {"fsync": 0, "fdatasync": 2}


def test_who_stores_at_the_same_moment_shares_a_flush(store: LocalArtifacts, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("job_0", "input/a.json", b"0")
    assert store._ahead is not None
    inside, go, flushes = threading.Event(), threading.Event(), [0]
    real = os.fdatasync

    def slow(descriptor: int) -> None:
        flushes[0] += 1
        inside.set()
        assert go.wait(30)
        real(descriptor)

    monkeypatch.setattr(os, "fdatasync", slow)
    threads = [threading.Thread(target=store.put, args=(f"job_{n}", "input/a.json", b"%d" % n)) for n in range(1, 9)]
    threads[0].start()
    assert inside.wait(30)
    for thread in threads[1:]:
        thread.start()
    while len(store._ahead._waiting) < len(threads) - 1:
        pass
    go.set()
    for thread in threads:
        thread.join()
    assert flushes == [2]
    check(store, {f"job_{n}": {"input/a.json": b"%d" % n} for n in range(9)})


@pytest.mark.parametrize("where", ["fdatasync", "write", "replace", "open", "mkdir"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_the_nth_failing_call_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, number: int
) -> None:
    """Whatever fails, earlier files survive a loss of power, and the same files can be stored again."""
    real = getattr(os, where)
    contents = {"input/a.json": b"a", "compiled/c.json": b"c"}
    codes: set[str] = set()
    for attempt in range(1, 40):
        root = tmp_path / str(attempt)
        store, calls = opened(root), 0
        store.put("job_1", "input/a.json", b"first")

        def failing(*args: Any, limit: int = attempt) -> Any:
            nonlocal calls
            calls += 1
            if calls == limit:
                raise OSError(number, os.strerror(number))
            return real(*args)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, where, failing)
            try:
                store.put_all("job_2", contents)
            except EigenError as error:
                codes.add(error.code)
            else:
                break
        store.put_all("job_2", contents)
        let_go(store)
        shutil.rmtree(root / "jobs" / "job_2")  # the files of a log that broke are flushed: those of job_1 can be
        with pytest.MonkeyPatch.context() as patch:
            check(restarted(root, patch), {"job_1": {"input/a.json": b"first"}, "job_2": contents})
    else:
        pytest.fail("never passed clean")
    assert codes == {"EIGEN_STORE_UNAVAILABLE"}


def test_what_is_settled_is_on_the_disk_and_needs_no_log(
    store: LocalArtifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system cannot flush all at once, each file and each directory is flushed."""
    flushed: set[str] = set()
    real = os.fsync
    monkeypatch.setattr(files, "flush_file_system", lambda _: False)

    def watched(descriptor: int) -> None:
        real(descriptor)
        flushed.add(os.readlink(f"/proc/self/fd/{descriptor}"))

    store.put_all("job_1", {"input/a.json": b"a", "results/d.json": b"d"})
    monkeypatch.setattr(os, "fsync", watched)
    store.close()
    job = store.root / "jobs" / "job_1"
    names = ("input/a.json", "results/d.json", "meta.json", "input", "results", ".", "..", "../..")
    assert {str((job / name).resolve()) for name in names} <= flushed
    assert list((store.root / "ahead").iterdir()) == []
    store.put("job_1", "input/b.json", b"b")  # a store that is closed can be used: another log begins
    assert len(list((store.root / "ahead").iterdir())) == 1


def test_what_could_not_be_flushed_keeps_its_log(store: LocalArtifacts, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def broken(directory: Path) -> bool:
        asked.append(directory)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    store.put("job_1", "input/a.json", b"a")
    (log,) = (store.root / "ahead").iterdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "flush_file_system", broken)
        with pytest.raises(EigenError) as error:
            store.close()
    assert (error.value.code, asked) == ("EIGEN_STORE_UNAVAILABLE", [store.root / "jobs"])
    assert log.exists()
    shutil.rmtree(store.root / "jobs")
    check(restarted(store.root, monkeypatch), {"job_1": {"input/a.json": b"a"}})
    assert not log.exists()


def test_a_log_stays_while_a_file_that_it_has_is_being_written(
    store: LocalArtifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long a thread takes to write what the log has, the log is not deleted before."""
    writing, may_go_on = threading.Event(), threading.Event()
    write = files.write_unflushed

    def slow(*given: Any) -> None:
        writing.set()
        assert may_go_on.wait(30)
        write(*given)

    monkeypatch.setattr(files, "write_unflushed", slow)
    monkeypatch.setattr(ahead, "PATIENCE_SECONDS", 0.05)
    thread = threading.Thread(target=store.put, args=("job_1", "input/a.json", b"a"))
    thread.start()
    assert writing.wait(30)
    (log,) = (store.root / "ahead").iterdir()
    with pytest.raises(EigenError, match="still being written"):
        store.close()
    assert log.exists()
    may_go_on.set()
    thread.join()
    check(store, {"job_1": {"input/a.json": b"a"}})


def test_a_file_system_is_flushed_at_once(tmp_path: Path) -> None:
    assert files.flush_file_system(tmp_path) == (sys.platform == "linux" and files._kernel() >= (5, 8))
    with pytest.raises(FileNotFoundError):
        files.flush_file_system(tmp_path / "nothing")


def test_a_full_log_is_followed_by_another_and_goes_when_its_files_are_flushed(
    store: LocalArtifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "LOG_RECORDS", 3)
    wanted: Wanted = {f"job_{n}": {"input/a.json": b"%d" % n} for n in range(10)}
    for job_id, contents in wanted.items():
        store.put_all(job_id, contents)
    for thread in threading.enumerate():
        if thread.name == "settling":
            thread.join()
    assert len(list((store.root / "ahead").iterdir())) == 1
    let_go(store)
    shutil.rmtree(store.root / "jobs" / "job_9")  # the only one in the last log
    check(restarted(store.root, monkeypatch), wanted)
    assert store._ahead is not None
    store._ahead._log = None


def test_large_files_are_flushed_by_themselves(store: LocalArtifacts, monkeypatch: pytest.MonkeyPatch) -> None:
    large = os.urandom(ahead.MOST_BYTES + 1)
    store.put("job_1", "input/a.json", b"small")
    store.put("job_1", "results/d.json", large)
    (log,) = (store.root / "ahead").iterdir()
    assert log.stat().st_size < 2_000
    (store.root / "jobs/job_1/input/a.json").unlink()
    let_go(store)
    check(restarted(store.root, monkeypatch), {"job_1": {"input/a.json": b"small", "results/d.json": large}})
    assert store._ahead is not None
    store._ahead._log = None


def test_of_two_that_differ_the_later_whole_one_counts(store: LocalArtifacts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record whose files could not be written was refused; another process stored other bytes then."""

    def refused(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "write_unflushed", refused)
        with pytest.raises(EigenError):
            store.put("job_1", "results/d.json", b"refused")
    LocalArtifacts(store.root).put("job_1", "results/d.json", b"stored")
    let_go(store)
    check(restarted(store.root, monkeypatch), {"job_1": {"results/d.json": b"stored"}})
    assert store._ahead is not None
    store._ahead._log = None


def test_the_log_of_a_process_that_died_is_settled_by_the_next_and_that_of_a_live_one_is_left(tmp_path: Path) -> None:
    dead, live = opened(tmp_path), opened(tmp_path)
    dead.put("job_1", "input/a.json", b"1")
    live.put("job_2", "input/a.json", b"2")
    let_go(dead)
    logs = set((tmp_path / "ahead").iterdir())
    LocalArtifacts(tmp_path)  # who stores little leaves both
    assert set((tmp_path / "ahead").iterdir()) == logs
    ahead.settle_left(tmp_path, ahead.current_boot())
    (left,) = (tmp_path / "ahead").iterdir()
    assert live._ahead is not None
    assert live._ahead._log is not None
    assert left == live._ahead._log.path
    check(LocalArtifacts(tmp_path), {"job_1": {"input/a.json": b"1"}, "job_2": {"input/a.json": b"2"}})
    live.close()


def test_a_log_that_another_process_took_for_a_left_one_is_begun_again(
    store: LocalArtifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has its lock a moment after its name: who replays just then finds it empty and deletes it."""
    real, taken = fcntl.flock, [0]

    def late(descriptor: int, how: int) -> None:
        if not taken[0] and os.readlink(f"/proc/self/fd/{descriptor}").endswith(ahead.SUFFIX):
            taken[0] += 1
            monkeypatch.setattr(fcntl, "flock", real)
            ahead.replay(store.root, ahead.current_boot())
        real(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", late)
    store.put("job_1", "input/a.json", b"1")
    assert taken == [1]
    let_go(store)
    shutil.rmtree(store.root / "jobs")
    check(restarted(store.root, monkeypatch), {"job_1": {"input/a.json": b"1"}})
    assert store._ahead is not None
    store._ahead._log = None


def test_where_boots_cannot_be_told_apart_each_file_is_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "current_boot", lambda: "")
    store = opened(tmp_path)
    store.put("job_1", "input/a.json", b"1")
    assert not (tmp_path / "ahead").exists()
    store.close()
