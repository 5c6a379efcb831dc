"""Our gates by Quil's names, exactly: the same matrix and phase, the first qubit first; and the pragmas of our own."""

from __future__ import annotations

WRITE: dict[str, str] = {
    "I": "I",
    "X": "X",
    "Y": "Y",
    "Z": "Z",
    "H": "H",
    "S": "S",
    "Sdg": "DAGGER S",
    "T": "T",
    "Tdg": "DAGGER T",
    "RX": "RX",
    "RY": "RY",
    "RZ": "RZ",
    "P": "PHASE",
    "CX": "CNOT",
    "CZ": "CZ",
    "CP": "CPHASE",
    "SWAP": "SWAP",
    "ISWAP": "ISWAP",
    "RXX": "RXX",
    "RYY": "RYY",
    "RZZ": "RZZ",
    "CCX": "CCNOT",
    "CSWAP": "CSWAP",
}
"""Gates that Quil has."""

TELL = "EIGEN"
"""The pragma that tells names of circuits and registers."""
BOUND = "EIGEN-MAX-ITERATIONS"
"""The pragma that bounds the loop behind it."""
