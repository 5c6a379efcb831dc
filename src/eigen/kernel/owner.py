"""Who holds a lease: host boot, process namespace, process id and start time, so that the dead can be told apart."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_numbers = count(1)


def own_name() -> str:
    """A name for one more worker of this process: `boot/namespace/pid/start/number`."""
    pid = os.getpid()
    return f"{_boot_id()}/{_namespace()}/{pid}/{_start_of(pid) or 0}/{next(_numbers)}"


def dead_among(owners: Iterable[str], *, one_host: bool) -> tuple[str, ...]:
    """The owners whose process is certainly gone.

    When all of them are of one host, its earlier boots are gone altogether; else another boot may be another host.
    What cannot be seen from here, a process of another host or of another namespace (a container), has to let its
    lease run out.
    """
    boot, namespace = _boot_id(), _namespace()
    return tuple(owner for owner in owners if _is_dead(owner, boot, namespace, one_host=one_host))


def _is_dead(owner: str, boot: str, namespace: str, *, one_host: bool) -> bool:
    parts = owner.split("/")
    if len(parts) != 5 or not parts[2].isdigit():
        return False
    if parts[0] != boot:
        return one_host
    if parts[1] != namespace:
        return False
    pid = int(parts[2])
    start = _start_of(pid)
    if start is None:
        return not _is_alive(pid)
    return str(start) != parts[3]


def _boot_id() -> str:
    return _read("/proc/sys/kernel/random/boot_id").strip() or "unknown"


def _namespace() -> str:
    try:
        return str(os.stat("/proc/self/ns/pid").st_ino)
    except OSError:
        return "0"


def _start_of(pid: int) -> int | None:
    """When a process started, in clock ticks after boot (proc(5), field 22 of stat); None when it is gone, a
    zombie, or the host has no /proc."""
    stat = _read(f"/proc/{pid}/stat")
    fields = stat[stat.rfind(")") + 2 :].split()
    if len(fields) < 20 or fields[0] in {"Z", "X"}:
        return None
    return int(fields[19])


def _is_alive(pid: int) -> bool:
    if Path("/proc/self/stat").exists():
        return False  # /proc would show it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", errors="replace")
    except OSError:
        return ""
