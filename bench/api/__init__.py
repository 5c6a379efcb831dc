"""Submitting, looking and iterating through every surface, against one server process and against four roles.

Client and server share this host. The server works on the jobs while they are being submitted, as it does in life;
jobs are looked at once they have ended.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.api.iterations import iterations
from bench.api.load import Figures, fsync_pair, run_async, run_threads
from bench.api.servers import four_roles, one_process
from bench.api.surfaces import ASYNC_SURFACES, SURFACES, drain, embedded
from bench.report import print_table, save

if TYPE_CHECKING:
    from bench.api.servers import Addresses

CLIENTS = (1, 16)
SUBMITS = 96
LOOKS = 800
HEADER = ["", "clients", "submit p50", "p99", "a second", "status p50", "p99", "a second"]


def main() -> None:
    """Measure, print, save."""
    found: dict[str, dict[str, dict[int, dict[str, Figures]]]] = {}
    with tempfile.TemporaryDirectory() as home:
        floor = fsync_pair(Path(home))
        found["embedded"] = {"embedded": {clients: _embedded(home, clients) for clients in CLIENTS}}
    costs = {}
    for name, served in (("one process", one_process), ("four roles", four_roles)):
        with tempfile.TemporaryDirectory() as home, served(Path(home)) as addresses:
            found[name] = _served(addresses)
            costs[name] = iterations(addresses)
    costs["embedded"] = iterations(None)
    print(f"\nTwo fsyncs of small files on this disk: {floor.p50 * 1e3:.2f} ms (p50), {floor.p99 * 1e3:.2f} ms (p99)")
    for name, surfaces in found.items():
        rows = [_row(label, n, figures) for label, by_clients in surfaces.items() for n, figures in by_clients.items()]
        print_table(f"Latencies in milliseconds, {name}", HEADER, rows)
    print_table(
        "One iteration of Pattern A in microseconds: 4 qubits, RY and a CX chain in two layers, Ising chain",
        ["", "median", "p99"],
        [[label, f"{p50 * 1e6:,.0f}", f"{p99 * 1e6:,.0f}"] for label, (p50, p99) in _costs(costs).items()],
    )
    save(
        "api",
        {
            "unit": "s",
            "fsync_pair": floor.to_json(),
            "surfaces": {
                name: {
                    label: {n: {op: f.to_json() for op, f in figures.items()} for n, figures in by_clients.items()}
                    for label, by_clients in surfaces.items()
                }
                for name, surfaces in found.items()
            },
            "iterations": costs,
        },
    )


def _served(addresses: Addresses) -> dict[str, dict[int, dict[str, Figures]]]:
    """Every surface of one server, with one client and with many."""
    found: dict[str, dict[int, dict[str, Figures]]] = {}
    for label, connect in SURFACES.items():
        found[label] = {}
        for clients in CLIENTS:
            submitted, ids = run_threads(lambda make=connect: make(addresses), clients, SUBMITS, "submit")
            drain(addresses)
            looked, _ = run_threads(lambda make=connect: make(addresses), clients, LOOKS, "status", ids)
            found[label][clients] = {"submit": submitted, "status": looked}
    for label, connect in ASYNC_SURFACES.items():
        found[label] = {}
        for clients in CLIENTS:
            submitted, ids = run_async(lambda make=connect: make(addresses), clients, SUBMITS, "submit")
            drain(addresses)
            looked, _ = run_async(lambda make=connect: make(addresses), clients, LOOKS, "status", ids)
            found[label][clients] = {"submit": submitted, "status": looked}
    return found


def _embedded(home: str, clients: int) -> dict[str, Figures]:
    submitted, ids = run_threads(lambda: embedded(home), clients, SUBMITS, "submit")
    looked, _ = run_threads(lambda: embedded(home), clients, LOOKS, "status", ids)
    return {"submit": submitted, "status": looked}


def _row(label: str, clients: int, figures: dict[str, Figures]) -> list[str]:
    row = [label, str(clients)]
    for operation in ("submit", "status"):
        found = figures[operation]
        row += [f"{found.p50 * 1e3:.2f}", f"{found.p99 * 1e3:.2f}", f"{found.per_sec:,.0f}"]
    return row


def _costs(costs: dict[str, dict[str, tuple[float, float]]]) -> dict[str, tuple[float, float]]:
    return {
        label if where == "embedded" else f"{label}, {where}": cost
        for where, by_label in costs.items()
        for label, cost in by_label.items()
    }
