"""Starting a worker process that outlives this command: it works the queue of one data directory, then ends."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def start_worker(data_dir: Path) -> int:
    """Start `eigen serve --until-idle` in a session of its own and return its process id.

    It shares nothing with this process but the data directory; what it has to say goes to `worker.log` there.
    """
    log = os.open(data_dir / "worker.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "eigen", "serve", "--until-idle", "--data-dir", str(data_dir)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            close_fds=True,
        )
    finally:
        os.close(log)
    process.returncode = 0  # it is nobody's child to wait for: no warning when this object goes away
    return process.pid
