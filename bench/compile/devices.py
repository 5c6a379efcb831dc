"""The shapes of devices: the smallest of each on which a circuit fits."""

from __future__ import annotations

import math

from bench.compile.protocol import BASES, Device
from eigen.ir.targets import topologies

TOPOLOGIES = ("all", "line", "grid", "heavy-hex")
BASIS_OF = {"all": "u+cx", "line": "u+cx", "grid": "u+cx", "heavy-hex": "rz+sx+cz"}
HEAVY_HEX = (27, 65, 127, 433, 1121)


def device(topology: str, width: int, basis: str) -> Device:
    """The smallest device of a shape with so many qubits; a grid is as square as it can be."""
    if topology == "all":
        return Device(width, (), BASES[basis])
    if topology == "line":
        return Device(width, tuple(topologies.line(width)), BASES[basis])
    if topology == "grid":
        rows = math.isqrt(width)
        columns = -(-width // rows)
        return Device(rows * columns, tuple(topologies.grid(rows, columns)), BASES[basis])
    size = min(size for size in HEAVY_HEX if size >= width)
    return Device(size, tuple(topologies.heavy_hex(size)), BASES[basis])
