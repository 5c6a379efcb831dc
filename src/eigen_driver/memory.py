"""How much memory this process may use: what the machine has, and what its control groups leave of it. Linux first."""

from __future__ import annotations

import os
from pathlib import Path

UNLIMITED = 1 << 62  # control groups of version 1 write a number near 2**63 for "no limit"
GROUPS = (("sys/fs/cgroup", "memory.max"), ("sys/fs/cgroup/memory", "memory.limit_in_bytes"))


def memory_limit_bytes(root: Path = Path("/")) -> int:
    """The smallest limit in bytes: not what is free now, so that a device made from it stays the same. `root` is where
    `proc` and `sys` lie."""
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers not in {"", "memory"} and "memory" not in controllers.split(","):
            continue
        folder, name = GROUPS[controllers != ""]
        base = root / folder
        group = base / path.lstrip("/")
        for directory in (group, *group.parents):  # a limit of a parent binds too
            text = _read(directory / name).strip()
            if text.isdigit() and int(text) < UNLIMITED:
                limits.append(int(text))
            if directory == base:
                break
    return min(limits)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
