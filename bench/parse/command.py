"""`python -m bench parse`: times every reader on the same documents, ours and the peers', and the worst documents."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bench.page import page
from bench.parse import hostile
from bench.parse.documents import FORMATS, documents
from bench.parse.tables import tables
from bench.parse.times import ours, peers
from bench.report import ROOT, print_table, save
from eigen.ir import load

if TYPE_CHECKING:
    from collections.abc import Sequence

PARTS = (*FORMATS, "hostile")
PAGE = ROOT / "docs" / "guides" / "reading-measured.md"
HEAD = """# Reading circuits beside the peers, measured

Written by `python -m bench parse --docs` from {cells} documents on {cores} cores of an {processor}, {system}, Python
{python}; do not edit. The host did other work besides. The raw numbers are in `.build/bench/parse.json`.

A document is text in memory; the least of at least five readings counts. Ours makes an immutable circuit, checked; the
peers make the circuits that they run. Gates are the operations of the circuit. `to the best` is the best peer's time by
ours: above 1 ours is faster. pyQuil keeps definitions and does not expand them. The worst documents are read in a
process of their own that may have 512 MiB; its peak, interpreter and text included, is what is shown.
"""


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for, print the tables and store the raw numbers."""
    parser = argparse.ArgumentParser(prog="python -m bench parse", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], choices=PARTS)
    parser.add_argument("--docs", action="store_true", help="write the tables to the documentation too")
    options = parser.parse_args(arguments)
    parts: list[str] = options.only or list(PARTS)
    results: dict[str, Any] = {form: _measured(form) for form in FORMATS if form in parts}
    cells = sum(len(result["files"]) for result in results.values())
    if "hostile" in parts:
        results["hostile"] = hostile.outcomes()
        cells += len(results["hostile"])
    shown = tables(results)
    for table in shown:
        print_table(table.title, table.header, table.rows)
    for form, result in results.items():
        for why in result["refused"] if form != "hostile" else ():
            print(f"  refused: {why}")
    if options.docs:
        PAGE.write_text(page(HEAD, shown, cells))
    save("parse", {**results, **({"hostile": list(map(asdict, results["hostile"]))} if "hostile" in parts else {})})
    return 0


def _measured(form: str) -> dict[str, Any]:
    """Seconds for each document of a format, by reader."""
    paths = documents(form)
    answers = peers(form, paths)
    return {
        "files": [path.stem for path in paths],
        "gates": [len(load(path.read_bytes(), form)) for path in paths],
        "seconds": {"eigen": list(map(ours, paths))} | {name: each["seconds"] for name, each in answers.items()},
        "versions": {name: each["version"] for name, each in answers.items()},
        "refused": [f"{name} {why}" for name, each in answers.items() for why in each["refused"]],
    }
