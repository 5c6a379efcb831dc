"""`Kernel.verify`: what is right passes, and whatever is changed afterwards, in files or database, is found."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, text, update

from doubles import house
from eigen import _core
from eigen.errors import EigenError
from eigen.kernel.kernel import Kernel
from eigen.kernel.results import document
from eigen.kernel.worker import Worker
from eigen.qfs import schema
from eigen.qfs.artifact_index import Index
from eigen.qfs.signing_keys import SigningKeys
from eigen.types import SampleWork, Verdict, Verification, WorkResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eigen.kernel.ports import Ports
    from eigen.types import Work

PASS, FAIL, NOT_CHECKED = Verdict.PASS, Verdict.FAIL, Verdict.NOT_CHECKED


class Room:
    """A kernel over a directory, and hands to spoil what it keeps."""

    def __init__(self, root: Path, ports: Ports) -> None:
        self.root = root
        self.ports = ports

    def run(self, program: str, target: str = "sim:statevector", **changes: object) -> str:
        job = house.spec(program, target, **changes)
        job_id = Kernel(self.ports).submit(job, house.files(job))
        assert Worker(self.ports).run_until(job_id, wait_seconds=60)
        return job_id

    def verify(self, job_id: str) -> Verification:
        return Kernel(self.ports).verify(job_id)

    def execute(self, statement: Any) -> None:
        database: Any = self.ports.jobs._database  # type: ignore[attr-defined]
        database.write(lambda connection: connection.execute(statement))

    def rewrite(self, job_id: str, path: str, data: bytes) -> None:
        """Change a file and its digest in the index, as somebody would who knows how."""
        directory = self.root / "jobs" / job_id
        (directory / path).write_bytes(data)
        index = {info.path: info for info in self.ports.artifacts.list(job_id)}
        index[path] = replace(index[path], sha256=sha256(data).hexdigest(), size_bytes=len(data))
        (directory / "meta.json").write_bytes(Index(job_id, index).to_bytes())


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path, house.ports(tmp_path))
    yield room
    room.ports.jobs.close()


def verdicts(found: Verification) -> dict[str, Verdict]:
    return {check.name: check.verdict for check in found.checks}


def failed(found: Verification) -> set[str]:
    return {check.name for check in found.failures}


@pytest.mark.parametrize("program", ["bell", "vqe", "vqe-shots", "vqe-gradient", "vqe-wide"])
def test_a_job_that_is_right_passes_every_check(room: Room, program: str) -> None:
    found = room.verify(room.run(program))
    assert found.holds
    assert set(verdicts(found).values()) == {PASS}, found


@pytest.mark.parametrize("target", ["sim:density", "sim:stabilizer", "sim:sparse", "sim:tn"])
def test_other_engines_agree_with_the_state_vector(room: Room, target: str) -> None:
    assert verdicts(room.verify(room.run("bell", target)))["physics"] is PASS


def test_single_precision_has_its_own_tolerance(room: Room) -> None:
    found = room.verify(room.run("vqe", device_options={"precision": "f32"}))
    assert verdicts(found)["physics"] is PASS
    assert "0.0001" in found.checks[-1].detail


def test_noise_is_simulated_again(room: Room) -> None:
    assert verdicts(room.verify(room.run("bell", noise_model="depolarizing(0.05)")))["physics"] is PASS


def test_hardware_is_not_held_to_exact_physics(room: Room) -> None:
    found = room.verify(room.run("bell", "double:chip"))
    assert found.holds
    assert verdicts(found)["physics"] is NOT_CHECKED
    assert "hardware" in found.checks[-1].detail


@pytest.mark.parametrize("program", ["division", "nonsense"])
def test_a_failure_is_verified_too(room: Room, program: str) -> None:
    found = room.verify(room.run(program))
    assert found.holds
    assert verdicts(found)["signature"] is PASS


def test_a_cancelled_job_is_verified_too(room: Room) -> None:
    job = house.spec("vqe")
    job_id = Kernel(room.ports).submit(job, house.files(job))
    Kernel(room.ports).cancel(job_id)
    found = room.verify(job_id)
    assert found.holds
    assert verdicts(found)["program"] is NOT_CHECKED


def test_a_job_under_way_cannot_be_verified(room: Room) -> None:
    job = house.spec("bell")
    job_id = Kernel(room.ports).submit(job, house.files(job))
    with pytest.raises(EigenError) as caught:
        room.verify(job_id)
    assert caught.value.code == "EIGEN_JOB_NOT_FINISHED"


def files_of(room: Room, job_id: str) -> list[Path]:
    folder = room.root / "jobs" / job_id
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in {".lock", "job.jsonl"})


def test_a_flipped_byte_in_any_file_is_found(room: Room) -> None:
    job_id = room.run("division")
    files = files_of(room, job_id)
    assert {"meta.json", "receipt.json", "results.json", "error.json", "spec.json"} <= {path.name for path in files}
    for path in files:
        whole = path.read_bytes()
        for place in {0, len(whole) // 3, len(whole) // 2, len(whole) - 1}:
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :])
            assert "files" in failed(room.verify(job_id)), (path, place)
        path.write_bytes(whole)
    assert room.verify(job_id).holds


def test_a_missing_file_is_found(room: Room) -> None:
    job_id = room.run("bell")
    (room.root / "jobs" / job_id / "results/receipt.json").unlink()
    assert {"files", "receipt", "signature", "chain"} <= failed(room.verify(job_id))


def test_results_changed_with_their_index_are_found_by_the_receipt(room: Room) -> None:
    job_id = room.run("bell")
    results = json.loads(Kernel(room.ports).artifact(job_id, "results.json"))
    results["counts"]["00"] += 1
    results["circuits"][0]["counts"]["00"] += 1
    room.rewrite(job_id, "results/results.json", document(results))
    assert {"receipt", "results", "program"} <= failed(room.verify(job_id))
    assert "files" not in failed(room.verify(job_id))


def test_a_receipt_changed_to_fit_is_found_by_its_signature(room: Room) -> None:
    job_id = room.run("bell")
    receipt = json.loads(Kernel(room.ports).artifact(job_id, "receipt.json"))
    receipt["subject"] = "somebody else"
    room.rewrite(job_id, "results/receipt.json", document(receipt))
    assert {"receipt", "signature", "chain"} <= failed(room.verify(job_id))


def test_a_receipt_signed_by_another_key_is_found(room: Room, tmp_path: Path) -> None:
    from eigen.kernel.receipt import signed_bytes, with_signature

    job_id = room.run("bell")
    receipt = json.loads(Kernel(room.ports).artifact(job_id, "receipt.json"))
    foreign = with_signature(receipt, SigningKeys(tmp_path / "elsewhere").sign(signed_bytes(receipt)))
    room.rewrite(job_id, "results/receipt.json", document(foreign))
    found = room.verify(job_id)
    assert failed(found) == {"signature"}
    assert "not one of this installation" in found.failures[0].detail


def test_a_signature_taken_away_is_found(room: Room) -> None:
    job_id = room.run("bell")
    receipt = json.loads(Kernel(room.ports).artifact(job_id, "receipt.json"))
    for name in ("signature", "chain"):
        receipt.pop(name)
        room.rewrite(job_id, "results/receipt.json", document(receipt))
        found = verdicts(room.verify(job_id))
        assert found["signature"] is (NOT_CHECKED if name == "signature" else FAIL)


def test_receipts_stay_verifiable_after_the_key_was_replaced(room: Room) -> None:
    before = room.run("bell")
    room.ports.keys.rotate()  # type: ignore[attr-defined]
    after = room.run("bell")
    for job_id in (before, after):
        assert set(verdicts(room.verify(job_id)).values()) == {PASS}


def test_an_old_receipt_is_readable_and_called_unsigned(room: Room) -> None:
    job_id = room.run("bell")
    receipt = json.loads(Kernel(room.ports).artifact(job_id, "receipt.json"))
    kept = ("job_id", "state", "created_at", "completed_at", "inputs", "compiled", "program_sha256", "placement")
    old = {name: receipt[name] for name in (*kept, "attempts", "run", "results_sha256")} | {"version": 1}
    room.rewrite(job_id, "results/receipt.json", document(old))
    room.execute(text("DELETE FROM receipt"))
    found = room.verify(job_id)
    assert found.holds
    assert verdicts(found)["receipt"] is PASS
    assert verdicts(found)["signature"] is verdicts(found)["chain"] is NOT_CHECKED
    assert "unsigned" in next(check.detail for check in found.checks if check.name == "signature")


EVENT = schema.event.c
HISTORY: dict[str, Callable[[str], Any]] = {
    "an event left out": lambda job_id: delete(schema.event).where(EVENT.job_id == job_id, EVENT.seq == 3),
    "the end left out": lambda job_id: delete(schema.event).where(EVENT.job_id == job_id, EVENT.seq == 5),
    "an illegal move": lambda job_id: (
        update(schema.event).where(EVENT.job_id == job_id, EVENT.seq == 2).values(state="RUNNING")
    ),
    "another message": lambda job_id: (
        update(schema.event).where(EVENT.job_id == job_id, EVENT.seq == 4).values(message="all was well")
    ),
    "another end": lambda job_id: update(schema.job).where(schema.job.c.job_id == job_id).values(state="CANCELLED"),
}


@pytest.mark.parametrize("change", HISTORY)
def test_a_history_that_was_changed_is_found(room: Room, change: str) -> None:
    job_id = room.run("bell")
    room.execute(HISTORY[change](job_id))
    assert "history" in failed(room.verify(job_id))


def test_a_journal_that_was_changed_is_found(room: Room) -> None:
    job_id = room.run("bell")
    journal = schema.journal.c
    told = '{"clbits":2,"counts":{"00":1024}}'
    room.execute(update(schema.journal).where(journal.job_id == job_id).values(value=told))
    assert {"receipt", "program", "physics"} <= failed(room.verify(job_id))


def test_a_chain_that_was_changed_is_found(room: Room) -> None:
    first, second, third = (room.run("bell") for _ in range(3))
    room.execute(text("UPDATE receipt SET previous = 'other' WHERE position = 2"))
    for job_id in (first, second, third):  # the one after it is looked at, and all before it
        assert "chain" in failed(room.verify(job_id))
    room.execute(text("DELETE FROM receipt WHERE position = 2"))
    assert "chain" in failed(room.verify(third))
    assert "no entry" in next(check.detail for check in room.verify(second).checks if check.name == "chain")


class Liar:
    """A driver whose counts are those of another circuit; all else is in order."""

    def __init__(self, truth: Any) -> None:
        self._truth = truth

    def __getattr__(self, name: str) -> Any:
        return getattr(self._truth, name)

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        result = self._truth.execute_circuit(device_id, work)
        if isinstance(work, SampleWork):
            counts = {"00": work.shots - work.shots // 4, "11": work.shots // 4}
            return replace(result, counts=_core.Counts.from_dict(counts, 2))
        return replace(result, value=result.value + 1e-6)


@pytest.mark.parametrize(("program", "target"), [("bell", "sim:stabilizer"), ("vqe", "sim:mps")])
def test_a_device_that_lies_is_found_by_the_physics_alone(room: Room, program: str, target: str) -> None:
    drivers = room.ports.devices._drivers  # type: ignore[attr-defined]
    room.ports = replace(room.ports, devices=house.Drivers(Liar(drivers[0])))
    found = room.verify(room.run(program, target))
    assert failed(found) == {"physics"}
