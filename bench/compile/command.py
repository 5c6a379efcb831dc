"""`python -m bench compile`: measures the cells that are not there yet, prints the tables, stores the raw numbers."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from bench.compile.cells import Selection, cells
from bench.compile.compilers import ENVIRONMENTS, OURS
from bench.compile.devices import TOPOLOGIES
from bench.compile.families import FAMILIES
from bench.compile.measure import ROUNDS, Remote, measure
from bench.compile.summary import BEST, DEFAULT, Cell
from bench.compile.tables import tables
from bench.page import page
from bench.report import BUILD, ROOT, print_table, save
from bench.store import Store, build

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.compile.protocol import Job

CELL_SECONDS, QUICK_CELL_SECONDS = 60.0, 6.0
QUICK_ROUNDS = 2
QUICK_TOTAL = 1140.0
OUT_OF_REACH = 0.4
FOLDER = BUILD / "compile"
PAGE = ROOT / "docs" / "guides" / "compiler-measured.md"
HEAD = """# The compiler beside its peers, measured

Written by `python -m bench compile --docs` from {cells} of TOTAL cells on {cores} cores of an {processor}, {system},
Python {python}; do not edit. The host did other work besides, which times show more than their ratios.
The raw numbers are in `.build/bench/compile.json`.

Each compiler runs in a process of its own with two threads, in turn with the others within a cell; the least of the
samples counts, passes are made ready and circuits built in the compiler's own form before the clock starts. Qiskit runs
its preset pass managers, and level 3 once more (`qiskit-raised`) with its trials raised until it takes as long as our
level 3 wherever that is the slower one; pytket runs the passes of its backends. The best peer of a circuit is the
setting with the fewest gates on two qubits, whatever time it takes. Ratios are ours by theirs: below 1 is better. Gates
of a heavy-hex device are RZ, SX, X and CZ, of the others U and CX. One seed for every compiler.
"""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(prog="python -m bench compile", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three widths of each family, in 20 minutes")
    parser.add_argument("--family", nargs="*", default=[], choices=list(FAMILIES))
    parser.add_argument("--qubits", nargs="*", default=[], type=int)
    parser.add_argument("--topology", nargs="*", default=[], choices=TOPOLOGIES)
    parser.add_argument("--compiler", nargs="*", default=[], choices=list(ENVIRONMENTS), help="ours and these alone")
    parser.add_argument("--seconds", type=float, help="the most that a cell may take")
    parser.add_argument("--total", type=float, help="begin no cell after so many seconds")
    parser.add_argument("--again", action="store_true", help="measure what is there already once more")
    parser.add_argument("--report", action="store_true", help="measure nothing, print the tables")
    parser.add_argument("--docs", action="store_true", help="write the tables to the documentation too")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, save."""
    asked = parse(arguments)
    selection = Selection(tuple(asked.family), tuple(asked.qubits), tuple(asked.topology), asked.quick)
    wanted, store = list(cells(selection)), Store(FOLDER)
    if not wanted:
        print("no cell is like that")
        return 2
    if not asked.report:
        _measure_all(wanted, store, asked)
    found = [Cell.of(record) for job in wanted if (record := store.find(job))]
    shown = tables(found)
    for table in shown:
        print_table(table.title, table.header, table.rows)
    save("compile", {"build": build(), "cells": [store.find(cell.job) for cell in found]})
    if asked.docs:
        PAGE.write_text(page(HEAD.replace("TOTAL", str(len(list(cells(Selection()))))), shown, len(found)))
        print(f"  written: {PAGE.relative_to(ROOT)}")
    return 0


def _measure_all(wanted: list[Job], store: Store, asked: argparse.Namespace) -> None:
    """The cells one after the other; each is stored as soon as it is there."""
    limit = asked.seconds or (QUICK_CELL_SECONDS if asked.quick else CELL_SECONDS)
    total = asked.total or (QUICK_TOTAL if asked.quick else float("inf"))
    rounds, end = QUICK_ROUNDS if asked.quick else ROUNDS, time.monotonic() + total
    remotes = [Remote(name) for name in ENVIRONMENTS if name == OURS or not asked.compiler or name in asked.compiler]
    try:
        for number, job in enumerate(wanted, 1):
            if store.find(job) and not asked.again:
                continue
            if time.monotonic() > end:
                print(f"  stopped before {job.key}; the same command goes on from there")
                return
            start = time.monotonic()
            cell = measure(job, remotes, limit, _left_out(store, job, limit), rounds=rounds)
            store.put(job, {**cell, "build": build()})
            _line(Cell.of({"job": job.to_json(), **cell}), f"{number}/{len(wanted)}", time.monotonic() - start)
    finally:
        for remote in remotes:
            remote.end()


def _left_out(store: Store, job: Job, limit: float) -> Callable[[str], str]:
    """Why a setting is not tried: at a narrower width of the family it already took most of a cell."""
    narrower = [
        cell
        for cell in map(Cell.of, store.all())
        if (cell.job.family, cell.job.topology) == (job.family, job.topology) and cell.job.num_qubits < job.num_qubits
    ]

    def why(rival: str) -> str:
        for cell in narrower:
            record = cell.rivals.get(rival, {})
            if max(record.get("late_after", 0.0), *(record.get("seconds") or [0.0])) > OUT_OF_REACH * limit:
                return f"left out: too long at {cell.job.num_qubits} qubits"
        return ""

    return why


def _line(cell: Cell, number: str, seconds: float) -> None:
    peer = cell.best_peer()
    shown = [f"{name} {cell.count(name)} in {_ms(cell, name)}" for name in (DEFAULT, BEST, "qiskit-2", peer) if name]
    print(f"  {number} {cell.job.key}: {', '.join(shown)} ({seconds:.0f} s)", flush=True)


def _ms(cell: Cell, name: str) -> str:
    seconds = cell.seconds(name)
    return "—" if seconds is None else f"{seconds * 1e3:.4g} ms"
