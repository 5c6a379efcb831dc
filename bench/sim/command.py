"""`python -m bench sim`: measures the cells that are not measured yet, prints the tables, stores the raw numbers."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from bench.page import page
from bench.report import BUILD, ROOT, print_table, save
from bench.sim.cells import OUTPUTS, PRECISIONS, Selection, cells
from bench.sim.families import FAMILIES
from bench.sim.measure import ROUNDS, measure
from bench.sim.peers import ENGINES
from bench.sim.roofline import roofline
from bench.sim.summary import OURS, Cell
from bench.sim.tables import tables
from bench.sim.workers import Remote
from bench.store import Store, build

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.sim.peers.protocol import Job

CELL_SECONDS, QUICK_CELL_SECONDS = 60.0, 15.0
QUICK_ROUNDS = 3
FOLDER = BUILD / "sim"
PAGE = ROOT / "docs" / "guides" / "engine-measured.md"
HEAD = """# The engine beside its peers, measured

Written by `python -m bench sim --docs` from {cells} cells on {cores} cores of an {processor}, {system}, Python
{python}; do not edit.
The raw numbers are in `.build/bench/sim.json`.

Each engine runs in a process of its own, in the best of its settings that a small search finds (fusion width, optimiser
level, threads), in turn with the others within a cell. The least of the samples counts. What an engine can hold
prepared (parsed, translated, planned) is not timed; binding new angles is. Results are compared with ours: fidelity of
states to 1e-10 (f64) or 1e-4 (f32), χ² of samples; times of results that disagree do not count. DDSIM and Stim are
engines of another kind and do not count as dense peers: they stand beside `sim:auto`, which plans and runs anew in each
call. The floors are fixed in `bench/sim/floors.toml`.
"""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(prog="python -m bench sim", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the cells of the headline tables, in 20 minutes")
    parser.add_argument("--family", nargs="*", default=[], choices=list(FAMILIES))
    parser.add_argument("--qubits", nargs="*", default=[], type=int)
    parser.add_argument("--precision", nargs="*", default=[], choices=PRECISIONS)
    parser.add_argument("--output", nargs="*", default=[], choices=OUTPUTS)
    parser.add_argument("--engine", nargs="*", default=[], choices=list(ENGINES), help="ours and these alone")
    parser.add_argument("--seconds", type=float, help="the most that a cell may take")
    parser.add_argument("--total", type=float, help="begin no cell after so many seconds")
    parser.add_argument("--again", action="store_true", help="measure what is there already once more")
    parser.add_argument("--report", action="store_true", help="measure nothing, print the tables")
    parser.add_argument("--docs", action="store_true", help="write the tables to the documentation too")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, save."""
    asked = parse(arguments)
    selection = Selection(
        tuple(asked.family), tuple(asked.qubits), tuple(asked.precision), tuple(asked.output), asked.quick
    )
    wanted, store = list(cells(selection)), Store(FOLDER)
    if not wanted:
        print("no cell is like that")
        return 2
    if not asked.report:
        _measure_all(wanted, store, asked)
    found = [Cell.of(record) for job in wanted if (record := store.find(job))]
    host = _host(store, again=not asked.report)
    shown = tables(found, host)
    for table in shown:
        print_table(table.title, table.header, table.rows)
    save("sim", {"build": build(), "roofline": host, "cells": [store.find(cell.job) for cell in found]})
    if asked.docs:
        PAGE.write_text(page(HEAD, shown, len(found)))
        print(f"  written: {PAGE.relative_to(ROOT)}")
    return 0


def _measure_all(wanted: list[Job], store: Store, asked: argparse.Namespace) -> None:
    """The cells one after the other; each is stored as soon as it is there."""
    limit = asked.seconds or (QUICK_CELL_SECONDS if asked.quick else CELL_SECONDS)
    rounds, end = QUICK_ROUNDS if asked.quick else ROUNDS, time.monotonic() + (asked.total or float("inf"))
    remotes = [Remote(name) for name in ENGINES if name == OURS or not asked.engine or name in asked.engine]
    try:
        for number, job in enumerate(wanted, 1):
            if store.find(job) and not asked.again:
                continue
            if time.monotonic() > end:
                print(f"  stopped before {job.key}; the same command goes on from there")
                return
            start = time.monotonic()
            cell = measure(
                job, [r for r in remotes if ENGINES[r.name].offers(job)], limit, _foresight(store, job), rounds=rounds
            )
            store.put(job, {**cell, "build": build()})
            _line(Cell.of({"job": job.to_json(), **cell}), f"{number}/{len(wanted)}", time.monotonic() - start)
    finally:
        for remote in remotes:
            remote.end()


def _foresight(store: Store, job: Job) -> Callable[[str], float | None]:
    """What one run of an engine may take, from the widest narrower cell of the same kind."""
    narrower = [
        cell
        for cell in map(Cell.of, store.all())
        if (cell.job.family, cell.job.output, cell.job.precision, cell.job.shots)
        == (job.family, job.output, job.precision, job.shots)
        and cell.job.num_qubits < job.num_qubits
    ]
    widest = max(narrower, key=lambda cell: cell.job.num_qubits, default=None)

    def foreseen(engine: str) -> float | None:
        seconds = widest.seconds(engine) if widest else None
        if seconds is None or widest is None or widest.job.num_qubits < 16 or FAMILIES[job.family].records:
            return None
        return seconds * 2.0 ** (job.num_qubits - widest.job.num_qubits)

    return foreseen


def _line(cell: Cell, number: str, seconds: float) -> None:
    ours, best, ratio = cell.seconds(OURS), cell.best_peer(), cell.ratio()
    left = f"{ours * 1e3:.4g} ms" if ours else str(cell.engines.get(OURS, {}).get("why"))[:60]
    right = f"{best[0]} {best[1] * 1e3:.4g} ms" if best else "no peer"
    tail = f", ratio {ratio:.2f}" if ratio else ""
    print(f"  {number} {cell.key}: ours {left}, {right}{tail} ({seconds:.0f} s)", flush=True)


def _host(store: Store, *, again: bool) -> dict[str, float]:
    """The roofline: the best that was ever seen on this host, measured anew with each measurement."""
    import json

    path = store.folder / "roofline.json"
    before = json.loads(path.read_text()) if path.exists() else {}
    if before and not again:
        return before
    now = roofline()
    best = {name: max(value, before.get(name, 0.0)) for name, value in now.items()}
    BUILD.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(best, indent=1) + "\n")
    return best
