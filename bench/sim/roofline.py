"""What the host can do at best: bytes a second in place and multiply-adds a second, measured in the run itself.

Bandwidth: every core scales its part of an array of 512 MiB in place. Multiply-adds: a matrix product by the BLAS that
NumPy brings, which is no part of any engine here; an estimate from below of the true peak.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

ARRAY_BYTES = 1 << 29
SIZE = 3072
ROUNDS = 5


def roofline() -> dict[str, float]:
    """`bytes_per_sec` (read and write counted), `f64_fma_per_sec`, `f32_fma_per_sec`."""
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
