"""What a driver may use is what the machine has, and what control groups leave of it, of either version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eigen_driver.memory import memory_limit_bytes

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("group", "file", "text"),
    [
        ("0::/user/job\n", "sys/fs/cgroup/user/memory.max", f"{2 * MIB}\n"),
        ("7:cpu,cpuacct:/x\n4:memory:/far/away\n", "sys/fs/cgroup/memory/memory.limit_in_bytes", f"{2 * MIB}\n"),
    ],
)
def test_a_group_or_its_parent_binds(tmp_path: Path, group: str, file: str, text: str) -> None:
    write(tmp_path / "proc/self/cgroup", group)
    assert memory_limit_bytes(tmp_path) > 64 * MIB
    write(tmp_path / file, text)
    assert memory_limit_bytes(tmp_path) == 2 * MIB


def test_no_limit_is_written_as_a_word_or_a_huge_number(tmp_path: Path) -> None:
    whole = memory_limit_bytes(tmp_path)
    write(tmp_path / "proc/self/cgroup", "4:memory:/\n0::/job\n")
    write(tmp_path / "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    write(tmp_path / "sys/fs/cgroup/job/memory.max", "max\n")
    assert memory_limit_bytes(tmp_path) == whole
