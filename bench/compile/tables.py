"""The measured cells as tables, each a title, a header and rows of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.compile.devices import TOPOLOGIES
from bench.compile.families import FAMILIES
from bench.compile.summary import BEST, DEFAULT, OURS, Cell, geometric_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGE = 1000


@dataclass(frozen=True, slots=True)
class Table:
    """What is shown."""

    title: str
    header: list[str]
    rows: list[list[str]]


def tables(cells: Sequence[Cell]) -> list[Table]:
    """Every table that the cells have something for."""
    found = [_statements(cells), _families(cells), _settings(cells), _large(cells)]
    found += [_losses(cells, BEST, None), _losses(cells, DEFAULT, "qiskit-2")]
    found += [_wrong(cells), _unchecked(cells), _missing(cells)]
    return [table for table in found if table.rows]


def _statements(cells: Sequence[Cell]) -> Table:
    """Our level 3 beside the best peer of each circuit, and our default level beside Qiskit's."""
    rows: list[list[str]] = []
    for topology in TOPOLOGIES:
        here = [cell for cell in cells if cell.job.topology == topology]
        rows += [
            _row(f"{topology}: level 3, best peer", [(cell, BEST, cell.best_peer()) for cell in here]),
            _row(f"{topology}: level 2, Qiskit level 2", [(cell, DEFAULT, "qiskit-2") for cell in here]),
        ]
    header = ["ours and whom", "circuits", "2q gates", "2q depth", "time", "fewer", "as many", "more"]
    return Table("Ours by theirs, geometric means", header, [row for row in rows if row[1] != "0"])


def _row(label: str, pairs: Sequence[tuple[Cell, str, str | None]]) -> list[str]:
    counts = [ratio for cell, ours, theirs in pairs if (ratio := cell.ratio(ours, theirs)) is not None]
    means = [
        geometric_mean(counts),
        geometric_mean(cell.ratio(ours, theirs, "two_qubit_depth") for cell, ours, theirs in pairs),
        geometric_mean(cell.time_ratio(ours, theirs) for cell, ours, theirs in pairs),
    ]
    order = [sum(r < 1 for r in counts), sum(r == 1 for r in counts), sum(r > 1 for r in counts)]
    return [label, str(len(counts)), *map(_ratio, means), *map(str, order)]


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _families(cells: Sequence[Cell]) -> Table:
    rows: list[list[str]] = []
    for family in FAMILIES.values():
        for topology in TOPOLOGIES:
            here = [cell for cell in cells if (cell.job.family, cell.job.topology) == (family.name, topology)]
            best = _row("", [(cell, BEST, cell.best_peer()) for cell in here])
            default = _row("", [(cell, DEFAULT, "qiskit-2") for cell in here])
            if best[1] != "0" or default[1] != "0":
                rows.append([f"{family.about}, {topology}", *best[1:5], *default[2:5]])
    header = ["", "circuits", "2q gates", "2q depth", "time", "level 2: 2q gates", "2q depth", "time"]
    return Table("Level 3 by the best peer, level 2 by Qiskit's, family by family", header, rows)


def _settings(cells: Sequence[Cell]) -> Table:
    """Each setting beside our default, over the circuits that both compile."""
    names = sorted({name for cell in cells for name in cell.rivals})
    rows = [_row(f"{name}, {topology}", [(cell, name, DEFAULT) for cell in cells if cell.job.topology == topology])
            for topology in TOPOLOGIES for name in names if name != DEFAULT]  # fmt: skip
    header = ["setting by our level 2", "circuits", "2q gates", "2q depth", "time", "fewer", "as many", "more"]
    return Table("Every setting by our default", header, [row for row in rows if row[1] != "0"])


def _large(cells: Sequence[Cell]) -> Table:
    names = [f"{OURS}-1", f"{OURS}-2", f"{OURS}-3", "qiskit-1", "qiskit-2", "qiskit-3", "pytket-1", "pytket-2"]
    rows = [[_label(cell), *(_both(cell, name) for name in names)] for cell in cells if cell.job.num_qubits >= LARGE]
    return Table("A thousand qubits: milliseconds (gates on two qubits)", ["", *names], rows)


def _both(cell: Cell, name: str) -> str:
    seconds, count = cell.seconds(name), cell.count(name)
    return "—" if seconds is None else f"{seconds * 1e3:,.0f} ({count:,})"


def _label(cell: Cell) -> str:
    return f"{FAMILIES[cell.job.family].about}, {cell.job.num_qubits} qubits, {cell.job.topology}"


def _losses(cells: Sequence[Cell], ours: str, theirs: str | None) -> Table:
    found: list[tuple[float, list[str]]] = []
    for cell in cells:
        rival = theirs or cell.best_peer()
        ratio, time = cell.ratio(ours, rival), cell.time_ratio(ours, rival)
        if rival is not None and ratio is not None and ratio > 1:
            counts = [str(cell.count(ours)), str(cell.count(rival))]
            found.append((-ratio, [_label(cell), rival, *counts, f"{ratio:.3f}", _ratio(time)]))
    whom = "any peer's setting" if theirs is None else theirs
    header = ["", "setting", "ours", "theirs", "ratio", "time"]
    return Table(f"Where {whom} needs fewer gates on two qubits than {ours}", header, [row for _, row in sorted(found)])


def _wrong(cells: Sequence[Cell]) -> Table:
    rows = [
        [_label(cell), name, str(record["agreement"])]
        for cell in cells
        for name, record in cell.rivals.items()
        if (record.get("agreement") or {}).get("ok") is False
    ]
    return Table("Compiled circuits that are other circuits; they do not count", ["", "setting", "by"], rows)


def _unchecked(cells: Sequence[Cell]) -> Table:
    checked = {"state": 0, "tableau": 0, "not checked": 0}
    for cell in cells:
        for record in cell.rivals.values():
            if "agreement" in record:
                checked[record["agreement"].get("method", "not checked")] += 1
    rows = [[method, str(count)] for method, count in checked.items() if count]
    return Table("How the compiled circuits were compared with what they were compiled from", ["by", "circuits"], rows)


def _missing(cells: Sequence[Cell]) -> Table:
    why: dict[tuple[str, str], list[str]] = {}
    for cell in cells:
        for name, record in cell.rivals.items():
            if record.get("why"):
                why.setdefault((name, record["why"]), []).append(_label(cell))
    rows = [[name, str(len(where)), where[0], reason[:100]] for (name, reason), where in sorted(why.items())]
    return Table("Not measured", ["", "cells", "such as", "why"], rows)
