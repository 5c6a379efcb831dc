"""The estimated success of circuits on fake devices against their noisy simulation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bench.estimate.backends import backends
from bench.estimate.circuits import cases
from bench.estimate.statistics import quantile, spearman
from bench.estimate.truth import truth
from bench.report import print_table
from eigen.estimate.success import success_of
from eigen.ir.targets import Target, compile_for
from eigen.ir.targets.calibration import Calibration

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = dict[str, Any]


def measured(which: str) -> list[Row]:
    """Every circuit of a set on every device of it."""
    rows: list[Row] = []
    for backend in backends(which):
        calibration, target = Calibration.from_json(backend.document), Target.of_device(backend.device)
        for case in cases(which):
            low = compile_for(case.circuit, target, level=1, verify="no").circuit
            found, seen = success_of(low, calibration), truth(low, backend.document)
            rows.append(
                {
                    "device": backend.name,
                    "circuit": case.name,
                    "one_outcome": case.one_outcome,
                    "value": found.value,
                    "low": found.low,
                    "high": found.high,
                    "truth": seen.hellinger if case.one_outcome else seen.linear,
                    "hellinger": seen.hellinger,
                }
            )
    return rows


def exponents(rows: Sequence[Row]) -> tuple[float, float]:
    """Percentiles 2.5 and 97.5 of log(truth) / log(product of fidelities)."""
    found = [math.log(max(row["truth"], 1e-12)) / math.log(row["value"]) for row in rows if row["value"] < 1.0]
    return quantile(found, 0.025), quantile(found, 0.975)


def judged(rows: Sequence[Row]) -> dict[str, float]:
    """Rank correlation over all pairs and, in the mean, over the devices of each circuit; the share of truths within
    the interval, and of Hellinger fidelities above its lower end; the interval's width."""
    circuits = sorted({row["circuit"] for row in rows})
    within = [
        spearman(*([row[key] for row in rows if row["circuit"] == name] for key in ("value", "truth")))
        for name in circuits
    ]
    return {
        "pairs": len(rows),
        "spearman": spearman([row["value"] for row in rows], [row["truth"] for row in rows]),
        "spearman_of_devices": math.fsum(within) / len(within),
        "worst_spearman_of_devices": min(within),
        "coverage": sum(row["low"] <= row["truth"] <= row["high"] for row in rows) / len(rows),
        "hellinger_above_low": sum(row["low"] <= row["hellinger"] for row in rows) / len(rows),
        "median_width": quantile([row["high"] - row["low"] for row in rows], 0.5),
    }


def show(which: str, rows: Sequence[Row]) -> None:
    """A table for one set, by kind of circuit."""
    one, many = ([row for row in rows if row["one_outcome"] is wanted] for wanted in (True, False))
    table: list[list[str]] = []
    for name, part in (("one right outcome", one), ("many outcomes", many)):
        found = judged(part)
        keys = ("spearman", "spearman_of_devices", "worst_spearman_of_devices")
        shares = ("coverage", "hellinger_above_low")
        cells = [*(f"{found[key]:.3f}" for key in keys), *(f"{found[key]:.1%}" for key in shares)]
        table.append([name, f"{len(part)}", *cells, f"{found['median_width']:.3f}"])
    print_table(
        f"Success on fake devices, {which}",
        ["circuits", "pairs", "Spearman", "of devices", "worst", "coverage", "above low", "width"],
        table,
    )
    high, low = exponents(one)
    print(f"  log(truth) / log(product), one right outcome: percentile 2.5 {high:.3f}, 97.5 {low:.3f}")
