"""What was measured of the queue, as tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SUBMITS = {
    "submits": "the files, then the row",
    "batches": "batches of 100 with `submit_many`, each timed whole",
    "rows": "the row alone",
    "grpc": "through gRPC, while two workers work",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A title, the head of the columns, rows of text."""

    title: str
    header: list[str]
    rows: list[list[str]]


def tables(found: Mapping[str, Any]) -> list[Table]:
    """All tables of a measurement."""
    databases: dict[str, Any] = found["databases"]
    shown = [_dispatches(databases), _submissions(databases), _others(databases)]
    return [*shown, _beside(found["peers"])] if found.get("peers") else shown


def _dispatches(databases: Mapping[str, Any]) -> Table:
    rows = [
        [f"{name}, {kind.partition(', ')[2] or 'the claim alone'}", f"{int(count):,}", *_times(figures)]
        for name, each in databases.items()
        for count, kinds in each["queued"].items()
        for kind, figures in kinds.items()
    ]
    return Table("From a worker's question to the entry of the driver: ms", ["", "waiting", "p50", "p99"], rows)


def _submissions(databases: Mapping[str, Any]) -> Table:
    rows = [
        [f"{name}: {title}", clients, *_times(figures), f"{figures['per_sec']:,.0f}"]
        for name, each in databases.items()
        for key, title in SUBMITS.items()
        for clients, figures in each.get(key, {}).items()
    ]
    return Table("Durable submissions: ms, and how many a second", ["", "clients", "p50", "p99", "a second"], rows)


def _others(databases: Mapping[str, Any]) -> Table:
    rows: list[list[str]] = []
    for name, each in databases.items():
        flush, fair, restarts = each["fsync_pair"], each["fairness"], sorted(each["restart"])
        jobs = [f"{float(each['throughput'][workers]):,.0f}" for workers in each["throughput"]]
        sizes = [f"{size / 2**20:,.0f} MiB" for size in each["memory"].values()]
        waiting = [f"{int(count):,}" for count in each["memory"]]
        rows += [
            [f"{name}: two flushes of small files, ms (p50, p99)", " / ".join(_times(flush))],
            [f"{name}: jobs a second to their end with {' / '.join(each['throughput'])} workers", " / ".join(jobs)],
            [
                f"{name}: a new process, from its imports to its first driver with {int(each['restart_queued']):,}"
                " waiting, s (median, most)",
                f"{restarts[len(restarts) // 2]:.3f} / {restarts[-1]:.3f}",
            ],
            [f"{name}: memory of a server with {' / '.join(waiting)} waiting", " / ".join(sizes)],
            [
                f"{name}: Jain's index of the first {fair['jobs']:,} turns of {fair['tenants']} tenants",
                f"{fair['index']:.4f}",
            ],
            *(
                [
                    f"{name}: Jain's index of the first {own['jobs']:,} turns of {own['projects']} of its projects",
                    f"{own['index']:.4f}",
                ]
                for own in [each.get("project_fairness")]
                if own
            ),
        ]
    return Table("Throughput, restart, memory, fairness", ["", "measured"], rows)


def _beside(queues: Sequence[Mapping[str, Any]]) -> Table:
    head = ["queue", "kept in", "survives a loss of power", "one at a time, ms: p50", "p99", "together, jobs a second"]
    rows: list[list[str]] = []
    for queue in queues:
        what = [queue["version"] or queue["name"], queue["store"], "yes" if queue["durable"] else "no"]
        what[0] += queue["name"].partition(",")[1] + queue["name"].partition(",")[2]
        rows.append([*what, f"left out: {queue['refused']}", "", ""] if queue["refused"] else _row(what, queue))
    return Table("Beside other queues", head, rows)


def _row(what: list[str], queue: Mapping[str, Any]) -> list[str]:
    return [*what, *(f"{queue[key] * 1e3:,.1f}" for key in ("p50", "p99")), f"{queue['per_sec']:,.0f}"]


def _times(figures: Mapping[str, float]) -> list[str]:
    return [f"{figures[key] * 1e3:.2f}" for key in ("p50", "p99")]
