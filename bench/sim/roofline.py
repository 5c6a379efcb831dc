"""What the host can do at best: bytes a second in place and multiply-adds a second, measured in the run itself.

Bandwidth: every core scales its part of an array of 512 MiB in place. Multiply-adds: a matrix product by the BLAS that
NumPy brings, which is no part of any engine here; an estimate from below of the true peak. OpenBLAS is asked for its
kernels of 512 bits where the processor has such registers: it does not take them on every processor by itself. It reads
that wish when it is loaded, so the probe is a process of its own: `python -m bench.sim.roofline` prints JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.report import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

ARRAY_BYTES = 1 << 29
SIZE = 3072
ROUNDS = 5


def roofline() -> dict[str, float]:
    """`bytes_per_sec` (read and write counted), `f64_fma_per_sec`, `f32_fma_per_sec`."""
    processor = Path("/proc/cpuinfo")
    wide = processor.exists() and "avx512f" in processor.read_text()
    done = subprocess.run(
        [sys.executable, "-m", "bench.sim.roofline"],
        cwd=ROOT,
        env={**os.environ, **({"OPENBLAS_CORETYPE": "SKYLAKEX"} if wide else {})},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def _probe() -> dict[str, float]:
    return {
        "bytes_per_sec": _bandwidth(),
        "f64_fma_per_sec": _multiply_adds(np.float64),
        "f32_fma_per_sec": _multiply_adds(np.float32),
    }


def _bandwidth() -> float:
    cores = os.cpu_count() or 1
    parts = np.array_split(np.ones(ARRAY_BYTES // 8), cores)
    with ThreadPoolExecutor(cores) as pool:
        seconds = _least(lambda: list(pool.map(lambda part: np.multiply(part, 1.0, out=part), parts)))
    return 2 * ARRAY_BYTES / seconds


def _multiply_adds(kind: type) -> float:
    a, b = np.ones((SIZE, SIZE), kind), np.ones((SIZE, SIZE), kind)
    out = np.empty_like(a)
    return SIZE**3 / _least(lambda: np.matmul(a, b, out=out))


def _least(call: Callable[[], object]) -> float:
    seconds: list[float] = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


if __name__ == "__main__":
    print(json.dumps(_probe()))
