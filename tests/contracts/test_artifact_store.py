"""What every `ArtifactStore` does: written once, checked by digest, closed against paths that lead elsewhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doubles.memory_artifacts import MemoryArtifacts
from eigen.errors import EigenError
from eigen.qfs.artifacts import LocalArtifacts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eigen.qfs.store import ArtifactStore

JOB = "job_00000000Z80000000000000000"


@pytest.fixture(params=["local", "ahead", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ArtifactStore]:
    if request.param == "ahead":
        ahead = LocalArtifacts(tmp_path / "qfs")
        ahead.write_ahead()
        yield ahead
        ahead.close()
        return
    if request.param != "s3":
        yield LocalArtifacts(tmp_path / "qfs") if request.param == "local" else MemoryArtifacts()
        return
    from doubles.s3 import artifacts

    in_bucket = artifacts(request.getfixturevalue("s3").settings(), tmp_path / "data")
    yield in_bucket
    in_bucket.close()


def code(error: pytest.ExceptionInfo[EigenError]) -> str:
    return error.value.code


def test_bytes_come_back_with_what_is_recorded_of_them(store: ArtifactStore) -> None:
    info = store.put(JOB, "input/job.yaml", b"a: 1\n", media_type="application/yaml")
    assert (info.ref, info.size_bytes) == (f"qfs://jobs/{JOB}/input/job.yaml", 5)
    assert store.get(JOB, "input/job.yaml") == b"a: 1\n"
    assert store.info(JOB, "input/job.yaml") == info


def test_the_same_bytes_again_are_accepted_and_others_refused(store: ArtifactStore) -> None:
    first = store.put(JOB, "results/results.json", b"{}", media_type="application/json")
    assert store.put(JOB, "results/results.json", b"{}", media_type="application/json") == first
    with pytest.raises(EigenError) as error:
        store.put(JOB, "results/results.json", b"[]")
    assert code(error) == "EIGEN_QFS_EXISTS"
    assert store.get(JOB, "results/results.json") == b"{}"


def test_several_files_are_stored_together_or_not_at_all(store: ArtifactStore) -> None:
    store.put(JOB, "compiled/report.json", b"1")
    with pytest.raises(EigenError) as error:
        store.put_all(JOB, {"compiled/program.json": b"{}", "compiled/report.json": b"2"})
    assert code(error) == "EIGEN_QFS_EXISTS"
    assert store.info(JOB, "compiled/program.json") is None
    infos = store.put_all(JOB, {"compiled/program.json": b"{}", "compiled/circuit.aqo.json": b"[]"})
    assert [info.media_type for info in infos] == ["application/json"] * 2
    assert [info.path for info in store.list(JOB)] == [
        "compiled/circuit.aqo.json",
        "compiled/program.json",
        "compiled/report.json",
    ]


def test_flat_names_are_aliases(store: ArtifactStore) -> None:
    store.put(JOB, "results.json", b"{}")
    store.put(JOB, "compiled/circuit.aqo.json", b"[]")
    assert store.get(JOB, "results/results.json") == b"{}"
    assert store.get(JOB, "compiled.aqo.json") == b"[]"


def test_what_is_not_there_is_said(store: ArtifactStore) -> None:
    assert store.info(JOB, "results.json") is None
    assert store.list(JOB) == ()
    assert store.read_log(JOB) == ()
    with pytest.raises(EigenError) as error:
        store.get(JOB, "results.json")
    assert code(error) == "EIGEN_QFS_NOT_FOUND"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../other/results.json",
        "input/../../x",
        "input//x",
        "input/./x",
        ".hidden",
        "input/.lock",
        "meta.json",
        "a\\b",
        "a\0b",
        "a\nb",
        "x" * 200,
        "a/b/c/d/e/f/g/h/i",
        "input/",
        "résumé",
    ],
)
def test_paths_that_lead_elsewhere_are_refused(store: ArtifactStore, path: str) -> None:
    for attempt in (lambda: store.put(JOB, path, b""), lambda: store.get(JOB, path), lambda: store.info(JOB, path)):
        with pytest.raises(EigenError) as error:
            attempt()
        assert code(error) == "EIGEN_QFS_PATH"


@pytest.mark.parametrize("job_id", ["", "..", "a/b", ".x", "x" * 65, "-x", "a\n"])
def test_job_ids_that_lead_elsewhere_are_refused(store: ArtifactStore, job_id: str) -> None:
    for attempt in (
        lambda: store.put(job_id, "a.json", b""),
        lambda: store.get(job_id, "a.json"),
        lambda: store.list(job_id),
        lambda: store.append_log(job_id, "{}"),
        lambda: store.read_log(job_id),
    ):
        with pytest.raises(EigenError) as error:
            attempt()
        assert code(error) == "EIGEN_QFS_PATH"


def test_log_lines_come_back_in_order(store: ArtifactStore) -> None:
    for number in range(3):
        store.append_log(JOB, f'{{"n": {number}}}')
    assert store.read_log(JOB) == ('{"n": 0}', '{"n": 1}', '{"n": 2}')


def test_many_writers_lose_nothing(store: ArtifactStore) -> None:
    def write(number: int) -> None:
        store.put(JOB, f"results/part-{number}.json", b"%d" % number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    assert len(store.list(JOB)) == 40
    assert all(store.get(JOB, f"results/part-{number}.json") == b"%d" % number for number in range(40))


def test_racing_writers_of_one_name_agree_on_one(store: ArtifactStore) -> None:
    def write(number: int) -> str:
        try:
            store.put(JOB, "results/results.json", b"%d" % number)
        except EigenError as error:
            return error.code
        return "stored"

    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(write, range(16)))
    assert set(ends) == {"stored", "EIGEN_QFS_EXISTS"}
    won = [number for number, end in enumerate(ends) if end == "stored"]
    assert [b"%d" % number for number in won] == [store.get(JOB, "results/results.json")]
