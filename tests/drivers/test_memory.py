"""The memory limit is the smallest of the machine, every control group above us, and our own limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eigen.drivers.memory import memory_limit_bytes

if TYPE_CHECKING:
    from pathlib import Path

GIB = 1 << 30


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path / "proc/meminfo", "MemTotal:       16777216 kB\nMemFree: 1 kB\n")
    monkeypatch.setattr("eigen.drivers.memory._address_space", lambda: 0)
    return tmp_path


def test_the_machine_alone(root: Path) -> None:
    assert memory_limit_bytes(root) == 16 * GIB


def test_a_parent_of_a_version_2_group_binds(root: Path) -> None:
    write(root / "proc/self/cgroup", "0::/user/job\n")
    write(root / "sys/fs/cgroup/user/job/memory.max", "max\n")
    write(root / "sys/fs/cgroup/user/memory.max", f"{2 * GIB}\n")
    assert memory_limit_bytes(root) == 2 * GIB


def test_a_container_of_version_1_sees_only_the_base(root: Path) -> None:
    write(root / "proc/self/cgroup", "7:cpu,cpuacct:/x\n4:memory:/far/away\n")
    write(root / "sys/fs/cgroup/memory/memory.limit_in_bytes", f"{3 * GIB}\n")
    assert memory_limit_bytes(root) == 3 * GIB


def test_no_limit_of_version_1_is_a_huge_number(root: Path) -> None:
    write(root / "proc/self/cgroup", "4:memory:/\n")
    write(root / "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    assert memory_limit_bytes(root) == 16 * GIB


def test_the_address_space_limit_binds(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eigen.drivers.memory._address_space", lambda: GIB)
    assert memory_limit_bytes(root) == GIB


def test_this_machine_has_some() -> None:
    assert memory_limit_bytes() > 1 << 20
