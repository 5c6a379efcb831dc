"""A circuit as a self-contained SVG image; colours follow the page through `currentColor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.drawing.layout import lay_out

if TYPE_CHECKING:
    from eigen._core import Circuit
    from eigen.ir.drawing.layout import Item, Layout

_ROW, _GAP, _BOX, _CHAR, _MARGIN = 40, 16, 28, 8, 12  # pixels
_DOTS = "●○⊕×┆"


def draw_svg(circuit: Circuit, *, max_operations: int = 2_000) -> str:
    """The circuit as an SVG document. Qubit 0 is the top wire; control flow stands in dashed frames."""
    layout = lay_out(circuit, max_operations=max_operations)
    head = _MARGIN + _CHAR * max((len(label) for label in layout.labels), default=0) + _GAP
    lefts, right = _column_positions(layout, head)
    height = 2 * _MARGIN + _ROW * max(len(layout.labels), 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{right + _MARGIN}" height="{height}" '
        f'viewBox="0 0 {right + _MARGIN} {height}" font-family="monospace" font-size="13" fill="currentColor" '
        'stroke="none">'
    ]
    for wire, label in enumerate(layout.labels):
        parts.append(f'<text x="{_MARGIN}" y="{_y(wire) + 4}">{_escape(label)}</text>')
        parts.append(_line(head - _GAP // 2, _y(wire), right, _y(wire)))
    open_frames: list[tuple[float, Item]] = []
    for (left, extent), column in zip(lefts, layout.columns, strict=True):
        for item in column:
            parts.extend(_item(item, left, extent, open_frames))
    if layout.omitted:
        parts.append(f'<text x="{_MARGIN}" y="{height - 2}">… {layout.omitted} more operations</text>')
    return "\n".join([*parts, "</svg>", ""])


def _column_positions(layout: Layout, head: int) -> tuple[list[tuple[int, int]], int]:
    positions: list[tuple[int, int]] = []
    left = head
    for column in layout.columns:
        widest = max((len(mark) for item in column for mark in item.marks.values()), default=1)
        extent = max(_BOX, _CHAR * widest + 12)
        positions.append((left, extent))
        left += extent + _GAP
    return positions, left


def _y(wire: int) -> int:
    return _MARGIN + _ROW * wire + _ROW // 2


def _item(item: Item, left: int, extent: int, open_frames: list[tuple[float, Item]]) -> list[str]:
    centre = left + extent // 2
    top, bottom = _y(item.span.start), _y(item.span.stop - 1)
    if item.kind == "gate":
        parts = [_line(centre, top, centre, bottom)] if bottom > top else []
        return parts + [piece for wire, mark in item.marks.items() for piece in _mark(mark, centre, _y(wire))]
    word = item.marks[item.span.start]
    parts = [_label(word, centre, top - _BOX // 2 + 2)] if word else []
    if item.kind == "open":
        open_frames.append((left, item))
    elif item.kind == "middle":
        parts.append(_line(centre, top - _BOX // 2, centre, bottom + _BOX // 2, ' stroke-dasharray="4 3"'))
    elif open_frames:
        start, _ = open_frames.pop()
        parts.append(
            f'<rect x="{start}" y="{top - _BOX // 2 - 3}" width="{left + extent - start}" '
            f'height="{bottom - top + _BOX + 6}" fill="none" stroke="currentColor" stroke-dasharray="4 3"/>'
        )
    return parts


def _mark(mark: str, x: int, y: int) -> list[str]:
    ring = 'fill="white" stroke="currentColor"'
    if mark == "●":
        return [f'<circle cx="{x}" cy="{y}" r="4"/>']
    if mark == "○":
        return [f'<circle cx="{x}" cy="{y}" r="4" {ring}/>']
    if mark == "⊕":
        return [f'<circle cx="{x}" cy="{y}" r="9" {ring}/>', _line(x - 9, y, x + 9, y), _line(x, y - 9, x, y + 9)]
    if mark == "×":
        return [_line(x - 5, y - 5, x + 5, y + 5), _line(x - 5, y + 5, x + 5, y - 5)]
    if mark == "┆":
        return [_line(x, y - _ROW // 2, x, y + _ROW // 2, ' stroke-dasharray="3 3"')]
    extent = max(_BOX, _CHAR * len(mark) + 8)
    box = f'<rect x="{x - extent // 2}" y="{y - _BOX // 2}" width="{extent}" height="{_BOX}" {ring}/>'
    return [box, _label(mark, x, y + 4)]


def _label(text: str, x: int, y: int) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="middle" fill="black">{_escape(text)}</text>'


def _line(x1: int, y1: int, x2: int, y2: int, style: str = "") -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="currentColor"{style}/>'


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
