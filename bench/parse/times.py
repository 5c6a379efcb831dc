"""The least time of reading each document: here, and by the peers in their environment."""

from __future__ import annotations

import gc
import json
import math
import subprocess
import time
from typing import TYPE_CHECKING, Any

from bench.environment import peers_python
from bench.report import ROOT
from eigen.ir import load

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS, SECONDS = 5, 0.1  # at least, of each document
MOST_SECONDS = 5.0  # no round begins later


def ours(path: Path) -> float:
    """Seconds for a document that is in memory, its format named."""
    data, form = path.read_bytes(), path.suffix[1:]
    least, rounds, began = math.inf, 0, time.perf_counter()
    gc.collect()
    while rounds < ROUNDS or time.perf_counter() - began < SECONDS:
        started = time.perf_counter()
        circuit = load(data, form)
        least, rounds = min(least, time.perf_counter() - started), rounds + 1
        del circuit
    return least


def peers(form: str, paths: list[Path]) -> dict[str, Any]:
    """By parser: version, seconds, refusals; nothing where their environment cannot be made."""
    python = peers_python("parsers")
    if python is None:
        return {}
    question = {
        "format": form,
        "files": [str(path) for path in paths],
        "rounds": ROUNDS,
        "least_seconds": SECONDS,
        "most_seconds": MOST_SECONDS,
    }
    script = ROOT / "bench" / "peers" / "text_parsers.py"
    done = subprocess.run(
        [python, "-W", "ignore", script],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    if done.returncode:
        print(f"  the peers are left out: {done.stderr.strip().splitlines()[-1:]}")
        return {}
    return json.loads(done.stdout)
