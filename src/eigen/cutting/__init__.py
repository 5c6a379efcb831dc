"""Circuit cutting: expectation values of circuits wider than any part of them that is run. `cut` is the door."""

from __future__ import annotations

from eigen.cutting.cut_circuit import CutCircuit, cut
from eigen.cutting.places import Cut
from eigen.cutting.sampled import Estimate

__all__ = ["Cut", "CutCircuit", "Estimate", "cut"]
