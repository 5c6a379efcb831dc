"""Our gates by Stim's names, and what the text of a circuit has besides: notes, tags.

Signs as in Stim's gate reference.
"""

from __future__ import annotations

from math import pi

ROTATIONS: dict[str, tuple[str, float]] = {
    f"SQRT_{letters}{dagger}": (letters, -pi / 2 if dagger else pi / 2)
    for letters in ("XX", "YY", "ZZ")
    for dagger in ("", "_DAG")
}
"""Rotations about a product of Paulis: letters and angle."""

NOTES = {"DETECTOR": "stim.detectors", "OBSERVABLE_INCLUDE": "stim.observables", "QUBIT_COORDS": "stim.coordinates"}
"""What says something about a circuit and does nothing, and the metadata in which `load` keeps it."""

WRITE: dict[str, str] = {"Sdg": "S_DAG", "SX": "SQRT_X", "SXdg": "SQRT_X_DAG"} | {
    name: name for name in ("I", "X", "Y", "Z", "H", "S", "CX", "CY", "CZ", "SWAP", "ISWAP")
}
"""Our gates by Stim's names."""

TAG = "eigen:"
"""What begins the tag that tells names."""

ESCAPES = {"B": "\\", "C": "]", "n": "\n", "r": "\r"}
