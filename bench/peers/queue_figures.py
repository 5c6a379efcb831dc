"""What every queue is asked: a no-op job, submitted and waited for one at a time, then many at once."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ALONE = int(os.environ.get("BENCH_ALONE", "100"))
TOGETHER = int(os.environ.get("BENCH_TOGETHER", "500"))


def tell(version: str, submit: Callable[[int], Any], wait: Callable[[Sequence[Any]], object]) -> None:
    """Measure and print. `submit(number)` queues one job and returns its handle; `wait` takes handles to their end."""
    wait([submit(-1)])
    alone: list[float] = []
    for number in range(ALONE):
        start = time.perf_counter()
        wait([submit(number)])
        alone.append(time.perf_counter() - start)
    start = time.perf_counter()
    wait([submit(ALONE + number) for number in range(TOGETHER)])
    seconds = time.perf_counter() - start
    alone.sort()
    figures = {"p50": alone[ALONE // 2], "p99": alone[int(ALONE * 0.99)], "per_sec": TOGETHER / seconds}
    print(json.dumps({"version": version, **figures}), flush=True)
