"""How much memory this process may use, from the machine, its control groups and its own limits. Linux first."""

from __future__ import annotations

import os
from pathlib import Path

UNLIMITED = 1 << 62  # control groups of version 1 write a number near 2**63 for "no limit"


def memory_limit_bytes(root: Path = Path("/")) -> int:
    """The smallest of physical memory, the control-group limits and the address-space limit, in bytes.

    A limit, not what happens to be free now, so that a device made from it is the same from one call to the
    next. `root` is where `proc` and `sys` lie.
    """
    limits = [_physical(root), *_control_groups(root), _address_space()]
    return min(limit for limit in limits if limit > 0)


def _physical(root: Path) -> int:
    for line in _read(root / "proc/meminfo").splitlines():
        name, _, value = line.partition(":")
        if name == "MemTotal":
            return int(value.split()[0]) * 1024
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _control_groups(root: Path) -> list[int]:
    limits: list[int] = []
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            base, name = root / "sys/fs/cgroup", "memory.max"
        elif "memory" in controllers.split(","):
            base, name = root / "sys/fs/cgroup/memory", "memory.limit_in_bytes"
        else:
            continue
        group = base / path.lstrip("/")
        # A limit of a parent binds too; inside a container the path may not exist and only the base does.
        for directory in (group, *group.parents):
            text = _read(directory / name).strip()
            if text.isdigit() and int(text) < UNLIMITED:
                limits.append(int(text))
            if directory == base:
                break
    return limits


def _address_space() -> int:
    try:
        import resource
    except ImportError:  # not a Unix system
        return 0
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return 0 if soft == resource.RLIM_INFINITY else soft


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
