"""Circuits as pictures: text with box-drawing characters, and SVG. Both show the same layout."""

from eigen.ir.drawing.layout import Layout, lay_out
from eigen.ir.drawing.svg import draw_svg
from eigen.ir.drawing.text import draw_text

__all__ = ["Layout", "draw_svg", "draw_text", "lay_out"]
