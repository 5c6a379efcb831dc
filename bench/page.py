"""A page of measured tables in the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bench.report import host

if TYPE_CHECKING:
    from collections.abc import Sequence


class Table(Protocol):
    """What is shown."""

    @property
    def title(self) -> str: ...
    @property
    def header(self) -> list[str]: ...
    @property
    def rows(self) -> list[list[str]]: ...


def page(head: str, tables: Sequence[Table], cells: int) -> str:
    """Markdown; `head` has places for the number of cells and for the host."""
    parts = [head.format(cells=cells, **host())]
    for table in tables:
        lines = [table.header, ["---", *["---:"] * (len(table.header) - 1)], *table.rows]
        parts.append(f"## {table.title}\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n")
    return "\n".join(parts)
