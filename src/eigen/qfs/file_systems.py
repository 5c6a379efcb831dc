"""Whether a directory lies on a file system of the network, as the host's table of mounts says (proc(5), mountinfo)."""

from __future__ import annotations

import os
from pathlib import Path

NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs"),
        *("orangefs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "davfs"),
    }
)
MOUNTS = Path("/proc/self/mountinfo")


def network_file_system(directory: Path) -> str:
    """The kind of network file system that an existing directory lies on; empty for a local or an unknown one."""
    try:
        number = directory.stat().st_dev
        table = MOUNTS.read_text("utf-8", errors="replace")
    except OSError:
        return ""
    device = f"{os.major(number)}:{os.minor(number)}"
    for line in table.splitlines():
        before, _, after = line.partition(" - ")
        if before.split(" ", 3)[2:3] == [device]:
            kind = after.partition(" ")[0]
            return kind if kind in NETWORK else ""
    return ""
