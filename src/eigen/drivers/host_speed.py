"""How much slower this host is than the machine that the cost models were fitted on: measured once, kept in the user's
cache directory.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

from eigen import _core


def slowness() -> float:
    """The factor for this processor and version; 1 when it can be neither read nor measured."""
    path = _path()
    try:
        known = json.loads(path.read_text("utf-8"))["slowness"]
        if isinstance(known, float) and 0.01 < known < 100.0:
            return known
    except (OSError, ValueError, KeyError, TypeError):
        pass
    try:
        measured = float(f"{_core.measure_slowness():.2g}")
    except _core.CoreError:
        return 1.0
    _keep(path, measured)
    return measured


def _path() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    name = sha256(f"{_processor()} {os.cpu_count()} {_core.__version__}".encode()).hexdigest()[:16]
    return Path(cache).expanduser() / "eigen" / f"speed-{name}.json"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        import platform

        return platform.processor()
    wanted = ("model name", "flags", "Features")
    return " ".join(sorted({line for line in lines if line.startswith(wanted)}))


def _keep(path: Path, measured: float) -> None:
    """Another process that measures too writes the same file; who comes last wins."""
    part = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps({"slowness": measured}), "utf-8")
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
