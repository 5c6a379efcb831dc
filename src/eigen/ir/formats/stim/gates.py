"""Stim's unitary gates in ours, up to the global phase, which Stim does not have.

Signs and bases as in Stim's gate reference. Two-qubit gates by what they do to Paulis: a controlled Pauli turns its
control to Z first, a rotation about a product is a PAULI_ROT.
"""

from __future__ import annotations

from math import pi

ONE: dict[str, tuple[str, ...]] = {
    "I": ("I",),
    "X": ("X",),
    "Y": ("Y",),
    "Z": ("Z",),
    "H": ("H",),
    "S": ("S",),
    "S_DAG": ("Sdg",),
    "SQRT_X": ("SX",),
    "SQRT_X_DAG": ("SXdg",),
    "SQRT_Y": ("H", "X"),
    "SQRT_Y_DAG": ("H", "Z"),
    "H_XY": ("S", "Y"),
    "H_YZ": ("Y", "SX"),
    "H_NXY": ("S", "X"),
    "H_NXZ": ("H", "Y"),
    "H_NYZ": ("Y", "SXdg"),
    "C_XYZ": ("H", "SXdg"),
    "C_ZYX": ("H", "S"),
    "C_NXYZ": ("SX", "Sdg"),
    "C_XNYZ": ("H", "SX"),
    "C_XYNZ": ("SXdg", "S"),
    "C_NZYX": ("Sdg", "SX"),
    "C_ZNYX": ("H", "Sdg"),
    "C_ZYNX": ("S", "SXdg"),
}
"""Gates on one qubit, in the order in which they act."""

TWO: dict[str, str] = {
    "CX": "CX",
    "CY": "CY",
    "CZ": "CZ",
    "SWAP": "SWAP",
    "ISWAP": "ISWAP",
    "ISWAP_DAG": "ISWAP",
    "II": "I",
}
"""Gates on two qubits that have a name here; II is an identity on each, ISWAP_DAG the inverse."""

PARTS: dict[str, tuple[tuple[str, tuple[int, ...]], ...]] = {
    "CXSWAP": (("CX", (0, 1)), ("SWAP", (0, 1))),
    "SWAPCX": (("SWAP", (0, 1)), ("CX", (0, 1))),
    "CZSWAP": (("CZ", (0, 1)), ("SWAP", (0, 1))),
    "XCX": (("H", (0,)), ("CX", (0, 1)), ("H", (0,))),
    "XCY": (("H", (0,)), ("CY", (0, 1)), ("H", (0,))),
    "XCZ": (("CX", (1, 0)),),
    "YCX": (("H", (1,)), ("CY", (1, 0)), ("H", (1,))),
    "YCY": (("Sdg", (0,)), ("H", (0,)), ("CY", (0, 1)), ("H", (0,)), ("S", (0,))),
    "YCZ": (("CY", (1, 0)),),
}
"""Gates on two qubits that are some of ours."""

ROTATIONS: dict[str, tuple[str, float]] = {
    f"SQRT_{letters}{dagger}": (letters, -pi / 2 if dagger else pi / 2)
    for letters in ("XX", "YY", "ZZ")
    for dagger in ("", "_DAG")
}
"""Rotations about a product of Paulis: letters and angle."""

ALIASES = {
    "H_XZ": "H",
    "SQRT_Z": "S",
    "SQRT_Z_DAG": "S_DAG",
    "CNOT": "CX",
    "ZCX": "CX",
    "ZCY": "CY",
    "ZCZ": "CZ",
    "SWAPCZ": "CZSWAP",
    "M": "MZ",
    "MR": "MRZ",
    "R": "RZ",
    "CORRELATED_ERROR": "E",
}

MEASURED = {f"{kind}{basis}": (kind, basis) for kind in ("M", "MR", "R") for basis in "XYZ"}
"""Measurement, measurement with reset, reset: kind and basis. A reset in X or Y leaves the state of outcome 0."""

NOISE = (
    "DEPOLARIZE1",
    "DEPOLARIZE2",
    "E",
    "ELSE_CORRELATED_ERROR",
    "HERALDED_ERASE",
    "HERALDED_PAULI_CHANNEL_1",
    "II_ERROR",
    "I_ERROR",
    "PAULI_CHANNEL_1",
    "PAULI_CHANNEL_2",
    "X_ERROR",
    "Y_ERROR",
    "Z_ERROR",
)

NOTES = {"DETECTOR": "stim.detectors", "OBSERVABLE_INCLUDE": "stim.observables", "QUBIT_COORDS": "stim.coordinates"}
"""What says something about a circuit and does nothing, and the metadata that keep it."""

WRITE: dict[str, str] = {"Sdg": "S_DAG", "SX": "SQRT_X", "SXdg": "SQRT_X_DAG"} | {
    name: name for name in ("I", "X", "Y", "Z", "H", "S", "CX", "CY", "CZ", "SWAP", "ISWAP")
}
"""Our gates by Stim's names."""

TAG = "eigen:"
"""What begins the tag that tells names."""

ESCAPES = {"B": "\\", "C": "]", "n": "\n", "r": "\r"}
