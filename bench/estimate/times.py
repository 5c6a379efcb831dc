"""Predicted seconds of the native engines against measured ones: of the circuits that the choice is judged on, and of
others that nothing was fitted to."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from bench.choose.draw import SEED, drawn
from bench.choose.question import features_of, question_of
from bench.estimate.statistics import quantile
from bench.report import ROOT, print_table
from eigen.drivers.native import NativeDriver
from eigen.estimate.confidence import START_SECONDS, TIME_HIGH, TIME_LOW, time_interval
from eigen.router.estimates import estimates

if TYPE_CHECKING:
    from collections.abc import Sequence

HELD_OUT_SEED = SEED + 1
LIMIT_SEC = 20.0
Row = dict[str, Any]


def raced(seed: int, count: int) -> list[Row]:
    """Predicted and measured seconds of the engine of least prediction, for each drawn circuit that one can run."""
    driver = NativeDriver()
    driver.initialize({})
    rows: list[Row] = []
    for index, item in enumerate(drawn(seed, count)):
        predicted = {
            device: found.seconds
            for device, found in estimates(features_of(question_of(item)), driver.get_devices()).items()
            if found.seconds is not None
        }
        if not predicted:
            continue
        device = min(predicted, key=lambda name: predicted[name])
        seconds = _race(index, device, seed)
        if seconds is not None:
            rows.append({"circuit": item.name, "device": device, "predicted": predicted[device], "measured": seconds})
    return rows


def _race(index: int, device: str, seed: int) -> float | None:
    command = [sys.executable, "-m", "bench.choose.race", str(index), device, str(seed)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_SEC, check=False)
    except subprocess.TimeoutExpired:
        return None
    return None if done.returncode else json.loads(done.stdout).get("seconds")


def judged(rows: Sequence[Row]) -> dict[str, float]:
    """Quantiles of measured over predicted, and the share within the interval that estimates state."""
    ratios = [row["measured"] / row["predicted"] for row in rows]
    return {
        "circuits": len(rows),
        "p10": quantile(ratios, 0.1),
        "p50": quantile(ratios, 0.5),
        "p90": quantile(ratios, 0.9),
        "coverage": sum(_lies_within(row) for row in rows) / len(rows),
    }


def _lies_within(row: Row) -> bool:
    low, high = time_interval(row["device"].partition(":")[2], row["predicted"])
    return low <= row["measured"] <= high


def show(sets: dict[str, Sequence[Row]]) -> None:
    """A table of the sets."""
    table: list[list[str]] = []
    for name, rows in sets.items():
        found = judged(rows)
        table.append(
            [
                name,
                f"{len(rows)}",
                *(f"{found[key]:.2f}" for key in ("p10", "p50", "p90")),
                f"{found['coverage']:.0%}",
            ]
        )
    print_table(
        f"Measured over predicted seconds; intervals go from {TIME_LOW:g} to {TIME_HIGH:g} and {START_SECONDS:g} s",
        ["circuits", "count", "10th", "median", "90th", "coverage"],
        table,
    )
