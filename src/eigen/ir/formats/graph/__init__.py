"""Circuits as graphs in JSON, in the node-link form of NetworkX: nodes are operations, edges the wires between them.

Blocks of control flow are graphs inside their node. What an operation says is what AQO says of it, in longer words.
"""

from __future__ import annotations

from eigen.ir.formats.graph.reading import load
from eigen.ir.formats.graph.writing import dump

__all__ = ["dump", "load"]
