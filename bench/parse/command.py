"""`python -m bench parse`: times every reader on the same documents, ours and the peers', and the worst documents."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bench.page import page
from bench.parse import hostile
from bench.parse.documents import FORMATS, documents
from bench.parse.tables import tables
from bench.parse.times import ours, peers
from bench.report import BUILD, ROOT, print_table, save
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
    parser.add_argument("--report", action="store_true", help="measure nothing, print the tables of the last run")
    options = parser.parse_args(arguments)
    results = _last() if options.report else _all(options.only or PARTS)
    cells = sum(len(result if form == "hostile" else result["files"]) for form, result in results.items())
    shown = tables(results)
    for table in shown:
        print_table(table.title, table.header, table.rows)
    for form, result in results.items():
        for why in result["refused"] if form != "hostile" else ():
            print(f"  refused: {why}")
    if options.docs:
        PAGE.write_text(page(HEAD, shown, cells))
    if not options.report:
        outcomes = {"hostile": list(map(asdict, results["hostile"]))} if "hostile" in results else {}
        save("parse", {**results, **outcomes})
    return 0


def _all(parts: Sequence[str]) -> dict[str, Any]:
    """What is asked for, measured."""
    results: dict[str, Any] = {form: _measured(form) for form in FORMATS if form in parts}
    if "hostile" in parts:
        results["hostile"] = hostile.outcomes()
    return results


def _last() -> dict[str, Any]:
    """What was measured last."""
    kept: dict[str, Any] = json.loads((BUILD / "parse.json").read_text())
    kept.pop("host")
    if "hostile" in kept:
        kept["hostile"] = [hostile.Outcome(**each) for each in kept["hostile"]]
    return kept


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
