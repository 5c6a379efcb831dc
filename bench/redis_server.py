"""A Redis of its own for a measurement, from the installed program (Debian: `redis-server`), on a socket."""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = "redis-server"


def redis_program() -> str | None:
    """Where `redis-server` is; None where it is not installed."""
    return shutil.which(PROGRAM)


@contextmanager
def redis(home: Path, *, flushes: bool) -> Iterator[str]:
    """The URL of a running one. With `flushes` nothing is answered before it is on the disk; else it is in memory."""
    program, socket = redis_program(), home / "redis.sock"
    assert program is not None
    kept = ["--appendonly", "yes", "--appendfsync", "always"] if flushes else ["--appendonly", "no"]
    words = [program, "--port", "0", "--unixsocket", str(socket), "--dir", str(home), "--save", "", *kept]
    with (home / "redis.log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 30
        while not socket.exists():
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"error: Redis does not start: {(home / 'redis.log').read_text()[-500:]}")
            time.sleep(0.02)
        yield f"redis+socket://{socket}"
    finally:
        process.terminate()
        process.wait()
