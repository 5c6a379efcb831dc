"""Stim's circuits as text, in and out; Stim itself is not needed. `eigen.ir.formats.stim_circuit` has its objects."""

from eigen.ir.formats.stim.reading import load
from eigen.ir.formats.stim.writing import dump

__all__ = ["dump", "load"]
