"""The usual shapes of devices as lists of coupled pairs, each pair once."""

from __future__ import annotations

from eigen.errors import EigenError

Pairs = list[tuple[int, int]]

FALCON = (
    (0, 1), (1, 2), (1, 4), (2, 3), (3, 5), (4, 7), (5, 8), (6, 7), (7, 10), (8, 9), (8, 11), (10, 12), (11, 14),
    (12, 13), (12, 15), (13, 14), (14, 16), (15, 18), (16, 19), (17, 18), (18, 21), (19, 20), (19, 22), (21, 23),
    (22, 25), (23, 24), (24, 25), (25, 26),
)  # fmt: skip
"""The heavy-hexagonal lattice of 27 qubits, as IBM's processors number it."""
HEAVY_HEX_ROWS = {65: (5, 11), 127: (7, 15), 433: (13, 27), 1121: (21, 43)}
"""Rows and their length for the sizes of IBM's larger processors."""


def line(num_qubits: int) -> Pairs:
    """A chain."""
    return [(k, k + 1) for k in range(num_qubits - 1)]


def ring(num_qubits: int) -> Pairs:
    """A chain that is closed."""
    return [*line(num_qubits), *([(num_qubits - 1, 0)] if num_qubits > 2 else [])]


def grid(rows: int, columns: int) -> Pairs:
    """A rectangular grid, numbered row by row."""
    across = [(r * columns + c, r * columns + c + 1) for r in range(rows) for c in range(columns - 1)]
    return across + [(k, k + columns) for k in range((rows - 1) * columns)]


def heavy_hex(num_qubits: int) -> Pairs:
    """The heavy-hexagonal lattice of 27, 65, 127, 433 or 1121 qubits. Raises EIGEN_USAGE for another number."""
    if num_qubits == len(FALCON) - 1:
        return list(FALCON)
    if num_qubits not in HEAVY_HEX_ROWS:
        sizes = ", ".join(map(str, (27, *HEAVY_HEX_ROWS)))
        raise EigenError(
            "EIGEN_USAGE", f"there is no heavy-hex device of `{num_qubits}` qubits", hint=f"one of {sizes}"
        )
    return heavy_hex_rows(*HEAVY_HEX_ROWS[num_qubits])


def heavy_hex_rows(rows: int, length: int) -> Pairs:
    """A heavy-hexagonal lattice: rows joined through a qubit at every fourth column, in turn from the first and from
    the third; the two corners that nothing hangs on are left out. Numbered from top to bottom."""
    place: dict[tuple[int, int], int] = {}
    for row in range(rows):
        for column in range(row == rows - 1, length - (row == 0)):
            place[2 * row, column] = len(place)
        for column in range(row % 2 * 2, length, 4) if row < rows - 1 else ():
            place[2 * row + 1, column] = len(place)
    across = [(k, place[row, column + 1]) for (row, column), k in place.items() if (row, column + 1) in place]
    down = [(k, place[row + 1, column]) for (row, column), k in place.items() if (row + 1, column) in place]
    return sorted(across + down)
