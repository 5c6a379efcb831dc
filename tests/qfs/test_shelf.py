"""The shelf of files: what was kept comes back, the oldest goes first, and nothing that fails is an error."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from eigen.app import proposers
from eigen.config import Settings
from eigen.ir import CircuitBuilder, compile_for
from eigen.qfs.shelf import FileShelf

if TYPE_CHECKING:
    from pathlib import Path

KEYS = [f"{number:064x}" for number in range(4)]


def test_what_was_kept_comes_back_until_there_is_no_more_room(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path / "shelf", 25)
    assert shelf.get(KEYS[0]) is None
    for number, key in enumerate(KEYS):
        shelf[key] = b"x" * 10
        os.utime(tmp_path / "shelf" / key, (number, number))
    assert [shelf.get(key) for key in KEYS] == [None, None, b"x" * 10, b"x" * 10]
    shelf[KEYS[0]] = b"x" * 26
    assert shelf.get(KEYS[0]) is None
    assert sum(file.stat().st_size for file in (tmp_path / "shelf").iterdir()) <= 25


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    shelf = FileShelf(tmp_path / "file", 100)
    shelf[KEYS[0]] = b"x"
    assert shelf.get(KEYS[0]) is None


@pytest.mark.parametrize("key", ["", "../x", "A" * 64, "0" * 63])
def test_a_key_names_no_other_file(key: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="64"):
        FileShelf(tmp_path, 100).get(key)


def test_compiled_circuits_are_remembered_only_where_there_is_room_for_them(tmp_path: Path) -> None:
    assert proposers(Settings(qfs_root=str(tmp_path))) == ()
    builder = CircuitBuilder(3)
    builder.gate("CX", [0, 2])
    for expected in ("input", "recall"):
        remembering = proposers(Settings(qfs_root=str(tmp_path), knowledge_bytes=10_000))
        done = compile_for(builder.build(), "line:3", basis=["U", "CX"], proposers=remembering)
        assert done.stages[0].name == expected
    assert len(list((tmp_path / "knowledge").iterdir())) == 1
