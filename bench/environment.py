"""The peers' environments: virtual environments of their own, one for each list in bench/peers, made by uv."""

from __future__ import annotations

import shutil
import subprocess
from hashlib import sha256
from typing import TYPE_CHECKING

from bench.report import BUILD, ROOT

if TYPE_CHECKING:
    from pathlib import Path

LISTS = ROOT / "bench" / "peers"


def peers_python(environment: str = "peers") -> Path | None:
    """The interpreter of an environment of peers, made on first use; None (and why, printed) where it cannot be.

    Byte code is compiled at installation, for the peers as for us: a cold start must not include it.
    """
    requirements, home = LISTS / f"{environment}.txt", BUILD / environment
    python, stamp = home / "bin" / "python", home / "requirements.sha256"
    digest = sha256(requirements.read_bytes()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == digest:
        return python
    uv = shutil.which("uv") or str(ROOT / ".build" / "uv" / "bin" / "uv")
    names = ", ".join(line.partition("==")[0] for line in requirements.read_text().split())
    print(f"installing {names} into {home.relative_to(ROOT)} …", flush=True)
    for command in (
        [uv, "venv", "--quiet", "--clear", str(home)],
        [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), "-r", str(requirements)],
    ):
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)
        except (OSError, subprocess.TimeoutExpired) as error:
            print(f"  the peers are left out: {error}")
            return None
        if done.returncode:
            print(f"  the peers are left out: {done.stderr.strip().splitlines()[-1] if done.stderr else 'uv failed'}")
            return None
    stamp.write_text(digest)
    return python
