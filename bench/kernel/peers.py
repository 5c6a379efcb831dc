"""The peers on a job that does nothing: one at a time to its result, and a thousand at once. Each in an environment of
its own, made on first use; one that does not install or run is left out, and says why."""

from __future__ import annotations

import json
import subprocess
import tempfile
from typing import Any

from bench.environment import peers_python
from bench.report import ROOT, print_table

NAMES = ("dbos", "dask")
SECONDS = 600


def peers() -> dict[str, Any]:
    """Measure them, print a table, and return the figures."""
    found: dict[str, Any] = {}
    python = peers_python("queues")
    for name in NAMES if python else ():
        with tempfile.TemporaryDirectory() as home:
            script = ROOT / "bench" / "peers" / f"{name}_queue.py"
            try:
                done = subprocess.run(
                    [str(python), str(script)], cwd=home, capture_output=True, text=True, timeout=SECONDS, check=False
                )
            except subprocess.TimeoutExpired:
                print(f"  {name} is left out: it took more than {SECONDS} s")
                continue
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["it ended without a word"]
            print(f"  {name} is left out: {lines[-1][:200]}")
            continue
        found[name] = json.loads(done.stdout.strip().splitlines()[-1])
    if found:
        rows = [_row(figures) for figures in found.values()]
        print_table("No-op jobs of the peers: one at a time in ms, and together", ["", "p50", "p99", "a second"], rows)
    return found


def _row(figures: dict[str, Any]) -> list[str]:
    times = [f"{figures[key] * 1e3:.1f}" for key in ("p50", "p99")]
    return [f"{figures['version']}, {figures['store']}", *times, f"{figures['per_sec']:,.0f}"]
