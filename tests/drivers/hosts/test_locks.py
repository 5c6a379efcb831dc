"""The shipped locks: made from what is asked for, agreeing where they share, complete for a driver."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from eigen.drivers.hosts.locks import generate

if TYPE_CHECKING:
    from pathlib import Path


def test_the_shipped_locks_are_current_and_agree() -> None:
    assert generate.complaints() == []


def test_every_lock_has_what_a_driver_needs_and_hashes() -> None:
    for names in generate.environments().values():
        for name in names:
            assert {"grpcio", "protobuf"} <= set(generate.pins(name))
            text = (generate.HERE / f"{name}.txt").read_text()
            lines = [line for line in text.splitlines() if line and not line.startswith(("#", " "))]
            assert all(line.endswith("\\") for line in lines)


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(generate.HERE, tmp_path / "locks")
    monkeypatch.setattr(generate, "HERE", tmp_path / "locks")
    return tmp_path / "locks"


def test_what_is_asked_for_anew_is_missed(copied: Path) -> None:
    with (copied / "cirq.in").open("a") as file:
        file.write("numpy\n")
    assert generate.complaints() == ["`cirq.txt` was not made from this `cirq.in`"]


def test_a_quarrel_is_found(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(copied / "cirq.in", copied / "other.in")
    text = (copied / "cirq.txt").read_text().replace("from cirq.in", "from other.in")
    version = generate.pins("cirq")["cirq-core"].copy().pop()[0]
    (copied / "other.txt").write_text(text.replace(f"cirq-core=={version}", "cirq-core==0.1"))
    together = generate.environments()
    together["quantum"].append("other")
    monkeypatch.setattr(generate, "environments", lambda: together)
    assert generate.complaints() == ["`other` and `cirq` of `quantum` disagree on `cirq-core`"]
    monkeypatch.setattr(generate, "environments", lambda: {})
    assert "the manifest `cirq` wants `cirq` in `quantum`, where it is not" in generate.complaints()
