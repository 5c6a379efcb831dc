"""The page of measured tables in the documentation, as `python -m bench sim --docs` writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.report import host

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.sim.tables import Table

HEAD = """# The engine beside its peers, measured

Written by `python -m bench sim --docs` from {cells} cells on {cores} cores of an {processor}, {system}, Python
{python}; do not edit.
The raw numbers are in `.build/bench/sim.json`.

Each engine runs in a process of its own, in the best of its settings that a small search finds (fusion width, optimiser
level, threads), in turn with the others within a cell. The least of the samples counts. What an engine can hold
prepared (parsed, translated, planned) is not timed; binding new angles is. Results are compared with ours: fidelity of
states to 1e-10 (f64) or 1e-4 (f32), χ² of samples; times of results that disagree do not count. DDSIM and Stim are
engines of another kind and do not count as dense peers. The floors are fixed in `bench/sim/floors.toml`.
"""


def page(tables: Sequence[Table], cells: int) -> str:
    """Markdown."""
    parts = [HEAD.format(cells=cells, **host())]
    for table in tables:
        lines = [table.header, ["---", *["---:"] * (len(table.header) - 1)], *table.rows]
        parts.append(f"## {table.title}\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n")
    return "\n".join(parts)
