"""Quil as text, in and out; no package is needed. `eigen.ir.formats.pyquil` has pyQuil's programs."""

from eigen.ir.formats.quil.reading import load
from eigen.ir.formats.quil.writing import dump

__all__ = ["dump", "load"]
