"""`python -m bench choose [--again]`: every engine runs every drawn circuit; how far is the chosen one from the best?

Times of engines are kept in .build/bench/choose.json and taken from there; `--again` measures all anew. The regret of a
choice is (time chosen + 1 ms) / (time of the best engine + 1 ms): a job costs more than a millisecond besides.
`--speeds` prints how long this host takes for the questions that tell the speeds of hosts.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from bench.choose.draw import SEED, drawn
from bench.choose.question import features_of, question_of
from bench.report import BUILD, ROOT, print_table, save
from eigen.drivers.native import NativeDriver
from eigen.drivers.speeds import QUESTIONS, REFERENCE_SECONDS, seconds_of
from eigen.errors import EigenError
from eigen.router import route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types import Device

LIMIT_SEC = 20.0
OVERHEAD_SEC = 1e-3


def main(arguments: list[str]) -> int:
    """Race, choose, judge, save."""
    parser = argparse.ArgumentParser(prog="python -m bench choose", description=__doc__)
    parser.add_argument("--again", action="store_true", help="measure all engines anew")
    parser.add_argument(
        "--speeds", action="store_true", help="the questions that tell the speeds of hosts, and no more"
    )
    options = parser.parse_args(arguments)
    if options.speeds:
        return _print_speeds()
    again = options.again
    driver = NativeDriver()
    driver.initialize({})
    kept = _kept() if not again else {}
    rows: list[dict[str, Any]] = []
    for index, item in enumerate(drawn()):
        features = features_of(question_of(item))
        times = {
            device.id: kept.get(f"{item.name} {index} {device.id}") or _race(index, device)
            for device in driver.get_devices()
            if device.properties.get("estimated") is True
        }
        kept |= {f"{item.name} {index} {device}": found for device, found in times.items()}
        save("choose", {"seed": SEED, "times": kept, "rows": rows})
        rows.append(_judged(item.name, times, _chosen(features, driver.get_devices())))
    save("choose", {"seed": SEED, "times": kept, "rows": rows})
    _print(rows)
    return 0


def _print_speeds() -> int:
    rows = [[name, f"{1e3 * seconds_of(name, 0):.2f}", f"{1e3 * REFERENCE_SECONDS[name]:.2f}"] for name in QUESTIONS]
    print_table("Questions that tell the speed of a host", ["engine", "ms", "ms on the reference"], rows)
    return 0


def _kept() -> dict[str, Any]:
    path = BUILD / "choose.json"
    return json.loads(path.read_text("utf-8"))["times"] if path.exists() else {}


def _race(index: int, device: Device) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.choose.race", str(index), device.id]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_SEC, check=False)
    except subprocess.TimeoutExpired:
        return {"refused": f"took more than {LIMIT_SEC:.0f} s"}
    if done.returncode:
        return {"refused": done.stderr.strip().splitlines()[-1][:200] if done.stderr.strip() else "crashed"}
    return json.loads(done.stdout)


def _chosen(features: Any, devices: tuple[Device, ...]) -> str:
    try:
        return route(features, devices, "sim:auto").device_id
    except EigenError:
        return ""


def _judged(name: str, times: Mapping[str, Mapping[str, Any]], chosen: str) -> dict[str, Any]:
    seconds = {device: found["seconds"] for device, found in times.items() if "seconds" in found}
    row: dict[str, Any] = {"circuit": name, "chosen": chosen, "seconds": seconds, "regret": None}
    if not seconds:
        row["regret"] = 1.0 if not chosen else None  # nothing can run it, and that was said
        return row
    best = min(seconds, key=lambda device: seconds[device])
    row["best"] = best
    if chosen in seconds:
        row["regret"] = (seconds[chosen] + OVERHEAD_SEC) / (seconds[best] + OVERHEAD_SEC)
    return row


def _print(rows: list[dict[str, Any]]) -> None:
    def time_of(row: Mapping[str, Any], device: str) -> str:
        return f"{1e3 * row['seconds'][device]:.2f}" if device in row["seconds"] else "-"

    table = [
        [
            row["circuit"],
            row["chosen"] or "refused",
            time_of(row, row["chosen"]),
            row.get("best", "none"),
            time_of(row, row.get("best", "")),
            f"{row['regret']:.2f}" if row["regret"] else "failed",
        ]
        for row in rows
    ]
    print_table("The engine chosen and the best one", ["circuit", "chosen", "ms", "best", "ms", "regret"], table)
    regrets = sorted(row["regret"] or float("inf") for row in rows)
    middle, high = regrets[len(regrets) // 2], regrets[int(0.9 * len(regrets))]
    print(
        f"\nregret over {len(rows)} circuits: median {middle:.2f}, 90th percentile {high:.2f}, worst {regrets[-1]:.2f}"
    )
