"""Photonic programs: operations on modes of light, what is measured of them, and what is asked of their final state."""

from __future__ import annotations

from eigen.ir.modes.modes import MAX_MODES, MAX_SAMPLED, ModeObservable, ModeOperation, Modes
from eigen.ir.modes.table import OBSERVABLES, OPERATIONS, ModeGate

__all__ = [
    "MAX_MODES",
    "MAX_SAMPLED",
    "OBSERVABLES",
    "OPERATIONS",
    "ModeGate",
    "ModeObservable",
    "ModeOperation",
    "Modes",
]
