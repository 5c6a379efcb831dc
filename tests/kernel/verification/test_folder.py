"""An exported job, checked far from its installation: what is right passes, what was changed is found, and what is no
such folder is refused in a sentence."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles import house
from eigen.client import folder as exported
from eigen.errors import EigenError
from eigen.kernel.kernel import Kernel
from eigen.kernel.record import EVENTS, JOB, JOURNAL
from eigen.kernel.verification import verify
from eigen.kernel.verification.folder import evidence_in
from eigen.kernel.worker import Worker
from eigen.qfs.signing_keys import NoKeys
from eigen.types import Verdict, Verification

if TYPE_CHECKING:
    from pathlib import Path

    from eigen.kernel.ports import Keys, Ports

RESULTS = "results/results.json"


def check(files: dict[str, bytes], keys: Keys | None = None) -> Verification:
    return verify(evidence_in(files, keys or NoKeys(), default_shots=1024))


def failed(found: Verification) -> set[str]:
    return {each.name for each in found.failures}


def files_of(ports: Ports, job_id: str) -> dict[str, bytes]:
    kernel = Kernel(ports)
    paths = [*(info.path for info in kernel.artifacts(job_id)), JOB, EVENTS, JOURNAL]
    return {path: kernel.artifact(job_id, path) for path in paths}


def run(root: Path, program: str) -> tuple[Ports, str]:
    ports = house.ports(root)
    job = house.spec(program, "sim:statevector")
    job_id = Kernel(ports).submit(job, house.files(job))
    assert Worker(ports).run_until(job_id, wait_seconds=60)
    return ports, job_id


@pytest.fixture(scope="module")
def bell(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    ports, job_id = run(tmp_path_factory.mktemp("bell"), "bell")
    return files_of(ports, job_id)


@pytest.mark.parametrize("program", ["bell", "vqe", "vqe-shots", "vqe-gradient"])
def test_what_is_right_passes_with_the_key_of_who_made_it(tmp_path: Path, program: str) -> None:
    ports, job_id = run(tmp_path, program)
    found = check(files_of(ports, job_id), NoKeys(dict(ports.keys.known())))
    verdicts = {each.name: each.verdict for each in found.checks}
    assert verdicts.pop("chain") is Verdict.NOT_CHECKED
    assert set(verdicts.values()) == {Verdict.PASS}


def test_without_a_key_one_trusts_nobody_has_signed(bell: dict[str, bytes]) -> None:
    found = check(bell)
    assert found.holds
    assert {each.name: each.verdict for each in found.checks}["signature"] is Verdict.NOT_CHECKED


def test_a_key_of_somebody_else_is_refused(bell: dict[str, bytes]) -> None:
    assert failed(check(bell, NoKeys({"0" * 16: "somebody"}))) == {"signature"}


def refused(files: dict[str, bytes]) -> bool:
    """Whether a check fails, or the record cannot be read at all; anything else that is raised is a defect."""
    try:
        return not check(files).holds
    except EigenError as error:
        return error.code == "EIGEN_QFS_DATA_LOSS"


@pytest.mark.parametrize("path", [RESULTS, "results/receipt.json", "compiled/program.json", EVENTS, JOURNAL])
def test_whatever_is_changed_is_found(bell: dict[str, bytes], path: str) -> None:
    for offset in range(0, len(bell[path]), max(1, len(bell[path]) // 40)):
        data = bytearray(bell[path])
        data[offset] ^= 1
        assert refused({**bell, path: bytes(data)}), f"a flipped bit at {offset} of {path}"


def test_whatever_is_changed_in_the_job_itself_is_found(bell: dict[str, bytes]) -> None:
    record = json.loads(bell[JOB])
    for name, value in record["job"].items():
        other: Any = value + 1 if isinstance(value, int) else {"code": "EIGEN_INTERNAL"} if value is None else "ERROR"
        other = {**value, "priority": 77} if isinstance(value, dict) else other
        changed = {**record, "job": {**record["job"], name: other}}
        assert refused({**bell, JOB: json.dumps(changed).encode()}), name


def test_a_forger_who_mends_the_record_is_convicted_by_the_receipt(bell: dict[str, bytes]) -> None:
    forged = bell[RESULTS].replace(b'"00": ', b'"00": 1')
    record = json.loads(bell[JOB])
    record["files"][RESULTS] = {"sha256": sha256(forged).hexdigest(), "size_bytes": len(forged)}
    found = check({**bell, RESULTS: forged, JOB: json.dumps(record).encode()})
    assert {"receipt", "results", "program"} <= failed(found)


def test_a_forger_who_mends_the_receipt_too_has_no_signature(bell: dict[str, bytes]) -> None:
    receipt = json.loads(bell["results/receipt.json"])
    receipt["entropy"] += 1
    forged = json.dumps(receipt, indent=1, sort_keys=True).encode() + b"\n"
    record = json.loads(bell[JOB])
    record["job"]["entropy"] += 1
    record["files"]["results/receipt.json"] = {"sha256": sha256(forged).hexdigest(), "size_bytes": len(forged)}
    found = check({**bell, "results/receipt.json": forged, JOB: json.dumps(record).encode()})
    assert {"signature", "chain"} <= failed(found)


@pytest.mark.parametrize("path", [JOB, EVENTS, JOURNAL])
def test_a_folder_without_its_record_is_refused(bell: dict[str, bytes], path: str) -> None:
    with pytest.raises(EigenError, match="eigen export") as caught:
        check({name: data for name, data in bell.items() if name != path})
    assert caught.value.code == "EIGEN_QFS_NOT_FOUND"


@given(st.data())
def test_documents_of_any_shape_are_answered_in_sentences(bell: dict[str, bytes], data: st.DataObject) -> None:
    """Parts of the documents are replaced by anything at all, with digests that fit: no check breaks down."""
    path = data.draw(st.sampled_from([RESULTS, "results/receipt.json", "compiled/program.json", JOB]))
    document = json.loads(bell[path])
    place: Any = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
            place = place[key]
            continue
        place[key] = data.draw(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just([[]]) | st.just({"a": {}})
        )
        break
    forged = json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"
    files = {**bell, path: forged}
    if path != JOB:
        record = json.loads(bell[JOB])
        record["files"][path] = {"sha256": sha256(forged).hexdigest(), "size_bytes": len(forged)}
        files[JOB] = json.dumps(record).encode()
    refused(files)  # whether or not: what is put there may mean the same


def test_a_folder_is_read_as_foreign(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    exported.make(folder)
    exported.write(folder, "results/results.json", b"{}")
    assert exported.read(folder) == {"results/results.json": b"{}"}
    with pytest.raises(EigenError, match="not empty"):
        exported.make(folder)
    for path in ("../out", "/etc/out", "a/../../out", "", "a\\b"):
        with pytest.raises(EigenError):
            exported.write(folder, path, b"")
    (folder / "link").symlink_to("/etc")
    with pytest.raises(EigenError, match="symbolic link"):
        exported.read(folder)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(EigenError, match="regular file"):
        exported.read(tmp_path)


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        exported.write(tmp_path, f"{number}", b"1234")
    monkeypatch.setattr(exported, "MOST_BYTES", 10)
    with pytest.raises(EigenError, match="bytes of an exported job"):
        exported.read(tmp_path)
    monkeypatch.setattr(exported, "MOST_FILES", 2)
    monkeypatch.setattr(exported, "MOST_BYTES", 100)
    with pytest.raises(EigenError, match="more than 2 files"):
        exported.read(tmp_path)


def test_the_record_of_a_job_that_runs_is_not_there_yet(tmp_path: Path) -> None:
    ports = house.ports(tmp_path)
    job = house.spec("bell", "sim:statevector")
    job_id = Kernel(ports).submit(job, house.files(job))
    with pytest.raises(EigenError) as caught:
        Kernel(ports).artifact(job_id, JOB)
    assert caught.value.code == "EIGEN_JOB_NOT_FINISHED"
