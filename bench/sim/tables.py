"""The measured cells as tables, each a title, a header and rows of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.sim.families import FAMILIES
from bench.sim.floors import floor
from bench.sim.peers import ENGINES
from bench.sim.summary import OURS, Cell, disagreements, geometric_mean, losses

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

WIDE = range(20, 27)
RATES = {"energy": "Energies a second", "energies": "Energies a second, in batches", "gradient": "Gradients a second"}

SAMPLES = {
    "shots": "Shots: run and draw, milliseconds",
    "noisy": "Noisy shots, milliseconds",
    "frames": "Records of noisy Clifford circuits, milliseconds",
}


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    header: list[str]
    rows: list[list[str]]


def tables(cells: Sequence[Cell], host: Mapping[str, float]) -> list[Table]:
    """Every table that the cells have something for."""
    found: list[Table] = []
    for output in ("state", "array"):
        for precision in ("f64", "f32"):
            chosen = [c for c in cells if c.job.output == output and c.job.precision == precision]
            where = "where the engine keeps it" if output == "state" else "as an array"
            found.append(_comparison(f"The state {where}, {precision}, milliseconds", chosen, _milliseconds))
    for output, title in RATES.items():
        found.append(_comparison(title, [c for c in cells if c.job.output == output], _rate))
    for name, title in SAMPLES.items():
        found.append(_comparison(title, [c for c in cells if c.job.output == name], _milliseconds))
    found += [_means(cells), _roofline(cells, host), _losses(cells), _wrong(cells), _missing(cells)]
    return [table for table in found if table.rows]


def _label(cell: Cell) -> str:
    shots = f", {cell.job.shots:,} shots" if cell.job.shots else ""
    return f"{FAMILIES[cell.job.family].about}, {cell.job.num_qubits} qubits{shots}"


def _order(cell: Cell) -> tuple[int, int, int]:
    return (list(FAMILIES).index(cell.job.family), cell.job.shots, cell.job.num_qubits)


def _milliseconds(cell: Cell, seconds: float) -> str:
    return f"{seconds * 1e3:.3g}" if seconds < 1 else f"{seconds * 1e3:,.0f}"


def _rate(cell: Cell, seconds: float) -> str:
    rate = cell.job.batch / seconds
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}"


def _comparison(title: str, cells: Sequence[Cell], show: Callable[[Cell, float], str]) -> Table:
    """A row for each cell, a column for each engine, and the ratio of the best dense peer's time to ours."""
    engines = [name for name in ENGINES if any(cell.seconds(name) for cell in cells)]
    rows: list[list[str]] = []
    for cell in sorted(cells, key=_order):
        seconds = [cell.seconds(name) for name in engines]
        ratio = cell.ratio()
        shown = [show(cell, s) if s is not None else "" for s in seconds]
        rows.append([_label(cell), *shown, f"{ratio:.2f}" if ratio else ""])
    return Table(title, ["", *engines, "best peer / ours"], rows)


def _means(cells: Sequence[Cell]) -> Table:
    """Geometric means over the dense families at 20 to 26 qubits, and the worst family."""
    rows: list[list[str]] = []
    for precision in ("f64", "f32"):
        wide = [
            (ratio, cell)
            for cell in cells
            if cell.job.output == "state" and cell.job.precision == precision and cell.job.num_qubits in WIDE
            if FAMILIES[cell.job.family].dense and (ratio := cell.ratio()) is not None
        ]
        mean = geometric_mean(ratio for ratio, _ in wide)
        if mean is not None:
            worst, cell = min(wide, key=lambda pair: pair[0])
            rows.append([f"state, {precision}", str(len(wide)), f"{mean:.2f}", f"{worst:.2f}", _label(cell)])
    for output in RATES:
        ratios = [(ratio, c) for c in cells if c.job.output == output and (ratio := c.ratio()) is not None]
        mean = geometric_mean(ratio for ratio, _ in ratios)
        if mean is not None:
            worst, cell = min(ratios, key=lambda pair: pair[0])
            rows.append([output, str(len(ratios)), f"{mean:.2f}", f"{worst:.2f}", _label(cell)])
    header = ["best peer / ours", "cells", "geometric mean", "worst", "where"]
    return Table("Ratios, states at 20 to 26 qubits", header, rows)


def _roofline(cells: Sequence[Cell], host: Mapping[str, float]) -> Table:
    """Our time beside the floor, and the rates that it means for the floor's bytes and operations."""
    rows: list[list[str]] = []
    for cell in sorted(cells, key=lambda c: (c.job.precision != "f64", _order(c))):
        least = floor(cell.job.family, cell.job.num_qubits, cell.job.precision)
        ours = cell.seconds(OURS)
        if cell.job.output != "state" or cell.job.num_qubits not in WIDE or least is None or ours is None:
            continue
        bound = least.seconds(host, cell.job.precision)
        facts = cell.engines[OURS].get("facts") or {}
        rows.append([
            f"{_label(cell)}, {cell.job.precision}",
            f"{ours * 1e3:.1f}", f"{bound * 1e3:.1f}", f"{ours / bound:.2f}",
            str(least.passes), str(facts.get("passes", "")), str(facts.get("grown_from_qubits", "")),
            f"{least.num_bytes / ours / 1e9:.1f}", f"{least.multiply_adds / ours / 1e9:.1f}",
        ])  # fmt: skip
    title = (
        f"The distance to the floor: {host['bytes_per_sec'] / 1e9:.0f} GB/s in place,"
        f" {host['f64_fma_per_sec'] / 1e9:.0f} and {host['f32_fma_per_sec'] / 1e9:.0f} thousand million multiply-adds"
        " a second in f64 and f32"
    )
    header = [
        "",
        "ms",
        "floor ms",
        "times the floor",
        "its passes",
        "our passes",
        "grown from",
        "GB/s",
        "G multiply-adds/s",
    ]
    return Table(title, header, rows)


def _losses(cells: Sequence[Cell]) -> Table:
    rows = [
        [f"{_label(cell)}, {cell.job.output_name}, {cell.job.precision}", name, f"{ratio:.2f}"]
        for cell, name, ratio in losses(cells)
    ]
    return Table("Where another engine is faster", ["", "engine", "its time / ours"], rows)


def _wrong(cells: Sequence[Cell]) -> Table:
    rows = [[cell.key, name, str(agreement)] for cell, name, agreement in disagreements(cells)]
    return Table("Results that disagree with ours; their times do not count", ["", "engine", "by"], rows)


def _missing(cells: Sequence[Cell]) -> Table:
    """What could not be measured, told once for each engine and reason."""
    why: dict[tuple[str, str], list[str]] = {}
    for cell in cells:
        for name, record in cell.engines.items():
            if record.get("why"):
                why.setdefault((name, record["why"]), []).append(cell.key)
    rows = [[name, str(len(keys)), keys[0], reason[:100]] for (name, reason), keys in sorted(why.items())]
    return Table("Not measured", ["", "cells", "such as", "why"], rows)
