"""What drivers said of their devices is kept, for the release that they said it to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eigen.drivers.hosts import entries
from eigen.drivers.hosts.entries import FOLDER, KEPT, hosted_entries
from eigen.drivers.registry import Registry

TINY = Path(__file__).parents[3] / "examples" / "tiny_driver"
DEVICE = "tiny:statevector"


def registry(folder: Path) -> Registry:
    if not (folder / FOLDER).exists():
        shutil.copytree(TINY, folder / FOLDER / "tiny")
    return Registry(installed=lambda: hosted_entries(folder, threads=1, memory_bytes=None, hosts=1))


def started(folder: Path) -> bool:
    """Whether looking at its device started its process."""
    found = registry(folder)
    try:
        assert [device.id for device in found.devices("tiny")] == [DEVICE]
        return bool(found.load("tiny")._places)  # type: ignore[attr-defined]  # pyright: ignore
    finally:
        found.close()


def test_a_process_is_started_once_for_what_it_says(tmp_path: Path) -> None:
    assert started(tmp_path)
    assert not started(tmp_path)


def test_another_release_asks_again_and_keeps_one_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine may have learned something meanwhile; until it is asked, it is listed with what it said before."""
    assert started(tmp_path)
    (before,) = (tmp_path / KEPT).iterdir()
    monkeypatch.setattr(entries, "_code", lambda: "another")
    row = entries.manifests_of(tmp_path)["tiny"]
    assert entries.devices_of(row, tmp_path / KEPT, 1, None) is not None
    assert entries.devices_of(row, tmp_path / KEPT, 1, None, current=True) is None
    assert started(tmp_path)
    assert entries.devices_of(row, tmp_path / KEPT, 1, None, current=True) == only_answer(tmp_path)
    assert not before.exists()
    assert not started(tmp_path)


def only_answer(folder: Path) -> bytes:
    (kept,) = (folder / KEPT).iterdir()
    return kept.read_bytes()
