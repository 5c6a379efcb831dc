"""`python -m bench estimate [--success] [--time] [--noisy] [--hosted]`: how good estimates are.

Successes: the product of fidelities on fake devices against the noisy simulation of the compiled circuit. Intervals are
those that estimates state; they were fitted to one set of devices and circuits and are judged on another. Times: what
the cost models of the native engines predict against what is measured, of circuits that were looked at and of others,
of noisy runs, and of whole loops; with `--hosted`, alone, what the cost models of engines of other makers predict that
`eigen backends calibrate` made.
"""

from __future__ import annotations

import argparse

from bench.choose.draw import SEED
from bench.estimate import hosted, loops, noisy, successes, times
from bench.report import save


def main(arguments: list[str]) -> int:
    """Measure, judge, save."""
    parser = argparse.ArgumentParser(prog="python -m bench estimate", description=__doc__)
    parser.add_argument("--success", action="store_true", help="successes only")
    parser.add_argument("--time", action="store_true", help="times only")
    parser.add_argument("--noisy", action="store_true", help="times of noisy runs only")
    parser.add_argument("--hosted", action="store_true", help="times of engines of other makers only")
    options = parser.parse_args(arguments)
    if options.hosted:
        rows = hosted.raced()
        hosted.show(rows)
        save("estimate-hosted", {"judged": hosted.judged(rows), "rows": rows})
        return 0
    is_whole = not (options.success or options.time or options.noisy)
    found: dict[str, object] = {}
    if options.success or is_whole:
        for which in ("fitted", "held out"):
            rows = successes.measured(which)
            successes.show(which, rows)
            found[f"success, {which}"] = {"judged": successes.judged(rows), "rows": rows}
    if options.noisy or is_whole:
        sets = {name: noisy.raced(name, 60) for name in noisy.SEEDS}
        times.show(dict(sets))
        found["noisy"] = {name: {"judged": times.judged(rows), "rows": rows} for name, rows in sets.items()}
    if options.time or is_whole:
        sets = {"fitted": times.raced(SEED, 60), "held out": times.raced(times.HELD_OUT_SEED, 48)}
        times.show(dict(sets))
        rows = loops.measured()
        loops.show(rows)
        found["loops"] = rows
        found["time"] = {name: {"judged": times.judged(rows), "rows": rows} for name, rows in sets.items()}
    save("estimate", found)
    return 0
