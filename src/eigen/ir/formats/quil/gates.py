"""Quil's standard gates in ours, exactly: the same matrix and phase, the first qubit first."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.ir.circuit import Affine

    Number: TypeAlias = float | Affine
    Part: TypeAlias = tuple[str, tuple[int, ...], tuple[Number, ...], str]
    """Our gate, its places among the qubits, its parameters, and the states of controls added before it."""

PLAIN: dict[str, str] = {
    "I": "I",
    "X": "X",
    "Y": "Y",
    "Z": "Z",
    "H": "H",
    "S": "S",
    "T": "T",
    "RX": "RX",
    "RY": "RY",
    "RZ": "RZ",
    "PHASE": "P",
    "CNOT": "CX",
    "CZ": "CZ",
    "CPHASE": "CP",
    "SWAP": "SWAP",
    "ISWAP": "ISWAP",
    "RXX": "RXX",
    "RYY": "RYY",
    "RZZ": "RZZ",
    "CCNOT": "CCX",
    "CSWAP": "CSWAP",
}
"""Quil's name and ours."""

PARTS: dict[str, tuple[int, int, Callable[[Sequence[Number]], tuple[Part, ...]]]] = {
    "CPHASE00": (2, 1, lambda v: (("X", (1,), (), ""), ("P", (0, 1), (v[0],), "0"), ("X", (1,), (), ""))),
    "CPHASE01": (2, 1, lambda v: (("P", (0, 1), (v[0],), "0"),)),
    "CPHASE10": (2, 1, lambda v: (("P", (1, 0), (v[0],), "0"),)),
    "PSWAP": (
        2,
        1,
        lambda v: (("SWAP", (0, 1), (), ""), ("RZZ", (0, 1), (v[0],), ""), ("GPHASE", (), (v[0] * 0.5,), "")),
    ),
    "XY": (2, 1, lambda v: (("XXPLUSYY", (0, 1), (v[0] * -1.0, 0.0), ""),)),
    "SQISW": (2, 0, lambda v: (("XXPLUSYY", (0, 1), (-pi / 2, 0.0), ""),)),
    "FSIM": (2, 2, lambda v: (("XXPLUSYY", (0, 1), (v[0] * -1.0, 0.0), ""), ("CP", (0, 1), (v[1],), ""))),
}
"""Gates that are some of ours: how many qubits and parameters, and the parts."""

WRITE: dict[str, str] = {ours: theirs for theirs, ours in PLAIN.items()} | {"Sdg": "DAGGER S", "Tdg": "DAGGER T"}

ELSEWHERE = {
    "DEFCAL",
    "DEFFRAME",
    "DEFWAVEFORM",
    "PULSE",
    "CAPTURE",
    "RAW-CAPTURE",
    "NONBLOCKING",
    "SET-FREQUENCY",
    "SET-PHASE",
    "SET-SCALE",
    "SHIFT-FREQUENCY",
    "SHIFT-PHASE",
    "SWAP-PHASES",
    "MOVE",
    "EXCHANGE",
    "CONVERT",
    "LOAD",
    "STORE",
    "NEG",
    "NOT",
    "AND",
    "IOR",
    "XOR",
    "OR",
    "ADD",
    "SUB",
    "MUL",
    "DIV",
    "EQ",
    "GT",
    "GE",
    "LT",
    "LE",
    "WAIT",
    "INCLUDE",
    "CALL",
    "FORKED",
}
"""What Quil has and circuits have not: pulses, arithmetic on classical memory, waiting, files."""

NOISY_PRAGMAS = {"ADD-KRAUS", "NOISY-GATE", "READOUT-POVM"}
TELL = "EIGEN"
"""The pragma that tells names of circuits and registers."""
BOUND = "EIGEN-MAX-ITERATIONS"
"""The pragma that bounds the loop behind it."""
