"""The gates that QuTiP's circuits and this house both have, and those of QuTiP's that are a few of ours."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Parts = list[tuple[str, list[int], list[float]]]

PLAIN: dict[str, tuple[str, int]] = {
    "IDLE": ("I", 0),
    "X": ("X", 0),
    "Y": ("Y", 0),
    "Z": ("Z", 0),
    "H": ("H", 0),
    "SNOT": ("H", 0),
    "SQRTNOT": ("SX", 0),
    "S": ("S", 0),
    "T": ("T", 0),
    "RX": ("RX", 0),
    "RY": ("RY", 0),
    "RZ": ("RZ", 0),
    "PHASEGATE": ("P", 0),
    "CNOT": ("CX", 1),
    "CX": ("CX", 1),
    "CY": ("CY", 1),
    "CZ": ("CZ", 1),
    "CSIGN": ("CZ", 1),
    "CS": ("S", 1),
    "CT": ("T", 1),
    "CPHASE": ("CP", 1),
    "CRX": ("CRX", 1),
    "CRY": ("CRY", 1),
    "CRZ": ("CRZ", 1),
    "SWAP": ("SWAP", 0),
    "ISWAP": ("ISWAP", 0),
    "iSWAP": ("ISWAP", 0),
    "TOFFOLI": ("CCX", 2),
    "FREDKIN": ("CSWAP", 1),
}
"""QuTiP's name; our name and how many of its qubits QuTiP may call controls."""
ADDED = {"CS": 1, "CT": 1}
"""Controls that are added to our gate: QuTiP's name has them, ours does not."""
PARTS: dict[str, Callable[..., Parts]] = {
    "R": lambda *a: [("RZ", [0], [-a[1]]), ("RX", [0], [a[0]]), ("RZ", [0], [a[1]])],
    "QASMU": lambda *a: [("RZ", [0], [a[2]]), ("RY", [0], [a[0]]), ("RZ", [0], [a[1]])],
    "SQRTISWAP": lambda: [("RXX", [0, 1], [-pi / 4]), ("RYY", [0, 1], [-pi / 4])],
    "RZX": lambda *a: [("H", [1], []), ("RZZ", [0, 1], [a[0]]), ("H", [1], [])],
}
"""Gates that are a few of ours, in the order in which they act."""
WRITE: dict[str, str] = {
    "I": "IDLE",
    "X": "X",
    "Y": "Y",
    "Z": "Z",
    "H": "SNOT",
    "S": "S",
    "T": "T",
    "SX": "SQRTNOT",
    "RX": "RX",
    "RY": "RY",
    "RZ": "RZ",
    "P": "PHASEGATE",
    "CX": "CNOT",
    "CY": "CY",
    "CZ": "CZ",
    "CP": "CPHASE",
    "CRX": "CRX",
    "CRY": "CRY",
    "CRZ": "CRZ",
    "SWAP": "SWAP",
    "ISWAP": "ISWAP",
    "CCX": "TOFFOLI",
    "CSWAP": "FREDKIN",
    "GPHASE": "GLOBALPHASE",
}
"""Our name, and QuTiP's."""
CONTROLS = {"CX": 1, "CY": 1, "CZ": 1, "CP": 1, "CRX": 1, "CRY": 1, "CRZ": 1}
"""How many of the qubits QuTiP wants as `controls`."""
