"""Measured times and outcomes as tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.parse.hostile import Outcome

OURS = "eigen"
TITLES = {"qasm2": "OpenQASM 2", "qasm3": "OpenQASM 3", "quil": "Quil", "stim": "Stim"}


@dataclass(frozen=True, slots=True)
class Table:
    """A title, the head of the columns, rows of text."""

    title: str
    header: list[str]
    rows: list[list[str]]


def tables(results: Mapping[str, Any]) -> list[Table]:
    """All tables of what was measured."""
    found = [_rates(form, results[form]) for form in TITLES if form in results]
    if "qasm2" in results and "qasm3" in results:
        found.append(_distance(results["qasm2"], results["qasm3"]))
    if "hostile" in results:
        found.append(_hostile(results["hostile"]))
    return found


def _rates(form: str, result: Mapping[str, Any]) -> Table:
    seconds: dict[str, list[float | None]] = result["seconds"]
    peers = [name for name in seconds if name != OURS and any(seconds[name])]
    shown = {name: " ".join([name, result["versions"].get(name, "")]).strip() for name in peers}
    header = ["document", "gates", OURS, *shown.values(), "to the best"]
    rows: list[list[str]] = []
    ratios: list[float] = []
    for index, name in enumerate(result["files"]):
        gates = result["gates"][index]
        own = seconds[OURS][index]
        assert own is not None
        others = [taken for peer in peers if (taken := seconds[peer][index])]
        if others:
            ratios.append(min(others) / own)
        cells = [_rate(gates, seconds[peer][index]) for peer in peers]
        rows.append([name, f"{gates:,}", _rate(gates, own), *cells, f"{ratios[-1]:.2f}" if others else ""])
    if ratios:
        rows.append(["geometric mean", *[""] * (len(header) - 2), f"{mean(ratios):.2f}"])
    return Table(f"{TITLES[form]}: million gates a second", header, rows)


def _distance(two: Mapping[str, Any], three: Mapping[str, Any]) -> Table:
    """Our OpenQASM 3 by OpenQASM 2 for the same operations: the best peer's, and ours. Loops that stay are left out."""
    rows: list[list[str]] = []
    to_best: list[float] = []
    to_ours: list[float] = []
    for index, name in enumerate(two["files"]):
        if three["gates"][index] != two["gates"][index]:
            continue
        own = three["seconds"][OURS][index]
        others = [taken[index] for peer, taken in two["seconds"].items() if peer != OURS and taken[index]]
        to_ours.append(own / two["seconds"][OURS][index])
        best = f"{own / min(others):.2f}" if others else ""
        to_best += [own / min(others)] if others else []
        rows.append([name, best, f"{to_ours[-1]:.2f}"])
    rows.append(["geometric mean", f"{mean(to_best):.2f}" if to_best else "", f"{mean(to_ours):.2f}"])
    header = ["document", "by the best peer's OpenQASM 2", "by our OpenQASM 2"]
    return Table("Our time for OpenQASM 3", header, rows)


def _hostile(outcomes: Iterable[Outcome]) -> Table:
    rows = [
        [one.name, f"`{one.code}`" if one.code else "read", f"{one.seconds:.2f}", f"{one.mebibytes:.0f}"]
        for one in sorted(outcomes, key=lambda one: -one.seconds)
    ]
    return Table("The worst documents", ["document", "ends in", "seconds", "MiB"], rows)


def _rate(gates: int, seconds: float | None) -> str:
    return f"{gates / seconds / 1e6:.2f}" if seconds else "refused"


def mean(ratios: list[float]) -> float:
    """The geometric mean."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))
