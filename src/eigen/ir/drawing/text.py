"""A circuit as text: one line for each qubit, folded into panels of the given width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.drawing.layout import lay_out

if TYPE_CHECKING:
    from eigen._core import Circuit
    from eigen.ir.drawing.layout import Item, Layout

_WIRE, _BOND = "─", "│"
_BORDERS = {"open": ("┤", "["), "middle": ("┼", "]["), "close": ("├", "]")}


def draw_text(circuit: Circuit, *, width: int = 120, max_operations: int = 2_000) -> str:
    """The circuit as Unicode text no wider than `width` characters (where one column fits).

    Qubit 0 is the top line. Control-flow boxes stand between square brackets.
    """
    layout = lay_out(circuit, max_operations=max_operations)
    if not layout.labels:
        return "(no qubits)"
    head = max(len(label) for label in layout.labels) + 2
    columns = [_column(layout, column) for column in layout.columns]
    panels: list[list[list[str]]] = [[]]
    used = head
    for column in columns:
        extent = len(column[0])
        if panels[-1] and used + extent + 1 > width:
            panels.append([])
            used = head
        panels[-1].append(column)
        used += extent
    text = "\n\n".join(_panel(layout, panel, head) for panel in panels)
    return f"{text}\n… {layout.omitted} more operations" if layout.omitted else text


def _panel(layout: Layout, columns: list[list[str]], head: int) -> str:
    lines: list[str] = []
    for row in range(2 * len(layout.labels) - 1):
        start = "" if row % 2 else f"{layout.labels[row // 2]}: "
        lines.append(
            (start.ljust(head) + "".join(column[row] for column in columns) + ("" if row % 2 else _WIRE)).rstrip()
        )
    return "\n".join(lines)


def _column(layout: Layout, items: tuple[Item, ...]) -> list[str]:
    """The cells of one column, wires and the gaps between them, all of one width."""
    wires = len(layout.labels)
    cells: dict[int, str] = {}
    bonds: set[int] = set()
    for item in items:
        for wire in item.span:
            cells[2 * wire] = _cell(item, wire)
            if wire + 1 in item.span:
                bonds.add(2 * wire + 1)
    extent = max((len(cell) for cell in cells.values()), default=1)
    centre = (extent - 1) // 2
    rows: list[str] = []
    for row in range(2 * wires - 1):
        if row % 2:
            rows.append(" " + (" " * centre + (_BOND if row in bonds else " ")).ljust(extent))
        else:
            rows.append(_WIRE + _centred(cells.get(row, _WIRE), extent, centre))
    return rows


def _centred(cell: str, extent: int, centre: int) -> str:
    left = centre - (len(cell) - 1) // 2
    return _WIRE * left + cell + _WIRE * (extent - len(cell) - left)


def _cell(item: Item, wire: int) -> str:
    if item.kind != "gate":
        bracket = {"open": "[", "middle": "][", "close": "]"}[item.kind]
        word = item.marks[wire]
        return f"{bracket}{word}{':' if word and item.kind == 'open' else ''}"
    return item.marks.get(wire, "┼")
